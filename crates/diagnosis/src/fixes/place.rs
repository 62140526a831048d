//! Where a redirect or a Server Reference leads.

use mqttscope_model::Scheme;
use serde_json::json;

use super::Fixes;
use crate::{Fix, FixCode};

/// A place that somebody named; what it leaves open stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// The scheme that it leads to.
    pub(crate) scheme: Option<Scheme>,
    /// The host; none means the same one.
    pub(crate) host: Option<String>,
    /// The port, where it is named or goes with the scheme.
    pub(crate) port: Option<u16>,
    /// The path without its query, which may hold a token.
    pub(crate) path: Option<String>,
}

/// Reads `scheme://host:port/path`, `//host/path`, `/path` or `host:port`; none where no host or path can be read.
pub(crate) fn place_of(text: &str) -> Option<Place> {
    let text = text.trim().split(['?', '#']).next()?;
    if text.starts_with('/') && !text.starts_with("//") {
        return Some(Place { path: Some(text.to_owned()), ..Place::default() });
    }
    let (scheme, rest) = match text.split_once("//") {
        Some((scheme, rest)) => (scheme.trim_end_matches(':'), rest),
        None => ("", text),
    };
    let (authority, path) = match rest.find('/') {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    let (host, port) = host_and_port(authority)?;
    let (scheme, usual) = match scheme.to_ascii_lowercase().as_str() {
        "http" | "ws" => (Some(Scheme::Ws), Some(80)),
        "https" | "wss" => (Some(Scheme::Wss), Some(443)),
        "mqtt" | "tcp" => (Some(Scheme::Mqtt), Some(1883)),
        "mqtts" | "ssl" | "tls" => (Some(Scheme::Mqtts), Some(8883)),
        _ => (None, None),
    };
    let path = (!path.is_empty()).then(|| path.to_owned());
    Some(Place { scheme, host: Some(host), port: port.or(usual), path })
}

/// `host`, `host:port`, `[v6]:port` or a bare IPv6 address. What could not be a host is none.
fn host_and_port(authority: &str) -> Option<(String, Option<u16>)> {
    let authority = authority.rsplit('@').next()?;
    let (host, port) = if let Some(rest) = authority.strip_prefix('[') {
        let (host, tail) = rest.split_once(']')?;
        (host, tail.strip_prefix(':'))
    } else {
        match authority.split_once(':') {
            Some((host, port)) if !port.contains(':') => (host, Some(port)),
            _ => (authority, None),
        }
    };
    let port = match port {
        Some(port) => Some(port.parse::<u16>().ok().filter(|port| *port != 0)?),
        None => None,
    };
    let is_address = host.parse::<std::net::IpAddr>().is_ok();
    (is_address || is_host_name(host)).then(|| (host.to_owned(), port))
}

/// Whether a text is a DNS name of a host; a wildcard is none.
pub(crate) fn is_host_name(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
    };
    text.len() <= 253
        && text.parse::<std::net::IpAddr>().is_err()
        && text.trim_end_matches('.').split('.').all(label)
}

impl Fixes<'_> {
    /// The place that was named, as a change of the endpoint: its host, its scheme, or only its path.
    pub(crate) fn go_to(&self, place: &Place) -> Option<Fix> {
        let endpoint = &self.profile.endpoint;
        let host = place.host.as_deref().unwrap_or(&endpoint.host);
        let scheme = place.scheme.unwrap_or(endpoint.scheme);
        let port = place.port.unwrap_or(endpoint.port);
        let mut after = vec![
            ("endpoint.host", json!(host)),
            ("endpoint.port", json!(port)),
            ("endpoint.scheme", json!(scheme)),
        ];
        if let Some(path) = place.path.as_deref().filter(|_| scheme.is_websocket()) {
            after.push(("endpoint.path", json!(path)));
        }
        let shown =
            if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
        if !host.eq_ignore_ascii_case(&endpoint.host) {
            return self.set(FixCode::UseHost, &[("address", &shown)], &after);
        }
        let port_text = port.to_string();
        if scheme != endpoint.scheme {
            let details = [("scheme", scheme.as_str()), ("port", port_text.as_str())];
            return self.set(FixCode::UseScheme, &details, &after);
        }
        if port != endpoint.port {
            let details = [("scheme", scheme.as_str()), ("port", port_text.as_str())];
            return self.set(FixCode::UsePort, &details, &after);
        }
        self.use_path(place.path.as_deref()?)
    }
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn places_are_read_in_every_form_that_servers_write() {
        let cases = [
            ("/mqtt?token=x", (None, None, None, Some("/mqtt"))),
            (
                "https://a.example/login",
                (Some(Scheme::Wss), Some("a.example"), Some(443), Some("/login")),
            ),
            ("http://a.example:8083", (Some(Scheme::Ws), Some("a.example"), Some(8083), None)),
            ("//a.example/x", (None, Some("a.example"), None, Some("/x"))),
            ("a.example:1884", (None, Some("a.example"), Some(1884), None)),
            ("[::1]:1884", (None, Some("::1"), Some(1884), None)),
            ("fe80::1", (None, Some("fe80::1"), None, None)),
            ("10.0.0.2", (None, Some("10.0.0.2"), None, None)),
        ];
        for (text, (scheme, host, port, path)) in cases {
            let place = place_of(text).unwrap_or_else(|| panic!("{text}"));
            let seen = (place.scheme, place.host.as_deref(), place.port, place.path.as_deref());
            assert_eq!(seen, (scheme, host, port, path), "{text}");
        }
        for text in ["", "a b", "a.example:0", "a.example:99999", "*.example", "https://"] {
            assert_eq!(place_of(text), None, "{text}");
        }
    }
}
