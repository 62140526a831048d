//! Two brokers side by side: what came on each stands in its own list, a message goes from one to the other by keys and by the
//! mouse, and the comparison names what one of them missed.

use acceptance::{Home, Mosquitto, Window, mosquitto, wait};
use fantoccini::key::Key;
use mqttscope_model::Scheme;

use crate::steps;

/// Two brokers that know nothing of each other, and a window that is connected to both.
struct Pair {
    left: Mosquitto,
    right: Mosquitto,
    home: Home,
    window: Window,
}

impl Pair {
    async fn open() -> Self {
        let (left, right) = (Mosquitto::start(), Mosquitto::start());
        let home = Home::new();
        let window = Window::open(&home).await;
        connect(&window, "welcome-new-profile", "Plant", left.port(Scheme::Mqtt)).await;
        connect(&window, "profile-new", "Laboratory", right.port(Scheme::Mqtt)).await;
        window.click("connection-side-by-side").await;
        window.has_attribute(&on("right", "side-state"), "data-state", "connected").await;
        window.has_attribute(&on("left", "side-state"), "data-state", "connected").await;
        // The profile that was shown stands at the left.
        window.click("sides-swap").await;
        let chosen = "querySelector('[data-testid=side-left] [data-testid=side-profile]')";
        window.holds(&format!("document.{chosen}.selectedOptions[0].text === 'Plant'")).await;
        Self { left, right, home, window }
    }

    /// Another device publishes to the left broker, or to both.
    fn publish(&self, topic: &str, payload: &str, both: bool) {
        mosquitto::publish(self.left.port(Scheme::Mqtt), topic, payload);
        if both {
            mosquitto::publish(self.right.port(Scheme::Mqtt), topic, payload);
        }
    }

    async fn close(self) {
        self.window.quit(&self.home).await;
    }
}

#[tokio::test]
async fn a_message_goes_from_one_broker_to_the_other() {
    let pair = Pair::open().await;
    let window = &pair.window;
    pair.publish("plant/press-4", "42", true);
    pair.publish("plant/press-5", "only here", false);
    assert_eq!(topics(window, "left", 2).await, ["plant/press-4", "plant/press-5"]);
    assert_eq!(topics(window, "right", 1).await, ["plant/press-4"]);

    // By its key: sent to the other broker as it came, at QoS 0, and handed to the subscription there.
    window.click(&format!("{}:nth-of-type(2)", on("left", "message-row"))).await;
    window.shows(&on("left", "inspector-topic"), "plant/press-5").await;
    let copy = format!("{}{}", char::from(Key::Control), char::from(Key::Right));
    window.find(&on("left", "message-list")).await.send_keys(&copy).await.expect("Ctrl+Right");
    window.has_attribute(&on("right", "copy-bar"), "data-outcome", "sent").await;
    let came = topics(window, "right", 3).await;
    assert_eq!(came, ["plant/press-4", "plant/press-5", "plant/press-5"]);
    let previews = texts(window, "right", "message-preview").await;
    assert_eq!(previews.iter().filter(|text| *text == "only here").count(), 2, "{previews:?}");
    window.screenshot("sides-copied").await;

    // By the mouse.
    window.drag(&on("left", "message-row"), &on("right", "message-list")).await;
    let came = topics(window, "right", 5).await;
    assert_eq!(came.iter().filter(|topic| *topic == "plant/press-4").count(), 3, "{came:?}");
    window.has_attribute(&on("right", "copy-bar"), "data-outcome", "sent").await;

    // Without a connection there it says so, and nothing is sent.
    window.click(&on("right", "side-disconnect")).await;
    window.has_attribute(&on("right", "side-state"), "data-state", "disconnected").await;
    window.find(&on("left", "message-list")).await.send_keys(&copy).await.expect("Ctrl+Right");
    window.has_attribute(&on("right", "copy-bar"), "data-outcome", "hindered").await;
    window.screenshot("sides-hindered").await;

    window.resize(960, 640).await;
    window.screenshot("sides-small").await;
    window.click("sides-close").await;
    window.find("profile-view").await;
    pair.close().await;
}

#[tokio::test]
async fn the_comparison_names_what_one_broker_missed() {
    let pair = Pair::open().await;
    let window = &pair.window;
    pair.publish("plant/press-4", "42", true);
    pair.publish("plant/press-5", "only here", false);
    topics(window, "left", 2).await;
    topics(window, "right", 1).await;

    window.click("sides-showing-comparison").await;
    // The verdict falls once the other side had its time.
    window.shows(&compared("missing_right"), "plant/press-5").await;
    window.screenshot("sides-comparison").await;
    window.click("comparison-kind-all").await;
    window.shows(&compared("same"), "plant/press-4").await;
    window.screenshot("sides-comparison-all").await;
    pair.close().await;
}

/// The topic of a row of the comparison of this kind.
fn compared(kind: &str) -> String {
    format!("[data-testid=comparison-row][data-kind={kind}] [data-testid=comparison-topic]")
}

/// Makes a profile with a subscription for a broker on 127.0.0.1, and connects it.
async fn connect(window: &Window, way_in: &str, name: &str, port: u16) {
    window.click(way_in).await;
    window.fill("profile-name", name).await;
    window.click("profile-scheme-mqtt").await;
    window.fill("profile-host", "127.0.0.1").await;
    window.fill("profile-port", &port.to_string()).await;
    window.click("profile-subscription-add").await;
    window.fill("profile-subscription-filter-0", "plant/#").await;
    window.click("profile-save-connect").await;
    window.shows("connection-name", name).await;
    steps::state(window, "connected").await;
    window.shows("subscription-state", "granted").await;
}

/// Something on one of both sides.
fn on(side: &str, testid: &str) -> String {
    format!("[data-testid=side-{side}] [data-testid={testid}]")
}

/// Waits until `count` messages are in sight on a side, and reads their topics.
async fn topics(window: &Window, side: &str, count: usize) -> Vec<String> {
    wait::until(&format!("{count} messages at the {side}"), async || {
        let found = texts(window, side, "message-topic").await;
        if found.len() == count { Ok(found) } else { Err(format!("{found:?}")) }
    })
    .await
}

/// What the rows of a side say, from the oldest on.
async fn texts(window: &Window, side: &str, cell: &str) -> Vec<String> {
    let row = on(side, "message-row");
    let script = format!(
        "return [...document.querySelectorAll('{row}[data-message] [data-testid={cell}]')]
            .map((cell) => cell.textContent)"
    );
    let found = window.run(&script).await;
    let found = found.as_array().cloned().unwrap_or_default();
    found.iter().map(|text| text.as_str().unwrap_or_default().to_owned()).collect()
}
