//! Each cause as a stable code, one sentence of what happened and one of what to do.
//!
//! The window words causes by code from its own catalogues; these sentences are for the
//! command line and the log, and are the source that the catalogues are translated from.

mod identity;
mod upgrade;
mod way;

use mqttscope_model::{Endpoint, ErrorCode, Scheme};

use crate::Spoken;
use crate::error::DialCause;

/// A cause in words.
#[derive(Debug)]
pub(crate) struct Wording {
    pub(crate) code: ErrorCode,
    pub(crate) message: String,
    pub(crate) hint: String,
}

fn words(code: ErrorCode, message: impl Into<String>, hint: impl Into<String>) -> Wording {
    Wording { code, message: message.into(), hint: hint.into() }
}

/// The words for `cause` on the way to `endpoint`.
pub(crate) fn wording(cause: &DialCause, endpoint: &Endpoint) -> Wording {
    settings(cause)
        .or_else(|| identity::identity(cause))
        .or_else(|| way::way(cause, endpoint))
        .or_else(|| name_and_tcp(cause, endpoint))
        .or_else(|| certificate(cause, endpoint))
        .or_else(|| tls(cause, endpoint))
        .unwrap_or_else(|| upgrade::upgrade(cause, endpoint))
}

fn settings(cause: &DialCause) -> Option<Wording> {
    use DialCause as C;
    use ErrorCode as E;
    Some(match cause {
        C::FileUnreadable { path, reason } => words(
            E::TlsFileUnreadable,
            format!("The file {path} could not be read: {reason}."),
            "Choose the file again, or give this user the right to read it.",
        ),
        C::FileInvalid { path, wanted } => words(
            E::TlsFileInvalid,
            format!("There is no {wanted} in PEM in {path}."),
            format!(
                "PEM is text with a line that begins with \"-----BEGIN\"; choose the one that holds the {wanted}, or convert it with openssl."
            ),
        ),
        C::RootsMissing { reason } => words(
            E::TlsRootsMissing,
            format!("The operating system's certificate authorities could not be used. {reason}")
                .trim_end()
                .to_owned(),
            "Install them (Debian, Ubuntu: the package ca-certificates), or choose a CA file.",
        ),
        C::ServerNameInvalid { name } => words(
            E::TlsServerNameInvalid,
            format!(
                "\"{name}\" is neither a DNS name nor an IP address, so no certificate can be for it."
            ),
            "Mend the host, or set the server name that the broker's certificate holds.",
        ),
        C::AlpnInvalid { name } => words(
            E::TlsAlpnInvalid,
            format!("The ALPN protocol name \"{name}\" has {} bytes.", name.len()),
            "A name has 1 to 255 bytes (RFC 7301).",
        ),
        C::PathInvalid { path } => words(
            E::WebSocketPathInvalid,
            format!("\"{}\" cannot be the path of a WebSocket request.", shown_path(path)),
            "A path begins with / and has no space and no #; most brokers use /mqtt.",
        ),
        _ => return None,
    })
}

fn name_and_tcp(cause: &DialCause, endpoint: &Endpoint) -> Option<Wording> {
    use DialCause as C;
    use ErrorCode as E;
    let Endpoint { host, port, .. } = endpoint;
    Some(match cause {
        C::NameNotFound => words(
            E::NameNotFound,
            format!("The name {host} has no address."),
            "Look for a typing error; names of a company's own network need its VPN or its name server.",
        ),
        C::NameLookupFailed { reason } => words(
            E::NameLookupFailed,
            format!("The name {host} could not be looked up: {reason}."),
            "The name server did not do its part: check this machine's network, or use the broker's IP address.",
        ),
        C::NameTimedOut => words(
            E::NameTimedOut,
            format!("No answer in time to the question for the address of {host}."),
            "Check this machine's network and name server, or use the broker's IP address.",
        ),
        C::Refused => words(
            E::TcpRefused,
            format!("{host} was reached, but nothing listens on port {port}."),
            format!(
                "Check that the broker runs and which port it uses; for {} it is usually {}.",
                endpoint.scheme.as_str(),
                endpoint.scheme.default_port()
            ),
        ),
        C::TcpTimedOut => words(
            E::TcpTimedOut,
            format!("{host} did not answer on port {port} in time."),
            "A firewall drops the packets, or the address is wrong; cloud brokers often need the port opened first.",
        ),
        C::Unreachable => words(
            E::TcpUnreachable,
            format!("There is no way from this machine to {host}."),
            "Check the network connection, the VPN, and that the address is one of a network you can reach.",
        ),
        C::Reset => words(
            E::TcpReset,
            format!("The connection to {host}, port {port}, was reset while it was made."),
            "A firewall or a proxy on the way breaks it off, or the broker takes no more connections.",
        ),
        C::TcpFailed { reason } => {
            words(E::TcpFailed, format!("No connection to {host}, port {port}: {reason}."), "")
        }
        _ => return None,
    })
}

