//! The WebSocket request, for the schemes that make one.

use std::collections::BTreeSet;

use super::ProblemCode;
use super::found::Found;
use crate::{Header, HeaderValue, SecretSlot, WebSocketSettings};

/// Headers that the handshake itself makes, or that would change where the request ends; in lower case.
const OURS: [&str; 5] = ["host", "upgrade", "connection", "content-length", "transfer-encoding"];

pub(super) fn check(found: &mut Found, settings: &WebSocketSettings) {
    let mut slots = BTreeSet::new();
    for (index, header) in settings.headers.iter().enumerate() {
        let field = format!("websocket.headers.{index}");
        check_name(found, &format!("{field}.name"), header);
        match &header.value {
            HeaderValue::Text { text } => found.header_value(&format!("{field}.value"), text),
            HeaderValue::Stored { secret } => {
                found.stored(&format!("{field}.value"), secret.as_ref(), "");
                // The keychain holds one value for each name.
                if !slots.insert(SecretSlot::header(&header.name)) {
                    found.error(&format!("{field}.name"), ProblemCode::Repeated, "", "");
                }
            }
        }
    }
    let mut seen = BTreeSet::new();
    for (index, name) in settings.subprotocols.iter().enumerate() {
        let field = format!("websocket.subprotocols.{index}");
        found.token(&field, name, "RFC 6455, 4.1");
        if !seen.insert(name) {
            found.error(&field, ProblemCode::Repeated, "", "RFC 6455, 4.1");
        }
    }
}

fn check_name(found: &mut Found, field: &str, header: &Header) {
    found.token(field, &header.name, "RFC 9110, 5.1");
    found.longer(field, header.name.len(), super::MAX_HEADER, "");
    let name = header.name.to_ascii_lowercase();
    if OURS.contains(&name.as_str()) || name.starts_with("sec-websocket-") {
        found.error(field, ProblemCode::ForbiddenHeader, "", "RFC 6455, 4.1");
    }
}
