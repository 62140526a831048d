//! A message of the list is marked with a note, compared with the one before it, and published again.

use acceptance::{Home, Window, mosquitto};
use fantoccini::key::Key;

use crate::steps;

#[tokio::test]
async fn a_message_is_marked_compared_and_published_again() {
    let home = Home::new();
    let window = Window::open(&home).await;
    steps::first_minute(&window).await;
    let port = steps::local_port(&home);
    for state in ["running", "stopped"] {
        let payload = format!("{{\"state\":\"{state}\",\"operator\":null}}");
        mosquitto::publish(port, "plant/press-4/status", &payload);
    }
    let rows = steps::rows(&window, 4).await;
    let last = rows.last().expect("there are rows");
    assert_eq!(last.topic, "plant/press-4/status");

    steps::inspect(&window, last.id).await;
    window.click("inspector-bookmark").await;
    window.fill("bookmark-note", "here it stood still").await;
    let note = window.find("bookmark-note").await;
    note.send_keys(&Key::Tab.to_string()).await.expect("Tab");
    window.click("bookmarks-open").await;
    window.shows("bookmark", "here it stood still").await;
    window.screenshot("bookmark").await;
    window.click("bookmarks-open").await;

    steps::menu(&window, last.id).await;
    window.click("row-compare-previous").await;
    window.shows("compare-before", "running").await;
    window.shows("compare-after", "stopped").await;
    window.screenshot("compare").await;
    // Esc belongs to the dialog, although the chosen message behind it minds it as well.
    let close = window.find("compare-close").await;
    close.send_keys(&Key::Escape.to_string()).await.expect("Esc");
    window.gone("compare").await;

    steps::menu(&window, last.id).await;
    window.click("row-publish-again").await;
    let rows = steps::rows(&window, 6).await;
    let again: Vec<_> = rows.iter().filter(|row| row.id > last.id).collect();
    assert_eq!(again.iter().filter(|row| row.sent).count(), 1, "{again:?}");
    assert!(again.iter().all(|row| row.topic == last.topic && row.preview == last.preview));
    window.quit(&home).await;
}
