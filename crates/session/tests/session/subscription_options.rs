//! Everything that SUBSCRIBE can say goes out byte for byte, changes are told to the broker, and what CONNACK forbids is not asked.

use mqttscope_model::{
    ErrorCode, FilterState, ProtocolVersion, QoS, ReasonCode, RetainHandling, Subscription,
    UserProperty,
};

use crate::support::mosquitto::Mosquitto;
use crate::support::scripted::{
    self, CONNECT, Peer, SUBSCRIBE, Scripted, UNSUBSCRIBE, connack, packet,
};
use crate::support::{Running, SHORT, VERSIONS, assert_code, open, profile, publish, subscription};

const V5: ProtocolVersion = ProtocolVersion::V5;

fn wanted(filter: &str) -> Subscription {
    subscription(filter, QoS::AtLeastOnce)
}

/// Everything set at once.
fn full(filter: &str) -> Subscription {
    let property = |name: &str| UserProperty { name: name.to_owned(), value: "v".to_owned() };
    Subscription {
        no_local: true,
        retain_as_published: true,
        retain_handling: RetainHandling::DoNotSend,
        identifier: Some(300),
        user_properties: vec![property("b"), property("a"), property("b")],
        ..wanted(filter)
    }
}

async fn grant(peer: &mut Peer, version: ProtocolVersion, count: usize) -> Vec<u8> {
    let asked = peer.expect(SUBSCRIBE).await;
    peer.send(&scripted::suback(version, 0x90, asked.id(), &vec![1; count])).await;
    asked.body[2..].to_vec()
}

async fn release(peer: &mut Peer, version: ProtocolVersion, code: u8) -> Vec<u8> {
    let asked = peer.expect(UNSUBSCRIBE).await;
    let codes: &[u8] = if version == V5 { &[code] } else { &[] };
    peer.send(&scripted::suback(version, 0xb0, asked.id(), codes)).await;
    asked.body[2..].to_vec()
}

/// A session with these subscriptions, all granted.
async fn granted(
    broker: &Scripted,
    version: ProtocolVersion,
    saved: Vec<Subscription>,
) -> (Running, Peer) {
    let mut profile = profile(broker.port(), version);
    let count = saved.len();
    profile.subscriptions = saved;
    let running = open(&profile);
    let mut peer = broker.welcome(version).await;
    grant(&mut peer, version, count).await;
    running.granted().await;
    (running, peer)
}

fn answers(running: &Running) -> Vec<(String, FilterState)> {
    let snapshot = running.session.snapshot().borrow().clone();
    let states = snapshot.subscriptions.into_iter();
    states.map(|state| (state.wanted.filter, state.answer)).collect()
}

const GRANTED: FilterState = FilterState::Granted { granted: QoS::AtLeastOnce };

#[tokio::test]
async fn every_option_goes_out_with_mqtt_5_and_none_of_them_before() {
    let broker = Scripted::start().await;
    for version in VERSIONS {
        let running = open(&profile(broker.port(), version));
        let mut peer = broker.welcome(version).await;
        running.connected().await;
        let asking = running.session.subscribe(vec![full("a/+"), wanted("$share/g/b")]);
        let answering = async {
            if version == V5 {
                let user = b"\x26\x00\x01b\x00\x01v\x26\x00\x01a\x00\x01v\x26\x00\x01b\x00\x01v";
                let list = [b"\x0b\xac\x02".as_slice(), user].concat();
                // QoS 1, No Local 4, Retain As Published 8, Retain Handling 2.
                let filter = b"\x00\x03a/+\x2d";
                let expected =
                    [&[u8::try_from(list.len()).unwrap()], list.as_slice(), filter].concat();
                assert_eq!(grant(&mut peer, version, 1).await, expected);
                assert_eq!(grant(&mut peer, version, 1).await, b"\x00\x00\x0a$share/g/b\x01");
            } else {
                let expected = b"\x00\x03a/+\x01\x00\x0a$share/g/b\x01";
                assert_eq!(grant(&mut peer, version, 2).await, expected);
            }
        };
        let (states, ()) = tokio::join!(asking, answering);
        assert!(states.unwrap().iter().all(|state| state.answer == GRANTED));
    }
}

