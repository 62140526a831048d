//! The main job over every scheme with every version of MQTT: connect, subscribe, publish at each
//! QoS, and find in the history what the broker sent back, byte for byte.

use acceptance::application::received;
use acceptance::{Application, Mosquitto};
use mqttscope_model::{Outcome, ProtocolVersion, QoS, ReasonCode, Scheme, TlsRoots};

const QOS: [QoS; 3] = [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce];

async fn check(scheme: Scheme) {
    let broker = Mosquitto::start();
    let app = Application::start().await;
    for version in [ProtocolVersion::V5, ProtocolVersion::V311, ProtocolVersion::V31] {
        let profile = app
            .profile(broker.endpoint(scheme), |profile| {
                profile.version = version;
                let path = broker.certificates().authority.display().to_string();
                profile.tls.roots = TlsRoots::CaFile { path };
            })
            .await
            .id;
        app.connect(&profile).await;
        let answer = app.subscribe(&profile, "plant/+/bytes", QoS::ExactlyOnce).await;
        assert_eq!(answer[0]["state"], "granted", "{version:?}: {answer}");
        assert_eq!(answer[0]["granted"], 2, "{version:?}: {answer}");

        for qos in QOS {
            // Bytes that are no UTF-8, with a NUL and a line break among them.
            let payload = [0xff, 0x00, b'\n', u8::from(qos), 0xc3, 0x28];
            let sent = app.publish(&profile, "plant/7/bytes", &payload, qos).await;
            let expect = match qos {
                QoS::AtMostOnce => Outcome::Sent,
                QoS::AtLeastOnce => Outcome::Acknowledged { reason: ReasonCode::SUCCESS },
                QoS::ExactlyOnce => Outcome::Completed { reason: ReasonCode::SUCCESS },
            };
            assert_eq!(app.outcome(&profile, sent).await, expect, "{version:?}");
        }
        let mut rows = app.rows(&profile, 3, received).await;
        rows.sort_by_key(|row| row["qos"].as_u64());
        for (row, qos) in rows.iter().zip(QOS) {
            assert_eq!(row["topic"], "plant/7/bytes");
            assert_eq!(row["qos"], u8::from(qos));
            let payload = app.payload(&profile, row).await;
            assert_eq!(payload, [0xff, 0x00, b'\n', u8::from(qos), 0xc3, 0x28], "{version:?}");
        }
        app.disconnect(&profile).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mqtt_carries_every_version() {
    check(Scheme::Mqtt).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mqtts_carries_every_version() {
    check(Scheme::Mqtts).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ws_carries_every_version() {
    check(Scheme::Ws).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wss_carries_every_version() {
    check(Scheme::Wss).await;
}
