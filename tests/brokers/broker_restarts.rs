//! A broker that is restarted while messages flow: the session waits, connects again, subscribes
//! again, and nothing that was stored is lost.

use acceptance::{App, Mosquitto};
use mqttscope_model::{ProtocolVersion, QoS, Scheme};

#[tokio::test(flavor = "multi_thread")]
async fn subscriptions_are_made_again_after_the_broker_was_restarted() {
    for version in [ProtocolVersion::V31, ProtocolVersion::V311, ProtocolVersion::V5] {
        let mut broker = Mosquitto::start();
        let app = App::start().await;
        let profile = app
            .profile(broker.endpoint(Scheme::Mqtt), version, |profile| {
                profile.reconnect.first_delay_ms = 100;
                profile.reconnect.max_delay_ms = 200;
            })
            .await;
        app.connect(&profile).await;
        app.subscribe(&profile, "t/#", QoS::AtLeastOnce).await;
        let before = app.publish(&profile, "t/before", b"1", QoS::AtLeastOnce).await;
        app.wait_for_outcome(&profile, before, "acknowledged").await;
        app.wait_for_rows(&profile, 2).await;

        broker.stop();
        app.wait_for_state(&profile, "waiting").await;
        broker.resume();
        app.wait_for_state(&profile, "connected").await;
        acceptance::wait::until("the subscription to be made again", async || {
            let session = app.session(&profile).await;
            let state = session["subscriptions"][0]["state"].clone();
            if state == "granted" { Ok(()) } else { Err(state) }
        })
        .await;

        app.publish(&profile, "t/after", b"2", QoS::AtLeastOnce).await;
        let rows = app.wait_for_rows(&profile, 4).await;
        let topics: Vec<_> = rows.iter().map(|row| row["topic"].as_str().unwrap_or("")).collect();
        assert_eq!(topics, ["t/before", "t/before", "t/after", "t/after"], "{version}");
        assert_eq!(app.session(&profile).await["traffic"]["reconnects"], 1);
        app.stop().await;
    }
}
