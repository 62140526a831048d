//! Rules that answer: ourselves and Mosquitto's own requester, values that are missing, and replies that come back.

use std::process::{Command, Stdio};

use acceptance::{App, Mosquitto, wait};
use mqttscope_model::{QoS, Scheme};
use serde_json::{Value, json};

use super::{
    V5, V311, ask, detail, filters, rule, rules, save_rules, wait_for, wait_for_answers,
    wait_for_filters,
};

#[tokio::test(flavor = "multi_thread")]
async fn one_profile_asks_and_another_answers_by_rule() {
    let broker = Mosquitto::start();
    let app = App::start().await;
    for version in [V5, V311] {
        let endpoint = || broker.endpoint(Scheme::Mqtt);
        let asker = app.profile(endpoint(), version, |_| ()).await;
        let server = app.profile(endpoint(), version, |_| ()).await;
        app.connect(&asker).await;
        app.connect(&server).await;
        let topic = if version == V5 { "" } else { "back" };
        let payload = r#"{"you said":{{payload.n}},"to":"{{topic.2}}","count":{{count}}}"#;
        save_rules(&app, &server, &[rule("r", "ask/+", topic, payload)]).await;
        assert_eq!(filters(&app, &server).await, ["ask/+"], "rules hold at once");

        for count in 1..=2 {
            let id = ask(&app, &asker, "ask/here", json!({})).await;
            let record = wait_for(&app, &asker, &id, "answered").await;
            let answer = &record["answers"][0];
            let took = answer["took_us"].as_u64().expect("a time");
            assert!((1..10_000_000).contains(&took), "{record}");
            let message = answer["message"].as_u64().expect("it is kept");
            let came = detail(&app, &asker, &answer["message"]).await;
            let text = app.payload(&asker, message).await;
            let text = String::from_utf8(text).expect("text");
            assert_eq!(text, format!(r#"{{"you said":1.50,"to":"here","count":{count}}}"#));
            assert_eq!(came["row"]["time_us"], answer["time_us"]);
            let sent = detail(&app, &asker, &record["message"]).await;
            assert_eq!(
                (&sent["row"]["time_us"], &sent["row"]["direction"]),
                (&record["time_us"], &json!("sent"))
            );
            if version == V5 {
                let property = |name, value: Value| json!({ "name": name, "value": value });
                let expected = json!([
                    property("content_type", json!("application/json")),
                    property("correlation_data", record["correlation"].clone()),
                    property("user_property", json!(["asked", "ask/here"])),
                ]);
                assert_eq!(came["properties"], expected);
            } else {
                assert_eq!(record["correlation"], json!({ "text": "" }));
            }
            app.call("request_cancel", json!({ "request": id })).await;
        }
        wait_for_filters(&app, &asker, &[]).await;
        let state = wait_for_answers(&app, &server, 0, 2).await;
        assert_eq!((&state["failed"], &state["fault"]), (&json!(0), &Value::Null));
        assert!(state["last_us"].is_i64());
        // What is answered is recorded as a message like any other.
        let rows = app.wait_for_rows(&server, 4).await;
        assert_eq!(rows.iter().filter(|row| row["direction"] == "sent").count(), 2);

        // The rules belong to the profile, and hold again with the next session.
        app.disconnect(&server).await;
        app.connect(&server).await;
        wait_for_filters(&app, &server, &["ask/+"]).await;
        let id = ask(&app, &asker, "ask/again", json!({})).await;
        wait_for(&app, &asker, &id, "answered").await;
        assert_eq!(wait_for_answers(&app, &server, 0, 1).await["failed"], 0);
        save_rules(&app, &server, &[]).await;
        wait_for_filters(&app, &server, &[]).await;
        app.disconnect(&server).await;
        app.disconnect(&asker).await;
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mosquitto_rr_gets_its_answers_from_a_rule() {
    let broker = Mosquitto::start();
    let app = App::start().await;
    for (version, name, topic) in [(V5, "mqttv5", ""), (V311, "mqttv311", "rr/back")] {
        let server = app
            .profile(broker.endpoint(Scheme::Mqtt), version, |profile| {
                let rule = rule("r", "rr/ask", topic, "<{{payload}}>");
                profile.replies = vec![serde_json::from_value(rule).expect("a rule")];
            })
            .await;
        app.connect(&server).await;
        wait_for_filters(&app, &server, &["rr/ask"]).await;
        let port = broker.port(Scheme::Mqtt).to_string();
        let run = tokio::task::spawn_blocking(move || {
            Command::new("mosquitto_rr")
                .args(["-h", "127.0.0.1", "-p", &port, "-V", name, "-q", "1", "-W", "20"])
                .args(["-t", "rr/ask", "-e", "rr/back", "-m", "hello", "-N"])
                .stderr(Stdio::inherit())
                .output()
                .expect("mosquitto_rr can be run")
        });
        let output = run.await.expect("it ended");
        assert_eq!(
            String::from_utf8_lossy(&output.stdout),
            "<hello>",
            "{version}: {}",
            output.status
        );
        app.disconnect(&server).await;
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_that_would_answer_themselves_or_each_other_in_a_circle_do_not() {
    let broker = Mosquitto::start();
    let app = App::start().await;
    for version in [V311, V5] {
        let one = app.profile(broker.endpoint(Scheme::Mqtt), version, |_| ()).await;
        let two = app.profile(broker.endpoint(Scheme::Mqtt), version, |_| ()).await;
        app.connect(&one).await;
        app.connect(&two).await;
        // Each grows its payload, so that no two messages of an endless circle would be the same.
        save_rules(
            &app,
            &one,
            &[
                rule("self", "self/#", "self/{{topic}}", "{{payload}}+"),
                rule("ping", "ping", "pong", "{{payload}}."),
            ],
        )
        .await;
        save_rules(&app, &two, &[rule("pong", "pong", "ping", "{{payload}}.")]).await;
        app.publish(&two, "self/1", b"x", QoS::AtLeastOnce).await;
        app.publish(&two, "ping", b"x", QoS::AtLeastOnce).await;
        for (profile, place) in [(&one, 0), (&one, 1)] {
            let state = wait::until("the circle to be seen", async || {
                let states = rules(&app, profile).await;
                let fault = states[place]["fault"]["code"] == "reply.loop";
                if fault { Ok(states[place].clone()) } else { Err(states) }
            })
            .await;
            let told = (&state["answered"], &state["failed"], &state["stopped"]);
            assert_eq!(told, (&json!(1), &json!(0), &json!(false)), "{version}");
        }
        assert_eq!(wait_for_answers(&app, &two, 0, 1).await["fault"], Value::Null);
        app.disconnect(&one).await;
        app.disconnect(&two).await;
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_is_missing_fails_the_reply_and_a_preview_sends_nothing() {
    let broker = Mosquitto::start();
    let app = App::start().await;
    let server = app.profile(broker.endpoint(Scheme::Mqtt), V5, |_| ()).await;
    app.connect(&server).await;
    let needs = rule("r", "ask", "answer", "{{payload.a.1}}");
    save_rules(&app, &server, std::slice::from_ref(&needs)).await;
    app.publish(&server, "ask", b"{\"a\":[1]}", QoS::AtLeastOnce).await;
    let state = wait::until("the fault", async || {
        let states = rules(&app, &server).await;
        if states[0]["failed"] == 1 { Ok(states[0].clone()) } else { Err(states) }
    })
    .await;
    let fault = &state["fault"];
    assert_eq!(
        (&fault["code"], &fault["details"]["placeholder"]),
        (&json!("reply.value_missing"), &json!("payload.a.1"))
    );
    app.publish(&server, "ask", b"{\"a\":[1,\"two\"]}", QoS::AtLeastOnce).await;
    assert_eq!(wait_for_answers(&app, &server, 0, 1).await["fault"], Value::Null);
    let rows = app.wait_for_rows(&server, 5).await;
    assert_eq!((rows.len(), rows.iter().filter(|row| row["preview"] == "two").count()), (5, 1));

    let request = rows.iter().rfind(|row| row["topic"] == "ask").expect("the last request");
    let message = json!({ "profile": server.id, "id": request["id"] });
    let preview = app.call("reply_preview", json!({ "rule": needs, "message": message })).await;
    assert_eq!(
        (&preview["topic"], &preview["payload"]),
        (&json!("answer"), &json!({ "text": "two" }))
    );
    let none = rule("r", "ask", "", "{{payload}}");
    let refused = app.refused("reply_preview", json!({ "rule": none, "message": message })).await;
    assert_eq!(refused.code.as_str(), "reply.no_response_topic");
    let broken = rule("r", "ask", "", "{{pay}}");
    let arguments = json!({ "profile": server.id, "rules": [broken] });
    let refused = app.refused("replies_save", arguments).await;
    assert_eq!(
        (refused.code.as_str(), refused.details["at"].as_str()),
        ("reply.template_invalid", "1")
    );
    assert_eq!(app.wait_for_rows(&server, 5).await.len(), 5, "a preview is not sent");
    app.stop().await;
}
