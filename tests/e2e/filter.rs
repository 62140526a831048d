//! The list is filtered: it follows what matches, and the filter is kept by name beyond the application's end.

use acceptance::{Home, Window, mosquitto};
use fantoccini::key::Key;

use crate::steps;

const FILTER: &str = "plant/+/climate $.temp > 30";

#[tokio::test]
async fn a_filter_follows_what_matches_and_is_found_again_by_its_name() {
    let home = Home::new();
    let window = Window::open(&home).await;
    steps::first_minute(&window).await;
    let port = steps::local_port(&home);
    for temp in [29, 31, 30, 42] {
        climate(port, "plant/line-1/climate", temp);
    }
    climate(port, "plant/line-1/oven", 180);
    steps::rows(&window, 7).await;

    window.fill("filter-field", FILTER).await;
    window.find("filter-field").await.send_keys(&Key::Enter.to_string()).await.expect("Enter");
    temperatures(&window, &[31, 42]).await;
    climate(port, "plant/line-2/climate", 12);
    climate(port, "plant/line-2/climate", 55);
    temperatures(&window, &[31, 42, 55]).await;
    window.screenshot("filter").await;

    window.click("filter-menu").await;
    window.fill("filter-save-name", "Too warm").await;
    window.click("filter-save").await;
    window.shows("filter-saved-item", "Too warm").await;
    window.screenshot("filter-saved").await;
    window.run("document.activeElement.blur()").await;
    window.find("filter-menu").await.click().await.expect("it closes");
    window.gone("filter-menu-list").await;
    window.click("filter-clear").await;
    steps::rows(&window, 9).await;
    window.quit(&home).await;

    let window = Window::open(&home).await;
    steps::rows(&window, 9).await;
    window.click("filter-menu").await;
    window.click("filter-saved-item").await;
    temperatures(&window, &[31, 42, 55]).await;
    window.has_value("filter-field", FILTER).await;
    window.quit(&home).await;
}

fn climate(port: u16, topic: &str, temp: u32) {
    mosquitto::publish(port, topic, &format!("{{\"temp\":{temp},\"unit\":\"C\"}}"));
}

/// Waits until the list shows messages with these temperatures and nothing else.
async fn temperatures(window: &Window, wanted: &[u32]) {
    let wanted: Vec<String> = wanted.iter().map(u32::to_string).collect();
    window
        .holds(&format!(
            "[...document.querySelectorAll('[data-testid=message-row][data-message]')]
               .map((row) => row.querySelector('[data-testid=message-preview]').textContent)
               .map((text) => text.match(/temp\":(\\d+)/)?.[1]).join() === '{}'",
            wanted.join(",")
        ))
        .await;
}