#[tokio::test]
async fn the_words_of_a_suback_belong_to_each_of_its_filters() {
    let broker = Scripted::start().await;
    let running = open(&profile(broker.port(), V5));
    let mut peer = broker.welcome(V5).await;
    running.connected().await;
    let numbered = Subscription { identifier: Some(1), ..wanted("c") };
    let asking = running.session.subscribe(vec![wanted("a"), wanted("b"), numbered]);
    let answering = async {
        let asked = peer.expect(SUBSCRIBE).await.body;
        let words = [&asked[..2], b"\x05\x1f\x00\x02no\x87\x01"].concat();
        peer.send(&packet(0x90, &words)).await;
        grant(&mut peer, V5, 1).await;
    };
    let (states, ()) = tokio::join!(asking, answering);
    let states = states.unwrap();
    let words: Vec<_> = states.iter().map(|state| state.reason_string.as_deref()).collect();
    assert_eq!(words, [Some("no"), Some("no"), None]);
    assert_eq!(states[0].answer, FilterState::Refused { reason: ReasonCode(0x87) });
    assert_eq!(states[1].answer, GRANTED);
}

#[tokio::test]
async fn what_is_off_is_remembered_and_not_made_and_switching_tells_the_broker() {
    let broker = Scripted::start().await;
    for version in VERSIONS {
        let off = |filter: &str| Subscription { enabled: false, ..wanted(filter) };
        let mut profile = profile(broker.port(), version);
        profile.subscriptions = vec![off("a"), wanted("b")];
        let running = open(&profile);
        let mut peer = broker.welcome(version).await;
        let body = grant(&mut peer, version, 1).await;
        assert!(body.ends_with(b"\x00\x01b\x01"), "{body:02x?}");
        let second = |s: &mqttscope_model::SessionSnapshot| s.subscriptions[1].answer == GRANTED;
        running.until(second).await;
        assert_eq!(answers(&running)[0], ("a".to_owned(), FilterState::Off));
        let switching = running.session.subscribe(vec![wanted("a"), off("b")]);
        let answering = async {
            let made = grant(&mut peer, version, 1).await;
            assert!(made.ends_with(b"\x00\x01a\x01"));
            assert!(release(&mut peer, version, 0).await.ends_with(b"\x00\x01b"));
        };
        let (states, ()) = tokio::join!(switching, answering);
        let states: Vec<_> = states.unwrap().into_iter().map(|state| state.answer).collect();
        assert_eq!(states, [GRANTED, FilterState::Off]);
        running.session.unsubscribe(Vec::new()).await.unwrap();
        assert!(!peer.comes_within(SHORT).await);
    }
}

#[tokio::test]
async fn another_filter_takes_the_place_of_the_old_one_which_is_ended_after_it() {
    let broker = Scripted::start().await;
    let saved = vec![wanted("a"), wanted("b"), wanted("c")];
    let (running, mut peer) = granted(&broker, V5, saved).await;
    let renaming = running.session.subscribe_instead(vec![wanted("x")], Some("b".to_owned()));
    let answering = async {
        assert_eq!(grant(&mut peer, V5, 1).await, b"\x00\x00\x01x\x01");
        assert_eq!(release(&mut peer, V5, 0).await, b"\x00\x00\x01b");
    };
    let (states, ()) = tokio::join!(renaming, answering);
    assert_eq!(states.unwrap().len(), 1);
    let names: Vec<_> = answers(&running).into_iter().map(|(filter, _)| filter).collect();
    assert_eq!(names, ["a", "x", "c"]);
    let renaming = running.session.subscribe_instead(vec![wanted("y")], Some("a".to_owned()));
    let answering = async {
        grant(&mut peer, V5, 1).await;
        release(&mut peer, V5, 0x87).await;
    };
    let (states, ()) = tokio::join!(renaming, answering);
    let error = states.unwrap_err();
    assert_code(&error, ErrorCode::MqttRefused);
    assert_eq!(error.details["filter"], "a");
    assert_eq!(error.details["reason"], "0x87 Not authorized");
}

