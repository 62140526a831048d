//! From WebSocket settings as edited to headers that can be sent.
//!
//! The handshake's own headers are ours to set: one of them twice makes a request that servers and proxies read differently.

use std::time::Duration;

use http::header::{HeaderName, HeaderValue};
use mqttscope_model::{
    ConnectStage, Endpoint, Header, HeaderValue as Wanted, SecretSlot, Secrets, WebSocketSettings,
};

use crate::error::{DialCause, DialError};
use crate::evidence::Failure;

/// Headers that the handshake itself sets, and those that would change the request's length.
const OURS: [&str; 5] = ["host", "connection", "upgrade", "content-length", "transfer-encoding"];

/// What all of the handshake's other headers begin with.
const OUR_BEGINNING: &str = "sec-websocket-";

/// The WebSocket request's changing parts, checked.
#[derive(Clone, Debug)]
pub struct WebSocketOptions {
    /// Marked as sensitive: a token is one in the profile too.
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    /// At least one.
    pub(super) subprotocols: Vec<String>,
    pub(crate) require_subprotocol: bool,
}

impl WebSocketOptions {
    /// A request without headers of its own that offers `subprotocol` and wants it echoed (`[MQTT-6.0.0-3]`).
    pub fn plain(subprotocol: &str) -> Self {
        Self {
            headers: Vec::new(),
            subprotocols: vec![subprotocol.to_owned()],
            require_subprotocol: true,
        }
    }

    /// Checks `settings`; `subprotocol` is offered where they name none.
    ///
    /// # Errors
    /// At [`ConnectStage::Settings`]: a header that HTTP cannot carry or that the handshake sets itself, a subprotocol that is
    /// no token (RFC 6455, section 4.1) or stands there twice, a value that the keychain does not hold.
    pub fn read(
        settings: &WebSocketSettings,
        subprotocol: &str,
        endpoint: &Endpoint,
        secrets: &Secrets,
    ) -> Result<Self, DialError> {
        resolve(settings, subprotocol, secrets).map_err(|cause| {
            DialError::new(ConnectStage::Settings, endpoint, Duration::ZERO, Failure::new(cause))
        })
    }

    /// The same request without headers of the profile, to which any answer with 101 is a yes.
    pub(crate) fn without_headers(&self) -> Self {
        Self {
            headers: Vec::new(),
            subprotocols: self.subprotocols.clone(),
            require_subprotocol: false,
        }
    }

    /// The subprotocols as the request lists them.
    pub(super) fn offered(&self) -> String {
        self.subprotocols.join(", ")
    }
}

fn resolve(
    settings: &WebSocketSettings,
    subprotocol: &str,
    secrets: &Secrets,
) -> Result<WebSocketOptions, DialCause> {
    let headers = settings.headers.iter().map(|header| checked(header, secrets));
    let headers = headers.collect::<Result<_, _>>()?;
    let mut options = WebSocketOptions {
        headers,
        require_subprotocol: settings.require_subprotocol,
        ..WebSocketOptions::plain(subprotocol)
    };
    if !settings.subprotocols.is_empty() {
        options.subprotocols.clone_from(&settings.subprotocols);
    }
    let invalid =
        |reason| DialCause::HeaderInvalid { name: "Sec-WebSocket-Protocol".to_owned(), reason };
    for (place, name) in options.subprotocols.iter().enumerate() {
        // A subprotocol is a token like a header's name is.
        if HeaderName::from_bytes(name.as_bytes()).is_err() {
            return Err(invalid(
                "a subprotocol is empty or holds a character that has no place there",
            ));
        }
        if options.subprotocols.iter().take(place).any(|earlier| earlier == name) {
            return Err(invalid("a subprotocol stands there twice"));
        }
    }
    Ok(options)
}

