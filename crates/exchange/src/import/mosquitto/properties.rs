//! `-D packet property value`: MQTT 5 properties on a command line. Those of CONNECT, of SUBSCRIBE and of the will have a
//! place in a profile; those of other packets belong to what the command did.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mqttscope_model::properties::MAX_VARIABLE_INTEGER;
use mqttscope_model::{
    Authentication, QoS, ScramHash, SecretSlot, TypedBytes, UserProperty, Will, WillPayload,
    WillProperties,
};

use super::options::{Open, Subscribe};
use crate::found::NoteCode;
use crate::import::draft::Draft;

/// Takes one property.
pub(super) fn read(
    draft: &mut Draft,
    open: &mut Open,
    packet: &str,
    property: &str,
    (value, second): (&str, &str),
) {
    let field = || format!("-D {packet} {property}");
    let known = match packet.to_ascii_lowercase().as_str() {
        "connect" => connect(draft, property, (value, second)),
        "will" => will_property(&mut begun(&mut open.will).properties, property, (value, second)),
        "subscribe" => subscribe(&mut open.subscribe, property, (value, second)),
        "publish" | "unsubscribe" | "disconnect" | "auth" => return,
        _ => Some(false),
    };
    match known {
        Some(true) => {}
        Some(false) => draft.note(field(), "", NoteCode::NoCounterpart),
        None => draft.note(field(), value, NoteCode::NotUsable),
    }
}

/// True: taken. False: there is no such place. None: the value cannot be used.
fn connect(draft: &mut Draft, property: &str, (value, second): (&str, &str)) -> Option<bool> {
    let profile = &mut draft.profile;
    let connect = &mut profile.connect_properties;
    match property {
        "session-expiry-interval" => profile.session_expiry = value.parse().ok()?,
        "receive-maximum" => connect.receive_maximum = Some(value.parse().ok()?),
        "maximum-packet-size" => connect.maximum_packet_size = Some(value.parse().ok()?),
        "topic-alias-maximum" => connect.topic_alias_maximum = Some(value.parse().ok()?),
        "request-response-information" => {
            connect.request_response_information = Some(flag(value)?);
        }
        "request-problem-information" => connect.request_problem_information = Some(flag(value)?),
        "user-property" => connect.user_properties.push(pair(value, second)),
        "authentication-method" => {
            let hashes = [ScramHash::Sha1, ScramHash::Sha256, ScramHash::Sha512];
            let hash = hashes.into_iter().find(|hash| hash.method() == value);
            profile.authentication = Some(match hash {
                Some(hash) => Authentication::Scram { hash },
                None => Authentication::Other { name: value.to_owned(), data: None },
            });
        }
        "authentication-data" => {
            draft.secret(SecretSlot::AuthenticationData, &STANDARD.encode(value));
        }
        _ => return Some(false),
    }
    Some(true)
}

fn subscribe(
    wanted: &mut Subscribe,
    property: &str,
    (value, second): (&str, &str),
) -> Option<bool> {
    match property {
        "subscription-identifier" => {
            let number =
                value.parse().ok().filter(|number| (1..=MAX_VARIABLE_INTEGER).contains(number));
            wanted.identifier = Some(number?);
        }
        "user-property" => wanted.user_properties.push(pair(value, second)),
        _ => return Some(false),
    }
    Some(true)
}

fn will_property(
    properties: &mut WillProperties,
    property: &str,
    (value, second): (&str, &str),
) -> Option<bool> {
    match property {
        "will-delay-interval" => properties.delay_interval = Some(value.parse().ok()?),
        "payload-format-indicator" => properties.payload_is_utf8 = Some(flag(value)?),
        "message-expiry-interval" => properties.message_expiry = Some(value.parse().ok()?),
        "content-type" => properties.content_type = Some(value.to_owned()),
        "response-topic" => properties.response_topic = Some(value.to_owned()),
        "correlation-data" => properties.correlation_data = Some(TypedBytes::text(value)),
        "user-property" => properties.user_properties.push(pair(value, second)),
        _ => return Some(false),
    }
    Some(true)
}

/// The will, begun if it is not there yet.
pub(super) fn begun(will: &mut Option<Will>) -> &mut Will {
    will.get_or_insert_with(|| Will {
        topic: String::new(),
        payload: WillPayload::default(),
        qos: QoS::AtMostOnce,
        retain: false,
        properties: WillProperties::default(),
    })
}

fn flag(text: &str) -> Option<bool> {
    match text {
        "0" => Some(false),
        "1" => Some(true),
        _ => None,
    }
}

fn pair(name: &str, value: &str) -> UserProperty {
    UserProperty { name: name.to_owned(), value: value.to_owned() }
}