#[tokio::test]
async fn a_changed_option_is_asked_for_anew_and_a_name_is_not() {
    let broker = Scripted::start().await;
    let (running, mut peer) = granted(&broker, V5, vec![wanted("a")]).await;
    let named = Subscription { name: "mine".to_owned(), ..wanted("a") };
    let states = running.session.subscribe(vec![named.clone()]).await.unwrap();
    assert_eq!((&states[0].wanted, &states[0].answer), (&named, &GRANTED));
    assert!(!peer.comes_within(SHORT).await);
    let changed = Subscription { retain_handling: RetainHandling::SendIfNew, ..named };
    let (states, body) =
        tokio::join!(running.session.subscribe(vec![changed]), grant(&mut peer, V5, 1));
    assert_eq!(body, b"\x00\x00\x01a\x11");
    assert_eq!(states.unwrap()[0].answer, GRANTED);
}

#[tokio::test]
async fn what_changed_without_a_connection_is_told_with_the_next_one() {
    let broker = Scripted::start().await;
    let mut profile = profile(broker.port(), V5);
    profile.clean_start = false;
    profile.session_expiry = 60;
    profile.subscriptions = vec![wanted("a"), wanted("b"), wanted("c")];
    let running = open(&profile);
    let mut peer = broker.welcome(V5).await;
    grant(&mut peer, V5, 3).await;
    running.granted().await;
    drop(peer);
    let mut peer = broker.accept().await;
    peer.expect(CONNECT).await;
    let off = Subscription { enabled: false, ..wanted("c") };
    running.session.subscribe(vec![off]).await.unwrap();
    let renaming = running.session.subscribe_instead(vec![wanted("x")], Some("b".to_owned()));
    assert_eq!(renaming.await.unwrap()[0].answer, FilterState::Waiting);
    peer.send(&connack(V5, true, 0, &[])).await;
    assert_eq!(grant(&mut peer, V5, 1).await, b"\x00\x00\x01x\x01");
    let ended = peer.expect(UNSUBSCRIBE).await;
    assert_eq!(ended.body[2..], *b"\x00\x00\x01c\x00\x01b");
    peer.send(&scripted::suback(V5, 0xb0, ended.id(), &[0, 0])).await;
    running.until(|s| s.subscriptions[1].answer == GRANTED).await;
    let expected = [("a", GRANTED), ("x", GRANTED), ("c", FilterState::Off)];
    assert_eq!(answers(&running), expected.map(|(filter, state)| (filter.to_owned(), state)));
}

#[tokio::test]
async fn what_connack_forbids_is_refused_before_it_is_sent() {
    let broker = Scripted::start().await;
    let mut profile = profile(broker.port(), V5);
    profile.subscriptions = vec![wanted("saved/#"), wanted("plain")];
    let running = open(&profile);
    let mut peer = broker.accept().await;
    peer.expect(CONNECT).await;
    peer.send(&connack(V5, false, 0, &[0x28, 0, 0x29, 0, 0x2a, 0])).await;
    assert_eq!(grant(&mut peer, V5, 1).await, b"\x00\x00\x05plain\x01");
    running.until(|s| s.subscriptions[1].answer == GRANTED).await;
    let refused = FilterState::Refused { reason: ReasonCode(0xa2) };
    assert_eq!(answers(&running)[0], ("saved/#".to_owned(), refused));
    let numbered = Subscription { identifier: Some(1), ..wanted("a") };
    let cases = [
        (wanted("+/a"), ErrorCode::SubscribeWildcardsRefused),
        (wanted("$share/g/a"), ErrorCode::SubscribeSharedRefused),
        (numbered, ErrorCode::SubscribeIdentifiersRefused),
    ];
    for (wanted, code) in cases {
        let error = running.session.subscribe(vec![wanted.clone()]).await.unwrap_err();
        assert_code(&error, code);
        assert_eq!(error.details["filter"], wanted.filter);
    }
    assert_eq!(answers(&running).len(), 2);
    assert!(!peer.comes_within(SHORT).await);
}

