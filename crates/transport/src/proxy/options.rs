//! From proxy settings as edited to the proxy that is taken.
//!
//! For "what the system says", the environment is read as curl reads it (`HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`), then the
//! settings of Windows and macOS. A tunnel is what HTTPS uses a proxy for, so `HTTP_PROXY`, which is for
//! requests in clear, is not taken: such a proxy often refuses CONNECT.

use std::time::Duration;

use http::Uri;
use http::header::HeaderValue;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use mqttscope_model::{
    ConnectStage, Endpoint, Proxy, ProxyFacts, ProxyServer, Secret, SecretSlot, Secrets,
};

use crate::error::{DialCause, DialError};
use crate::evidence::Failure;

/// A user name or password of SOCKS 5 has at most this many bytes (RFC 1929, section 2).
const MAX_SOCKS_CREDENTIAL: usize = 255;

/// The proxy that a dial takes, or none.
#[derive(Clone, Debug, Default)]
pub struct ProxyOptions {
    pub(crate) hop: Option<Hop>,
    evidence: String,
}

/// A proxy and what it is told of us.
#[derive(Clone, Debug)]
pub(crate) struct Hop {
    pub(crate) kind: Kind,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) credentials: Credentials,
    /// Who named the proxy.
    origin: &'static str,
}

/// A kind of proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// HTTP CONNECT (RFC 9110, section 9.3.6).
    Http,
    /// SOCKS 5 (RFC 1928).
    Socks5,
}

/// What a proxy is told of us.
#[derive(Clone, Debug)]
pub(crate) enum Credentials {
    None,
    Pair {
        user_name: String,
        password: Secret,
    },
    /// The whole value of Proxy-Authorization, as the system gives it; marked as sensitive.
    Header(HeaderValue),
}

impl Hop {
    pub(crate) fn endpoint(&self) -> Endpoint {
        Endpoint { host: self.host.clone(), port: self.port, ..Endpoint::default() }
    }

    /// `host:port`, for people and for the wire.
    pub(crate) fn authority(&self) -> String {
        self.endpoint().authority()
    }

    /// `HTTP proxy proxy.example:3128 of the profile`.
    pub(crate) fn shown(&self) -> String {
        let kind = match self.kind {
            Kind::Http => "HTTP",
            Kind::Socks5 => "SOCKS 5",
        };
        format!("{kind} proxy {} of the {}", self.authority(), self.origin)
    }

    /// What is known of it before it answers.
    pub(crate) fn facts(&self) -> ProxyFacts {
        ProxyFacts {
            kind: match self.kind {
                Kind::Http => "http".to_owned(),
                Kind::Socks5 => "socks5".to_owned(),
            },
            address: self.authority(),
            named_by: self.origin.to_owned(),
            answer: String::new(),
            authenticated: !matches!(self.credentials, Credentials::None),
        }
    }
}

impl ProxyOptions {
    /// The proxy that `settings` mean for `broker`. For [`Proxy::System`] the environment and the operating
    /// system's settings are read.
    ///
    /// # Errors
    /// At [`ConnectStage::Settings`]: a missing host or port, a user name or password that the protocol cannot carry,
    /// a password that the keychain does not hold, a system's proxy of another kind.
    pub fn read(settings: &Proxy, broker: &Endpoint, secrets: &Secrets) -> Result<Self, DialError> {
        let resolved = match settings {
            Proxy::None => return Ok(Self::default()),
            Proxy::System => {
                match Self::from_matcher(&Matcher::from_env(), broker, "environment") {
                    // The system's own settings fill in what the environment leaves open.
                    Ok(Self { hop: None, .. }) => {
                        Self::from_matcher(&Matcher::from_system(), broker, "system")
                    }
                    named => named,
                }
            }
            Proxy::Http { server } => named(Kind::Http, server, secrets).map(Self::through),
            Proxy::Socks5 { server } => named(Kind::Socks5, server, secrets).map(Self::through),
        };
        resolved.map_err(|cause| {
            DialError::new(ConnectStage::Settings, broker, Duration::ZERO, Failure::new(cause))
        })
    }

