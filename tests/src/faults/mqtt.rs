//! Faults between CONNECT and CONNACK: every Return Code of 3.1.1, every Reason Code of 5.0, and brokers that say something
//! else or nothing.

use mqttscope_model::{
    ProtocolVersion, QoS, Scheme, SecretSlot, Will, WillPayload, WillProperties,
};

use super::{Cure, Fault, at, rows};
use crate::Mosquitto;
use crate::answering::{Answering, Deed, Kind, Packet};
use crate::mosquitto::Setup;
use crate::scripted::{Scripted, Step};

rows![
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
];

/// A broker that takes CONNECT where `takes` says so, and else answers with `no` and closes.
async fn taking(takes: impl Fn(&Packet) -> bool + Send + Sync + 'static, no: Vec<u8>) -> Answering {
    Answering::start(move |packet| match packet.kind() {
        Kind::Connect if !takes(packet) => vec![Deed::Send(no.clone()), Deed::Close],
        Kind::Connect => vec![packet.yes(packet.level())],
        _ => vec![packet.yes(5)],
    })
    .await
}

fn fault(port: u16, cause: &'static str, fix: &'static str) -> Fault {
    Fault::new(at(Scheme::Mqtt, port), "mqtt", cause, fix)
}

/// A broker that follows `script`.
async fn scripted(script: Vec<Step>, cause: &'static str, fix: &'static str) -> Fault {
    let broker = Scripted::start(script).await;
    fault(broker.port(), cause, fix).with(|profile| profile.connect_timeout = 1).keep(broker)
}

/// A CONNACK of 5.0 that refuses, with the properties in `properties`.
pub fn refusal(code: u8, properties: &[u8]) -> Vec<u8> {
    let length = u8::try_from(properties.len()).expect("few properties");
    [&[0x20, 3 + length, 0, code, length], properties].concat()
}

/// A property whose value is a text: Reason String (0x1F), Server Reference (0x1C).
pub fn text_property(identifier: u8, text: &str) -> Vec<u8> {
    let length = u16::try_from(text.len()).expect("a short text");
    [&[identifier], &length.to_be_bytes()[..], text.as_bytes()].concat()
}

/// The broker takes CONNECT and says nothing.
pub async fn no_connack() -> Fault {
    scripted(vec![Step::ReadConnect], "mqtt.no_connack", "try_other_schemes")
        .await
        .or("port.is_silent")
        .words(&["connack timeout", "no connack"])
}

/// The broker closes on CONNECT.
pub async fn closed_instead_of_a_connack() -> Fault {
    let script = vec![Step::ReadConnect, Step::Close];
    scripted(script, "mqtt.closed_before_connack", "use_version")
        .await
        .cure(Cure::Changes)
        .words(&["before connack", "instead of"])
}

/// The connection is broken off on CONNECT, as a port with TLS does that leaves the rest unread.
pub async fn reset_instead_of_a_connack() -> Fault {
    let broker = Answering::start(|_| vec![Deed::Reset]).await;
    fault(broker.port(), "port.wants_tls", "use_scheme")
        .or("mqtt.closed_before_connack")
        .cure(Cure::Changes)
        .words(&["before connack", "instead of"])
        .keep(broker)
}

/// What comes is no MQTT.
pub async fn garbage_instead_of_a_connack() -> Fault {
    let script = vec![Step::ReadConnect, Step::Send(vec![0xff; 64])];
    scripted(script, "mqtt.malformed", "use_port").await.cure(Cure::Changes).words(&[
        "malformed",
        "not mqtt",
        "invalid",
    ])
}

/// The connection ends within the CONNACK.
pub async fn half_a_connack() -> Fault {
    let script = vec![Step::ReadConnect, Step::Send(vec![0x20, 2]), Step::Close];
    scripted(script, "mqtt.closed_before_connack", "use_version")
        .await
        .cure(Cure::Changes)
        .words(&["before connack", "instead of"])
}

/// The broker takes 3.1.1 only, and says so as 5.0 demands (`[MQTT-3.1.2-2]`).
pub async fn only_3_1_1_and_says_so() -> Fault {
    let broker = taking(|connect| connect.level() == 4, refusal(0x84, &[])).await;
    fault(broker.port(), "mqtt.version_refused", "use_version")
        .cure(Cure::Connects)
        .words(&["protocol version"])
        .keep(broker)
}

