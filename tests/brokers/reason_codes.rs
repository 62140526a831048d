//! Every Reason Code of MQTT 5 in each packet in which a broker may send it, and the codes of 3.1.1: each comes from a scripted broker and
//! arrives where the window shows it, as the number that it was.
//!
//! The words are the window's (`ui/tests/reasons.test.ts` holds the same table against both catalogues). Here it counts that
//! none is lost, mixed up, or ends a connection that it does not end.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};

use acceptance::answering::{Deed, Kind, Packet};
use acceptance::faults::at;
use acceptance::scripted::{Scripted, Step};
use acceptance::{Answering, App, wait};
use mqttscope_model::{
    Authentication, Profile, ProtocolVersion, QoS, ReasonCode, Scheme, SecretName, SecretSlot,
};
use serde_json::{Value, json};

const CONNACK: [u8; 21] = [
    0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8c, 0x90, 0x95, 0x97, 0x99,
    0x9a, 0x9b, 0x9c, 0x9d, 0x9f,
];
const CONNACK_OF_3_1_1: [u8; 5] = [1, 2, 3, 4, 5];
const PUBACK_AND_PUBREC: [u8; 9] = [0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99];
const PUBREL_AND_PUBCOMP: [u8; 2] = [0x00, 0x92];
const SUBACK: [u8; 12] = [0x00, 0x01, 0x02, 0x80, 0x83, 0x87, 0x8f, 0x91, 0x97, 0x9e, 0xa1, 0xa2];
const SUBACK_OF_3_1_1: [u8; 4] = [0x00, 0x01, 0x02, 0x80];
const UNSUBACK: [u8; 7] = [0x00, 0x11, 0x80, 0x83, 0x87, 0x8f, 0x91];
const DISCONNECT: [u8; 28] = [
    0x00, 0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8b, 0x8d, 0x8e, 0x8f, 0x90, 0x93, 0x94, 0x95, 0x96,
    0x97, 0x98, 0x99, 0x9a, 0x9b, 0x9c, 0x9d, 0x9e, 0x9f, 0xa0, 0xa1, 0xa2,
];
/// Codes that only a client sends.
const OF_A_CLIENT: [u8; 2] = [0x04, 0x19];
/// AUTH's own: Success is 0x00.
const AUTH: [u8; 1] = [0x18];

#[test]
fn no_code_of_the_specification_is_left_out() {
    let mut ours: Vec<u8> = [
        &CONNACK[..],
        &PUBACK_AND_PUBREC,
        &PUBREL_AND_PUBCOMP,
        &SUBACK,
        &UNSUBACK,
        &DISCONNECT,
        &OF_A_CLIENT,
        &AUTH,
    ]
    .concat();
    ours.sort_unstable();
    ours.dedup();
    let named: Vec<u8> = (0..=u8::MAX).filter(|code| ReasonCode(*code).name().is_some()).collect();
    assert_eq!(ours, named);
    assert_eq!(named.len(), 43);
}

async fn profile(app: &App, broker: &Answering, version: ProtocolVersion) -> Profile {
    app.profile(at(Scheme::Mqtt, broker.port()), version, |profile| {
        profile.reconnect.enabled = false;
    })
    .await
}

/// Connects, and waits until the session has failed with this code told as its reason.
async fn fails_with(app: &App, profile: &Profile, reason: &str) -> Value {
    app.call("session_connect", json!({ "profile": profile.id })).await;
    wait::until(&format!("a failure for {reason}"), async || {
        let session = app.session(profile).await;
        let error = &session["state"]["error"];
        if error["details"]["reason"] == reason { Ok(error.clone()) } else { Err(session) }
    })
    .await
}

/// What an account says of the broker's answer.
async fn told(app: &App, profile: &Profile, packet: &str) -> Value {
    let report = app.call("session_report", json!({ "profile": profile.id })).await;
    report["account"]["facts"]["mqtt"][packet].clone()
}

