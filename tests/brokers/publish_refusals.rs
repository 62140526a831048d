//! Topics that cannot be published to are refused before they reach the wire.

use acceptance::{Application, Mosquitto};
use mqttscope_model::{Bytes, ErrorCode, Publish, QoS, Scheme};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn wildcards_nul_and_65536_bytes_are_no_topic_name() {
    let broker = Mosquitto::start();
    let app = Application::start().await;
    let profile = app.profile(broker.endpoint(Scheme::Mqtt), |_| {}).await.id;
    app.connect(&profile).await;
    for topic in ["a/+/b", "a/#", "a\0b", "", &"x".repeat(65_536)] {
        let publish = Publish {
            topic: topic.to_owned(),
            payload: Bytes::from("on"),
            qos: QoS::AtLeastOnce,
            retain: false,
        };
        let args = json!({ "profile": profile, "publish": publish });
        let error = app.refused("session_publish", args).await;
        assert_eq!(error.code, ErrorCode::TopicNameInvalid, "{error}");
    }
    // The longest that is allowed goes through, and the session is unharmed.
    let sent = app.publish(&profile, &"x".repeat(65_535), b"on", QoS::AtMostOnce).await;
    app.outcome(&profile, sent).await;
    let sent = app.publish(&profile, "fine", b"on", QoS::AtLeastOnce).await;
    app.outcome(&profile, sent).await;
}
