//! A port that nobody serves is refused, and the session waits to try again.

use acceptance::{App, Mosquitto};
use mqttscope_model::{ProtocolVersion, Scheme};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_port_is_told_with_the_time_of_the_next_attempt() {
    let mut broker = Mosquitto::start();
    broker.stop();
    let app = App::start().await;
    let profile = app
        .profile(broker.endpoint(Scheme::Mqtt), ProtocolVersion::V5, |profile| {
            profile.reconnect.first_delay_ms = 20_000;
            profile.reconnect.max_delay_ms = 20_000;
        })
        .await;
    app.call("session_connect", json!({ "profile": profile.id })).await;
    let state = app.wait_for_state(&profile, "waiting").await;
    assert_eq!(state["error"]["code"], "tcp.refused", "{state}");
    assert!(state["until_ms"].as_i64().is_some_and(|time| time > 0), "{state}");
    assert_eq!(state["attempt"], 2, "{state}");

    // "Now" does not wait for the countdown.
    broker.resume();
    app.call("session_reconnect_now", json!({ "profile": profile.id })).await;
    app.wait_for_state(&profile, "connected").await;
    app.stop().await;
}
