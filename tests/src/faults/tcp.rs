//! Faults of the name lookup, of TCP, and of what listens where a broker was expected.

use mqttscope_model::Scheme;

use super::lab::{Deaf, FullBacklog};
use super::{Fault, at, named, rows};

rows![nothing_listens, the_packets_are_dropped, the_name_is_unknown];

/// Nothing listens on the port.
pub async fn nothing_listens() -> Fault {
    let deaf = Deaf::start();
    Fault::new(at(Scheme::Mqtt, deaf.port()), "tcp", "tcp.refused", "check_broker_runs")
        .words(&["refused"])
        .keep(deaf)
}

/// A firewall drops the packets.
pub async fn the_packets_are_dropped() -> Fault {
    let full = FullBacklog::start().await;
    Fault::new(at(Scheme::Mqtt, full.port()), "tcp", "tcp.timed_out", "open_firewall")
        .with(|profile| profile.connect_timeout = 1)
        .words(&["timed out", "etimedout"])
        .keep(full)
}

/// A name that is in no name server ([RFC 6761, section 6.4] keeps `invalid` free).
///
/// [RFC 6761, section 6.4]: https://www.rfc-editor.org/rfc/rfc6761#section-6.4
pub async fn the_name_is_unknown() -> Fault {
    Fault::new(named(Scheme::Mqtt, "x.invalid", 1883), "name", "name.not_found", "check_name")
        .words(&["enotfound", "lookup", "name or service"])
}