fn name(code: u8) -> String {
    format!("0x{code:02X} {}", ReasonCode(code).name().expect("a code of the specification"))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_code_of_connack_is_shown() {
    let next = Arc::new(AtomicU8::new(0));
    let code = Arc::clone(&next);
    let broker = Answering::start(move |packet| {
        let code = code.load(Ordering::SeqCst);
        let refusal =
            if packet.level() == 5 { vec![0x20, 3, 0, code, 0] } else { vec![0x20, 2, 0, code] };
        vec![Deed::Send(refusal), Deed::Close]
    })
    .await;
    let app = App::start().await;
    let new = profile(&app, &broker, ProtocolVersion::V5).await;
    for code in CONNACK {
        next.store(code, Ordering::SeqCst);
        fails_with(&app, &new, &name(code)).await;
        let connack = told(&app, &new, "connack").await;
        assert_eq!(connack["reason"], code, "{connack:#}");
        assert_eq!(connack["reason_name"], ReasonCode(code).name().unwrap_or_default());
    }
    let old = profile(&app, &broker, ProtocolVersion::V311).await;
    for code in CONNACK_OF_3_1_1 {
        next.store(code, Ordering::SeqCst);
        fails_with(&app, &old, &code.to_string()).await;
        let connack = told(&app, &old, "connack").await;
        assert_eq!(connack["reason"], code, "{connack:#}");
        assert!(!connack["reason_name"].as_str().unwrap_or_default().is_empty(), "{connack:#}");
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_code_of_disconnect_is_the_cause_of_the_end() {
    let next = Arc::new(AtomicU8::new(0));
    let code = Arc::clone(&next);
    let broker = Answering::start(move |packet| {
        let code = code.load(Ordering::SeqCst);
        // With a Reason String and a Server Reference, which MQTT 5 alone has.
        let disconnect = vec![0xe0, 11, code, 9, 0x1f, 0, 2, b'h', b'i', 0x1c, 0, 1, b's'];
        vec![packet.yes(5), Deed::Send(disconnect), Deed::Close]
    })
    .await;
    let app = App::start().await;
    let profile = profile(&app, &broker, ProtocolVersion::V5).await;
    for code in DISCONNECT {
        next.store(code, Ordering::SeqCst);
        let error = fails_with(&app, &profile, &name(code)).await;
        assert_eq!(error["details"]["reason_string"], "hi", "{error:#}");
        assert_eq!(error["details"]["server_reference"], "s", "{error:#}");
        let disconnect = told(&app, &profile, "disconnect").await;
        assert_eq!(disconnect["reason"], code, "{disconnect:#}");
    }
    app.stop().await;
}

/// The code at the end of a topic or filter: `ack/87`.
fn code_in(text: &[u8]) -> u8 {
    let digits = std::str::from_utf8(&text[text.len() - 2..]).expect("digits");
    u8::from_str_radix(digits, 16).expect("hexadecimal digits")
}

/// The topic of a PUBLISH, and its Packet Identifier.
fn topic_and_id(publish: &Packet) -> (&[u8], [u8; 2]) {
    let end = 2 + usize::from(u16::from_be_bytes([publish.body[0], publish.body[1]]));
    (&publish.body[2..end], [publish.body[end], publish.body[end + 1]])
}

#[tokio::test(flavor = "multi_thread")]
async fn each_code_of_the_answers_to_a_message_is_its_outcome() {
    // What PUBCOMP says to each identifier.
    let completions = Mutex::new(HashMap::<[u8; 2], u8>::new());
    let broker = Answering::start(move |packet| match (packet.kind(), packet.first >> 4) {
        (Kind::Publish, _) => {
            let (topic, id) = topic_and_id(packet);
            let code = code_in(topic);
            let (kind, code) = match topic.first() {
                Some(b'a') => (0x40, code),
                Some(b'r') => (0x50, code),
                _ => {
                    completions.lock().expect("a lock").insert(id, code);
                    (0x50, 0)
                }
            };
            vec![Deed::Send(vec![kind, 3, id[0], id[1], code])]
        }
        (_, 6) => {
            let id = [packet.body[0], packet.body[1]];
            let code = completions.lock().expect("a lock").remove(&id).unwrap_or(0);
            vec![Deed::Send(vec![0x70, 3, id[0], id[1], code])]
        }
        _ => vec![packet.yes(5)],
    })
    .await;
    let app = App::start().await;
    let profile = profile(&app, &broker, ProtocolVersion::V5).await;
    app.connect(&profile).await;
    let of_publish = PUBACK_AND_PUBREC.iter();
    let puback = of_publish.clone().map(|code| ("ack", *code, QoS::AtLeastOnce, "acknowledged"));
    let pubrec = of_publish.map(|code| ("rec", *code, QoS::ExactlyOnce, "completed"));
    let of_pubcomp = PUBREL_AND_PUBCOMP.iter();
    let pubcomp = of_pubcomp.map(|code| ("comp", *code, QoS::ExactlyOnce, "completed"));
    for (kind, code, qos, good) in puback.chain(pubrec).chain(pubcomp) {
        let id = app.publish(&profile, &format!("{kind}/{code:02x}"), b"x", qos).await;
        let state = if code < 0x80 { good } else { "refused" };
        let outcome = app.wait_for_outcome(&profile, id, state).await;
        // A PUBREC that does not refuse is followed by PUBCOMP, which has the last word.
        let last = if kind == "rec" && code < 0x80 { 0 } else { code };
        assert_eq!(outcome["reason"], last, "{kind} {code:02x}: {outcome}");
    }
    assert_eq!(app.session(&profile).await["state"]["state"], "connected");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pubrel_of_either_code_ends_its_exchange_and_nothing_else() {
    let (done, mut completed) = tokio::sync::mpsc::unbounded_channel();
    let broker = Answering::start(move |packet| match (packet.kind(), packet.first >> 4) {
        (Kind::Subscribe, _) => {
            let messages = PUBREL_AND_PUBCOMP
                .map(|code| Deed::Send(vec![0x34, 8, 0, 1, b't', 0, code + 1, 0, b'o', b'k']));
            [packet.yes(5)].into_iter().chain(messages).collect()
        }
        (_, 5) => {
            let code = packet.body[1] - 1;
            vec![Deed::Send(vec![0x62, 3, packet.body[0], packet.body[1], code])]
        }
        (_, 7) => {
            let _the_test_may_be_over = done.send(packet.body[1] - 1);
            Vec::new()
        }
        _ => vec![packet.yes(5)],
    })
    .await;
    let app = App::start().await;
    let profile = profile(&app, &broker, ProtocolVersion::V5).await;
    app.connect(&profile).await;
    app.subscribe(&profile, "t", QoS::ExactlyOnce).await;
    // The library gives no PUBCOMP to a PUBREL with 0x92; nothing waits for it at either side.
    let done = tokio::time::timeout(std::time::Duration::from_secs(20), completed.recv()).await;
    assert_eq!(done, Ok(Some(0x00)));
    assert_eq!(app.wait_for_rows(&profile, 2).await.len(), 2);
    assert_eq!(app.session(&profile).await["state"]["state"], "connected");
    app.stop().await;
}

/// The filters of a SUBSCRIBE or UNSUBSCRIBE whose properties are few, each followed by `options` bytes.
fn filters(packet: &Packet, five: bool, options: usize) -> Vec<Vec<u8>> {
    let mut rest =
        if five { &packet.body[3 + usize::from(packet.body[2])..] } else { &packet.body[2..] };
    let mut filters = Vec::new();
    while let [high, low, more @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        filters.push(more[..length].to_vec());
        rest = &more[length + options..];
    }
    filters
}

/// A broker that answers each filter with the code at its end, and its end with the one before it: `97/00`.
async fn by_filter(version: ProtocolVersion) -> Answering {
    let five = version == ProtocolVersion::V5;
    Answering::start(move |packet| {
        let answer = |kind, codes: Vec<u8>| {
            let head = if five {
                vec![packet.body[0], packet.body[1], 0]
            } else {
                packet.body[..2].to_vec()
            };
            let length = u8::try_from(head.len() + codes.len()).expect("few filters");
            vec![Deed::Send([vec![kind, length], head, codes].concat())]
        };
        match (packet.kind(), packet.first >> 4) {
            (Kind::Subscribe, _) => answer(
                0x90,
                filters(packet, five, 1).iter().map(|filter| code_in(filter)).collect(),
            ),
            (_, 10) if five => {
                let ends = filters(packet, five, 0);
                answer(0xb0, ends.iter().map(|filter| code_in(&filter[..2])).collect())
            }
            (_, 10) => answer(0xb0, Vec::new()),
            _ => vec![packet.yes(if five { 5 } else { 4 })],
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn each_code_of_suback_and_unsuback_is_shown_with_its_filter() {
    let app = App::start().await;
    for (version, codes) in
        [(ProtocolVersion::V5, &SUBACK[..]), (ProtocolVersion::V311, &SUBACK_OF_3_1_1)]
    {
        let broker = by_filter(version).await;
        let profile = profile(&app, &broker, version).await;
        app.connect(&profile).await;
        // All in one packet: the codes stand in the order of the filters.
        let wanted: Vec<Value> = codes
            .iter()
            .map(|code| json!({ "filter": format!("00/{code:02x}"), "qos": 2 }))
            .collect();
        let arguments = json!({ "profile": profile.id, "subscriptions": wanted });
        let answers = app.call("session_subscribe", arguments).await;
        for (code, answer) in codes.iter().zip(answers.as_array().expect("a list")) {
            assert_eq!(answer["wanted"]["filter"], format!("00/{code:02x}"), "{answer}");
            if *code < 0x80 {
                assert_eq!(
                    (&answer["state"], &answer["granted"]),
                    (&json!("granted"), &json!(code))
                );
            } else {
                assert_eq!(
                    (&answer["state"], &answer["reason"]),
                    (&json!("refused"), &json!(code))
                );
            }
        }
        let shown = app.session(&profile).await["subscriptions"].clone();
        let shown: Vec<Value> = shown.as_array().expect("a list").to_vec();
        assert_eq!(shown.len(), codes.len(), "what was refused stays and says so");
        app.disconnect(&profile).await;
    }
    let broker = by_filter(ProtocolVersion::V5).await;
    let profile = profile(&app, &broker, ProtocolVersion::V5).await;
    app.connect(&profile).await;
    for code in UNSUBACK {
        let filter = format!("{code:02x}/00");
        app.subscribe(&profile, &filter, QoS::AtMostOnce).await;
        let arguments = json!({ "profile": profile.id, "filters": [filter] });
        if code < 0x80 {
            app.call("session_unsubscribe", arguments).await;
        } else {
            let error = app.refused("session_unsubscribe", arguments).await;
            assert_eq!(error.details["reason"], name(code), "{error:?}");
            assert_eq!(error.details["filter"], filter, "{error:?}");
        }
        let session = app.session(&profile).await;
        let kept = session["subscriptions"].as_array().expect("a list").iter();
        let kept = kept.filter(|shown| shown["wanted"]["filter"] == filter.as_str()).count();
        assert_eq!(kept, usize::from(code >= 0x80), "{code:02x}: {session}");
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_code_of_auth_is_followed() {
    let app = App::start().await;
    // What follows the client's AUTH: the code, and what the command says.
    for (code, expected) in
        [(0x00, None), (0x18, Some("mqtt.authentication_unsupported")), (0x19, Some(""))]
    {
        let broker = Scripted::start(vec![
            Step::ReadConnect,
            Step::Send(b"\x20\x07\x00\x00\x04\x15\x00\x01T".to_vec()),
            Step::ReadConnect,
            Step::Send(vec![0xf0, 6, code, 4, 0x15, 0, 1, b'T']),
        ])
        .await;
        let mut profile = app
            .profile(at(Scheme::Mqtt, broker.port()), ProtocolVersion::V5, |profile| {
                profile.reconnect.enabled = false;
            })
            .await;
        let slot = SecretSlot::AuthenticationData;
        let data = Some(SecretName::of(&profile.id, &slot));
        profile.authentication = Some(Authentication::Other { name: "T".into(), data });
        let profile = app.save(&profile, &[(slot, "dG9rZW4=")]).await;
        app.connect(&profile).await;
        let again = app.try_call("session_reauthenticate", json!({ "profile": profile.id })).await;
        match (again, expected) {
            (Ok(_), None) => assert_eq!(app.session(&profile).await["state"]["state"], "connected"),
            (Err(error), Some(code)) => {
                assert!(code.is_empty() || error.code.as_str() == code, "{error:?}");
                app.wait_for_state(&profile, "failed").await;
            }
            (other, _) => panic!("{code:02x}: {other:?}"),
        }
    }
    app.stop().await;
}
