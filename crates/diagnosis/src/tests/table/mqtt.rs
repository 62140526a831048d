//! CONNACK, providers, and connections that ended.

use mqttscope_model::ConnectStage as S;
use mqttscope_model::ErrorCode as E;
use mqttscope_model::Scheme::{Mqtt, Mqtts, Ws, Wss};
use mqttscope_model::{
    Authentication, FilterState, ProtocolVersion, QoS, ReasonCode, SentPacket, SubscribeFacts,
    Subscription, SubscriptionState, Will, WillPayload, WillProperties,
};

use super::Row;
use crate::tests::given::{Given, answer, given, lost, lost_after};

fn will(g: Given) -> Given {
    g.profile(|p| {
        p.will = Some(Will {
            topic: "plant/state".to_owned(),
            payload: WillPayload::default(),
            qos: QoS::ExactlyOnce,
            retain: true,
            properties: WillProperties::default(),
        });
    })
}

pub(super) fn connacks() -> Vec<Row> {
    let at = |error, code| given(Mqtt, S::Mqtt, error).connack(code);
    let refused = |code| at(E::MqttRefused, code);
    let old = |error, code: &str| {
        given(Mqtt, S::Mqtt, error)
            .detail("reason", code)
            .profile(|p| p.version = ProtocolVersion::V311)
    };
    let elsewhere = refused(0x9c).mqtt(|m| {
        m.connack.as_mut().unwrap().server_reference =
            Some("b2.example:1884 b3.example".to_owned());
    });
    let scram = |g: Given| {
        g.profile(|p| {
            p.authentication = Some(Authentication::Other { name: "K8S".to_owned(), data: None });
        })
    };
    let malformed = |code| at(E::MqttMalformed, code);
    let nameless = refused(0x80).mqtt(|mqtt| mqtt.client_id = String::new());
    vec![
        (malformed(0x8b), &["mqtt.unavailable"], "wait_and_retry"),
        (malformed(0xc3), &["mqtt.refused"], "read_broker_log"),
        (malformed(6), &["mqtt.refused"], "read_broker_log"),
        (malformed(5), &["mqtt.not_authorised"], "check_credentials"),
        (nameless, &["mqtt.client_id_refused", "mqtt.refused"], "use_plain_client_id"),
        (old(E::MqttVersionRefused, "1"), &["mqtt.version_refused"], "use_version"),
        (old(E::MqttClientIdRefused, "2"), &["mqtt.client_id_refused"], "use_plain_client_id"),
        (old(E::MqttUnavailable, "3"), &["mqtt.unavailable"], "wait_and_retry"),
        (old(E::MqttNotAuthorised, "4"), &["mqtt.not_authorised"], "check_credentials"),
        (old(E::MqttNotAuthorised, "5"), &["mqtt.not_authorised"], "check_credentials"),
        (old(E::MqttRefused, "6"), &["mqtt.refused"], "read_broker_log"),
        (refused(0x80), &["mqtt.refused"], "read_broker_log"),
        (refused(0x81), &["mqtt.connect_invalid"], "read_broker_log"),
        (refused(0x82), &["mqtt.connect_invalid"], "read_broker_log"),
        (refused(0x83), &["mqtt.refused"], "read_broker_log"),
        (at(E::MqttVersionRefused, 0x84), &["mqtt.version_refused"], "use_version"),
        (at(E::MqttClientIdRefused, 0x85), &["mqtt.client_id_refused"], "use_plain_client_id"),
        (at(E::MqttNotAuthorised, 0x86), &["mqtt.not_authorised"], "check_credentials"),
        (at(E::MqttNotAuthorised, 0x87), &["mqtt.not_authorised"], "check_credentials"),
        (at(E::MqttUnavailable, 0x88), &["mqtt.unavailable"], "wait_and_retry"),
        (at(E::MqttUnavailable, 0x89), &["mqtt.unavailable"], "wait_and_retry"),
        (refused(0x8a), &["mqtt.banned"], "ask_for_permission"),
        (refused(0x8b), &["mqtt.unavailable"], "wait_and_retry"),
        (
            at(E::MqttAuthenticationUnsupported, 0x8c),
            &["mqtt.authentication_method"],
            "check_credentials",
        ),
        (
            scram(at(E::MqttAuthenticationUnsupported, 0x8c)),
            &["mqtt.authentication_method"],
            "without_authentication",
        ),
        (
            scram(at(E::MqttAuthenticationFailed, 0x87)),
            &["mqtt.authentication_failed"],
            "check_credentials",
        ),
        (scram(at(E::MqttServerNotAuthentic, 0x00)), &["mqtt.server_not_authentic"], "check_name"),
        (refused(0x90), &["mqtt.topic_name_invalid"], "read_broker_log"),
        (will(refused(0x90)), &["mqtt.topic_name_invalid"], "without_will"),
        (at(E::MqttPacketTooLarge, 0x95), &["mqtt.packet_too_large"], "read_broker_log"),
        (will(at(E::MqttPacketTooLarge, 0x95)), &["mqtt.packet_too_large"], "without_will"),
        (refused(0x97), &["mqtt.quota_exceeded"], "wait_and_retry"),
        (will(refused(0x99)), &["mqtt.payload_format_invalid"], "without_will"),
        (will(refused(0x9a)), &["mqtt.retain_not_supported"], "without_will_retain"),
        (will(refused(0x9b)), &["mqtt.qos_not_supported"], "use_will_qos"),
        (elsewhere, &["mqtt.another_server"], "use_host"),
        (refused(0x9d), &["mqtt.another_server"], "ask_for_permission"),
        (at(E::MqttUnavailable, 0x9f), &["mqtt.rate_exceeded"], "wait_and_retry"),
        (refused(0xc3), &["mqtt.refused"], "read_broker_log"),
    ]
}

