//! The words for what the WebSocket request met, and for whatever has no words of its own.

use mqttscope_model::{Endpoint, ErrorCode, Scheme};

use super::{Wording, shown_path, words};
use crate::Spoken;
use crate::error::DialCause;

pub(super) fn upgrade(cause: &DialCause, endpoint: &Endpoint) -> Wording {
    use DialCause as C;
    use ErrorCode as E;
    let Endpoint { host, port, path, .. } = endpoint;
    let path = shown_path(path);
    match cause {
        C::PathNotFound => words(
            E::WebSocketPathNotFound,
            format!("{host} knows no path {path} (HTTP 404)."),
            "Check the path: most brokers use /mqtt, some / or /ws.",
        ),
        C::Unauthorised { status } => words(
            E::WebSocketUnauthorised,
            format!("{host} refused the WebSocket request for {path} (HTTP {status})."),
            "A proxy or gateway before the broker wants credentials; they are not the MQTT user name and password.",
        ),
        C::Redirected { status, location } => redirected(endpoint, *status, location),
        C::GatewayFailed { status } => words(
            E::WebSocketGatewayFailed,
            format!("The proxy at {host} cannot reach the broker (HTTP {status})."),
            "The broker behind it is down, or the proxy's configuration names another address.",
        ),
        C::NotUpgraded { status, page: true } => words(
            E::WebSocketNotUpgraded,
            format!("{host} answered {path} with a web page (HTTP {status})."),
            "The path is a web page's, or a login page stands in between; the beginning of the page tells.",
        ),
        C::NotUpgraded { status, page: false } => words(
            E::WebSocketNotUpgraded,
            format!(
                "{host} answered {path} like a web server, not like a WebSocket (HTTP {status})."
            ),
            "A proxy does not pass on Upgrade and Connection, or the path is another service's.",
        ),
        C::WebSocketRefused { status } => words(
            E::WebSocketRefused,
            format!("{host} refused the WebSocket request for {path} (HTTP {status})."),
            "Check the path, and the log of the broker or of the proxy before it.",
        ),
        C::SubprotocolMissing => words(
            E::WebSocketSubprotocol,
            format!("{host} accepted the WebSocket at {path}, but named no subprotocol."),
            "Broker or proxy must echo Sec-WebSocket-Protocol; if the path is another service's, mend the path.",
        ),
        C::SubprotocolOther { answered } => words(
            E::WebSocketSubprotocol,
            format!(
                "{host} answered at {path} with the WebSocket subprotocol \"{answered}\", which was not asked for."
            ),
            "Another MQTT version may fit (3.1 is mqttv3.1, later ones are mqtt), or the path is another service's.",
        ),
        C::TlsWanted => words(
            E::WebSocketTlsWanted,
            format!("Port {port} of {host} wants TLS."),
            "Use wss on this port.",
        ),
        C::HttpNotSpoken { spoken: Spoken::Mqtt } => words(
            E::WebSocketNotSpoken,
            format!("Port {port} of {host} does not speak WebSocket, but MQTT."),
            "Use mqtt (or mqtts) on this port.",
        ),
        C::HttpNotSpoken { spoken } => words(
            E::WebSocketNotSpoken,
            format!("Port {port} of {host} does not speak HTTP, but {}.", spoken.name()),
            "This is another service's port: check the port.",
        ),
        C::WebSocketClosed => words(
            E::WebSocketClosed,
            format!("{host} closed the connection without an answer to the WebSocket request."),
            format!(
                "Port {port} may be one for MQTT without WebSocket, or one for TLS: check scheme and port."
            ),
        ),
        C::WebSocketTimedOut => words(
            E::WebSocketTimedOut,
            format!("{host} did not answer the WebSocket request for {path} in time."),
            "The port may wait for a protocol other than HTTP, or a proxy holds the request: check scheme and port.",
        ),
        C::WebSocketFailed { reason } => words(
            E::WebSocketFailed,
            format!("The WebSocket handshake with {host} failed: {reason}."),
            "The answer is not that of a WebSocket server: check path and proxy.",
        ),
        other => words(E::Internal, format!("The dial to {host} failed: {other:?}."), ""),
    }
}

fn redirected(endpoint: &Endpoint, status: u16, location: &str) -> Wording {
    let (host, path) = (&endpoint.host, shown_path(&endpoint.path));
    let to = if location.is_empty() { String::new() } else { format!(" to {location}") };
    let hint = if location.starts_with("https:") && endpoint.scheme == Scheme::Ws {
        "The server wants TLS: use wss, and that address if it is another."
    } else {
        "Use that address in the profile if it is the broker's; a login page means that a portal stands in between."
    };
    let message = format!("{host} answered {path} with a redirect{to} (HTTP {status}).");
    words(ErrorCode::WebSocketRedirected, message, hint)
}