fn certificate(cause: &DialCause, endpoint: &Endpoint) -> Option<Wording> {
    use DialCause as C;
    use ErrorCode as E;
    let host = &endpoint.host;
    Some(match cause {
        C::UnknownIssuer => words(
            E::TlsUnknownIssuer,
            format!("The certificate of {host} was issued by an authority that is not trusted."),
            "Choose the CA file of its issuer; where the issuer is well known, the broker must send its intermediate certificate too.",
        ),
        C::SelfSigned => words(
            E::TlsSelfSigned,
            format!("The certificate of {host} is self-signed and not trusted."),
            "Choose it as the CA file if it is the right one; better, issue it from a certificate authority of your own.",
        ),
        C::CaAsServer => words(
            E::TlsCaAsServer,
            format!(
                "The certificate of {host} is a certificate authority's own and cannot be a server's too."
            ),
            "Most tutorials make such one; issue the broker a certificate from that authority (basicConstraints CA:FALSE), or switch verification off for a test.",
        ),
        C::NotPinned { sha256 } => words(
            E::TlsNotPinned,
            format!(
                "The certificate of {host} is none of the pinned ones; its SHA-256 is {sha256}."
            ),
            "If the broker has a new certificate, compare this fingerprint with the broker's owner and pin it; otherwise somebody may stand in between.",
        ),
        C::WrongName { name, names } => words(
            E::TlsWrongName,
            format!("The certificate of {host} is not for {name}, but for {}.", names.join(", ")),
            "Connect to one of these names, or set it as the server name.",
        ),
        C::NoNames { name } => words(
            E::TlsCertificateWithoutNames,
            format!(
                "The certificate of {host} has no Subject Alternative Name, so it is not for {name}."
            ),
            "A name in the CN alone does not count any more (RFC 9525): issue the certificate with a Subject Alternative Name.",
        ),
        C::Expired { until } => words(
            E::TlsCertificateExpired,
            format!("The certificate of {host} has expired: it was valid until {until}."),
            "Renew the broker's certificate; if the date lies ahead, this machine's clock is wrong.",
        ),
        C::NotYetValid { from } => words(
            E::TlsCertificateNotYetValid,
            format!("The certificate of {host} is not valid yet: it is from {from} on."),
            "Check this machine's clock, then the broker's certificate.",
        ),
        C::OldCertificateVersion => words(
            E::TlsCertificateVersion,
            format!("The certificate of {host} is of X.509 version 1, which cannot be used."),
            "Issue it anew as version 3, with a Subject Alternative Name.",
        ),
        C::WeakKey => words(
            E::TlsCertificateWeak,
            format!("The certificates of {host} use an RSA key of fewer than 2048 bits."),
            "Such keys are refused as too weak: issue the certificates with larger ones.",
        ),
        C::IssuerKeyDiffers => words(
            E::TlsIssuerKeyDiffers,
            format!(
                "The certificate of {host} names a trusted authority as its issuer, but was signed with another key."
            ),
            "There are two authorities of the same name, often because it was made anew: choose the CA file that belongs to the broker's certificate.",
        ),
        C::KeyNotProven => words(
            E::TlsServerKeyNotProven,
            format!("{host} could not prove that it holds the key of its certificate."),
            "The broker's certificate and key do not belong together, or somebody stands in between.",
        ),
        C::CertificateInvalid { reason } => words(
            E::TlsCertificateInvalid,
            format!("The certificate of {host} cannot be used: {reason}."),
            "Issue the broker's certificate anew.",
        ),
        _ => return None,
    })
}

