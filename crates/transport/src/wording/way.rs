//! The words for what the way to the broker met before TLS: a proxy, a secret that is not there, a header.

use mqttscope_model::{Endpoint, ErrorCode};

use super::{Wording, words};
use crate::error::DialCause;

pub(super) fn way(cause: &DialCause, endpoint: &Endpoint) -> Option<Wording> {
    use DialCause as C;
    use ErrorCode as E;
    let broker = endpoint.authority();
    Some(match cause {
        C::SecretMissing { slot } => words(
            E::SecretMissing,
            format!("The profile names a secret ({slot}) that the keychain does not hold."),
            "Open the profile and give it again.",
        ),
        C::HeaderInvalid { name, reason } => words(
            E::WebSocketHeaderInvalid,
            format!("The WebSocket header \"{name}\" cannot be sent: {reason}."),
            "Names are letters, digits and hyphens, values have one line; Host, Connection, Upgrade and Sec-WebSocket headers are set by the application.",
        ),
        C::ProxyInvalid { reason } => words(
            E::ProxyInvalid,
            format!("The proxy cannot be used: {reason}."),
            "Check host, port, user name and kind of the proxy; HTTP and SOCKS 5 proxies are supported.",
        ),
        C::ProxyUnreachable { proxy, reason } => words(
            E::ProxyUnreachable,
            format!("The proxy {proxy} could not be reached: {reason}"),
            "Check the proxy's host and port, and whether it runs; without a proxy, choose none.",
        ),
        C::ProxyUnauthorised { proxy, sent: true } => words(
            E::ProxyUnauthorised,
            format!("The proxy {proxy} does not accept the user name and password."),
            "Check user name and password of the proxy; they are not those of MQTT.",
        ),
        C::ProxyUnauthorised { proxy, sent: false } => words(
            E::ProxyUnauthorised,
            format!("The proxy {proxy} wants a user name and password, and none were sent."),
            "Give the proxy's user name and password in the profile; they are not those of MQTT.",
        ),
        C::ProxyForbidden { proxy } => words(
            E::ProxyForbidden,
            format!("The proxy {proxy} does not allow a connection to {broker}."),
            "Many proxies allow port 443 only: ask its administrator to allow the broker's address and port.",
        ),
        C::ProxyBrokerUnreachable { proxy, answer } => words(
            E::ProxyBrokerUnreachable,
            format!("The proxy {proxy} cannot reach {broker}: {answer}."),
            "The proxy was reached: check the broker's host and port, and whether the proxy's network leads there.",
        ),
        C::ProxyRefused { proxy, answer } => words(
            E::ProxyRefused,
            format!("The proxy {proxy} refused the connection to {broker}: {answer}."),
            "The proxy's log says why.",
        ),
        C::ProxyNotSpoken { proxy, wanted } => words(
            E::ProxyNotSpoken,
            format!("What listens at {proxy} is no {wanted} proxy."),
            "Check the proxy's port, and whether it is an HTTP or a SOCKS 5 proxy.",
        ),
        C::ProxyClosed { proxy } => words(
            E::ProxyClosed,
            format!("The proxy {proxy} closed the connection without an answer."),
            "Check the proxy's port and kind; it may not serve this machine.",
        ),
        C::ProxyTimedOut { proxy } => words(
            E::ProxyTimedOut,
            format!("The proxy {proxy} did not answer in time."),
            "The proxy may be unable to reach the broker, or be another service: check both addresses.",
        ),
        _ => return None,
    })
}
