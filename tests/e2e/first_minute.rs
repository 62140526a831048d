//! The first minute: one click starts the local broker, makes a profile, connects and subscribes; a
//! second click sends the message that waits in the publish box.

use acceptance::{Home, Window, mosquitto};

use crate::steps;

#[tokio::test]
async fn the_first_minute_leads_to_a_message() {
    let home = Home::new();
    let window = Window::open(&home).await;
    steps::first_minute(&window).await;

    let rows = steps::rows(&window, 2).await;
    let sent = rows.iter().find(|row| row.sent).expect("what was sent is a row");
    let received = rows.iter().find(|row| !row.sent).expect("what came back is a row");
    assert_eq!(sent.topic, received.topic);
    steps::inspect(&window, received.id).await;
    window.shows("inspector-text", "Hello").await;

    other_devices(&home);
    let rows = steps::rows(&window, 2 + DEVICES.len()).await;
    let status = rows.iter().find(|row| row.topic.ends_with("/status")).expect("the status");
    steps::inspect(&window, status.id).await;
    window.shows("inspector-text", "\"pressure\"").await;
    window.screenshot("readme").await;

    window.resize(960, 640).await;
    window.find("publish-send").await;
    window.screenshot("first-minute-small").await;
    window.quit(&home).await;
}

const DEVICES: [(&str, &str); 6] = [
    ("plant/line-1/temperature", "21.50"),
    ("plant/line-1/door", "open"),
    ("plant/line-2/temperature", "19.75"),
    ("plant/line-2/counter", "9007199254740993"),
    ("plant/press-4/alarm", "{\"code\":\"E41\",\"text\":\"Überdruck – 压力过高\"}"),
    (
        "plant/press-4/status",
        "{\"state\":\"running\",\"pressure\":127.0,\"unit\":\"bar\",\"cycles\":18446744073709551615,\
         \"tools\":[\"T3\",\"T7\"],\"operator\":null}",
    ),
];

/// Messages from elsewhere, published with another client.
fn other_devices(home: &Home) {
    let port = steps::local_port(home);
    for (topic, payload) in DEVICES {
        mosquitto::publish(port, topic, payload);
    }
}
