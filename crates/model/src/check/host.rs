//! What can be a host: a name, an IPv4 address or an IPv6 address without brackets.
//!
//! Looser than RFC 1123 in one point: `_` is allowed, because names in container networks have it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The longest host name in characters (RFC 1035, section 2.3.4, as text).
pub(crate) const MAX_NAME: usize = 253;

/// Why a text is no host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HostFault {
    Empty,
    Scheme,
    Brackets,
    UserName,
    Path,
    Port,
    Space,
    NotAscii,
    TooLong,
    Invalid,
}

/// Whether `host` can be looked up or is an address.
pub(crate) fn check(host: &str) -> Result<(), HostFault> {
    if host.is_empty() {
        return Err(HostFault::Empty);
    }
    if host.contains("://") {
        return Err(HostFault::Scheme);
    }
    if host.contains(char::is_whitespace) {
        return Err(HostFault::Space);
    }
    if is_ipv6(host) {
        return Ok(());
    }
    if host.contains('@') {
        return Err(HostFault::UserName);
    }
    if host.contains(['/', '?']) {
        return Err(HostFault::Path);
    }
    if host.starts_with('[') {
        return Err(HostFault::Brackets);
    }
    if let Some((_, port)) = host.split_once(':') {
        let digits = !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
        return Err(if digits { HostFault::Port } else { HostFault::Invalid });
    }
    if !host.is_ascii() {
        return Err(HostFault::NotAscii);
    }
    check_name(host)
}

/// The host itself is this machine: `localhost`, 127.0.0.0/8, `::1`.
pub(crate) fn is_loopback(host: &str) -> bool {
    let name = host.trim_end_matches('.').to_ascii_lowercase();
    name == "localhost"
        || name.ends_with(".localhost")
        || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// An IPv4 or IPv6 address, as opposed to a name.
pub(crate) fn is_address(host: &str) -> bool {
    host.parse::<Ipv4Addr>().is_ok() || is_ipv6(host)
}

/// An IPv6 address without brackets, with or without a zone (`fe80::1%eth0`).
pub(crate) fn is_ipv6(host: &str) -> bool {
    let (address, zone) = host.split_once('%').map_or((host, None), |(a, z)| (a, Some(z)));
    address.parse::<Ipv6Addr>().is_ok() && zone != Some("")
}

/// The form in ASCII of a name in another script (RFC 5891), where there is one.
pub(crate) fn to_ascii(host: &str) -> Option<String> {
    match url::Host::parse(host) {
        Ok(url::Host::Domain(name)) => Some(name),
        _ => None,
    }
}

fn check_name(host: &str) -> Result<(), HostFault> {
    let name = host.strip_suffix('.').unwrap_or(host);
    if name.len() > MAX_NAME {
        return Err(HostFault::TooLong);
    }
    let label_is_valid = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    if !name.split('.').all(label_is_valid) {
        return Err(HostFault::Invalid);
    }
    // No top-level domain is a number, so what ends in one is meant as an IPv4 address.
    let last_is_number =
        name.rsplit('.').next().is_some_and(|label| label.bytes().all(|b| b.is_ascii_digit()));
    if last_is_number && name.parse::<Ipv4Addr>().is_err() {
        return Err(HostFault::Invalid);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_names_or_addresses() {
        let longest = format!("{0}.{0}.{0}.{1}", "a".repeat(63), "b".repeat(61));
        for host in [
            "localhost",
            "broker.example.com",
            "broker.example.com.",
            "my_broker",
            "a-b.c",
            "192.168.1.2",
            "::1",
            "2001:db8::1",
            "fe80::1%eth0",
            "xn--mnchen-3ya.de",
            "3com.example",
            &longest,
        ] {
            assert_eq!(check(host), Ok(()), "{host}");
        }
    }

    #[test]
    fn what_is_no_host_says_why() {
        for (host, fault) in [
            ("", HostFault::Empty),
            ("mqtt://a", HostFault::Scheme),
            ("a b", HostFault::Space),
            (" a", HostFault::Space),
            ("a:1883", HostFault::Port),
            ("[::1]", HostFault::Brackets),
            ("a:b", HostFault::Invalid),
            ("münchen.de", HostFault::NotAscii),
            ("a..b", HostFault::Invalid),
            ("-a", HostFault::Invalid),
            ("a/b", HostFault::Path),
            ("a:1883/b", HostFault::Path),
            ("a?b", HostFault::Path),
            ("u@a", HostFault::UserName),
            ("u:p@a:1883/b", HostFault::UserName),
            ("256.1.1.1", HostFault::Invalid),
            ("1.2.3", HostFault::Invalid),
            ("fe80::1%", HostFault::Invalid),
        ] {
            assert_eq!(check(host), Err(fault), "{host}");
        }
        assert_eq!(check(&"a.".repeat(127)), Ok(()));
        assert_eq!(check(&"a.".repeat(128)), Err(HostFault::TooLong));
    }

    #[test]
    fn this_machine_is_known_by_all_its_names() {
        for host in ["localhost", "LOCALHOST", "a.localhost", "127.0.0.1", "127.9.9.9", "::1"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["10.0.0.1", "localhost.example", "::2"] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
