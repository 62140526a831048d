//! Two filters in one SUBSCRIBE with options, a name and an identifier given afterwards, counters, one click to its messages,
//! off and on without forgetting, removed and brought back, and another filter while not connected.

use acceptance::{Home, Mosquitto, Window, mosquitto};
use fantoccini::key::Key;
use mqttscope_model::Scheme;

use crate::steps;

/// A part of the row of a subscription.
fn of(filter: &str, part: &str) -> String {
    format!(
        "[data-testid=subscription][data-filter=\"{filter}\"] [data-testid=subscription-{part}]"
    )
}

/// Waits for what became of a subscription.
async fn state(window: &Window, filter: &str, state: &str) {
    let row = format!("[data-testid=subscription][data-filter=\"{filter}\"]");
    window.has_attribute(&row, "data-state", state).await;
}

#[tokio::test]
async fn everything_of_a_subscription_is_said_counted_and_kept() {
    let broker = Mosquitto::start();
    let port = broker.port(Scheme::Mqtt);
    let home = Home::new();
    let window = Window::open(&home).await;
    steps::connect_by_hand(&window, port).await;

    window.click("subscribe-options").await;
    two_filters(&window).await;
    window.click("subscription-dialog-qos-1").await;
    window.click("subscription-dialog-as-published").await;
    window.choose("subscription-dialog-retain-handling", "do_not_send").await;
    window.screenshot("subscription-dialog").await;
    window.click("subscription-dialog-save").await;
    window.gone("subscription-dialog").await;
    state(&window, "plant/+/t", "granted").await;
    state(&window, "lab/#", "granted").await;

    window.click(&of("plant/+/t", "edit")).await;
    window.fill("subscription-dialog-name", "Telemetry").await;
    window.fill("subscription-dialog-identifier", "7").await;
    window.click("subscription-dialog-save").await;
    window.gone("subscription-dialog").await;
    window.shows(&of("plant/+/t", "name"), "Telemetry").await;
    window.shows(&of("plant/+/t", "state"), "granted 1").await;

    mosquitto::publish(port, "plant/1/t", "21.5");
    mosquitto::publish(port, "lab/door", "open");
    window.shows(&of("plant/+/t", "received"), "1").await;
    window.shows(&of("lab/#", "received"), "1").await;
    window.click(&of("plant/+/t", "title")).await;
    window.has_value("filter-field", "plant/+/t in").await;
    window
        .holds(
            "[...document.querySelectorAll('[data-testid=message-row][data-message]')]
                .filter((row) => row.checkVisibility())
                .map((row) => row.querySelector('[data-testid=message-topic]').textContent)
                .join() === 'plant/1/t'",
        )
        .await;
    window.screenshot("subscription-filtered").await;
    window.click(&of("plant/+/t", "title")).await;
    steps::rows(&window, 2).await;

    off_and_on(&window, port).await;
    window.click("session-disconnect").await;
    steps::state(&window, "disconnected").await;
    window.click(&of("lab/#", "edit")).await;
    window.fill("subscription-dialog-filter", "lab/door").await;
    window.click("subscription-dialog-save").await;
    state(&window, "lab/door", "waiting").await;
    window.click("session-connect").await;
    state(&window, "lab/door", "granted").await;
    state(&window, "plant/+/t", "granted").await;
    window.quit(&home).await;
}

/// Types two filters, the second one behind Enter.
async fn two_filters(window: &Window) {
    let field = "subscription-dialog-filter";
    window.fill(field, "plant/+/t").await;
    let second = format!("{}lab/#", char::from(Key::Enter));
    window.find(field).await.send_keys(&second).await.expect("the field can be typed into");
    window.has_value(field, "plant/+/t\nlab/#").await;
}

/// One that is off brings nothing and is remembered; one that was removed comes back with its name.
async fn off_and_on(window: &Window, port: u16) {
    window.click(&of("plant/+/t", "switch")).await;
    state(window, "plant/+/t", "off").await;
    mosquitto::publish(port, "plant/1/t", "not for us");
    mosquitto::publish(port, "lab/door", "shut");
    window.shows(&of("lab/#", "received"), "2").await;
    let rows = steps::rows(window, 3).await;
    assert!(rows.iter().all(|row| row.preview != "not for us"), "{rows:?}");

    window.click(&of("plant/+/t", "remove")).await;
    window.shows("subscription-undo-bar", "Telemetry").await;
    window.click("subscription-undo").await;
    window.shows(&of("plant/+/t", "name"), "Telemetry").await;
    state(window, "plant/+/t", "off").await;
    window.click(&of("plant/+/t", "switch")).await;
    state(window, "plant/+/t", "granted").await;
}
