//! Every option of a subscription, by what it changes in what comes.

use acceptance::App;
use mqttscope_model::{Profile, ProtocolVersion};
use serde_json::{Value, json};

use super::{Broker, VERSIONS, brokers, came, client, message, property, publish};

/// Subscribes with options, and gives the broker's answer.
async fn subscribe(app: &App, profile: &Profile, wanted: Value) -> Value {
    let arguments = json!({ "profile": profile.id, "subscriptions": [wanted] });
    app.call("session_subscribe", arguments).await[0].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_option_of_a_subscription_does_what_it_says() {
    let app = App::start().await;
    for broker in brokers(&app).await {
        for version in VERSIONS {
            let writer = client(&app, &broker, version).await;
            // The QoS: what comes has the lower of the two.
            let reader = client(&app, &broker, version).await;
            for granted in 0..3_u8 {
                let filter = format!("qos/{granted}/+");
                let answer =
                    subscribe(&app, &reader, json!({ "filter": filter, "qos": granted })).await;
                assert_eq!(answer["granted"], granted, "{} {answer}", broker.name);
                for qos in 0..3 {
                    let topic = format!("qos/{granted}/{qos}");
                    publish(&app, &writer, &message(&topic, qos, false, "eA==", &[])).await;
                }
            }
            for found in came(&app, &reader, "qos/", 9).await {
                let topic = found["row"]["topic"].as_str().expect("a topic").to_owned();
                let digits: Vec<u32> = topic.chars().filter_map(|c| c.to_digit(10)).collect();
                assert_eq!(
                    found["row"]["qos"],
                    digits[0].min(digits[1]),
                    "{} {topic}",
                    broker.name
                );
            }
            if version == ProtocolVersion::V5 {
                options_of_mqtt_5(&app, &broker, &reader, &writer).await;
            }
            for profile in [&reader, &writer] {
                app.disconnect(profile).await;
            }
        }
    }
    app.stop().await;
}

async fn options_of_mqtt_5(app: &App, broker: &Broker, reader: &Profile, writer: &Profile) {
    let name = broker.name;
    // No Local: our own message does not come, the one behind it does.
    let wanted = json!({ "filter": "no-local/#", "qos": 1, "no_local": true });
    assert_eq!(subscribe(app, reader, wanted).await["state"], "granted", "{name}");
    publish(app, reader, &message("no-local/own", 1, false, "eA==", &[])).await;
    publish(app, writer, &message("no-local/other", 1, false, "eA==", &[])).await;
    let found = came(app, reader, "no-local/", 1).await;
    assert_eq!(found[0]["row"]["topic"], "no-local/other", "{name}");

    // Retain As Published, off and on, for a message that goes on at once.
    for keeps in [false, true] {
        let filter = format!("as-published/{keeps}");
        let wanted = json!({ "filter": filter, "qos": 1, "retain_as_published": keeps });
        assert_eq!(subscribe(app, reader, wanted).await["state"], "granted", "{name}");
        publish(app, writer, &message(&filter, 1, true, "eA==", &[])).await;
        assert_eq!(
            came(app, reader, &filter, 1).await[0]["row"]["retain"],
            keeps,
            "{name} {keeps}"
        );
    }

    // Retain Handling: how often a retained message comes when the same is subscribed to twice.
    for (handling, times) in [("send", 2), ("send_if_new", 1), ("do_not_send", 0)] {
        let topic = format!("handling/{handling}");
        publish(app, writer, &message(&topic, 1, true, "cmV0YWluZWQ=", &[])).await;
        for qos in [0, 1] {
            // Another QoS makes it another request for the same filter.
            let wanted = json!({ "filter": topic, "qos": qos, "retain_handling": handling });
            assert_eq!(subscribe(app, reader, wanted).await["state"], "granted", "{name}");
            // What a SUBSCRIBE brings comes before what is published afterwards.
            let last = format!("{topic}-{qos}");
            subscribe(app, reader, json!({ "filter": last, "qos": 0 })).await;
            publish(app, writer, &message(&last, 0, false, "eA==", &[])).await;
            came(app, reader, &last, 1).await;
        }
        let found = came(app, reader, &topic, times + 2).await;
        let found = found.iter().filter(|one| one["row"]["topic"] == topic.as_str()).count();
        assert_eq!(found, times, "{name} {handling}");
    }

    // Subscription Identifier, the largest one, with User Properties beside it.
    let users = json!([{ "name": "a", "value": "1" }, { "name": "a", "value": "1" }]);
    let wanted = json!({
        "filter": "identified/+", "qos": 1, "identifier": 268_435_455, "user_properties": users,
    });
    assert_eq!(subscribe(app, reader, wanted).await["state"], "granted", "{name}");
    publish(app, writer, &message("identified/x", 1, false, "eA==", &[])).await;
    let found = &came(app, reader, "identified/", 1).await[0];
    let expected = [property("subscription_identifier", json!(268_435_455))];
    assert_eq!(found["properties"], json!(expected), "{name}");
    assert_eq!(found["came_through"], json!(["identified/+"]), "{name}");

    // A shared subscription: each message comes to one member.
    let wanted = json!({ "filter": "$share/group/shared/+", "qos": 1 });
    assert_eq!(subscribe(app, reader, wanted).await["state"], "granted", "{name}");
    publish(app, writer, &message("shared/x", 1, false, "eA==", &[])).await;
    assert_eq!(came(app, reader, "shared/", 1).await.len(), 1, "{name}");
}
