//! Something is looked for in the list: how often it is there, one after the other, and where in all of it.

use acceptance::{Home, Window, mosquitto};
use fantoccini::key::Key;

use crate::steps;

#[tokio::test]
async fn matches_are_counted_marked_and_gone_through() {
    let home = Home::new();
    let window = Window::open(&home).await;
    steps::first_minute(&window).await;
    let port = steps::local_port(&home);
    for number in 1..=60 {
        let word = if number % 20 == 0 { "needle" } else { "hay" };
        mosquitto::publish(port, "plant/stack", &format!("{word} {number}"));
    }
    window.shows("messages-count", "62").await;

    let list = window.find("message-list").await;
    list.send_keys(&Key::F3.to_string()).await.expect("F3");
    window.fill("find-text", "needle").await;
    window.has_attribute("find-count", "data-complete", "true").await;
    window.shows("find-count", "3").await;
    window.find("list-marks").await;
    // The newest match is chosen while it is typed; beyond the oldest one it begins again.
    for chosen in ["needle 60", "needle 40", "needle 20", "needle 60"] {
        window.holds(&format!("{CHOSEN} === '{chosen}'")).await;
        window.click("find-older").await;
    }
    window.holds(&format!("{CHOSEN} === 'needle 40'")).await;
    window.screenshot("find").await;
    window.click("find-close").await;
    window.gone("find").await;
    window.quit(&home).await;
}

/// The preview of the chosen row, where it is in sight.
const CHOSEN: &str = "document.querySelector('[data-testid=message-row][aria-selected=true] \
                      [data-testid=message-preview]')?.textContent";
