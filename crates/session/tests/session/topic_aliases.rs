//! Topic Aliases that the broker uses, as far as we have allowed them (MQTT 5.0, section 3.3.2.3.4).

use mqttscope_model::{ErrorCode, ProtocolVersion, QoS};

use crate::support::scripted::{PUBACK, PUBLISH, Scripted, packet};
use crate::support::{Running, assert_code, open, profile};

async fn with_maximum(broker: &Scripted, maximum: Option<u16>) -> Running {
    let mut profile = profile(broker.port(), ProtocolVersion::V5);
    profile.connect_properties.topic_alias_maximum = maximum;
    open(&profile)
}

#[tokio::test]
async fn a_message_with_only_an_alias_has_its_topic_again_and_a_new_connection_knows_none() {
    let broker = Scripted::start().await;
    let running = with_maximum(&broker, Some(2)).await;
    let mut peer = broker.welcome(ProtocolVersion::V5).await;
    running.connected().await;
    let first = packet(PUBLISH, b"\x00\x03a/b\x03\x23\x00\x021");
    let second = packet(PUBLISH, b"\x00\x00\x03\x23\x00\x022");
    let other = packet(PUBLISH, b"\x00\x03c/d\x03\x23\x00\x023");
    let third = packet(PUBLISH | 2, b"\x00\x00\x00\x09\x03\x23\x00\x024");
    peer.send(&[first, second.clone(), other, third].concat()).await;
    running.recorder.until_received(4).await;
    running.recorder.look(|recorded| {
        let topics: Vec<_> = recorded.received().iter().map(|m| m.topic.clone()).collect();
        assert_eq!(topics, ["a/b", "a/b", "c/d", "c/d"]);
        assert_eq!(recorded.payloads(), ["1", "2", "3", "4"]);
        assert_eq!(recorded.received()[3].qos, QoS::AtLeastOnce);
    });
    assert_eq!(peer.expect(PUBACK).await.id(), 9);
    drop(peer);
    let mut peer = broker.welcome(ProtocolVersion::V5).await;
    running.connected().await;
    peer.send(&second).await;
    assert_code(&running.failed_or_waiting().await, ErrorCode::MqttProtocolError);
    running.recorder.look(|recorded| assert_eq!(recorded.received().len(), 4));
}

#[tokio::test]
async fn an_alias_beyond_what_was_allowed_ends_the_connection() {
    let broker = Scripted::start().await;
    for maximum in [None, Some(0), Some(2)] {
        let running = with_maximum(&broker, maximum).await;
        let mut peer = broker.welcome(ProtocolVersion::V5).await;
        running.connected().await;
        peer.send(&packet(PUBLISH, b"\x00\x03a/b\x03\x23\x00\x031")).await;
        assert_code(&running.failed_or_waiting().await, ErrorCode::MqttProtocolError);
        assert_eq!(peer.rest().await.last().unwrap().body[0], 0x94);
    }
}
