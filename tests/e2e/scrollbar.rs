//! The list's own scrollbar is dragged to the oldest message; the list then stays there until it is to follow again.

use acceptance::{Home, Window, mosquitto};

use crate::steps;

#[tokio::test]
async fn the_scrollbar_leads_to_the_oldest_message_and_back() {
    let home = Home::new();
    let window = Window::open(&home).await;
    steps::first_minute(&window).await;
    let port = steps::local_port(&home);
    for number in 3..=60 {
        mosquitto::publish(port, "plant/number", &number.to_string());
    }
    window.holds(&seen(60)).await;
    window.drag("message-scrollbar", "messages-follow").await;
    window.holds(&seen(1)).await;
    mosquitto::publish(port, "plant/number", "61");
    window.shows("messages-count", "61").await;
    window.shows("messages-newest", "1").await;
    window.holds(&seen(1)).await;
    window.screenshot("scrollbar").await;
    window.click("messages-newest").await;
    window.holds(&seen(61)).await;
    window.quit(&home).await;
}

/// Whether a message is a row.
fn seen(number: u64) -> String {
    format!(
        "document.querySelector('[data-testid=message-row][data-message=\"{number}\"]') !== null"
    )
}
