//! Enhanced authentication with a broker that has none (mosquitto without a plugin), and anew over a connection with one that
//! follows a script. What SCRAM itself does is tried in the session's own tests; no broker that speaks it is at hand.

use acceptance::scripted::{Scripted, Step};
use acceptance::{App, Mosquitto};
use mqttscope_model::{
    Authentication, Endpoint, ProtocolVersion, Scheme, ScramHash, SecretName, SecretSlot,
};
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

#[tokio::test(flavor = "multi_thread")]
async fn a_token_authenticates_and_does_so_anew_on_demand() {
    let broker = Scripted::start(vec![
        Step::ReadConnect,
        // CONNACK with the Authentication Method.
        Step::Send(b"\x20\x07\x00\x00\x04\x15\x00\x01T".to_vec()),
        // AUTH from the client, and the broker's with Success.
        Step::ReadConnect,
        Step::Send(b"\xf0\x06\x00\x04\x15\x00\x01T".to_vec()),
    ])
    .await;
    let app = App::start().await;
    let endpoint = Endpoint {
        scheme: Scheme::Mqtt,
        host: "127.0.0.1".to_owned(),
        port: broker.port(),
        path: "/mqtt".to_owned(),
    };
    let mut profile = app.profile(endpoint, ProtocolVersion::V5, |_| ()).await;
    let slot = SecretSlot::AuthenticationData;
    let data = Some(SecretName::of(&profile.id, &slot));
    profile.authentication = Some(Authentication::Other { name: "T".into(), data });
    let profile = app.save(&profile, &[(slot, "cGxhbnRlZA==")]).await;
    app.connect(&profile).await;
    app.call("session_reauthenticate", json!({ "profile": profile.id })).await;
    let session = app.session(&profile).await;
    assert_eq!(session["state"]["state"], "connected", "{session}");
    assert!(!session.to_string().contains("planted"), "{session}");
    app.stop().await;
}
