//! Topics that the specification forbids are refused with their rule before anything is sent or
//! recorded, and the connection stays.

use acceptance::{App, Mosquitto};
use mqttscope_model::{ProtocolVersion, QoS, Scheme};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn forbidden_topics_are_refused_and_the_connection_stays() {
    let broker = Mosquitto::start();
    let app = App::start().await;
    for version in [ProtocolVersion::V31, ProtocolVersion::V311, ProtocolVersion::V5] {
        let profile = app.profile(broker.endpoint(Scheme::Mqtt), version, |_| ()).await;
        app.connect(&profile).await;
        for topic in ["a/+", "a/#", "a\0b", "", &"x".repeat(65_536)] {
            let publish =
                json!({ "topic": topic, "payload": { "text": "x" }, "qos": 0, "retain": false });
            let arguments = json!({ "profile": profile.id, "publish": publish });
            let error = app.refused("session_publish", arguments).await;
            assert_eq!(error.code.as_str(), "topic.name_invalid", "{version} {error}");
        }
        for filter in ["a/b#", "#/a", "", "a\0", "$share/g"] {
            let arguments = json!({
                "profile": profile.id, "subscriptions": [{ "filter": filter, "qos": 0 }],
            });
            let error = app.refused("session_subscribe", arguments).await;
            assert_eq!(error.code.as_str(), "topic.filter_invalid", "{version} {error}");
        }
        let longest = "x".repeat(65_535);
        let id = app.publish(&profile, &longest, b"", QoS::AtLeastOnce).await;
        app.wait_for_outcome(&profile, id, "acknowledged").await;
        assert_eq!(app.wait_for_rows(&profile, 1).await.len(), 1, "only the valid one is recorded");
        app.disconnect(&profile).await;
    }
    app.stop().await;
}
