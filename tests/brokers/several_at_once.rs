//! Several sessions run beside each other: what one receives is not in the other's history, and
//! ending one leaves the other alone.

use acceptance::{App, Mosquitto};
use mqttscope_model::{ProtocolVersion, QoS, Scheme};

#[tokio::test(flavor = "multi_thread")]
async fn sessions_run_beside_each_other() {
    let broker = Mosquitto::start();
    let app = App::start().await;
    let old = app.profile(broker.endpoint(Scheme::Mqtt), ProtocolVersion::V31, |_| ()).await;
    let new = app.profile(broker.endpoint(Scheme::Ws), ProtocolVersion::V5, |_| ()).await;
    app.connect(&old).await;
    app.connect(&new).await;
    app.subscribe(&old, "to/old", QoS::AtLeastOnce).await;
    app.subscribe(&new, "to/new", QoS::AtLeastOnce).await;
    app.publish(&old, "to/new", b"from old", QoS::AtLeastOnce).await;
    app.publish(&new, "to/old", b"from new", QoS::AtLeastOnce).await;
    for (profile, payload) in [(&old, "from new"), (&new, "from old")] {
        let rows = app.wait_for_rows(profile, 2).await;
        let received: Vec<_> = rows.iter().filter(|row| row["direction"] == "received").collect();
        assert_eq!(received.len(), 1);
        assert_eq!(received[0]["preview"], payload);
    }
    app.disconnect(&old).await;
    assert_eq!(app.session(&new).await["state"]["state"], "connected");
    let id = app.publish(&new, "to/nobody", b"", QoS::AtLeastOnce).await;
    app.wait_for_outcome(&new, id, "acknowledged").await;
    app.stop().await;
}
