//! A payload of 20 MB goes each way and comes back byte for byte, in each version.

use acceptance::{App, Mosquitto};
use mqttscope_model::{ProtocolVersion, QoS, Scheme};

const SIZE: usize = 20_000_000;

#[tokio::test(flavor = "multi_thread")]
async fn twenty_megabytes_go_each_way() {
    let broker = Mosquitto::start();
    let app = App::start().await;
    // No period of a power of two, so that a lost or repeated block shows.
    let payload: Vec<u8> = (0..SIZE).map(|i| (i % 251) as u8).collect();
    for version in [ProtocolVersion::V31, ProtocolVersion::V311, ProtocolVersion::V5] {
        let profile = app.profile(broker.endpoint(Scheme::Mqtt), version, |_| ()).await;
        app.connect(&profile).await;
        app.subscribe(&profile, "large", QoS::AtLeastOnce).await;
        let sent = app.publish(&profile, "large", &payload, QoS::AtLeastOnce).await;
        app.wait_for_outcome(&profile, sent, "acknowledged").await;
        let rows = app.wait_for_rows(&profile, 2).await;
        for row in rows {
            assert_eq!(row["size"], SIZE, "{version}");
            let id = row["id"].as_u64().expect("a number");
            assert!(app.payload(&profile, id).await == payload, "{version}: {}", row["direction"]);
        }
        app.disconnect(&profile).await;
    }
    app.stop().await;
}