/// Providers that say what they want in their documentation only.
pub(super) fn providers() -> Vec<Row> {
    let uiot = |code| {
        given(Ws, S::Mqtt, code).at("mqtt-cn-sh2.iot.ucloud.cn", 80).profile(|p| {
            p.user_name = "SN|DN|1".to_owned();
            p.password = Some(mqttscope_model::SecretName::password_of(&p.id));
        })
    };
    let old = |g: Given| g.profile(|p| p.version = ProtocolVersion::V311);
    let azure = "hub.azure-devices.net";
    vec![
        (
            given(Mqtt, S::Tcp, E::TcpTimedOut).at("x.ala.emqxsl.com", 1883),
            &["tcp.timed_out"],
            "use_scheme",
        ),
        (
            given(Mqtt, S::Tcp, E::TcpRefused).at("x.s1.eu.hivemq.cloud", 1883),
            &["tcp.refused"],
            "use_scheme",
        ),
        (
            given(Wss, S::WebSocket, E::WebSocketPathNotFound).at(azure, 443).http(404, &[]),
            &["websocket.path_not_found"],
            "use_path",
        ),
        (uiot(E::MqttClosed), &["mqtt.closed_before_connack"], "use_version"),
        (old(will(uiot(E::MqttClosed))), &["mqtt.closed_before_connack"], "without_will"),
        (
            given(Mqtts, S::Mqtt, E::MqttNotAuthorised).at(azure, 8883).connack(5),
            &["mqtt.not_authorised"],
            "use_version",
        ),
        (
            given(Mqtts, S::Mqtt, E::MqttClosed).at("a.iot.eu-west-1.amazonaws.com", 8883),
            &["mqtt.closed_before_connack"],
            "choose_client_certificate",
        ),
        (
            given(Mqtts, S::Mqtt, E::MqttNotAuthorised)
                .connack(0x87)
                .tls(|tls| tls.client_certificate_asked = true),
            &["mqtt.not_authorised", "tls.client_certificate_required"],
            "check_credentials",
        ),
        (
            given(Mqtt, S::Mqtt, E::MqttMalformed)
                .at("h", 443)
                .first_bytes(b"HTTP/1.1 400", Some("HTTP")),
            &["port.is_http"],
            "use_scheme",
        ),
    ]
}

