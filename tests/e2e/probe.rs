//! "What can this broker do?", as a person meets it: consent, the table as it fills in, kept over a restart, compared, deleted.

use acceptance::mosquitto::Setup;
use acceptance::{Home, Mosquitto, Window};
use mqttscope_model::Scheme;

use crate::steps;

#[tokio::test]
async fn a_broker_is_probed_with_consent_and_its_table_is_kept_and_compared() {
    let mut broker = Mosquitto::start();
    let home = Home::new();
    let window = Window::open(&home).await;
    steps::connect_by_hand(&window, broker.port(Scheme::Mqtt)).await;

    window.click("connection-probe").await;
    window.shows("probe-consent", "connections of its own").await;
    window.shows("probe-kept-empty", "").await;
    window.fill("probe-prefix", "lab/#").await;
    window.shows("probe-prefix-problem", "").await;
    window.fill("probe-prefix", "lab/probe").await;
    window.screenshot("probe-consent").await;
    window.click("probe-start").await;
    window.has_attribute("probe-report", "data-finished", "true").await;
    window.has_attribute("probe-row-maximum-qos", "data-verdict", "yes").await;
    window.has_attribute("probe-row-session-expiry", "data-verdict", "yes").await;
    window.gone("probe-left").await;
    window.click("probe-evidence-will-delay").await;
    window.shows("probe-table", "the Will Message came after").await;
    window.screenshot("probe-table").await;
    // The session that runs was not taken over.
    window.click("probe-close").await;
    steps::state(&window, "connected").await;
    window.quit(&home).await;

    broker.stop();
    let limited = Mosquitto::with(&Setup {
        lines: vec!["retain_available false".to_owned()],
        ..Setup::default()
    });
    let window = Window::open(&home).await;
    window.click("connection-profile-edit").await;
    window.fill("profile-port", &limited.port(Scheme::Mqtt).to_string()).await;
    window.click("profile-save-connect").await;
    steps::state(&window, "connected").await;
    window.click("connection-probe").await;
    // What is tried stands back behind the table of before, with what was allowed then.
    window.click("probe-start").await;
    window.has_value("probe-prefix", "lab/probe").await;
    window.click("probe-none").await;
    window.click("probe-try-retained").await;
    window.click("probe-try-mqtt50").await;
    window.click("probe-start").await;
    window.has_attribute("probe-row-retained", "data-verdict", "no").await;
    window.has_attribute("probe-report", "data-finished", "true").await;

    window.holds("document.querySelectorAll('[data-testid=probe-compare]').length === 2").await;
    window
        .run("for (const box of document.querySelectorAll('[data-testid=probe-compare]')) box.click()")
        .await;
    window.has_attribute("probe-compare-retained", "data-differs", "true").await;
    window.has_attribute("probe-compare-mqtt50", "data-differs", "false").await;
    window.screenshot("probe-comparison").await;
    window.click("probe-comparison-end").await;
    window.click("probe-delete").await;
    window.click("probe-delete-dialog-confirm").await;
    window.holds("document.querySelectorAll('[data-testid=probe-kept-item]').length === 1").await;
    window.quit(&home).await;
}