/// The broker is older than 5.0, and refuses a version in the form of 3.1.1.
pub async fn only_3_1_1_and_says_so_in_its_own_form() -> Fault {
    let broker = taking(|connect| connect.level() == 4, vec![0x20, 2, 0, 1]).await;
    fault(broker.port(), "mqtt.version_refused", "use_version")
        .cure(Cure::Connects)
        .words(&["protocol version"])
        .keep(broker)
}

/// The broker is older than 5.0, and closes on what it does not know.
pub async fn only_3_1_1_and_closes() -> Fault {
    let broker = Answering::start(|packet| match packet.kind() {
        Kind::Connect if packet.level() == 5 => vec![Deed::Close],
        _ => vec![packet.yes(4)],
    })
    .await;
    fault(broker.port(), "mqtt.closed_before_connack", "use_version")
        .cure(Cure::Connects)
        .words(&["protocol version"])
        .keep(broker)
}

/// The broker takes 3.1 only.
pub async fn only_3_1_and_says_so() -> Fault {
    let broker = taking(|connect| connect.level() == 3, vec![0x20, 2, 0, 1]).await;
    fault(broker.port(), "mqtt.version_refused", "use_version")
        .with(|profile| profile.version = ProtocolVersion::V311)
        .cure(Cure::Connects)
        .words(&["protocol version"])
        .keep(broker)
}

/// The broker says yes in the form of 3.1.1 to a client of 5.0.
pub async fn a_connack_of_3_1_1_for_a_client_of_5() -> Fault {
    let broker = Answering::start(|packet| vec![packet.yes(4)]).await;
    fault(broker.port(), "mqtt.version_refused", "use_version")
        .cure(Cure::Connects)
        .words(&["malformed", "protocol version"])
        .keep(broker)
}

fn locked() -> Mosquitto {
    Mosquitto::with(&Setup { users: vec![("anna", "right")], ..Setup::default() })
}

fn not_authorised(broker: Mosquitto) -> Fault {
    fault(broker.port(Scheme::Mqtt), "mqtt.not_authorised", "check_credentials")
        .words(&["not authori", "password"])
        .keep(broker)
}

/// The password is wrong.
pub async fn a_wrong_password() -> Fault {
    not_authorised(locked())
        .with(|profile| profile.user_name = "anna".to_owned())
        .secret(SecretSlot::Password, "plantedWrongPassword")
}

/// The password is wrong, in 3.1.1.
pub async fn a_wrong_password_in_3_1_1() -> Fault {
    a_wrong_password().await.with(|profile| profile.version = ProtocolVersion::V311)
}

/// The broker wants a user name, and none is set.
pub async fn no_user_name() -> Fault {
    not_authorised(locked())
}

fn named_clients_only(version: ProtocolVersion) -> Fault {
    let lines = vec!["allow_zero_length_clientid false".to_owned()];
    let broker = Mosquitto::with(&Setup { lines, ..Setup::default() });
    fault(broker.port(Scheme::Mqtt), "mqtt.client_id_refused", "use_plain_client_id")
        .with(|profile| {
            profile.client_id = String::new();
            profile.version = version;
        })
        .cure(Cure::Connects)
        .words(&["identifier"])
        .keep(broker)
}

/// The broker takes no empty Client Identifier.
pub async fn an_empty_identifier() -> Fault {
    named_clients_only(ProtocolVersion::V5)
}

/// The broker takes no empty Client Identifier, in 3.1.1.
pub async fn an_empty_identifier_in_3_1_1() -> Fault {
    named_clients_only(ProtocolVersion::V311)
}

/// Mosquitto takes identifiers with a prefix only, and calls others not authorised.
pub async fn a_prefix_is_wanted() -> Fault {
    let lines = vec!["clientid_prefixes plant-".to_owned()];
    not_authorised(Mosquitto::with(&Setup { lines, ..Setup::default() }))
}

/// CONNECT is larger than the broker takes. Mosquitto breaks off, as a port with TLS does; the try of the other schemes shows
/// that it is none.
pub async fn a_connect_larger_than_the_broker_takes() -> Fault {
    let lines = vec!["max_packet_size 60".to_owned()];
    let broker = Mosquitto::with(&Setup { lines, ..Setup::default() });
    let mut fault = fault(broker.port(Scheme::Mqtt), "mqtt.closed_before_connack", "use_version")
        .with(|profile| profile.user_name = "n".repeat(100))
        .cure(Cure::Changes)
        .words(&["before connack", "instead of"])
        .keep(broker);
    fault.options = Some(serde_json::json!({ "other_schemes": true }));
    fault
}

