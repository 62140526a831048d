//! The properties of CONNECT and enhanced authentication. Both are of MQTT 5.0: with another version they stay
//! at home, so there they are only told of, never judged.

use super::found::Found;
use super::{ProblemCode, STRINGS};
use crate::{Authentication, ConnectProperties, Profile, ProtocolVersion};

pub(super) fn check(found: &mut Found, profile: &Profile) {
    let properties = &profile.connect_properties;
    if profile.version == ProtocolVersion::V5 {
        check_properties(found, properties);
    } else {
        for (name, is_set) in [
            ("receive_maximum", properties.receive_maximum.is_some()),
            ("maximum_packet_size", properties.maximum_packet_size.is_some()),
            ("topic_alias_maximum", properties.topic_alias_maximum.is_some()),
            ("request_response_information", properties.request_response_information.is_some()),
            ("request_problem_information", properties.request_problem_information.is_some()),
            ("user_properties", !properties.user_properties.is_empty()),
        ] {
            if is_set {
                not_sent(found, &format!("connect_properties.{name}"));
            }
        }
    }
    match &profile.authentication {
        Some(Authentication::Scram { .. }) => check_scram(found, profile),
        Some(Authentication::Other { name, .. }) if profile.version == ProtocolVersion::V5 => {
            if name.is_empty() {
                found.error("authentication.name", ProblemCode::Required, "", STRINGS);
            }
            found.string("authentication.name", name);
        }
        Some(Authentication::Other { .. }) => not_sent(found, "authentication"),
        None => {}
    }
}

fn check_properties(found: &mut Found, properties: &ConnectProperties) {
    if let Some(maximum) = properties.receive_maximum {
        let (field, source) = ("connect_properties.receive_maximum", "MQTT 5.0, 3.1.2.11.3");
        found.range(field, maximum, 1, u16::MAX, source);
    }
    if let Some(size) = properties.maximum_packet_size {
        let (field, source) = ("connect_properties.maximum_packet_size", "MQTT 5.0, 3.1.2.11.4");
        found.range(field, size, 1, u32::MAX, source);
    }
    found.user_properties("connect_properties.user_properties", &properties.user_properties);
}

/// A SCRAM exchange happens in AUTH packets and proves the password (RFC 5802, section 3).
fn check_scram(found: &mut Found, profile: &Profile) {
    if profile.version != ProtocolVersion::V5 {
        found.error("authentication", ProblemCode::NeedsVersion5, "", "MQTT 5.0, 4.12");
        return;
    }
    if profile.user_name.is_empty() {
        found.error("user_name", ProblemCode::Required, "", "RFC 5802");
    }
    found.stored("password", profile.password.as_ref(), "RFC 5802");
}

/// Told of with versions that have no such field.
pub(super) fn not_sent(found: &mut Found, field: &str) {
    found.warn(field, ProblemCode::NotSent, "5.0", "");
}
