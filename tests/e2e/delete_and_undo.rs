//! Deleting a profile can be taken back, with everything that belongs to it.

use acceptance::{Home, Mosquitto, Window};
use mqttscope_model::Scheme;

use crate::steps;

#[tokio::test]
async fn a_deleted_profile_comes_back_with_its_messages() {
    let broker = Mosquitto::start();
    let home = Home::new();
    let window = Window::open(&home).await;
    window.click("welcome-new-profile").await;
    window.fill("profile-name", "Dear").await;
    window.fill("profile-host", "127.0.0.1").await;
    window.fill("profile-port", &broker.port(Scheme::Mqtt).to_string()).await;
    window.click("profile-save-connect").await;
    steps::state(&window, "connected").await;
    steps::publish(&window, "dear/one", "kept").await;
    steps::rows(&window, 1).await;

    window.click("profile-menu").await;
    window.click("profile-delete").await;
    window.find("welcome").await;
    assert!(home.profiles().is_empty(), "the profile's file is out of the list");
    window.click("profile-undo").await;
    window.shows("profile-item", "Dear").await;
    window.click("profile-item").await;
    let rows = steps::rows(&window, 1).await;
    assert_eq!(rows[0].topic, "dear/one");
    window.click("session-connect").await;
    steps::state(&window, "connected").await;
    window.quit(&home).await;
}