    /// Which proxy is taken and who named it, as one line; empty where none was asked for.
    pub fn evidence(&self) -> &str {
        &self.evidence
    }

    /// The same proxy, told nothing of us.
    pub(crate) fn without_credentials(&self) -> Self {
        let mut stranger = self.clone();
        if let Some(hop) = &mut stranger.hop {
            hop.credentials = Credentials::None;
        }
        stranger
    }

    fn through(hop: Hop) -> Self {
        Self { evidence: hop.shown(), hop: Some(hop) }
    }

    pub(super) fn from_matcher(
        matcher: &Matcher,
        broker: &Endpoint,
        origin: &'static str,
    ) -> Result<Self, DialCause> {
        let none = |why: &str| Self { hop: None, evidence: format!("no proxy: {why}") };
        let authority = broker.authority();
        // A zone has no place in a URI; the proxy's rules do not know it either.
        let Ok(uri) =
            Uri::builder().scheme("https").authority(authority).path_and_query("/").build()
        else {
            return Ok(none("the broker's name is none that the system's rules could be for"));
        };
        match matcher.intercept(&uri) {
            None => Ok(none("the system names none for this address")),
            Some(found) => system(&found, origin).map(Self::through),
        }
    }
}

fn system(found: &Intercept, origin: &'static str) -> Result<Hop, DialCause> {
    let uri = found.uri();
    let scheme = uri.scheme_str().unwrap_or_default();
    let (kind, default_port) = match scheme {
        "http" => (Kind::Http, 80),
        "socks5" | "socks5h" => (Kind::Socks5, 1080),
        other => {
            let reason =
                format!("the system's proxy is of the kind {other}, which is not supported");
            return Err(DialCause::ProxyInvalid { reason });
        }
    };
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    let credentials = match (found.basic_auth(), found.raw_auth()) {
        (Some(header), _) => Credentials::Header(header.clone()),
        (None, Some((user_name, password))) => {
            Credentials::Pair { user_name: user_name.to_owned(), password: Secret::new(password) }
        }
        (None, None) => Credentials::None,
    };
    let port = uri.port_u16().unwrap_or(default_port);
    checked(Hop { kind, host, port, credentials, origin })
}

fn named(kind: Kind, server: &ProxyServer, secrets: &Secrets) -> Result<Hop, DialCause> {
    let slot = SecretSlot::ProxyPassword;
    let password = match (&server.password, secrets.get(&slot)) {
        (_, Some(password)) => password.clone(),
        (Some(_), None) => return Err(DialCause::SecretMissing { slot: slot.to_string() }),
        (None, None) => Secret::new(""),
    };
    let user_name = server.user_name.clone();
    let credentials = if user_name.is_empty() {
        Credentials::None
    } else {
        Credentials::Pair { user_name, password }
    };
    let host = server.host.trim().to_owned();
    checked(Hop { kind, host, port: server.port, credentials, origin: "profile" })
}

fn checked(hop: Hop) -> Result<Hop, DialCause> {
    let problem = match (&hop.credentials, hop.kind) {
        _ if hop.host.is_empty() => Some("its host is missing"),
        _ if hop.port == 0 => Some("its port is 0"),
        // RFC 7617, section 2: the first colon ends the user name.
        (Credentials::Pair { user_name, .. }, Kind::Http) if user_name.contains(':') => {
            Some("its user name holds a colon, which Basic authentication cannot carry")
        }
        (Credentials::Pair { user_name, password }, Kind::Socks5)
            if user_name.len() > MAX_SOCKS_CREDENTIAL
                || password.expose().len() > MAX_SOCKS_CREDENTIAL =>
        {
            Some("its user name or password has more than 255 bytes")
        }
        (Credentials::Pair { password, .. }, Kind::Socks5) if password.expose().is_empty() => {
            Some("its password is missing, and SOCKS 5 sends no user name without one")
        }
        _ => None,
    };
    match problem {
        None => Ok(hop),
        Some(reason) => Err(DialCause::ProxyInvalid { reason: reason.to_owned() }),
    }
}

