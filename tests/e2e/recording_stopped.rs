//! Recording is stopped: that is plain to see, what comes is not kept, and what comes afterwards is.

use acceptance::{Home, Window, mosquitto};

use crate::steps;

#[tokio::test]
async fn what_comes_while_recording_is_stopped_is_counted_and_not_kept() {
    let home = Home::new();
    let window = Window::open(&home).await;
    steps::first_minute(&window).await;
    steps::rows(&window, 2).await;
    let port = steps::local_port(&home);

    window.click("recording-switch").await;
    window.find("recording-bar").await;
    window.find("profile-not-recorded").await;
    for number in 1..=7 {
        mosquitto::publish(port, "plant/passing", &format!("gone {number}"));
    }
    window.shows("recording-bar", "7").await;
    window.shows("statusbar-not-recorded", "7").await;
    window.shows("messages-count", "2").await;
    window.screenshot("recording-stopped").await;

    window.click("recording-again").await;
    window.gone("recording-bar").await;
    window.gone("profile-not-recorded").await;
    mosquitto::publish(port, "plant/kept", "here again");
    let rows = steps::rows(&window, 3).await;
    assert_eq!(rows.len(), 3, "{rows:?}");
    assert!(rows.iter().all(|row| row.topic != "plant/passing"), "{rows:?}");
    assert_eq!(rows[2].preview, "here again");
    window.quit(&home).await;
}
