//! The packets of a session: an exchange of QoS 2 is one line with its round trip and unfolds, a field leads to its bytes and a
//! byte to its field, the password of CONNECT is shown nowhere, what was exported can be read by tshark, and a message leads to
//! its packet and back.

use std::process::Command;

use acceptance::mosquitto::Setup;
use acceptance::{Home, Mosquitto, Window};
use mqttscope_model::Scheme;

use crate::steps;

const PASSWORD: &str = "correct-horse-battery";

/// All lines of the timeline that are seen.
const ROWS: &str = "[...document.querySelectorAll('[data-testid=packet-row][data-packet]')]";

/// All bytes of the chosen packet that are seen.
const BYTES: &str = "[...document.querySelectorAll('[data-testid=packet-byte]')]";

/// The bytes of the chosen field.
const MARKED: &str =
    "[...document.querySelectorAll('[data-testid=packet-byte][aria-selected=true]')]";

/// The line of the chosen field.
const FIELD: &str = "document.querySelector('[data-testid=packet-field][aria-selected=true]')";

#[tokio::test]
async fn every_packet_is_on_the_table() {
    let broker = Mosquitto::with(&Setup { users: vec![("ada", PASSWORD)], ..Setup::default() });
    let home = Home::new();
    let window = Window::open(&home).await;
    window.click("welcome-new-profile").await;
    window.fill("profile-name", "Packets").await;
    window.fill("profile-host", "127.0.0.1").await;
    window.fill("profile-port", &broker.port(Scheme::Mqtt).to_string()).await;
    window.fill("profile-user-name", "ada").await;
    window.fill("profile-password", PASSWORD).await;
    window.click("profile-save-connect").await;
    steps::state(&window, "connected").await;
    window.fill("subscribe-filter", "plant/#").await;
    window.click("subscribe-add").await;
    window.shows("subscription-state", "granted").await;
    window.click("publish-format-text").await;
    window.fill("publish-topic", "plant/press-4").await;
    window.fill("publish-payload", "reset").await;
    window.click("publish-qos-2").await;
    window.click("publish-send").await;
    window.has_attribute("publish-outcome", "data-outcome", "completed").await;

    window.click("middle-packets").await;
    window.holds(&format!("{ROWS}.length === 4")).await;
    assert_eq!(kinds(&window).await, ["CONNECT", "SUBSCRIBE", "PUBLISH", "PUBLISH"]);
    window.screenshot("packets-folded").await;
    the_exchange_unfolds(&window).await;
    a_field_has_its_bytes(&window).await;
    the_password_is_masked(&window).await;
    the_export_is_read_by_tshark(&window, &home).await;
    a_message_and_its_packet_lead_to_each_other(&window).await;
    window.quit(&home).await;
}

async fn the_exchange_unfolds(window: &Window) {
    let publish = "[data-testid=packet-row][data-kind=PUBLISH]";
    let trip = window.shows(&format!("{publish} [data-testid=packet-trip]"), "s").await;
    assert!(trip.contains("ms") || trip.contains("µs"), "no round trip: {trip}");
    window.click(&format!("{publish} [data-testid=packet-fold]")).await;
    window.holds(&format!("{ROWS}.length === 7")).await;
    let kinds = kinds(window).await;
    assert_eq!(kinds[2..6], ["PUBLISH", "PUBREC", "PUBREL", "PUBCOMP"]);
    window.has_attribute("packet", "data-kind", "PUBLISH").await;
    window.shows("packet-exchange", "4").await;
}

async fn a_field_has_its_bytes(window: &Window) {
    window.click(&field("Packet Identifier")).await;
    window.holds(&format!("{MARKED}.length === 2")).await;
    window.screenshot("packets-unfolded").await;
    window.click("[data-testid=packet-byte][data-at='0']").await;
    window.holds(&format!("{MARKED}.length === 1")).await;
    window.holds(&format!("{MARKED}[0].dataset.at === '0'")).await;
    window.holds(&format!("{FIELD} !== null")).await;
}

async fn the_password_is_masked(window: &Window) {
    window.click("[data-testid=packet-row][data-kind=CONNECT]").await;
    window.has_attribute("packet", "data-kind", "CONNECT").await;
    // Its last byte is the password's.
    let last = format!("return Math.max(...{BYTES}.map((byte) => byte.dataset.at))");
    let last = window.run(&last).await;
    window.click(&format!("[data-testid=packet-byte][data-at='{last}']")).await;
    window.shows("packet-part", "byte").await;
    window.find("packet-masked").await;
    let text = window.run("return document.body.innerText").await;
    assert!(!text.as_str().unwrap_or_default().contains(PASSWORD), "the password is shown");
    let bytes = format!("return {BYTES}.map((byte) => byte.textContent).join('')");
    let bytes = window.run(&bytes).await;
    let hex: String = PASSWORD.bytes().map(|byte| format!("{byte:02x}")).collect();
    let bytes = bytes.as_str().unwrap_or_default().to_owned();
    assert!(bytes.contains("2a2a2a2a") && !bytes.contains(&hex), "not masked: {bytes}");
    window.screenshot("packets-masked").await;
}

async fn the_export_is_read_by_tshark(window: &Window, home: &Home) {
    let held = window
        .run("return Number(document.querySelector('[data-testid=packets-held]').dataset.packets)");
    let held = held.await.as_u64().expect("a count of packets");
    let file = home.path().join("packets.pcapng");
    window.click("packets-menu").await;
    window.click("packets-export-open").await;
    window.fill("packets-export-path", &file.display().to_string()).await;
    window.screenshot("packets-export").await;
    window.click("packets-export-start").await;
    window.find("packets-export-job-result").await;
    window.click("packets-export-close").await;
    let written = std::fs::read(&file).expect("the export is there");
    let hides = !written.windows(PASSWORD.len()).any(|part| part == PASSWORD.as_bytes());
    assert!(hides, "the password is in the export");
    let output = Command::new("tshark")
        .args(["-T", "fields", "-e", "mqtt.msgtype", "-Y", "mqtt", "-r"])
        .arg(&file)
        .output()
        .expect("tshark runs");
    let types = String::from_utf8_lossy(&output.stdout);
    let seen = types.split(['\n', ',']).filter(|kind| !kind.trim().is_empty()).count() as u64;
    assert!(seen >= held, "tshark sees {seen} of {held} packets: {types}");
}

async fn a_message_and_its_packet_lead_to_each_other(window: &Window) {
    window.click("middle-messages").await;
    // The first was sent, the second came.
    window.click("[data-testid=message-row][data-message='2']").await;
    window.has_attribute("inspector", "data-message", "2").await;
    window.click("inspector-show-packet").await;
    window.has_attribute("packet", "data-kind", "PUBLISH").await;
    window.shows("packet-flags", "QoS 0").await;
    window.click("[data-testid=packet-row][data-kind=PUBLISH]").await;
    window.shows("packet-flags", "QoS 2").await;
    window.click("packet-show-message").await;
    window.has_attribute("inspector", "data-message", "1").await;
}

async fn kinds(window: &Window) -> Vec<String> {
    let kinds = window.run(&format!("return {ROWS}.map((row) => row.dataset.kind)")).await;
    let kinds = kinds.as_array().cloned().unwrap_or_default();
    kinds.iter().map(|kind| kind.as_str().unwrap_or_default().to_owned()).collect()
}

fn field(name: &str) -> String {
    format!("[data-testid=packet-field][data-name='{name}']")
}