pub(super) fn ended() -> Vec<Row> {
    let at = |code| given(Mqtt, S::Staying, code);
    let told = |error, code: u8| at(error).mqtt(|mqtt| mqtt.disconnect = Some(answer(code)));
    let lost_ = || at(E::MqttConnectionLost);
    let wanted = |g: Given| {
        g.profile(|p| {
            p.subscriptions = vec![Subscription::new("plant/7", QoS::AtLeastOnce)];
        })
    };
    let subscribing = |answer, closed_after_ms| {
        wanted(given(Mqtt, S::Subscribe, E::MqttConnectionLost)).facts(|facts| {
            let wanted = Subscription::new("plant/7", QoS::AtLeastOnce);
            let answers = vec![SubscriptionState::new(wanted, answer)];
            facts.subscribe = Some(SubscribeFacts { answers, watched_ms: 2000, closed_after_ms });
        })
    };
    let refused = FilterState::Refused { reason: ReasonCode(0x87) };
    let silent = |ms| {
        let mut past = lost(ms);
        past.error.code = E::MqttKeepAliveTimedOut;
        past
    };
    let nothing_subscribed = given(Mqtt, S::Subscribe, E::MqttConnectionLost).facts(|facts| {
        let (watched_ms, closed_after_ms) = (2000, Some(1000));
        facts.subscribe = Some(SubscribeFacts { answers: vec![], watched_ms, closed_after_ms });
    });
    vec![
        (nothing_subscribed, &["session.connection_lost"], "check_network"),
        (lost_(), &["session.connection_lost"], "check_network"),
        (at(E::MqttTakenOver), &["session.taken_over"], "use_other_client_id"),
        (
            lost_().past(vec![lost(900), lost(950), lost(920)]),
            &["session.taken_over", "session.connection_lost"],
            "use_other_client_id",
        ),
        (
            lost_().past(vec![lost(1500), lost(4800)]),
            &["session.taken_over", "session.connection_lost"],
            "use_other_client_id",
        ),
        (
            lost_().past(vec![lost(3010), lost(3000), lost(3020)]),
            &["session.regular_drops", "session.taken_over"],
            "use_keep_alive",
        ),
        (
            lost_().past(vec![lost(50_100), lost(50_000), lost(100_200)]),
            &["session.regular_drops"],
            "use_keep_alive",
        ),
        (
            lost_().past(vec![lost(3_600_000), lost(3_600_200), lost(3_600_100)]),
            &["session.regular_drops"],
            "read_broker_log",
        ),
        (
            lost_().past(vec![lost(90_000), lost(31_000), lost(47_000)]),
            &["session.connection_lost"],
            "check_network",
        ),
        (
            lost_().past(vec![lost(60_000), lost(60_000)]),
            &["session.connection_lost"],
            "check_network",
        ),
        (at(E::MqttKeepAliveTimedOut), &["session.ping_unanswered"], "read_broker_log"),
        (
            at(E::MqttKeepAliveTimedOut).past(vec![silent(90_000), silent(90_500), silent(90_100)]),
            &["session.regular_drops", "session.ping_unanswered"],
            "use_keep_alive",
        ),
        (
            lost_().past(vec![lost_after(SentPacket::Publish, 60_000)]),
            &["publish.closed"],
            "ask_for_permission",
        ),
        (
            wanted(lost_()).past(vec![lost_after(SentPacket::Subscribe, 60_000)]),
            &["subscribe.closed"],
            "without_subscription",
        ),
        (
            lost_().past(vec![
                lost_after(SentPacket::Publish, 500),
                lost_after(SentPacket::Publish, 700),
            ]),
            &["publish.closed", "session.taken_over"],
            "ask_for_permission",
        ),
        (told(E::MqttDisconnected, 0x83), &["session.disconnected"], "read_broker_log"),
        (told(E::MqttDisconnected, 0x8d), &["session.disconnected"], "use_keep_alive"),
        (told(E::MqttNotAuthorised, 0x87), &["session.disconnected"], "ask_for_permission"),
        (told(E::MqttRefused, 0x9d), &["session.disconnected"], "ask_for_permission"),
        (subscribing(refused, None), &["subscribe.refused"], "without_subscription"),
        (
            subscribing(FilterState::Pending, Some(30)),
            &["subscribe.closed"],
            "without_subscription",
        ),
        (
            given(Mqtt, S::Subscribe, E::SubscribeUnanswered),
            &["subscribe.unanswered"],
            "read_broker_log",
        ),
        (given(Mqtt, S::Mqtt, E::Internal), &["unknown"], "read_broker_log"),
    ]
}
