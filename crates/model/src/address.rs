//! Reading a whole address that was pasted into the host field.
//!
//! Written by hand and not with a URL parser: what people paste has no scheme, quotes around it
//! or a scheme that only MQTT tools know, and a URL parser answers those with one word. What is
//! given is taken as given; what is not given is `None`, so that the form keeps what it has.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::check::host;
use crate::{ErrorCode, Scheme, UserError};

/// The parts of an address. What the text does not say is `None`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ParsedAddress {
    /// The scheme, aliases resolved.
    pub scheme: Option<Scheme>,
    /// A valid host; an IPv6 address without brackets; a name in another script as `xn--`.
    pub host: String,
    /// The port, 1 to 65,535.
    pub port: Option<u16>,
    /// Path and query, beginning with `/`; never there for mqtt and mqtts, which have none.
    pub path: Option<String>,
    /// The user name, percent-decoded, never empty.
    pub user_name: Option<String>,
    /// The password, percent-decoded. `Debug` does not show it.
    pub password: Option<String>,
}

impl std::fmt::Debug for ParsedAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ParsedAddress")
            .field("scheme", &self.scheme)
            .field("host", &self.host)
            .field("port", &self.port)
            .field("path", &self.path)
            .field("user_name", &self.user_name)
            .field("password", &self.password.as_ref().map(|_| "***"))
            .finish()
    }
}

/// Why a text is no address. The texts never hold a part of a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// There is nothing.
    #[error("there is no address here")]
    Empty,
    /// A scheme that does not carry MQTT.
    #[error("{0}:// is not a way to carry MQTT; use mqtt, mqtts, ws or wss")]
    SchemeUnknown(String),
    /// No host between the scheme and the port or path.
    #[error("the address names no host")]
    HostMissing,
    /// The host is neither a name nor an address.
    #[error("\"{0}\" is neither a host name nor an IP address")]
    HostInvalid(String),
    /// The port is no number from 1 to 65535.
    #[error("\"{0}\" is no port; a port is a number from 1 to 65535")]
    PortInvalid(String),
    /// User name or password hold a character that ends the host part.
    #[error("user name and password must have / ? # and @ percent-encoded (%2F %3F %23 %40)")]
    CredentialsNotEncoded,
    /// `%` without two hexadecimal digits after it, or bytes that are not UTF-8.
    #[error(
        "user name or password have a % that is not followed by two hexadecimal digits of UTF-8"
    )]
    PercentInvalid,
    /// The path holds a space or a control character, or the address a `#`.
    #[error("the path must not hold spaces, control characters or # (RFC 6455, section 3)")]
    PathInvalid,
}

impl AddressError {
    /// A stable word for the window's catalogues.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::SchemeUnknown(_) => "scheme_unknown",
            Self::HostMissing => "host_missing",
            Self::HostInvalid(_) => "host_invalid",
            Self::PortInvalid(_) => "port_invalid",
            Self::CredentialsNotEncoded => "credentials_not_encoded",
            Self::PercentInvalid => "percent_invalid",
            Self::PathInvalid => "path_invalid",
        }
    }
}

impl From<AddressError> for UserError {
    fn from(error: AddressError) -> Self {
        Self::new(ErrorCode::AddressInvalid, format!("This is no address: {error}."))
            .hint("An address looks like mqtts://user@broker.example.com:8883.")
            .detail("reason", error.as_str())
    }
}

/// Reads `mqtts://user:password@host:port/path`, all but the host being optional.
///
/// Schemes are `mqtt`, `mqtts`, `ws`, `wss` and their aliases `tcp`, `ssl`, `tls`, `mqtt+ssl`,
/// `http`, `https`, in any case. White space and quotes around the address are ignored.
///
/// # Errors
/// [`AddressError`] says which part is wrong.
pub fn parse(text: &str) -> Result<ParsedAddress, AddressError> {
    let text = text.trim_matches(|c: char| c.is_whitespace() || "\"'`<>“”‘’".contains(c));
    if text.is_empty() {
        return Err(AddressError::Empty);
    }
    let (scheme, rest) = split_scheme(text)?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, target) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let (credentials, place) =
        authority.rsplit_once('@').map_or((None, authority), |(c, place)| (Some(c), place));
    let (host, port) = split_place(place).map_err(|error| {
        // "user:pa/ss@host" ends early; its error must not show what is part of the password.
        if target.contains('@') { AddressError::CredentialsNotEncoded } else { error }
    })?;
    let (user_name, password) = match credentials {
        None => (None, None),
        Some(both) => split_credentials(both)?,
    };
    let path =
        if scheme.is_some_and(|scheme| !scheme.is_websocket()) { None } else { read_path(target)? };
    Ok(ParsedAddress { scheme, host, port, path, user_name, password })
}

