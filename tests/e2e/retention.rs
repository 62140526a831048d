//! A history is limited in the window: what it takes is shown, what a limit would remove is said before, and counted after.

use acceptance::{Home, Window, mosquitto};

use crate::steps;

#[tokio::test]
async fn a_limit_says_what_it_would_remove_and_counts_what_it_removed() {
    let home = Home::new();
    let window = Window::open(&home).await;
    steps::first_minute(&window).await;
    let port = steps::local_port(&home);
    for number in 3..=9 {
        mosquitto::publish(port, "plant/number", &number.to_string());
    }
    steps::rows(&window, 9).await;

    window.click("history-menu").await;
    window.click("history-open").await;
    window.shows("history-usage-messages", "9").await;
    window.click("history-limit-messages-on").await;
    window.fill("history-limit-messages", "4").await;
    window.shows("history-estimate", "5").await;
    window.screenshot("retention").await;
    window.click("history-save").await;
    window.click("history-remove-confirm").await;
    window.shows("history-usage-messages", "4").await;
    window.shows("history-removed", "5").await;
    window.click("history-close").await;

    window.shows("messages-count", "4").await;
    window.shows("statusbar-removed", "5").await;
    mosquitto::publish(port, "plant/number", "10");
    window.holds(
        "[...document.querySelectorAll('[data-testid=message-preview]')].at(-1)?.textContent === '10'",
    )
    .await;
    let previews: Vec<String> =
        steps::rows(&window, 4).await.into_iter().map(|row| row.preview).collect();
    assert_eq!(previews, ["7", "8", "9", "10"]);
    window.quit(&home).await;
}
