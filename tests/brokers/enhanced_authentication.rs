//! Enhanced authentication with a broker that has none: mosquitto without a plugin. What the exchange itself does is tried
//! in the session's own tests; no broker that speaks SCRAM is at hand.

use acceptance::{App, Mosquitto};
use mqttscope_model::{Authentication, ProtocolVersion, Scheme, ScramHash, SecretSlot};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_without_the_method_is_named_as_the_cause_and_learns_no_password() {
    let broker = Mosquitto::start();
    let app = App::start().await;
    for hash in [ScramHash::Sha1, ScramHash::Sha256, ScramHash::Sha512] {
        let mut profile =
            app.profile(broker.endpoint(Scheme::Mqtt), ProtocolVersion::V5, |_| ()).await;
        profile.user_name = "anna".into();
        profile.authentication = Some(Authentication::Scram { hash });
        let profile = app.save(&profile, &[(SecretSlot::Password, "plantedSecret")]).await;
        app.call("session_connect", json!({ "profile": profile.id })).await;
        let failed = app.wait_for_state(&profile, "failed").await;
        assert_eq!(failed["error"]["code"], "mqtt.authentication_unsupported", "{failed}");
        assert!(!failed.to_string().contains("plantedSecret"), "{failed}");
    }
    assert!(!broker.log().contains("plantedSecret"));

    let profile = app.profile(broker.endpoint(Scheme::Mqtt), ProtocolVersion::V5, |_| ()).await;
    let again = json!({ "profile": profile.id });
    let error = app.refused("session_reauthenticate", again.clone()).await;
    assert_eq!(error.code.as_str(), "session.not_connected");
    app.connect(&profile).await;
    let error = app.refused("session_reauthenticate", again).await;
    assert_eq!(error.code.as_str(), "session.without_authentication");
    app.stop().await;
}
