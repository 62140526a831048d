//! What several scenarios do.

use acceptance::{Home, Window, wait};
use serde_json::Value;

/// From the empty window to a message that went out and came back, by the local broker.
pub async fn first_minute(window: &Window) {
    window.click("welcome-try-local").await;
    state(window, "connected").await;
    window.shows("subscription-filter", "#").await;
    window.holds("document.querySelector('[data-testid=publish-topic]').value !== ''").await;
    window.click("publish-send").await;
    window.has_attribute("publish-outcome", "data-outcome", "acknowledged").await;
}

/// The port of the local broker, for other devices on the line.
pub fn local_port(home: &Home) -> u16 {
    let profile = home.profiles().pop().expect("the local broker's profile is saved");
    let text = std::fs::read_to_string(profile).expect("a profile can be read");
    let profile: Value = serde_json::from_str(&text).expect("a profile is JSON");
    let port = profile.pointer("/profile/endpoint/port").or(profile.pointer("/endpoint/port"));
    let port = port.and_then(Value::as_u64).and_then(|port| u16::try_from(port).ok());
    port.expect("a profile has a port")
}

/// An export that MQTTX's own code wrote: two connections with messages.
pub const MQTTX: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/mqttx-export.json");

/// Imports a file as suggested; the result is shown then.
pub async fn import(window: &Window, path: &str) {
    window.click("import-open").await;
    window.fill("import-path", path).await;
    window.click("import-read").await;
    window.find("import-item").await;
    window.screenshot("import").await;
    window.click("import-run").await;
    window.find("import-result").await;
}

/// Makes a profile of MQTT 5.0 for a broker on 127.0.0.1 and connects it.
pub async fn connect_by_hand(window: &Window, port: u16) {
    window.click("welcome-new-profile").await;
    window.fill("profile-name", "Bench").await;
    window.click("profile-scheme-mqtt").await;
    window.fill("profile-host", "127.0.0.1").await;
    window.fill("profile-port", &port.to_string()).await;
    window.click("profile-version-5-0").await;
    window.click("profile-save-connect").await;
    state(window, "connected").await;
}

/// Opens the menu of a row, as the right mouse button does.
pub async fn menu(window: &Window, id: u64) {
    let script = format!(
        "const row = document.querySelector('[data-testid=message-row][data-message=\"{id}\"]');
         const box = row.getBoundingClientRect();
         const at = {{ clientX: box.left + 40, clientY: box.top + 4, button: 2 }};
         row.dispatchEvent(new MouseEvent('contextmenu', {{ bubbles: true, cancelable: true, ...at }}))"
    );
    window.run(&script).await;
    window.find("row-menu").await;
}

/// Waits for a state of the session that is shown.
pub async fn state(window: &Window, state: &str) {
    window.has_attribute("session-state", "data-state", state).await;
}

/// Publishes at QoS 1 and waits for the broker's acknowledgement.
pub async fn publish(window: &Window, topic: &str, payload: &str) {
    window.click("publish-format-text").await;
    window.fill("publish-topic", topic).await;
    window.fill("publish-payload", payload).await;
    window.click("publish-qos-1").await;
    window.click("publish-send").await;
    window.has_attribute("publish-outcome", "data-outcome", "acknowledged").await;
}

/// A row of the message list, as a person reads it.
#[derive(Debug)]
pub struct Row {
    /// The message's number.
    pub id: u64,
    /// The Topic Name as shown.
    pub topic: String,
    /// The preview as shown.
    pub preview: String,
    /// Whether it was sent by us and not received.
    pub sent: bool,
}

/// Waits until `count` rows are in sight, and reads them.
pub async fn rows(window: &Window, count: usize) -> Vec<Row> {
    let script = "return [...document.querySelectorAll('[data-testid=message-row][data-message]')]
        .filter((row) => row.checkVisibility())
        .map((row) => ({
            id: Number(row.dataset.message),
            topic: row.querySelector('[data-testid=message-topic]').textContent,
            preview: row.querySelector('[data-testid=message-preview]').textContent,
            sent: row.dataset.outcome !== undefined,
        }))
        .sort((a, b) => a.id - b.id)";
    wait::until(&format!("{count} rows"), async || {
        let found = window.run(script).await;
        let rows: Vec<Row> = found.as_array().into_iter().flatten().map(row).collect();
        if rows.len() >= count { Ok(rows) } else { Err(format!("{rows:?}")) }
    })
    .await
}

fn row(value: &Value) -> Row {
    let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
    Row {
        id: value["id"].as_u64().unwrap_or_default(),
        topic: text("topic"),
        preview: text("preview"),
        sent: value["sent"] == true,
    }
}

/// Opens a message in the inspector by clicking its row.
pub async fn inspect(window: &Window, id: u64) {
    window.click(&format!("[data-testid=message-row][data-message=\"{id}\"]")).await;
    window.has_attribute("inspector", "data-message", &id.to_string()).await;
}
