//! A topic and a payload that look like HTML and JavaScript are shown as text, and nothing runs.

use acceptance::{Home, Mosquitto, Window, mosquitto};
use mqttscope_model::Scheme;
use serde_json::Value;

use crate::steps;

const HOSTILE: &str = "<img src=x onerror=\"window.ran=1\"><script>window.ran=1</script>{{ran=1}}";

#[tokio::test]
async fn text_that_looks_like_html_is_shown_and_never_run() {
    let broker = Mosquitto::start();
    let home = Home::new();
    let window = Window::open(&home).await;
    window.click("welcome-new-profile").await;
    window.fill("profile-name", HOSTILE).await;
    window.fill("profile-host", "127.0.0.1").await;
    window.fill("profile-port", &broker.port(Scheme::Mqtt).to_string()).await;
    window.click("profile-save-connect").await;
    steps::state(&window, "connected").await;
    window.shows("connection-name", HOSTILE).await;
    // A resource that is refused by the policy would be told here; nothing may even be tried.
    window
        .run(
            "window.tried = []; \
              addEventListener('securitypolicyviolation', (e) => window.tried.push(e.blockedURI))",
        )
        .await;
    window.fill("subscribe-filter", "hostile/#").await;
    window.click("subscribe-add").await;
    window.has_attribute("subscription", "data-state", "granted").await;

    // A Topic Name may hold anything but wildcards and NUL.
    let topic = format!("hostile/{HOSTILE}");
    mosquitto::publish(broker.port(Scheme::Mqtt), &topic, HOSTILE);
    mosquitto::publish(
        broker.port(Scheme::Mqtt),
        "hostile/json",
        "{\"__proto__\":\"<b>\",\"a\":\"</script>\"}",
    );
    let rows = steps::rows(&window, 2).await;
    assert_eq!(rows[0].topic, topic);
    assert_eq!(rows[0].preview, HOSTILE);
    for (row, part) in rows.iter().zip([HOSTILE, "</script>"]) {
        steps::inspect(&window, row.id).await;
        window.shows("inspector-text", part).await;
    }
    window.screenshot("hostile-text").await;
    assert_eq!(window.run("return window.ran ?? null").await, Value::Null, "a script ran");
    assert_eq!(window.run("return window.tried").await, serde_json::json!([]));
    window.quit(&home).await;
}
