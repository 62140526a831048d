//! CONNECT and what brokers answer.

use acceptance::answering::{Deed, Kind};
use acceptance::faults::mqtt::{refusal, text_property};
use acceptance::faults::{Fault, at, meet};
use acceptance::{Answering, App};
use mqttscope_model::{ProtocolVersion, Scheme};
use serde_json::json;

crate::tests! { mqtt:
    no_connack,
    closed_instead_of_a_connack,
    reset_instead_of_a_connack,
    garbage_instead_of_a_connack,
    half_a_connack,
    only_3_1_1_and_says_so,
    only_3_1_1_and_says_so_in_its_own_form,
    only_3_1_1_and_closes,
    only_3_1_and_says_so,
    a_connack_of_3_1_1_for_a_client_of_5,
    a_wrong_password,
    a_wrong_password_in_3_1_1,
    no_user_name,
    an_empty_identifier,
    an_empty_identifier_in_3_1_1,
    a_prefix_is_wanted,
    a_connect_larger_than_the_broker_takes,
    the_wills_retain_is_refused,
    the_wills_retain_is_refused_by_mosquitto,
    the_wills_retain_is_refused_by_mosquitto_in_3_1_1,
    the_wills_qos_is_refused,
    the_wills_format_is_refused,
    the_wills_topic_is_refused,
    the_method_of_authentication_is_refused,
    another_server_for_now,
    another_server_for_good,
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_a_refusal_says_is_shown() {
    let user = [&[0x26, 0, 1, b'k', 0, 1, b'v'][..], &[0x26, 0, 1, b'k', 0, 1, b'w']].concat();
    let properties = [
        text_property(0x1f, "<b>Not</b> before 08:00"),
        text_property(0x1c, "other.example:1884"),
        user,
    ]
    .concat();
    let answer = refusal(0x97, &properties);
    let broker = Answering::start(move |_| vec![Deed::Send(answer.clone()), Deed::Close]).await;
    let app = App::start().await;
    let fault = Fault::new(
        at(Scheme::Mqtt, broker.port()),
        "mqtt",
        "mqtt.quota_exceeded",
        "wait_and_retry",
    );
    let (_, report) = meet(&app, &fault).await;
    assert_eq!(report["diagnosis"]["causes"][0]["code"], fault.cause, "{report:#}");
    let connack = &report["account"]["facts"]["mqtt"]["connack"];
    assert_eq!(connack["reason"], 0x97, "{connack:#}");
    assert_eq!(connack["reason_name"], "Quota exceeded", "{connack:#}");
    assert_eq!(connack["reason_string"], "<b>Not</b> before 08:00", "{connack:#}");
    assert_eq!(connack["server_reference"], "other.example:1884", "{connack:#}");
    let shown = connack["properties"].as_array().expect("properties");
    assert_eq!(shown.len(), 4, "{connack:#}");
    assert_eq!(shown[0]["name"], "Reason String", "{connack:#}");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_broker_offers_is_told_when_it_says_yes() {
    let broker = Answering::start(|packet| match packet.kind() {
        Kind::Connect => {
            let offer = [
                &[0x24, 1, 0x25, 0, 0x28, 0, 0x2a, 0, 0x29, 0][..],
                &[0x27, 0, 0, 4, 0, 0x21, 0, 9, 0x22, 0, 3, 0x13, 0, 30],
            ]
            .concat();
            let length = u8::try_from(offer.len()).expect("few properties");
            vec![Deed::Send([&[0x20, 3 + length, 0, 0, length], &offer[..]].concat())]
        }
        _ => vec![packet.yes(5)],
    })
    .await;
    let app = App::start().await;
    let profile = app.profile(at(Scheme::Mqtt, broker.port()), ProtocolVersion::V5, |_| ()).await;
    app.connect(&profile).await;
    let report = app.call("session_report", json!({ "profile": profile.id })).await;
    assert_eq!(report["diagnosis"]["verdict"], "ok", "{report:#}");
    let offer = &report["account"]["facts"]["mqtt"]["offer"];
    let expected = json!({
        "maximum_qos": 1, "retain_available": false, "wildcard_available": false,
        "shared_available": false, "subscription_identifiers_available": false,
        "maximum_packet_size": 1024, "receive_maximum": 9, "topic_alias_maximum": 3, "keep_alive": 30,
    });
    for (name, value) in expected.as_object().expect("an object") {
        assert_eq!(&offer[name], value, "{name}: {offer:#}");
    }
    app.stop().await;
}
