//! Messages go both ways, byte for byte, over each scheme in each version of MQTT.

use acceptance::{App, Mosquitto};
use mqttscope_model::{ProtocolVersion, QoS, Scheme, TlsRoots};

/// No text in any encoding: a zero, a byte that UTF-8 never has, and a line feed.
const PAYLOAD: &[u8] = b"\x00\xff\n<b>";

const LEVELS: [QoS; 3] = [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce];

#[tokio::test(flavor = "multi_thread")]
async fn messages_go_both_ways_over_every_scheme_in_every_version() {
    let broker = Mosquitto::start();
    let app = App::start().await;
    for scheme in Scheme::ALL {
        for version in [ProtocolVersion::V31, ProtocolVersion::V311, ProtocolVersion::V5] {
            both_ways(&app, &broker, scheme, version).await;
        }
    }
    app.stop().await;
}

async fn both_ways(app: &App, broker: &Mosquitto, scheme: Scheme, version: ProtocolVersion) {
    let authority = broker.certificates().authority.display().to_string();
    let profile = app
        .profile(broker.endpoint(scheme), version, |profile| {
            profile.tls.roots = TlsRoots::ca_file(authority);
        })
        .await;
    app.connect(&profile).await;
    let topic = format!("{}/{version}", scheme.as_str());
    let answer = app.subscribe(&profile, &topic, QoS::ExactlyOnce).await;
    assert_eq!((&answer["state"], &answer["granted"]), (&"granted".into(), &2.into()), "{topic}");

    for qos in LEVELS {
        let id = app.publish(&profile, &topic, PAYLOAD, qos).await;
        let outcome = ["sent", "acknowledged", "completed"][usize::from(u8::from(qos))];
        app.wait_for_outcome(&profile, id, outcome).await;
    }
    let rows = app.wait_for_rows(&profile, 2 * LEVELS.len()).await;
    for direction in ["sent", "received"] {
        let levels: Vec<_> = rows
            .iter()
            .filter(|row| row["direction"] == direction)
            .map(|row| row["qos"].as_u64().expect("a QoS"))
            .collect();
        assert_eq!(levels, [0, 1, 2], "{direction} on {topic}");
    }
    for row in &rows {
        assert_eq!(row["topic"], topic);
        let id = row["id"].as_u64().expect("a number");
        assert_eq!(app.payload(&profile, id).await, PAYLOAD, "{row}");
    }
    app.disconnect(&profile).await;
    let goodbye = format!("Received DISCONNECT from {}", profile.client_id);
    acceptance::wait::until("DISCONNECT to reach the broker", async || {
        if broker.log().contains(&goodbye) { Ok(()) } else { Err(broker.log()) }
    })
    .await;
}