fn split_scheme(text: &str) -> Result<(Option<Scheme>, &str), AddressError> {
    let Some((scheme, rest)) = text.split_once("://") else {
        return Ok((None, text));
    };
    // What stands before a later "://" (in a path or query) is not a scheme.
    if !scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c)) {
        return Ok((None, text));
    }
    let scheme = match scheme.to_ascii_lowercase().as_str() {
        "mqtt" | "tcp" => Scheme::Mqtt,
        "mqtts" | "ssl" | "tls" | "mqtt+ssl" => Scheme::Mqtts,
        "ws" | "http" => Scheme::Ws,
        "wss" | "https" => Scheme::Wss,
        _ => return Err(AddressError::SchemeUnknown(scheme.to_owned())),
    };
    Ok((Some(scheme), rest))
}

/// Host and port; `place` has neither credentials nor path.
fn split_place(place: &str) -> Result<(String, Option<u16>), AddressError> {
    if let Some(inner) = place.strip_prefix('[') {
        let (address, after) =
            inner.split_once(']').ok_or_else(|| AddressError::HostInvalid(place.to_owned()))?;
        // A zone's % is %25 in a URI (RFC 6874); as people write it, it is %.
        let address = address.replacen("%25", "%", 1);
        if !host::is_ipv6(&address) {
            return Err(AddressError::HostInvalid(place.to_owned()));
        }
        return match after.strip_prefix(':') {
            Some(port) => Ok((address, read_port(port)?)),
            None if after.is_empty() => Ok((address, None)),
            None => Err(AddressError::HostInvalid(place.to_owned())),
        };
    }
    if host::is_ipv6(place) {
        return Ok((place.to_owned(), None));
    }
    let (name, port) = match place.split_once(':') {
        None => (place, None),
        Some((name, port)) => (name, read_port(port)?),
    };
    if name.is_empty() {
        return Err(AddressError::HostMissing);
    }
    let name = if name.is_ascii() {
        name.to_owned()
    } else {
        host::to_ascii(name).ok_or_else(|| AddressError::HostInvalid(name.to_owned()))?
    };
    host::check(&name).map_err(|_| AddressError::HostInvalid(name.clone()))?;
    Ok((name, port))
}

fn read_port(text: &str) -> Result<Option<u16>, AddressError> {
    if text.is_empty() {
        return Ok(None);
    }
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    match text.parse() {
        Ok(port) if digits && port != 0 => Ok(Some(port)),
        _ => Err(AddressError::PortInvalid(text.to_owned())),
    }
}

type Credentials = (Option<String>, Option<String>);

fn split_credentials(both: &str) -> Result<Credentials, AddressError> {
    let (user, password) = both.split_once(':').map_or((both, None), |(u, p)| (u, Some(p)));
    let user = percent_decode(user)?;
    let password = password.map(percent_decode).transpose()?;
    Ok((Some(user).filter(|user| !user.is_empty()), password.filter(|text| !text.is_empty())))
}

fn percent_decode(text: &str) -> Result<String, AddressError> {
    let mut bytes = text.bytes();
    let mut out = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let mut digit = || bytes.next().and_then(|b| char::from(b).to_digit(16));
        let (Some(high), Some(low)) = (digit(), digit()) else {
            return Err(AddressError::PercentInvalid);
        };
        out.push(u8::try_from(high * 16 + low).map_err(|_| AddressError::PercentInvalid)?);
    }
    String::from_utf8(out).map_err(|_| AddressError::PercentInvalid)
}

