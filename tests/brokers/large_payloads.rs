//! A payload of 20 MB goes out and comes back whole.

use acceptance::application::received;
use acceptance::{Application, Mosquitto};
use mqttscope_model::{ProtocolVersion, QoS, Scheme};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn twenty_megabytes_survive_the_way_there_and_back() {
    let broker = Mosquitto::start();
    let app = Application::start().await;
    let payload: Vec<u8> = (0..20_000_000_u32).map(|n| (n % 251) as u8).collect();
    for version in [ProtocolVersion::V5, ProtocolVersion::V311] {
        let profile = app
            .profile(broker.endpoint(Scheme::Mqtt), |profile| profile.version = version)
            .await
            .id;
        app.connect(&profile).await;
        app.subscribe(&profile, "large", QoS::AtLeastOnce).await;
        app.publish(&profile, "large", &payload, QoS::AtLeastOnce).await;
        let rows = app.rows(&profile, 1, received).await;
        assert_eq!(rows[0]["size"], 20_000_000, "{version:?}");
        assert!(app.payload(&profile, &rows[0]).await == payload, "{version:?}: other bytes");

        // The window reads it in pieces and never whole.
        let args = json!({
            "profile": profile, "id": rows[0]["id"], "kind": "hex", "offset": 0, "limit": 4_096
        });
        let view: Value = app.ask("payload_view", args).await;
        assert!(view["text"].as_str().is_some_and(|text| text.chars().count() <= 4_096));
        assert_eq!(view["total_bytes"], 20_000_000);
        app.disconnect(&profile).await;
    }
}
