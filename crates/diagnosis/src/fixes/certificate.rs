//! Fixes of trust, names and the terms of a TLS handshake.

use mqttscope_model::{CertificateFacts, Scheme, TlsTrust};
use serde_json::json;

use super::Fixes;
use super::place::is_host_name;
use crate::{Fix, FixCode};

/// RSA keys below this are not used by the TLS library, pinned or not.
pub(crate) const SMALLEST_RSA_BITS: u32 = 2048;

impl Fixes<'_> {
    /// The broker's own certificate, as far as it was seen.
    pub(crate) fn leaf(&self) -> Option<&CertificateFacts> {
        self.account.facts.tls.as_ref()?.chain.first()
    }

    /// A pin on the broker's own certificate. Not where it would not help: a key that the library does not verify with,
    /// or a certificate that cannot be read.
    pub(crate) fn trust_certificate(&self) -> Option<Fix> {
        if self.leaf().is_some_and(|leaf| leaf.version == 0 || is_weak(leaf)) {
            return None;
        }
        let error = self.account.attempt.error.as_ref();
        let said = |name| error.and_then(|error| error.details.get(name));
        let sha256 = self
            .leaf()
            .map(|leaf| &leaf.sha256)
            .or_else(|| said("certificate_sha256"))
            .or_else(|| said("sha256"))
            .filter(|sha256| !sha256.is_empty())?;
        let roots = json!({ "kind": "pinned", "sha256": [sha256] });
        self.set(FixCode::TrustCertificate, &[("sha256", sha256)], &[("tls.roots", roots)])
    }

    /// The operating system's authorities, where the profile has others.
    pub(crate) fn use_system_roots(&self) -> Option<Fix> {
        self.set(FixCode::UseSystemRoots, &[], &[("tls.roots", json!({ "kind": "system" }))])
    }

    /// The authorities of the profile.
    pub(crate) fn choose_ca(&self) -> Option<Fix> {
        self.field(FixCode::ChooseCa, "tls.roots")
    }

    /// Whether the operating system's authorities judged.
    pub(crate) fn trusts_system(&self) -> bool {
        match &self.account.facts.tls {
            Some(tls) => tls.trust == TlsTrust::System,
            None => self.profile.tls.roots == mqttscope_model::TlsRoots::System,
        }
    }

    /// A name that the certificate is for, the host's own before all, then the one most like it.
    pub(crate) fn use_server_name(&self, names: &[String]) -> Option<Fix> {
        let host = self.profile.endpoint.host.trim_end_matches('.');
        let fits_host = names.iter().any(|name| fits(name, host)) && is_host_name(host);
        let name = if fits_host { host } else { likest(names, host)? };
        // The host needs no name of its own beside it.
        let after = if name == host { "" } else { name };
        self.set(FixCode::UseServerName, &[("name", name)], &[("tls.server_name", json!(after))])
    }

    /// The broker under a name that the certificate is for.
    pub(crate) fn use_named_host(&self, names: &[String]) -> Option<Fix> {
        let endpoint = &self.profile.endpoint;
        let address = |name: &&String| name.parse::<std::net::IpAddr>().is_ok();
        let name = likest(names, &endpoint.host)
            .or_else(|| names.iter().find(address).map(String::as_str))?;
        let shown = mqttscope_model::Endpoint { host: name.to_owned(), ..endpoint.clone() };
        let after = [("endpoint.host", json!(name)), ("tls.server_name", json!(""))];
        self.set(FixCode::UseHost, &[("address", &shown.authority())], &after)
    }

    /// The ALPN protocol that a broker of this kind wants, where it was not offered.
    pub(crate) fn use_alpn(&self) -> Option<Fix> {
        let endpoint = &self.profile.endpoint;
        let wanted = match endpoint.scheme {
            Scheme::Wss | Scheme::Ws => "http/1.1",
            _ if endpoint.port == 443 && is_aws(&endpoint.host) => "x-amzn-mqtt-ca",
            _ => "mqtt",
        };
        if self.profile.tls.alpn.iter().any(|offered| offered == wanted) {
            return None;
        }
        self.set(FixCode::UseAlpn, &[("alpn", wanted)], &[("tls.alpn", json!([wanted]))])
    }

    /// No ALPN protocol.
    pub(crate) fn without_alpn(&self) -> Option<Fix> {
        self.set(FixCode::WithoutAlpn, &[], &[("tls.alpn", json!([]))])
    }

    /// All versions of TLS that this side speaks.
    pub(crate) fn allow_tls_versions(&self) -> Option<Fix> {
        let after = [("tls.min_version", json!("1.2")), ("tls.max_version", json!("1.3"))];
        self.set(FixCode::AllowTlsVersions, &[], &after)
    }
}

/// Whether a certificate's key is one that the TLS library does not verify with.
pub(crate) fn is_weak(certificate: &CertificateFacts) -> bool {
    certificate.key.starts_with("RSA") && (1..SMALLEST_RSA_BITS).contains(&certificate.key_bits)
}

/// Whether a host is one of AWS.
pub(crate) fn is_aws(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    [".amazonaws.com", ".amazonaws.com.cn"].iter().any(|end| host.ends_with(end))
}

/// Whether a name of a certificate is for a host; `*` stands for its first label (RFC 9525, section 6.3).
fn fits(name: &str, host: &str) -> bool {
    match name.strip_prefix("*.") {
        Some(rest) => host.split_once('.').is_some_and(|(_, tail)| tail.eq_ignore_ascii_case(rest)),
        None => name.eq_ignore_ascii_case(host),
    }
}

/// The host name among the names that shares most labels with the host, counted from the end.
fn likest<'a>(names: &'a [String], host: &str) -> Option<&'a str> {
    let shared = |name: &str| {
        let pairs = name.rsplit('.').zip(host.rsplit('.'));
        pairs.take_while(|(one, other)| one.eq_ignore_ascii_case(other)).count()
    };
    let plain: Vec<&str> =
        names.iter().map(String::as_str).filter(|name| is_host_name(name)).collect();
    let most = plain.iter().map(|name| shared(name)).max()?;
    plain.into_iter().find(|name| shared(name) == most)
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn the_name_most_like_the_host_is_proposed_and_a_wildcard_never() {
        let names = |all: &[&str]| all.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let cases: [(&[&str], &str, Option<&str>); 4] = [
            (&["a.example", "mq.b.example"], "x.b.example", Some("mq.b.example")),
            (&["*.b.example", "10.0.0.1"], "x.c.example", None),
            (&["localhost", "broker"], "10.0.0.1", Some("localhost")),
            (&[], "x", None),
        ];
        for (all, host, expect) in cases {
            assert_eq!(likest(&names(all), host), expect);
        }
        assert!(fits("*.b.example", "x.b.example"));
        assert!(!fits("*.b.example", "x.y.b.example"));
    }
}