fn checked(header: &Header, secrets: &Secrets) -> Result<(HeaderName, HeaderValue), DialCause> {
    let invalid = |reason| DialCause::HeaderInvalid { name: header.name.clone(), reason };
    let name = HeaderName::from_bytes(header.name.trim().as_bytes())
        .map_err(|_| invalid("the name is empty or holds a character that has no place there"))?;
    if OURS.contains(&name.as_str()) || name.as_str().starts_with(OUR_BEGINNING) {
        return Err(invalid("the handshake sets it itself"));
    }
    let value = match &header.value {
        Wanted::Text { text } => text.as_str(),
        Wanted::Stored { .. } => {
            let slot = SecretSlot::header(&header.name);
            let value = secrets.get(&slot);
            value.ok_or(DialCause::SecretMissing { slot: slot.to_string() })?.expose()
        }
    };
    let mut value = HeaderValue::from_str(value.trim())
        .map_err(|_| invalid("the value holds a line break or another control character"))?;
    value.set_sensitive(true);
    Ok((name, value))
}

#[cfg(test)]
mod unit {
    use mqttscope_model::Secret;

    use super::*;

    fn text(name: &str, value: &str) -> Header {
        Header { name: name.to_owned(), value: Wanted::Text { text: value.to_owned() } }
    }

    fn read(settings: &WebSocketSettings) -> Result<WebSocketOptions, DialCause> {
        let mut secrets = Secrets::default();
        secrets.insert(SecretSlot::header("Authorization"), Secret::new("Bearer hunter2"));
        resolve(settings, "mqtt", &secrets)
    }

    #[test]
    fn headers_keep_their_order_and_stored_values_are_put_in_and_never_shown() {
        let stored =
            Header { name: "authorization".to_owned(), value: Wanted::Stored { secret: None } };
        let headers = vec![text("User-Agent", "mine"), stored, text("X-Ü-free", "grün")];
        let refused = read(&WebSocketSettings { headers: headers.clone(), ..Default::default() });
        assert!(matches!(refused, Err(DialCause::HeaderInvalid { .. })));
        let headers = headers[..2].to_vec();
        let options = read(&WebSocketSettings { headers, ..Default::default() }).unwrap();
        assert_eq!(options.headers[1].1.as_bytes(), b"Bearer hunter2");
        assert!(!format!("{options:?}").contains("hunter2"));
    }

    #[test]
    fn the_handshakes_own_headers_and_what_http_cannot_carry_are_refused() {
        let wrong = [
            ("Host", "h"),
            ("upgrade", "x"),
            ("Connection", "x"),
            ("Sec-WebSocket-Key", "x"),
            ("Content-Length", "0"),
            ("a b", "x"),
            ("", "x"),
            ("X", "a\r\nY: b"),
        ];
        for (name, value) in wrong {
            let headers = vec![text(name, value)];
            let cause = read(&WebSocketSettings { headers, ..Default::default() }).unwrap_err();
            assert!(matches!(&cause, DialCause::HeaderInvalid { .. }), "{name}: {cause:?}");
        }
    }

    #[test]
    fn a_stored_value_that_is_not_there_is_named() {
        let headers =
            vec![Header { name: "Cookie".to_owned(), value: Wanted::Stored { secret: None } }];
        let cause = read(&WebSocketSettings { headers, ..Default::default() }).unwrap_err();
        assert_eq!(cause, DialCause::SecretMissing { slot: "header:cookie".to_owned() });
    }

    #[test]
    fn subprotocols_are_tokens_and_each_stands_there_once() {
        for wrong in [&["mqtt", "mqtt"][..], &["a b"], &["a,b"], &[""]] {
            let subprotocols = wrong.iter().map(|&name| name.to_owned()).collect();
            let settings = WebSocketSettings { subprotocols, ..Default::default() };
            assert!(matches!(read(&settings), Err(DialCause::HeaderInvalid { .. })), "{wrong:?}");
        }
        assert_eq!(read(&WebSocketSettings::default()).unwrap().offered(), "mqtt");
    }
}