#[cfg(test)]
mod unit {
    use super::*;

    fn broker(host: &str) -> Endpoint {
        Endpoint { host: host.to_owned(), port: 1883, ..Endpoint::default() }
    }

    #[test]
    fn the_systems_proxy_is_taken_except_where_it_says_no() {
        let matcher = || {
            Matcher::builder()
                .http("http://other.example:1")
                .https("http://user:pass@proxy.example:3128")
                .no("plant.example,10.0.0.0/8")
                .build()
        };
        let taken =
            ProxyOptions::from_matcher(&matcher(), &broker("cloud.example"), "system").unwrap();
        assert_eq!(taken.evidence(), "HTTP proxy proxy.example:3128 of the system");
        assert!(matches!(taken.hop.unwrap().credentials, Credentials::Header(_)));
        for host in ["plant.example", "broker.plant.example", "10.1.2.3"] {
            let taken = ProxyOptions::from_matcher(&matcher(), &broker(host), "system").unwrap();
            assert!(taken.hop.is_none(), "{host}");
            assert!(taken.evidence().starts_with("no proxy"));
        }
    }

    #[test]
    fn the_systems_socks_proxy_brings_its_credentials_and_none_of_them_is_shown() {
        let matcher = Matcher::builder().all("socks5h://user:hunter2@[::1]").build();
        let taken = ProxyOptions::from_matcher(&matcher, &broker("::1"), "system").unwrap();
        assert_eq!(taken.evidence(), "SOCKS 5 proxy [::1]:1080 of the system");
        assert!(!format!("{taken:?}").contains("hunter2"));
        let matcher = Matcher::builder().all("http://user:hunter2@p").build();
        let taken = ProxyOptions::from_matcher(&matcher, &broker("h"), "system").unwrap();
        assert!(
            !format!("{taken:?}").contains("hunter2") && !format!("{taken:?}").contains("Basic")
        );
    }

    #[test]
    fn a_kind_that_is_not_there_is_said() {
        for url in ["https://proxy.example", "socks4://proxy.example"] {
            let matcher = Matcher::builder().all(url).build();
            let cause = ProxyOptions::from_matcher(&matcher, &broker("h"), "system").unwrap_err();
            assert!(matches!(cause, DialCause::ProxyInvalid { .. }), "{cause:?}");
        }
    }

    #[test]
    fn what_no_protocol_can_carry_is_refused() {
        let server = ProxyServer {
            host: "p".to_owned(),
            port: 1,
            user_name: "u".to_owned(),
            password: None,
        };
        let with = |kind, edit: fn(&mut ProxyServer), password: &str| {
            let mut server = server.clone();
            edit(&mut server);
            let mut secrets = Secrets::default();
            if !password.is_empty() {
                secrets.insert(SecretSlot::ProxyPassword, Secret::new(password));
            }
            named(kind, &server, &secrets).map(|_| ())
        };
        assert_eq!(with(Kind::Http, |_| (), ""), Ok(()));
        assert_eq!(with(Kind::Socks5, |_| (), "p"), Ok(()));
        let long = "x".repeat(256);
        type Edit = fn(&mut ProxyServer);
        let cases: [(Kind, Edit, &str); 5] = [
            (Kind::Http, |server| server.host = " ".to_owned(), ""),
            (Kind::Http, |server| server.port = 0, ""),
            (Kind::Http, |server| server.user_name = "a:b".to_owned(), ""),
            (Kind::Socks5, |_| (), ""),
            (Kind::Socks5, |_| (), &long),
        ];
        for (kind, edit, password) in cases {
            assert!(matches!(with(kind, edit, password), Err(DialCause::ProxyInvalid { .. })));
        }
    }
}
