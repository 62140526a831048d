//! The session as the broker sees it: what CONNACK said beside what was asked, a session that goes on with what had waited,
//! DISCONNECT with its own expiry and with the Will Message, and a broker that names another one, which is never followed by
//! itself.

use acceptance::answering::{Answering, Deed, Kind};
use acceptance::{Home, Mosquitto, Window, mosquitto};
use mqttscope_model::Scheme;

use crate::steps;

/// Waits until a row of asked and answered shows `part`.
async fn fact(window: &Window, name: &str, part: &str) {
    let row = format!("[data-testid=session-fact][data-fact=\"{name}\"]");
    window.shows(&row, part).await;
}

/// A profile whose session is kept, with a Will Message that the broker retains.
async fn connect(window: &Window, port: u16) {
    window.click("welcome-new-profile").await;
    window.fill("profile-name", "Kept").await;
    window.click("profile-scheme-mqtt").await;
    window.fill("profile-host", "127.0.0.1").await;
    window.fill("profile-port", &port.to_string()).await;
    window.click("profile-version-5-0").await;
    window.click("profile-section-mqtt-fold").await;
    window.click("profile-clean-start").await;
    window.shows("profile-resume", "Session Expiry Interval").await;
    window.fill("profile-session-expiry", "3600").await;
    window.click("profile-section-will-fold").await;
    window.click("profile-will-on").await;
    window.fill("profile-will-topic", "bench/gone").await;
    window.fill("profile-will-payload", "left").await;
    window.click("profile-will-retain").await;
    window.click("profile-save-connect").await;
    steps::state(window, "connected").await;
}

async fn subscribe(window: &Window, filter: &str) {
    window.fill("subscribe-filter", filter).await;
    window.click("subscribe-qos-1").await;
    window.click("subscribe-add").await;
    let row = format!("[data-testid=subscription][data-filter=\"{filter}\"]");
    window.has_attribute(&row, "data-state", "granted").await;
}

#[tokio::test]
async fn a_kept_session_goes_on_and_disconnect_says_what_a_person_wants() {
    let broker = Mosquitto::start();
    let port = broker.port(Scheme::Mqtt);
    let home = Home::new();
    let window = Window::open(&home).await;
    connect(&window, port).await;
    window.click("connection-facts-toggle").await;
    fact(&window, "Session Present", "no").await;
    fact(&window, "Session Expiry Interval", "1 hour").await;
    window.shows("session-flight-sent", "0 of").await;
    subscribe(&window, "queue/#").await;

    window.click("session-disconnect-menu").await;
    window.click("session-disconnect-with").await;
    window.fill("disconnect-expiry", "7200").await;
    window.fill("disconnect-reason-string", "back after lunch").await;
    window.screenshot("disconnect-with").await;
    window.click("disconnect-confirm").await;
    window.gone("disconnect-dialog").await;
    steps::state(&window, "disconnected").await;
    mosquitto::publish(port, "queue/1", "first");
    mosquitto::publish(port, "queue/2", "second");

    window.click("session-connect").await;
    steps::state(&window, "connected").await;
    fact(&window, "Session Present", "yes").await;
    window.shows("session-resumed-received-first", "2").await;
    window.screenshot("session-resumed").await;
    steps::rows(&window, 2).await;

    window.click("session-disconnect-menu").await;
    window.click("session-disconnect-will").await;
    steps::state(&window, "disconnected").await;
    window.click("session-connect").await;
    steps::state(&window, "connected").await;
    subscribe(&window, "bench/gone").await;
    let rows = steps::rows(&window, 3).await;
    assert!(rows.iter().any(|row| row.preview == "left"), "{rows:?}");
    window.quit(&home).await;
}

#[tokio::test]
async fn another_server_is_offered_with_its_difference_and_not_followed_by_itself() {
    let other = Mosquitto::start();
    let port = other.port(Scheme::Mqtt);
    let moved = Answering::start(move |packet| match packet.kind() {
        Kind::Subscribe => vec![Deed::Send(use_another(&format!("127.0.0.1:{port}")))],
        _ => vec![packet.yes(5)],
    })
    .await;
    let home = Home::new();
    let window = Window::open(&home).await;
    steps::connect_by_hand(&window, moved.port()).await;
    window.fill("subscribe-filter", "a/#").await;
    window.click("subscribe-add").await;
    window.shows("diagnosis-causes", "moved house").await;
    window.shows("fix-difference", &port.to_string()).await;
    window.screenshot("server-reference").await;
    assert!(!other.log().contains("New client connected"), "{}", other.log());
    window.click("fix-apply").await;
    steps::state(&window, "connected").await;
    window.has_attribute("subscription", "data-state", "granted").await;
    window.quit(&home).await;
}

/// DISCONNECT with 0x9C, a Server Reference and a Reason String (MQTT 5.0, section 3.14).
fn use_another(server: &str) -> Vec<u8> {
    let string = |id: u8, text: &str| {
        let length = u16::try_from(text.len()).expect("a short text");
        [&[id], &length.to_be_bytes()[..], text.as_bytes()].concat()
    };
    let properties = [string(0x1c, server), string(0x1f, "moved house")].concat();
    let length = u8::try_from(properties.len()).expect("a short list");
    [&[0xe0, length + 2, 0x9c, length], &properties[..]].concat()
}
