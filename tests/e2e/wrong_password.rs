//! A wrong password shows its cause in place, and mending it there connects.

use acceptance::mosquitto::Setup;
use acceptance::{Home, Mosquitto, Window};
use mqttscope_model::Scheme;

use crate::steps;

#[tokio::test]
async fn a_wrong_password_shows_its_cause_and_can_be_mended() {
    let broker = Mosquitto::with(&Setup { users: vec![("ada", "right")], ..Setup::default() });
    let home = Home::new();
    let window = Window::open(&home).await;
    window.click("welcome-new-profile").await;
    window.fill("profile-name", "Locked").await;
    window.fill("profile-host", "127.0.0.1").await;
    window.fill("profile-port", &broker.port(Scheme::Mqtt).to_string()).await;
    window.fill("profile-user-name", "ada").await;
    window.fill("profile-password", "wrong").await;
    window.click("profile-save-connect").await;
    steps::state(&window, "failed").await;
    let cause = window.shows("connection-error", "password").await;
    assert!(!cause.contains("wrong password: wrong"), "the password is shown: {cause}");
    window.screenshot("wrong-password").await;

    window.click("connection-edit").await;
    window.click("profile-password-change").await;
    window.fill("profile-password", "right").await;
    window.click("profile-save-connect").await;
    steps::state(&window, "connected").await;
    window.quit(&home).await;
}
