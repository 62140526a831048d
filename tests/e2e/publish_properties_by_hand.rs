//! Every property of MQTT 5 is typed into the publish box, comes back through a broker, and is read in the inspector; a Topic
//! Alias stands for its topic; what the broker does not take is said before it is sent; a file goes out by its path.

use acceptance::mosquitto::Setup;
use acceptance::{Home, Mosquitto, Window};
use fantoccini::key::Key;
use mqttscope_model::Scheme;

use crate::steps;

/// What the broker takes at most, in bytes.
const MOST: usize = 400_000;

#[tokio::test]
async fn every_property_is_typed_comes_back_and_is_published_again_edited() {
    let broker = Mosquitto::with(&Setup {
        lines: vec![format!("max_packet_size {MOST}")],
        ..Setup::default()
    });
    let home = Home::new();
    let window = Window::open(&home).await;
    steps::connect_by_hand(&window, broker.port(Scheme::Mqtt)).await;
    window.fill("subscribe-filter", "plant/#").await;
    window.click("subscribe-add").await;
    window.has_attribute("subscription", "data-state", "granted").await;

    type_properties(&window).await;
    window.screenshot("publish-properties").await;
    steps::publish(&window, "plant/7/state", "on").await;
    let rows = steps::rows(&window, 2).await;
    let received = rows.iter().find(|row| !row.sent).expect("what came back is a row");
    steps::inspect(&window, received.id).await;
    for (fact, value) in [
        ("payload-format-indicator", "1"),
        ("message-expiry-interval", "90 minutes"),
        ("content-type", "text/plain"),
        ("response-topic", "plant/reply"),
        ("came-through", "plant/#"),
    ] {
        window.shows(&format!("inspector-{fact}"), value).await;
    }
    window.shows("inspector-correlation-bytes", "ff 00").await;
    window.choose("inspector-correlation-as", "base64").await;
    window.shows("inspector-correlation-bytes", "/wA=").await;
    let users = window.run(
        "return [...document.querySelectorAll('[data-testid=inspector-user-property]')].map((each) => each.textContent.trim())",
    );
    assert_eq!(users.await, serde_json::json!(["site = north", "site = south", "line = 7"]));
    window.screenshot("inspector-properties").await;

    window.click("publish-properties-remove").await;
    steps::menu(&window, received.id).await;
    window.click("row-edit").await;
    window.has_value("publish-content-type", "text/plain").await;
    window.has_value("publish-correlation", "ff 00").await;
    window.has_value("publish-user-property-name-2", "line").await;
    window.click("publish-properties-fold").await;
    window.shows("publish-properties-count", "8").await;
    window.quit(&home).await;
}

#[tokio::test]
async fn an_alias_stands_for_its_topic_and_a_file_for_its_bytes() {
    let broker = Mosquitto::with(&Setup {
        lines: vec![format!("max_packet_size {MOST}")],
        listener_lines: vec!["max_topic_alias 10".to_owned()],
        ..Setup::default()
    });
    let home = Home::new();
    let window = Window::open(&home).await;
    steps::connect_by_hand(&window, broker.port(Scheme::Mqtt)).await;
    window.click("publish-properties-fold").await;
    window.fill("publish-topic-alias", "11").await;
    window.shows("publish-topic-alias-problem", "1 to 10").await;
    window.fill("publish-topic-alias", "3").await;
    steps::publish(&window, "plant/a/long/topic", "first").await;
    let keys = Key::End.to_string() + &Key::Backspace.to_string().repeat(18);
    window.find("publish-topic").await.send_keys(&keys).await.expect("the topic is taken away");
    window.has_value("publish-topic", "").await;
    window.shows("publish-topic-alias-note", "plant/a/long/topic").await;
    window.fill("publish-payload", "second").await;
    window.click("publish-send").await;
    let rows = steps::rows(&window, 2).await;
    assert_eq!(rows.last().map(|row| row.preview.as_str()), Some("second"), "{rows:?}");
    window.has_attribute("publish-outcome", "data-outcome", "acknowledged").await;
    window.click("publish-properties-remove").await;

    let large = home.path().join("too large.bin");
    let fits = home.path().join("firmware.bin");
    std::fs::write(&large, vec![0xa5; MOST]).expect("a file can be written");
    std::fs::write(&fits, vec![0x5a; MOST - 1_000]).expect("a file can be written");
    window.click("publish-format-file").await;
    window.fill("publish-topic", "plant/firmware").await;
    window.fill("publish-file", &home.path().join("none").display().to_string()).await;
    window.shows("publish-problem", "not there").await;
    window.fill("publish-file", &large.display().to_string()).await;
    window.shows("publish-problem", "400,000 at most").await;
    window.holds("document.querySelector('[data-testid=publish-send]').disabled").await;
    window.fill("publish-file", &fits.display().to_string()).await;
    window.shows("publish-file-name", "firmware.bin (399,000 B)").await;
    window.screenshot("publish-file").await;
    window.click("publish-send").await;
    window.has_attribute("publish-outcome", "data-outcome", "acknowledged").await;
    let rows = steps::rows(&window, 3).await;
    let sent = rows.last().expect("there are rows");
    steps::inspect(&window, sent.id).await;
    window.shows("inspector-size", "399,000").await;
    window.quit(&home).await;
    assert!(broker.log().contains("399000 bytes"), "{}", broker.log());
}

/// Opens the properties and fills all that a message can have; the User Properties are pasted.
async fn type_properties(window: &Window) {
    window.click("publish-properties-fold").await;
    window.run("const field = document.querySelector('[data-testid=publish-payload-format]'); field.selectedIndex = 2; field.dispatchEvent(new Event('change', { bubbles: true }))").await;
    window.fill("publish-expiry", "5400").await;
    window.shows("publish-expiry-note", "90 minutes").await;
    window.fill("publish-content-type", "text/plain").await;
    window.fill("publish-response-topic", "plant/reply").await;
    window.choose("publish-correlation-format", "hex").await;
    window.fill("publish-correlation", "f").await;
    window.shows("publish-correlation-problem", "needs two").await;
    window.fill("publish-correlation", "ff 00").await;
    window.click("publish-user-property-add").await;
    window.run(
        "const field = document.querySelector('[data-testid=publish-user-property-name-0]');
         const data = new DataTransfer();
         data.setData('text/plain', 'site: north\\nline: 7\\nsite: south');
         field.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))",
    )
    .await;
    window.click("publish-user-property-up-2").await;
    window.has_value("publish-user-property-value-1", "south").await;
}