fn will() -> Will {
    Will {
        topic: "plant/4/state".to_owned(),
        payload: WillPayload::default(),
        qos: QoS::ExactlyOnce,
        retain: true,
        properties: WillProperties { payload_is_utf8: Some(true), ..WillProperties::default() },
    }
}

/// The Connect Flags of a CONNECT.
fn flags(connect: &Packet) -> u8 {
    let name = usize::from(u16::from_be_bytes([connect.body[0], connect.body[1]]));
    connect.body[3 + name]
}

/// A broker that takes no Will with any of `forbidden` in its Connect Flags.
async fn about_the_will(
    forbidden: u8,
    no: Vec<u8>,
    cause: &'static str,
    fix: &'static str,
) -> Fault {
    let broker = taking(move |connect| flags(connect) & forbidden == 0, no).await;
    fault(broker.port(), cause, fix)
        .with(|profile| profile.will = Some(will()))
        .cure(Cure::Connects)
        .keep(broker)
}

/// The broker takes no retained messages (`[MQTT-3.2.2-13]`).
pub async fn the_wills_retain_is_refused() -> Fault {
    about_the_will(0x20, refusal(0x9a, &[]), "mqtt.retain_not_supported", "without_will_retain")
        .await
        .words(&["retain"])
}

fn retaining_nothing(version: ProtocolVersion, cause: &'static str, fix: &'static str) -> Fault {
    let lines = vec!["retain_available false".to_owned()];
    let broker = Mosquitto::with(&Setup { lines, ..Setup::default() });
    fault(broker.port(Scheme::Mqtt), cause, fix)
        .with(|profile| {
            profile.version = version;
            profile.will = Some(will());
        })
        .keep(broker)
}

/// Mosquitto takes no retained messages.
pub async fn the_wills_retain_is_refused_by_mosquitto() -> Fault {
    retaining_nothing(ProtocolVersion::V5, "mqtt.retain_not_supported", "without_will_retain")
        .cure(Cure::Connects)
        .words(&["retain"])
}

/// Mosquitto takes no retained messages, for which 3.1.1 has no code: it closes.
pub async fn the_wills_retain_is_refused_by_mosquitto_in_3_1_1() -> Fault {
    retaining_nothing(ProtocolVersion::V311, "mqtt.closed_before_connack", "check_credentials")
        .words(&["retain"])
}

/// The broker takes QoS 1 at most (`[MQTT-3.2.2-12]`).
pub async fn the_wills_qos_is_refused() -> Fault {
    let no = refusal(0x9b, &[0x24, 1]);
    about_the_will(0x10, no, "mqtt.qos_not_supported", "use_will_qos").await.words(&["qos"])
}

/// The Will's payload is not the text that it says it is.
pub async fn the_wills_format_is_refused() -> Fault {
    about_the_will(0x04, refusal(0x99, &[]), "mqtt.payload_format_invalid", "without_will")
        .await
        .words(&["payload format"])
}

/// The broker does not allow the Will's topic.
pub async fn the_wills_topic_is_refused() -> Fault {
    about_the_will(0x04, refusal(0x90, &[]), "mqtt.topic_name_invalid", "without_will")
        .await
        .words(&["topic name"])
}

/// The broker knows no enhanced authentication.
pub async fn the_method_of_authentication_is_refused() -> Fault {
    let broker = taking(|connect| !connect.holds(b"K8S"), refusal(0x8c, &[])).await;
    fault(broker.port(), "mqtt.authentication_method", "without_authentication")
        .with(|profile| {
            profile.authentication =
                Some(mqttscope_model::Authentication::Other { name: "K8S".to_owned(), data: None });
        })
        .cure(Cure::Connects)
        .words(&["authentication method"])
        .keep(broker)
}

/// A broker that sends to another one, which takes everyone.
async fn elsewhere(code: u8) -> Fault {
    let other = Mosquitto::start();
    let reference = format!("localhost:{}", other.port(Scheme::Mqtt));
    let broker = taking(|_| false, refusal(code, &text_property(0x1c, &reference))).await;
    fault(broker.port(), "mqtt.another_server", "use_host")
        .cure(Cure::Connects)
        .words(&["another server", "server moved"])
        .keep((other, broker))
}

/// The broker sends to another server for now.
pub async fn another_server_for_now() -> Fault {
    elsewhere(0x9c).await
}

/// The broker has moved.
pub async fn another_server_for_good() -> Fault {
    elsewhere(0x9d).await
}
