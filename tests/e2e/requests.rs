//! A rule answers a request that this same window sends: the answer is paired, timed, and leads back to its request. A request
//! that nobody answers says so, and one that a person does not want to wait for any longer is cancelled.

use acceptance::{Home, Mosquitto, Window};
use mqttscope_model::Scheme;

use crate::steps;

#[tokio::test]
async fn a_rule_answers_a_request_and_silence_is_told() {
    let broker = Mosquitto::start();
    let home = Home::new();
    let window = Window::open(&home).await;
    steps::connect_by_hand(&window, broker.port(Scheme::Mqtt)).await;
    make_rule(&window).await;

    window.click("publish-mode-request").await;
    window.click("publish-format-json").await;
    window.fill("publish-topic", "device/7/get").await;
    window.fill("publish-payload", "{\"what\":\"gain\",\"n\":127.0}").await;
    window.click("publish-qos-1").await;
    window.click("publish-send").await;
    window.has_attribute("request", "data-state", "answered").await;
    window.shows("request-state", "answered after").await;
    window.click("request-show").await;
    window.shows("inspector-text", "127.0").await;
    window.shows("inspector-text", "\"7\"").await;
    window.screenshot("request-answered").await;
    window.click("inspector-show-request").await;
    window.shows("inspector-topic", "device/7/get").await;
    window.click("inspector-show-answer").await;
    window.shows("inspector-topic", "mqttscope/reply/").await;

    window.fill("publish-topic", "nobody/listens").await;
    window.fill("request-timeout", "0.2").await;
    window.click("publish-send").await;
    window.has_attribute("request", "data-state", "timed_out").await;
    window.fill("request-timeout", "600").await;
    window.click("publish-send").await;
    window.has_attribute("request", "data-state", "waiting").await;
    window.click("request-cancel").await;
    window.has_attribute("request", "data-state", "cancelled").await;
    window.screenshot("request-list").await;

    window.click("publish-mode-replies").await;
    window.shows("reply-counts", "1 answered").await;
    window.click("reply-enabled").await;
    window.has_attribute("reply", "data-enabled", "false").await;
    window.screenshot("replies").await;
    window.quit(&home).await;
}

/// A rule, tried on a request that came before there was one.
async fn make_rule(window: &Window) {
    window.click("publish-mode-replies").await;
    window.click("reply-new").await;
    window.fill("reply-filter", "device/+/get").await;
    window.fill("reply-payload", "{\"of\":\"{{topic.2}}\",\"was\":{{payload.n}}}").await;
    window.fill("reply-content-type", "application/json").await;
    window.screenshot("reply-rule").await;
    window.click("reply-save").await;
    window.gone("reply-dialog").await;
    window.has_attribute("reply", "data-enabled", "true").await;
    window.shows("reply", "device/+/get").await;
}
