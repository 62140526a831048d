//! The address alone, as other programs read it: the rest of a profile has no place in one.

use mqttscope_model::Profile;

use super::{CodeLanguage, Draft};

pub(super) fn write(profile: &Profile) -> Draft {
    let endpoint = profile.endpoint.to_string();
    let text = match endpoint.split_once("://") {
        Some((scheme, rest)) if !profile.user_name.is_empty() => {
            format!("{scheme}://{}@{rest}", encoded(&profile.user_name))
        }
        _ => endpoint,
    };
    Draft { text, language: CodeLanguage::Text, knows: &[] }
}

/// Percent-encoding of everything but the unreserved characters (RFC 3986, section 2.3).
fn encoded(text: &str) -> String {
    let each = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(each).collect()
}
