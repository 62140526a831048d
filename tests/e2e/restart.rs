//! Quit, start again: profiles and messages are there, and the session can go on.

use acceptance::{Home, Mosquitto, Window};
use mqttscope_model::Scheme;

use crate::steps;

#[tokio::test]
async fn profiles_and_messages_are_there_after_a_restart() {
    let broker = Mosquitto::start();
    let home = Home::new();
    let window = Window::open(&home).await;
    window.click("welcome-new-profile").await;
    window.fill("profile-name", "Kept").await;
    window.fill("profile-host", "127.0.0.1").await;
    window.fill("profile-port", &broker.port(Scheme::Mqtt).to_string()).await;
    window.click("profile-save-connect").await;
    steps::state(&window, "connected").await;
    steps::publish(&window, "kept/one", "first").await;
    steps::publish(&window, "kept/two", "second").await;
    steps::rows(&window, 2).await;
    window.quit(&home).await;

    let window = Window::open(&home).await;
    window.shows("profile-item", "Kept").await;
    window.click("profile-item").await;
    steps::state(&window, "disconnected").await;
    let rows = steps::rows(&window, 2).await;
    let topics: Vec<_> = rows.iter().map(|row| row.topic.as_str()).collect();
    assert_eq!(topics, ["kept/one", "kept/two"]);
    steps::inspect(&window, rows[1].id).await;
    window.click("inspector-view-text").await;
    window.shows("inspector-text", "second").await;

    window.click("session-connect").await;
    steps::state(&window, "connected").await;
    window.quit(&home).await;
}
