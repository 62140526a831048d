//! Requests that wait: answered by Mosquitto's own clients, late, refused, and over a lost connection.

use std::process::{Command, Stdio};

use acceptance::answering::{Answering, Deed, Kind};
use acceptance::{App, Mosquitto, wait};
use mqttscope_model::{Endpoint, Profile, QoS, Scheme};
use serde_json::{Value, json};

use super::{
    V5, ask, detail, filters, record, rule, rules, save_rules, wait_for, wait_for_filters,
};

#[tokio::test(flavor = "multi_thread")]
async fn mosquittos_own_clients_answer_our_request() {
    let broker = Mosquitto::start();
    let app = App::start().await;
    let asker = app.profile(broker.endpoint(Scheme::Mqtt), V5, |_| ()).await;
    app.connect(&asker).await;
    let port = broker.port(Scheme::Mqtt).to_string();
    let mut served = Command::new("mosquitto_sub")
        .args(["-h", "127.0.0.1", "-p", &port, "-V", "5", "-q", "1", "-C", "1", "-W", "30"])
        .args(["-t", "foreign/ask", "-F", "%R %D"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("mosquitto_sub can be run");
    wait::until("mosquitto_sub to subscribe", async || {
        if broker.log().contains("foreign/ask") { Ok(()) } else { Err(broker.log()) }
    })
    .await;
    let id =
        ask(&app, &asker, "foreign/ask", json!({ "correlation": { "text": "number-7" } })).await;
    let heard = tokio::task::spawn_blocking(move || {
        let mut text = String::new();
        let mut output = served.stdout.take().expect("its output");
        std::io::Read::read_to_string(&mut output, &mut text).expect("text");
        served.wait().expect("it ended");
        text
    });
    let heard = heard.await.expect("it was read");
    assert_eq!(heard.trim(), "back number-7");
    for (correlation, payload) in
        [("number-8", "not ours"), ("number-7", "one"), ("number-7", "two")]
    {
        let status = Command::new("mosquitto_pub")
            .args([
                "-h",
                "127.0.0.1",
                "-p",
                &port,
                "-V",
                "5",
                "-q",
                "1",
                "-t",
                "back",
                "-m",
                payload,
            ])
            .args(["-D", "publish", "correlation-data", correlation])
            .status()
            .expect("mosquitto_pub can be run");
        assert!(status.success());
    }
    let record = wait::until("two answers", async || {
        let record = record(&app, &asker, &id).await;
        let answers = record["answers"].as_array().map_or(0, Vec::len);
        if answers == 2 { Ok(record) } else { Err(record) }
    })
    .await;
    assert_eq!(record["state"]["state"], "answered");
    for (answer, payload) in [(0, "one"), (1, "two")] {
        let message = &record["answers"][answer]["message"];
        detail(&app, &asker, message).await;
        let message = message.as_u64().expect("it is kept");
        assert_eq!(app.payload(&asker, message).await, payload.as_bytes());
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn subscriptions_of_the_profile_are_used_and_stay() {
    let broker = Mosquitto::start();
    let app = App::start().await;
    let asker = app.profile(broker.endpoint(Scheme::Mqtt), V5, |_| ()).await;
    app.connect(&asker).await;
    app.subscribe(&asker, "back/#", QoS::AtMostOnce).await;
    save_rules(&app, &asker, &[rule("r", "ask", "", "yes"), rule("s", "back/x", "", "no")]).await;
    let id = ask(&app, &asker, "ask", json!({ "response_topic": "back/1" })).await;
    wait_for(&app, &asker, &id, "answered").await;
    assert_eq!(filters(&app, &asker).await, ["back/#", "ask"]);
    app.call("request_cancel", json!({ "request": id })).await;

    // Nothing is kept, and all the same the answer is found.
    app.call("history_record", json!({ "profile": asker.id, "on": false })).await;
    let id = ask(&app, &asker, "ask", json!({ "response_topic": "other" })).await;
    let answered = wait_for(&app, &asker, &id, "answered").await;
    assert_eq!(
        (&answered["message"], &answered["answers"][0]["message"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(filters(&app, &asker).await, ["back/#", "ask", "other"]);
    // What a person has come to want meanwhile stays.
    app.subscribe(&asker, "other", QoS::AtMostOnce).await;
    app.call("request_cancel", json!({ "request": id })).await;
    save_rules(&app, &asker, &[]).await;
    wait_for_filters(&app, &asker, &["back/#", "other"]).await;
    let saved = app.call("profiles_list", json!({})).await;
    assert_eq!(saved["profiles"][0]["subscriptions"].as_array().map(Vec::len), Some(2));

    // A rule subscribes as soon as nothing covers its filter any more.
    save_rules(&app, &asker, &[rule("s", "back/x", "", "no")]).await;
    wait_for_filters(&app, &asker, &["back/#", "other"]).await;
    let all = json!({ "profile": asker.id, "filters": ["back/#", "other"] });
    app.call("session_unsubscribe", all).await;
    wait_for_filters(&app, &asker, &["back/x"]).await;
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_answered_times_out_and_what_cannot_be_sent_fails() {
    let broker = Mosquitto::start();
    let app = App::start().await;
    let asker = app.profile(broker.endpoint(Scheme::Mqtt), V5, |_| ()).await;
    let id = ask(&app, &asker, "ask", json!({})).await;
    let failed = wait_for(&app, &asker, &id, "failed").await;
    assert_eq!(failed["state"]["error"]["code"], "session.not_connected");

    app.connect(&asker).await;
    let id = ask(&app, &asker, "ask", json!({ "timeout_ms": 50 })).await;
    let over = wait_for(&app, &asker, &id, "timed_out").await;
    assert_eq!(over["answers"], json!([]));
    // Late, and still paired: the subscription is there for a while.
    let correlation = over["correlation"].clone();
    let publish = json!({
        "topic": "back", "payload": { "text": "late" }, "qos": 1, "retain": false,
        "properties": [{ "name": "correlation_data", "value": correlation }],
    });
    app.call("session_publish", json!({ "profile": asker.id, "publish": publish })).await;
    wait::until("the late answer", async || {
        let record = record(&app, &asker, &id).await;
        if record["answers"][0]["message"].is_u64() { Ok(()) } else { Err(record) }
    })
    .await;
    assert_eq!(record(&app, &asker, &id).await["state"]["state"], "timed_out");

    let topic = "x".repeat(65_535);
    let id =
        ask(&app, &asker, "ask", json!({ "response_topic": topic, "correlation": null })).await;
    app.call("request_cancel", json!({ "request": id })).await;
    let wildcard = json!({ "publish": { "topic": "ask", "payload": { "text": "" }, "qos": 0, "retain": false },
        "response_topic": "a/#", "correlation": null, "timeout_ms": 1 });
    let refused =
        app.refused("request_send", json!({ "profile": asker.id, "request": wildcard })).await;
    assert_eq!(refused.code.as_str(), "request.response_topic_invalid");
    let gone = app.refused("request_cancel", json!({ "request": 4_000_000_000_u32 })).await;
    assert_eq!(gone.code.as_str(), "request.not_found");
    app.stop().await;
}

/// A profile for a broker of ours.
async fn profile_for(app: &App, broker: &Answering) -> Profile {
    let endpoint = Endpoint {
        scheme: Scheme::Mqtt,
        host: "127.0.0.1".into(),
        port: broker.port(),
        path: String::from("/mqtt"),
    };
    app.profile(endpoint, V5, |profile| profile.reconnect.first_delay_ms = 100).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_broker_refuses_is_the_end_of_a_request() {
    let app = App::start().await;
    let refuses_filters = Answering::start(|packet| match packet.kind() {
        Kind::Subscribe => {
            vec![Deed::Send(vec![0x90, 4, packet.body[0], packet.body[1], 0, 0x87])]
        }
        _ => vec![packet.yes(5)],
    })
    .await;
    let asker = profile_for(&app, &refuses_filters).await;
    app.connect(&asker).await;
    let id = ask(&app, &asker, "ask", json!({})).await;
    let failed = wait_for(&app, &asker, &id, "failed").await;
    let error = &failed["state"]["error"];
    assert_eq!(
        (&error["code"], &error["details"]["filter"]),
        (&json!("request.subscription_refused"), &json!("back"))
    );
    save_rules(&app, &asker, &[rule("r", "ask", "", "")]).await;
    assert_eq!(rules(&app, &asker).await[0]["fault"]["code"], "request.subscription_refused");

    let refuses_messages = Answering::start(|packet| match packet.kind() {
        Kind::Publish => {
            let topic = usize::from(u16::from_be_bytes([packet.body[0], packet.body[1]]));
            vec![Deed::Send(vec![0x40, 3, packet.body[2 + topic], packet.body[3 + topic], 0x87])]
        }
        _ => vec![packet.yes(5)],
    })
    .await;
    let asker = profile_for(&app, &refuses_messages).await;
    app.connect(&asker).await;
    for on in [true, false] {
        // Whether it is kept or not.
        app.call("history_record", json!({ "profile": asker.id, "on": on })).await;
        let id = ask(&app, &asker, "ask", json!({})).await;
        let failed = wait_for(&app, &asker, &id, "failed").await;
        assert_eq!(failed["message"].is_null(), !on);
        let error = &failed["state"]["error"];
        assert_eq!(
            (&error["code"], &error["details"]["reason"]),
            (&json!("request.refused"), &json!("Not authorized (0x87)"))
        );
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_survives_a_lost_connection() {
    let mut broker = Mosquitto::start();
    let app = App::start().await;
    let edit = |profile: &mut Profile| profile.reconnect.first_delay_ms = 100;
    let asker = app.profile(broker.endpoint(Scheme::Mqtt), V5, edit).await;
    app.connect(&asker).await;
    let id = ask(&app, &asker, "ask", json!({ "timeout_ms": 60_000 })).await;
    let waiting = wait_for(&app, &asker, &id, "waiting").await;
    broker.stop();
    wait::until("the loss to be seen", async || {
        let session = app.session(&asker).await;
        if session["state"]["state"] == "connected" { Err(session) } else { Ok(()) }
    })
    .await;
    broker.resume();
    app.wait_for_state(&asker, "connected").await;
    wait::until("the Response Topic to be subscribed to again", async || {
        let session = app.session(&asker).await;
        if session["subscriptions"][0]["state"] == "granted" { Ok(()) } else { Err(session) }
    })
    .await;
    let publish = json!({
        "topic": "back", "payload": { "text": "at last" }, "qos": 1, "retain": false,
        "properties": [{ "name": "correlation_data", "value": waiting["correlation"] }],
    });
    app.call("session_publish", json!({ "profile": asker.id, "publish": publish })).await;
    wait_for(&app, &asker, &id, "answered").await;
    app.stop().await;
}
