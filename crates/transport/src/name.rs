//! The name stage: from a host name to addresses, in the order in which they shall be tried.
//!
//! The operating system's resolver is asked, so `/etc/hosts`, mDNS and split DNS behave as everywhere
//! on the machine. `dns-lookup` is used because it keeps the resolver's error number; the standard
//! library keeps a text only, which changes with the language. The price: a lookup is a blocking call
//! on a thread of its own, and a dropped dial leaves that thread to finish by itself.

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};

use dns_lookup::{AddrInfoHints, LookupError, LookupErrorKind, SockType, getaddrinfo};

use mqttscope_model::{AddressFamily, NameFacts};

use crate::error::DialCause;
use crate::evidence::Failure;

/// The addresses of `host` that `family` allows, in its order, and the line of evidence. An address that stands as the host
/// is taken whatever the family: there is nothing to choose. What was found goes into `facts`.
pub(crate) async fn look_up(
    host: &str,
    port: u16,
    family: AddressFamily,
    facts: &mut NameFacts,
) -> Result<(Vec<SocketAddr>, String), Failure> {
    if let Ok(ip) = host.parse::<IpAddr>() {
        facts.addresses = vec![ip.to_string()];
        return Ok((vec![SocketAddr::new(ip, port)], format!("{ip} is an address")));
    }
    let name = host.to_owned();
    let found = match tokio::task::spawn_blocking(move || ask(&name, port)).await {
        Ok(found) => found?,
        Err(error) => {
            return Err(Failure::new(DialCause::NameLookupFailed { reason: error.to_string() }));
        }
    };
    let all = found.len();
    let addresses = order(found.clone(), family);
    let text = |address: &SocketAddr| address.ip().to_string();
    facts.addresses = addresses.iter().map(text).collect();
    facts.left_out =
        found.iter().filter(|address| !addresses.contains(address)).map(text).collect();
    if addresses.is_empty() {
        let evidence = match family {
            AddressFamily::OnlyIpv4 if all > 0 => format!("{host} has IPv6 addresses only"),
            AddressFamily::OnlyIpv6 if all > 0 => format!("{host} has IPv4 addresses only"),
            _ => format!("{host} has no address"),
        };
        return Err(Failure::new(DialCause::NameNotFound).evidence(evidence));
    }
    let shown = facts.addresses.join(", ");
    Ok((addresses, format!("{host} is {shown}")))
}

fn ask(host: &str, port: u16) -> Result<Vec<SocketAddr>, Failure> {
    let hints = AddrInfoHints { socktype: SockType::Stream.into(), ..AddrInfoHints::default() };
    let found = getaddrinfo(Some(host), None, Some(hints)).map_err(|error| failure(host, error))?;
    let mut addresses = Vec::new();
    for mut address in found.filter_map(Result::ok).map(|info| info.sockaddr) {
        address.set_port(port);
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    Ok(addresses)
}

fn failure(host: &str, error: LookupError) -> Failure {
    let not_found = matches!(error.kind(), LookupErrorKind::NoName | LookupErrorKind::NoData);
    let text = std::io::Error::from(error).to_string();
    let reason = text.rsplit(": ").next().unwrap_or(&text).to_owned();
    let evidence = format!("looking up {host}: {reason}");
    let cause = if not_found {
        DialCause::NameNotFound
    } else {
        DialCause::NameLookupFailed { reason: reason.clone() }
    };
    Failure::new(cause).evidence(evidence).detail("reason", reason)
}

/// The addresses that `family` allows, in its order.
fn order(found: Vec<SocketAddr>, family: AddressFamily) -> Vec<SocketAddr> {
    let (v4, v6): (Vec<_>, Vec<_>) = found.iter().copied().partition(SocketAddr::is_ipv4);
    match family {
        AddressFamily::Any => interleave(found),
        AddressFamily::PreferIpv4 => [v4, v6].concat(),
        AddressFamily::PreferIpv6 => [v6, v4].concat(),
        AddressFamily::OnlyIpv4 => v4,
        AddressFamily::OnlyIpv6 => v6,
    }
}

/// Alternates between the families, beginning with that of the first address, and keeps the
/// resolver's order within each (RFC 8305, section 4).
fn interleave(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let first_is_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (mut these, mut others): (VecDeque<_>, VecDeque<_>) =
        addresses.into_iter().partition(|address| address.is_ipv6() == first_is_v6);
    let mut ordered = Vec::with_capacity(these.len() + others.len());
    while let Some(address) = these.pop_front() {
        ordered.push(address);
        ordered.extend(others.pop_front());
    }
    ordered.extend(others);
    ordered
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn a_family_is_preferred_or_the_only_one() {
        let [v6, v4, other]: [SocketAddr; 3] =
            ["[::1]:1", "1.1.1.1:1", "[::2]:1"].map(|text| text.parse().unwrap());
        let ordered = |family| order(vec![v6, v4, other], family);
        assert_eq!(ordered(AddressFamily::Any), [v6, v4, other]);
        assert_eq!(ordered(AddressFamily::PreferIpv4), [v4, v6, other]);
        assert_eq!(ordered(AddressFamily::PreferIpv6), [v6, other, v4]);
        assert_eq!(ordered(AddressFamily::OnlyIpv4), [v4]);
        assert_eq!(ordered(AddressFamily::OnlyIpv6), [v6, other]);
    }

    #[test]
    fn families_take_turns_and_keep_their_order() {
        let parse = |list: &[&str]| -> Vec<SocketAddr> {
            list.iter().map(|text| text.parse().unwrap()).collect()
        };
        let found = parse(&["[::1]:1", "[::2]:1", "[::3]:1", "1.1.1.1:1", "2.2.2.2:1"]);
        let expect = parse(&["[::1]:1", "1.1.1.1:1", "[::2]:1", "2.2.2.2:1", "[::3]:1"]);
        assert_eq!(interleave(found), expect);
        let found = parse(&["1.1.1.1:1", "[::1]:1", "[::2]:1"]);
        assert_eq!(interleave(found.clone()), found);
        assert_eq!(interleave(Vec::new()), Vec::new());
    }
}