#[tokio::test]
async fn what_breaks_a_rule_is_refused_with_or_without_a_connection() {
    let broker = Scripted::start().await;
    let running = open(&profile(broker.port(), V5));
    let mut peer = broker.accept().await;
    let local = Subscription { no_local: true, ..wanted("$share/g/a") };
    let zero = Subscription { identifier: Some(0), ..wanted("a") };
    for connected in [false, true] {
        if connected {
            peer.expect(CONNECT).await;
            peer.send(&connack(V5, false, 0, &[])).await;
            running.connected().await;
        }
        let error = running.session.subscribe(vec![local.clone()]).await.unwrap_err();
        assert_code(&error, ErrorCode::SubscribeNoLocalShared);
        let error = running.session.subscribe(vec![zero.clone()]).await.unwrap_err();
        assert_code(&error, ErrorCode::SubscribeOptionInvalid);
        assert_eq!(error.details["field"], "identifier");
    }
    assert!(answers(&running).is_empty());
    assert!(!peer.comes_within(SHORT).await);
}

#[tokio::test]
async fn mosquitto_keeps_to_no_local_and_retain_as_published_and_retain_handling() {
    let broker = Mosquitto::start().await;
    let running = open(&profile(broker.port(), V5));
    running.connected().await;
    let mut retained = publish("t/retained", b"old", QoS::AtLeastOnce);
    retained.retain = true;
    let id = running.publish(retained.clone()).await;
    running.recorder.outcome(id).await;
    running.session.subscribe(vec![full("t/#")]).await.unwrap();
    running.session.subscribe(vec![wanted("own/#")]).await.unwrap();
    running.publish(publish("t/mine", b"mine", QoS::AtLeastOnce)).await;
    running.publish(publish("own/mine", b"back", QoS::AtLeastOnce)).await;
    running.recorder.until_received(1).await;
    running.recorder.look(|recorded| assert_eq!(recorded.payloads(), ["back"]));
    let mut other = profile(broker.port(), V5);
    other.client_id = "other".to_owned();
    let other = open(&other);
    other.connected().await;
    other.publish(retained).await;
    running.recorder.until_received(2).await;
    running.recorder.look(|recorded| {
        assert_eq!(recorded.payloads(), ["back", "old"]);
        assert!(recorded.received()[1].retain, "Retain As Published");
    });
}

#[tokio::test]
async fn two_members_of_a_group_share_what_comes() {
    let broker = Mosquitto::start().await;
    for version in [ProtocolVersion::V311, V5] {
        let mut one = profile(broker.port(), version);
        one.subscriptions = vec![wanted("$share/g/t/+")];
        let mut two = one.clone();
        (one.client_id, two.client_id) = (format!("one-{version}"), format!("two-{version}"));
        let (one, two) = (open(&one), open(&two));
        one.granted().await;
        two.granted().await;
        for number in 0..10 {
            let message = publish("t/x", number.to_string().as_bytes(), QoS::AtLeastOnce);
            let id = one.publish(message).await;
            one.recorder.outcome(id).await;
        }
        let count = |of: &Running| of.recorder.look(|recorded| recorded.received().len());
        one.until(|_| count(&one) + count(&two) == 10).await;
        assert_eq!((count(&one), count(&two)), (5, 5));
        assert_eq!(one.until(|s| s.subscriptions[0].received == 5).await.traffic.received, 5);
    }
}
