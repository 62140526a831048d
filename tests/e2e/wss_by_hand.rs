//! A profile made by hand for wss with a CA file and MQTT 5: connect, subscribe, publish, see the row
//! and its payload.

use acceptance::{Home, Mosquitto, Window};
use mqttscope_model::Scheme;

use crate::steps;

#[tokio::test]
async fn a_wss_profile_is_made_by_hand_and_carries_a_message() {
    let broker = Mosquitto::start();
    let home = Home::new();
    let window = Window::open(&home).await;
    window.click("welcome-new-profile").await;
    window.fill("profile-name", "Plant over wss").await;
    window.click("profile-scheme-wss").await;
    window.has_value("profile-port", "8084").await;
    window.has_value("profile-path", "/mqtt").await;
    window.fill("profile-host", "localhost").await;
    window.fill("profile-port", &broker.port(Scheme::Wss).to_string()).await;
    window.click("profile-version-5-0").await;
    window.click("profile-tls-roots-ca_file").await;
    let authority = broker.certificates().authority.display().to_string();
    window.fill("profile-ca-file", &authority).await;
    window.screenshot("profile-form").await;
    window.click("profile-save-connect").await;
    steps::state(&window, "connected").await;
    window.shows("profile-item", "Plant over wss").await;

    window.fill("subscribe-filter", "plant/+/state").await;
    window.click("subscribe-qos-2").await;
    window.click("subscribe-add").await;
    window.shows("subscription-filter", "plant/+/state").await;
    window.has_attribute("subscription", "data-state", "granted").await;

    steps::publish(&window, "plant/7/state", "{\"on\": true, \"n\": 127.0}").await;
    let rows = steps::rows(&window, 2).await;
    let received = rows.iter().find(|row| !row.sent).expect("what came back is a row");
    assert_eq!(received.topic, "plant/7/state");
    steps::inspect(&window, received.id).await;
    window.shows("inspector-topic", "plant/7/state").await;
    window.click("inspector-view-text").await;
    window.shows("inspector-text", "{\"on\": true, \"n\": 127.0}").await;
    window.click("inspector-view-hex").await;
    window.shows("inspector-text", "7b").await;
    window.screenshot("wss").await;

    window.click("session-disconnect").await;
    steps::state(&window, "disconnected").await;
    window.quit(&home).await;
    assert!(broker.log().contains("Received DISCONNECT"), "{}", broker.log());
}
