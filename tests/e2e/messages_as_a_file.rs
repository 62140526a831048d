//! Messages leave as a file and come back into a profile of their own, byte for byte.

use acceptance::{Home, Window, mosquitto};
use serde_json::Value;

use crate::steps;

const MESSAGES: [(&str, &str); 3] = [
    ("plant/line-1/temperature", "21.50"),
    ("plant/press-4/alarm", "{\"text\":\"Überdruck – 压力过高\"}"),
    ("plant/line-1/note", "two\nlines and a \"quote\""),
];

#[tokio::test]
async fn exported_messages_are_imported_into_a_profile_of_their_own() {
    let home = Home::new();
    let window = Window::open(&home).await;
    steps::first_minute(&window).await;
    let port = steps::local_port(&home);
    for (topic, payload) in MESSAGES {
        mosquitto::publish(port, topic, payload);
    }
    let count = 2 + MESSAGES.len();
    let before = steps::rows(&window, count).await;

    let file = home.path().join("messages.jsonl").display().to_string();
    window.click("history-menu").await;
    window.click("messages-export-open").await;
    window.fill("messages-export-path", &file).await;
    window.click("messages-export-start").await;
    window.find("messages-export-job-result").await;
    window.screenshot("messages-export").await;
    window.click("messages-export-close").await;
    assert_eq!(lines_with_topics(&file), count);

    window.click("history-menu").await;
    window.click("messages-import-open").await;
    window.fill("messages-import-path", &file).await;
    window.click("messages-import-where-copy").await;
    window.screenshot("messages-import").await;
    let shown = "document.querySelector('[data-testid=profile-view]')?.dataset.profile";
    let first = window.run(&format!("return {shown}")).await;
    window.click("messages-import-start").await;
    window.holds(&format!("({shown} ?? {first}) !== {first}")).await;

    let after = steps::rows(&window, count).await;
    let seen = |rows: &[steps::Row]| -> Vec<(String, String)> {
        rows.iter().map(|row| (row.topic.clone(), row.preview.clone())).collect()
    };
    assert_eq!(seen(&after), seen(&before));
    assert_eq!(home.profiles().len(), 2);
    window.quit(&home).await;
}

/// How many lines of a file are JSON with a topic.
fn lines_with_topics(file: &str) -> usize {
    let text = std::fs::read_to_string(file).expect("the export is there");
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    lines.filter(|line| line["topic"].is_string()).count()
}
