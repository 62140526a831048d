//! "Why can't I connect?", as a person meets it: the cause on top, the fix with its difference, one click, connected.

use acceptance::faults::lab::Deaf;
use acceptance::nginx::to_websocket;
use acceptance::{Home, Mosquitto, Nginx, Window, wait};
use mqttscope_model::Scheme;

use crate::steps;

/// Fills in the form of a new profile.
async fn fill_in(window: &Window, name: &str, scheme: &str, host: &str, port: u16) {
    window.click("welcome-new-profile").await;
    window.fill("profile-name", name).await;
    window.click(&format!("profile-scheme-{scheme}")).await;
    window.fill("profile-host", host).await;
    window.fill("profile-port", &port.to_string()).await;
}

/// Waits until a cause is shown, and gives the element's whole text.
async fn cause(window: &Window, code: &str) -> String {
    window.shows(&format!("[data-testid=diagnosis-cause][data-code=\"{code}\"]"), "").await
}

/// Applies a fix by its button.
async fn apply(window: &Window, code: &str) {
    window.click(&format!("[data-testid=fix][data-code={code}] [data-testid=fix-apply]")).await;
}

#[tokio::test]
async fn a_wrong_port_is_named_and_mended_in_the_form() {
    let broker = Mosquitto::start();
    let deaf = Deaf::start();
    let home = Home::new();
    let window = Window::open(&home).await;
    fill_in(&window, "Typing error", "mqtt", "127.0.0.1", deaf.port()).await;
    window.click("profile-save-connect").await;
    // A broker that restarts looks the same, so it is tried again meanwhile.
    steps::state(&window, "waiting").await;
    cause(&window, "tcp.refused").await;
    window.shows("diagnosis-causes", &deaf.port().to_string()).await;
    window.screenshot("diagnosis-wrong-port").await;

    window.click("connection-profile-edit").await;
    window.fill("profile-port", &broker.port(Scheme::Mqtt).to_string()).await;
    window.click("profile-save-connect").await;
    steps::state(&window, "connected").await;
    window.gone("connection-error").await;
    window.quit(&home).await;
}

#[tokio::test]
async fn a_port_of_a_web_server_is_named_and_one_click_uses_its_websocket() {
    let broker = Mosquitto::start();
    let pass = to_websocket(broker.port(Scheme::Ws));
    let nginx = Nginx::plain(&format!("location = /mqtt {{ {pass} }}"));
    let home = Home::new();
    let window = Window::open(&home).await;
    fill_in(&window, "Web server", "mqtt", "localhost", nginx.port()).await;
    window.click("profile-save-connect").await;
    steps::state(&window, "failed").await;
    cause(&window, "port.is_http").await;
    window
        .shows("[data-testid=fix][data-code=use_scheme] [data-testid=fix-difference]", "ws")
        .await;
    apply(&window, "use_scheme").await;
    steps::state(&window, "connected").await;
    window.quit(&home).await;
}

#[tokio::test]
async fn an_unknown_authority_is_shown_with_its_chain_and_one_click_trusts_the_certificate() {
    let broker = Mosquitto::start();
    let home = Home::new();
    let window = Window::open(&home).await;
    fill_in(&window, "Own authority", "mqtts", "localhost", broker.port(Scheme::Mqtts)).await;
    window.click("profile-save-connect").await;
    steps::state(&window, "failed").await;
    cause(&window, "tls.unknown_ca").await;
    window.has_attribute("diagnosis-stage-tls", "data-verdict", "failed").await;
    window.click("diagnosis-stage-tls-open").await;
    window.shows("diagnosis-stage-tls-evidence", "MQTTScope acceptance authority").await;
    window.screenshot("diagnosis-unknown-authority").await;

    apply(&window, "trust_certificate").await;
    steps::state(&window, "connected").await;
    window.gone("connection-error").await;
    // Exactly this certificate is trusted from now on: verified, not switched off.
    window.gone("connection-unverified").await;
    let saved = home.profiles().pop().expect("the profile is saved");
    let text = std::fs::read_to_string(saved).expect("a profile can be read");
    assert!(text.contains("\"pinned\""), "{text}");
    window.screenshot("diagnosis-trusted").await;
    window.quit(&home).await;
}

#[tokio::test]
async fn a_wrong_path_is_named_with_the_servers_page_as_text_and_one_click_uses_the_right_one() {
    let broker = Mosquitto::start();
    let pass = to_websocket(broker.port(Scheme::Ws));
    let page = "<script>document.title = `owned`</script><h1>No such page</h1>";
    let nginx = Nginx::plain(&format!(
        "location = /mqtt {{ {pass} }}\nlocation / {{ default_type text/html; return 404 '{page}'; }}"
    ));
    let home = Home::new();
    let window = Window::open(&home).await;
    fill_in(&window, "Behind nginx", "ws", "localhost", nginx.port()).await;
    window.fill("profile-path", "/socket").await;
    window.click("profile-save-connect").await;
    steps::state(&window, "failed").await;
    cause(&window, "websocket.path_not_found").await;
    window.click("diagnosis-stage-web-socket-open").await;
    window.shows("diagnosis-stage-web-socket-evidence", "<h1>No such page</h1>").await;
    window.holds("document.title !== 'owned'").await;
    window.screenshot("diagnosis-wrong-path").await;

    apply(&window, "use_path").await;
    steps::state(&window, "connected").await;
    window.quit(&home).await;
}

#[tokio::test]
async fn a_diagnosis_runs_beside_the_connection_and_its_report_is_copied_without_names() {
    let broker = Mosquitto::start();
    let home = Home::new();
    let window = Window::open(&home).await;
    fill_in(&window, "Press", "mqtt", "localhost", broker.port(Scheme::Mqtt)).await;
    window.click("profile-save-connect").await;
    steps::state(&window, "connected").await;
    window.click("connection-diagnose").await;
    window.find("diagnosis-page").await;
    window.click("diagnosis-start").await;
    window.has_attribute("diagnosis-report", "data-verdict", "ok").await;
    for stage in ["tcp", "mqtt"] {
        let row = format!("diagnosis-stage-{stage}");
        window.has_attribute(&row, "data-verdict", "passed").await;
    }
    window.screenshot("diagnosis-ok").await;
    window.click("diagnosis-copy").await;
    let text = window.find("diagnosis-copy-text").await;
    wait::until("a report without the host", async || {
        let shown = text.prop("innerText").await.map_err(|error| error.to_string())?;
        let shown = shown.unwrap_or_default();
        let masked = !shown.is_empty() && !shown.contains("localhost");
        if masked { Ok(()) } else { Err(shown) }
    })
    .await;
    window.click("diagnosis-copy-close").await;
    window.click("diagnosis-close").await;
    steps::state(&window, "connected").await;
    let log = broker.log();
    assert!(!log.contains("already connected"), "{log}");
    window.quit(&home).await;
}