fn tls(cause: &DialCause, endpoint: &Endpoint) -> Option<Wording> {
    use DialCause as C;
    use ErrorCode as E;
    let Endpoint { host, port, .. } = endpoint;
    Some(match cause {
        C::TlsNotSpoken { spoken } => not_tls(*spoken, endpoint),
        C::VersionRefused { offered } => words(
            E::TlsVersionUnsupported,
            format!("{host} speaks no version of TLS that was offered ({offered})."),
            "TLS 1.0 and 1.1 are not safe any more (RFC 8996): bring the broker up to date, or widen the range in the profile.",
        ),
        C::NoCommonCipher => words(
            E::TlsNoCommonCipher,
            format!("{host} accepts none of the cipher suites that were offered."),
            "Offered are the suites of TLS 1.3 and those of TLS 1.2 with ECDHE and AES-GCM or ChaCha20: bring the broker up to date; one without a certificate for the server name can answer like this too.",
        ),
        C::ClientCertificateRequired => words(
            E::TlsClientCertificateRequired,
            format!("{host} wants a client certificate, and none was sent."),
            "Choose a client certificate and its key in the profile's TLS settings.",
        ),
        C::ClientCertificateRejected { alert } => words(
            E::TlsClientCertificateRejected,
            format!("{host} does not accept your client certificate ({alert})."),
            "It must be valid and issued by an authority that the broker trusts; intermediate certificates belong into its file.",
        ),
        C::ServerNameRefused { name } => words(
            E::TlsServerNameRefused,
            format!("{host} does not know the server name {name}."),
            "Use the broker's own host name instead of an IP address or an alias, or set it as the server name.",
        ),
        C::AlpnRefused => words(
            E::TlsAlpnRefused,
            format!("{host} accepts none of the ALPN protocols that were offered."),
            "Brokers want mqtt, AWS IoT on port 443 wants x-amzn-mqtt-ca, WebSocket wants http/1.1; most need none.",
        ),
        C::TlsTimedOut => words(
            E::TlsTimedOut,
            format!("The TLS handshake with {host}, port {port}, did not end in time."),
            "The port may wait for a protocol other than TLS, or a proxy holds the connection: check scheme and port.",
        ),
        C::TlsClosed => words(
            E::TlsClosed,
            format!("{host} closed the connection in the middle of the TLS handshake."),
            "The broker's log says why; often it dislikes the client certificate or the server name.",
        ),
        C::TlsFailed { reason } => words(
            E::TlsFailed,
            format!("The TLS handshake with {host} failed: {reason}."),
            "The broker's log may say more.",
        ),
        _ => return None,
    })
}

fn not_tls(spoken: Option<Spoken>, endpoint: &Endpoint) -> Wording {
    let Endpoint { host, port, .. } = endpoint;
    let plain = if endpoint.scheme.is_websocket() { Scheme::Ws } else { Scheme::Mqtt };
    let usual = format!(
        "Use {} on this port, or the broker's TLS port, usually {}.",
        plain.as_str(),
        endpoint.scheme.default_port()
    );
    let message = match spoken {
        None => format!(
            "{host} closed the connection on the first TLS message: port {port} does not speak TLS."
        ),
        Some(Spoken::Unknown) => format!("Port {port} of {host} does not speak TLS."),
        Some(other) => format!("Port {port} of {host} does not speak TLS, but {}.", other.name()),
    };
    let hint = match spoken {
        Some(Spoken::Http) if plain == Scheme::Mqtt => {
            "This is a web server: use ws or wss, or another port.".to_owned()
        }
        None | Some(Spoken::Unknown | Spoken::Http | Spoken::Mqtt | Spoken::Tls) => usual,
        Some(_) => "This is not the broker's port: check the port.".to_owned(),
    };
    words(ErrorCode::TlsNotSpoken, message, hint)
}

/// A path as it may be shown: a query often carries a token, and errors end up in reports.
pub(crate) fn shown_path(path: &str) -> String {
    match path.split_once('?') {
        Some((path, _)) => format!("{path}?…"),
        None => path.to_owned(),
    }
}
