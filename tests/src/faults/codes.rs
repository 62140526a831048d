//! Every code with which a CONNACK refuses, from a broker that refuses everyone.
//!
//! Of the codes that the specification gives no meaning in a CONNACK, or none at all, a diagnosis can only say that the
//! broker refuses, and show the number.

use mqttscope_model::{ProtocolVersion, Scheme};

use super::mqtt::refusal;
use super::{Cure, Fault, at};
use crate::answering::{Answering, Deed};

/// Makes a fault for each code: its function, the version, the code, the cause, the first fix, what comes of it, and the
/// words by which another client would name it.
macro_rules! codes {
    ($($name:ident: $version:ident $code:literal $cause:literal $fix:literal $cure:ident [$($word:literal),+];)+) => {
        $(
            #[doc = concat!("CONNACK with ", stringify!($code), ".")]
            pub async fn $name() -> Fault {
                refused(ProtocolVersion::$version, $code, $cause, $fix)
                    .await
                    .cure(Cure::$cure)
                    .words(&[$($word),+])
            }
        )+
        super::rows![$($name),+];
    };
}

async fn refused(
    version: ProtocolVersion,
    code: u8,
    cause: &'static str,
    fix: &'static str,
) -> Fault {
    let answer = match version {
        ProtocolVersion::V5 => refusal(code, &[]),
        _ => vec![0x20, 2, 0, code],
    };
    let broker = Answering::start(move |_| vec![Deed::Send(answer.clone()), Deed::Close]).await;
    Fault::new(at(Scheme::Mqtt, broker.port()), "mqtt", cause, fix)
        .with(|profile| profile.version = version)
        .keep(broker)
}

codes! {
    // MQTT 3.1.1, table 3.1.
    return_code_1: V311 0x01 "mqtt.version_refused" "use_version" Changes ["protocol version"];
    return_code_2: V311 0x02 "mqtt.client_id_refused" "use_plain_client_id" Changes ["identifier"];
    return_code_3: V311 0x03 "mqtt.unavailable" "wait_and_retry" Person ["unavailable"];
    return_code_4: V311 0x04 "mqtt.not_authorised" "check_credentials" Person ["password"];
    return_code_5: V311 0x05 "mqtt.not_authorised" "check_credentials" Person ["not authori"];
    return_code_6: V311 0x06 "mqtt.refused" "read_broker_log" Person ["0x06", "code 6", "(6)"];
    return_code_255: V311 0xff "mqtt.refused" "read_broker_log" Person ["0xff", "255"];
    return_code_1_of_3_1: V31 0x01 "mqtt.version_refused" "use_version" Changes ["protocol version"];
    return_code_2_of_3_1: V31 0x02 "mqtt.client_id_refused" "use_plain_client_id" Changes ["identifier"];
    // MQTT 5.0, table 3.1.
    reason_code_80: V5 0x80 "mqtt.refused" "read_broker_log" Person ["unspecified"];
    reason_code_81: V5 0x81 "mqtt.connect_invalid" "read_broker_log" Person ["malformed"];
    reason_code_82: V5 0x82 "mqtt.connect_invalid" "read_broker_log" Person ["protocol error"];
    reason_code_83: V5 0x83 "mqtt.refused" "read_broker_log" Person ["implementation specific"];
    reason_code_84: V5 0x84 "mqtt.version_refused" "use_version" Changes ["protocol version"];
    reason_code_85: V5 0x85 "mqtt.client_id_refused" "use_plain_client_id" Changes ["identifier"];
    reason_code_86: V5 0x86 "mqtt.not_authorised" "check_credentials" Person ["password"];
    reason_code_87: V5 0x87 "mqtt.not_authorised" "check_credentials" Person ["not authori"];
    reason_code_88: V5 0x88 "mqtt.unavailable" "wait_and_retry" Person ["unavailable"];
    reason_code_89: V5 0x89 "mqtt.unavailable" "wait_and_retry" Person ["busy"];
    reason_code_8a: V5 0x8a "mqtt.banned" "ask_for_permission" Person ["banned"];
    reason_code_8c: V5 0x8c "mqtt.authentication_method" "check_credentials" Person ["authentication method"];
    reason_code_90: V5 0x90 "mqtt.topic_name_invalid" "read_broker_log" Person ["topic name"];
    reason_code_95: V5 0x95 "mqtt.packet_too_large" "read_broker_log" Person ["too large"];
    reason_code_97: V5 0x97 "mqtt.quota_exceeded" "wait_and_retry" Person ["quota"];
    reason_code_99: V5 0x99 "mqtt.payload_format_invalid" "read_broker_log" Person ["payload format"];
    reason_code_9a: V5 0x9a "mqtt.retain_not_supported" "read_broker_log" Person ["retain"];
    reason_code_9b: V5 0x9b "mqtt.qos_not_supported" "read_broker_log" Person ["qos"];
    reason_code_9c: V5 0x9c "mqtt.another_server" "ask_for_permission" Person ["another server"];
    reason_code_9d: V5 0x9d "mqtt.another_server" "ask_for_permission" Person ["server moved"];
    reason_code_9f: V5 0x9f "mqtt.rate_exceeded" "wait_and_retry" Person ["rate"];
    // Codes of other packets, and codes that do not exist.
    reason_code_8b: V5 0x8b "mqtt.unavailable" "wait_and_retry" Person ["shutting down"];
    reason_code_8d: V5 0x8d "mqtt.refused" "read_broker_log" Person ["keep alive"];
    reason_code_8e: V5 0x8e "mqtt.refused" "read_broker_log" Person ["taken over"];
    reason_code_8f: V5 0x8f "mqtt.refused" "read_broker_log" Person ["topic filter"];
    reason_code_91: V5 0x91 "mqtt.refused" "read_broker_log" Person ["packet identifier"];
    reason_code_92: V5 0x92 "mqtt.refused" "read_broker_log" Person ["packet identifier"];
    reason_code_93: V5 0x93 "mqtt.refused" "read_broker_log" Person ["receive maximum"];
    reason_code_94: V5 0x94 "mqtt.refused" "read_broker_log" Person ["topic alias"];
    reason_code_96: V5 0x96 "mqtt.refused" "read_broker_log" Person ["message rate"];
    reason_code_98: V5 0x98 "mqtt.refused" "read_broker_log" Person ["administrative"];
    reason_code_9e: V5 0x9e "mqtt.refused" "read_broker_log" Person ["shared"];
    reason_code_a0: V5 0xa0 "mqtt.refused" "read_broker_log" Person ["maximum connect time"];
    reason_code_c3: V5 0xc3 "mqtt.refused" "read_broker_log" Person ["0xc3", "195"];
    reason_code_ff: V5 0xff "mqtt.refused" "read_broker_log" Person ["0xff", "255"];
}