fn read_path(target: &str) -> Result<Option<String>, AddressError> {
    if target.contains(|c: char| c == '#' || c.is_whitespace() || c.is_control()) {
        return Err(AddressError::PathInvalid);
    }
    Ok(match target {
        "" => None,
        query if query.starts_with('?') => Some(format!("/{query}")),
        path => Some(path.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expect: &str) {
        let shown = match parse(text) {
            Err(error) => error.as_str().to_owned(),
            Ok(a) => format!(
                "{} {} {} {} {} {}",
                a.scheme.map_or("-", Scheme::as_str),
                a.host,
                a.port.map_or("-".to_owned(), |port| port.to_string()),
                a.path.as_deref().unwrap_or("-"),
                a.user_name.as_deref().unwrap_or("-"),
                a.password.as_deref().unwrap_or("-"),
            ),
        };
        assert_eq!(shown, expect, "{text}");
    }

    #[test]
    fn whole_addresses_are_taken_apart() {
        check("wss://user@host:8084/mqtt", "wss host 8084 /mqtt user -");
        check("mqtt://h", "mqtt h - - - -");
        check("MQTTS://h:8883/", "mqtts h 8883 - - -");
        check("ws://h/mqtt?token=a/b", "ws h - /mqtt?token=a/b - -");
        check("ws://h?token=1", "ws h - /?token=1 - -");
        check("mqtt://u:p@[2001:db8::1]:1884", "mqtt 2001:db8::1 1884 - u p");
        check("mqtt://[fe80::1%25eth0]", "mqtt fe80::1%eth0 - - - -");
        check("mqtt://a%40b:p%3A%2f%E4%BD%A0@h", "mqtt h - - a@b p:/你");
        check("mqtt://u:p:q@h", "mqtt h - - u p:q");
        check("mqtt://u@x:p@h", "mqtt h - - u@x p");
        check("mqtt://münchen.de", "mqtt xn--mnchen-3ya.de - - - -");
    }

    #[test]
    fn aliases_name_the_same_schemes() {
        for (alias, scheme) in [
            ("tcp", "mqtt"),
            ("ssl", "mqtts"),
            ("tls", "mqtts"),
            ("mqtt+ssl", "mqtts"),
            ("http", "ws"),
            ("https", "wss"),
        ] {
            check(&format!("{alias}://h"), &format!("{scheme} h - - - -"));
        }
    }

    #[test]
    fn addresses_without_a_scheme_and_with_quotes_are_read() {
        check("broker.example.com:1883", "- broker.example.com 1883 - - -");
        check(" \"host\" ", "- host - - - -");
        check("<mqtt://h:1>", "mqtt h 1 - - -");
        check("::1", "- ::1 - - - -");
        check("[::1]:1883", "- ::1 1883 - - -");
        check("h:8083/mqtt", "- h 8083 /mqtt - -");
        check("h:", "- h - - - -");
    }

    #[test]
    fn what_is_no_address_says_which_part_is_wrong() {
        check("", "empty");
        check("  '' ", "empty");
        check("ftp://h", "scheme_unknown");
        check("mqtt://", "host_missing");
        check("mqtt://:1883", "host_missing");
        check("mqtt://a b", "host_invalid");
        check("mqtt://[::g]", "host_invalid");
        check("mqtt://[::1", "host_invalid");
        check("mqtt://[::1]x", "host_invalid");
        check("h:0", "port_invalid");
        check("h:65536", "port_invalid");
        check("h:+80", "port_invalid");
        check("mqtt://u%zz@h", "percent_invalid");
        check("mqtt://u%ff@h", "percent_invalid");
        check("ws://h/a#b", "path_invalid");
        check("ws://h/a b", "path_invalid");
    }

    #[test]
    fn no_error_and_no_debug_output_shows_a_password() {
        let error = parse("mqtt://user:hunter2/x@host").unwrap_err();
        assert_eq!(error, AddressError::CredentialsNotEncoded);
        assert!(!format!("{error:?} {error}").contains("hunter2"));
        let address = parse("mqtt://user:hunter2@host").unwrap();
        assert!(!format!("{address:?}").contains("hunter2"));
    }

    proptest! {
        #[test]
        fn no_text_makes_parsing_panic(text in "\\PC{0,60}") {
            let _ = parse(&text);
        }

        #[test]
        fn what_endpoint_writes_is_read_back(
            host in "[a-z]{1,9}(\\.[a-z]{1,9}){0,2}", port in 1u16.., scheme in 0usize..4
        ) {
            let scheme = Scheme::ALL[scheme];
            let endpoint = crate::Endpoint { scheme, host, port, path: "/p/q?r=1".into() };
            let parsed = parse(&endpoint.to_string()).unwrap();
            prop_assert_eq!(parsed.scheme, Some(scheme));
            prop_assert_eq!(parsed.host, endpoint.host);
            prop_assert_eq!(parsed.port, Some(port));
            prop_assert_eq!(parsed.path.is_some(), scheme.is_websocket());
        }
    }
}
