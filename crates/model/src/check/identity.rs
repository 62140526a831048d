//! Who connects: the Client Identifier, and user name with password.
//!
//! A Client Identifier with placeholders is judged as it will be on the wire, as far as that is known: the name
//! of the machine is not, so it counts as empty.

use super::found::Found;
use super::{MAX_CLIENT_ID_31, ProblemCode};
use crate::client_id::{self, Placeholders};
use crate::{Profile, ProtocolVersion};

pub(super) fn check(found: &mut Found, profile: &Profile) {
    let (field, id, version) = ("client_id", &profile.client_id, profile.version);
    match version {
        ProtocolVersion::V31 => {
            if id.is_empty() {
                found.error(field, ProblemCode::Required, "1..23", "MQTT 3.1, 3.1");
            } else if expanded(id).chars().count() > MAX_CLIENT_ID_31 {
                found.error(field, ProblemCode::TooLong, MAX_CLIENT_ID_31, "MQTT 3.1, 3.1");
            }
        }
        ProtocolVersion::V311 if id.is_empty() && !profile.clean_start => {
            found.error(field, ProblemCode::NeedsCleanStart, "", "MQTT-3.1.3-7");
        }
        ProtocolVersion::V5 if id.is_empty() && !profile.clean_start => {
            found.warn(field, ProblemCode::NeedsCleanStart, "", "MQTT-3.1.3-6");
        }
        ProtocolVersion::V311 | ProtocolVersion::V5 => {}
    }
    found.string(field, &expanded(id));
    if has_unknown_placeholder(id) {
        let known = client_id::NAMES.map(|name| format!("{{{{{name}}}}}")).join(", ");
        found.warn(field, ProblemCode::UnknownPlaceholder, known, "");
    }
    found.string("user_name", &profile.user_name);
    let user_name_is_missing = profile.password.is_some() && profile.user_name.is_empty();
    if user_name_is_missing && version != ProtocolVersion::V5 {
        found.error("password", ProblemCode::PasswordWithoutUserName, "", "MQTT-3.1.2-22");
    }
}

/// A Client Identifier as long as it will be, without the machine's name.
fn expanded(id: &str) -> String {
    // Seconds since the epoch have ten digits until the year 2286.
    let (random, hostname, time) = ("x".repeat(8), String::new(), 1_000_000_000);
    client_id::expand(id, &Placeholders { random, hostname, time })
}

/// Whether something stands in double braces that nothing is put in the place of.
fn has_unknown_placeholder(id: &str) -> bool {
    let rest = expanded(id);
    rest.split_once("{{").is_some_and(|(_, after)| after.contains("}}"))
}
