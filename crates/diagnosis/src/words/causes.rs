//! Causes in English: one sentence each, with named details in braces.
//!
//! The window's English catalogue has the same texts; a test compares them.

use crate::CauseCode;

/// What is the matter.
pub(crate) fn cause(code: CauseCode) -> &'static str {
    use CauseCode as C;
    match code {
        C::SettingsInvalid => "The field {field} does not allow a connection: {reason}.",
        C::SecretMissing => {
            "The keychain does not give the secret {secret} that the profile needs: {reason}."
        }
        C::FileUnusable => "The file {file} cannot be used: {reason}.",
        C::KeyEncrypted => "The private key in {file} is encrypted, and no passphrase is given.",
        C::PassphraseWrong => "The passphrase does not open {file}.",
        C::KeyMismatch => {
            "The private key in {key} does not belong to the client certificate in {certificate}."
        }
        C::RootsMissing => {
            "The operating system has no certificate authorities that could be used."
        }
        C::NameNotFound => {
            "The name {host} has no address: it is misspelt, or known in another network only."
        }
        C::NameLocal => {
            "{host} ends in .local: such a name is asked for in the local network only, and nobody answered."
        }
        C::NameLookupFailed => "The name server could not look {host} up, or did not answer.",
        C::NameOtherFamily => "{host} has only addresses that the profile leaves out: {left_out}.",
        C::TcpRefused => "{host} was reached, and nothing listens on port {port}.",
        C::TcpTimedOut => {
            "{host} does not answer on port {port}: a firewall drops the packets, or the address is wrong."
        }
        C::TcpUnreachable => "There is no way from this machine to {host}.",
        C::TcpReset => "The connection to port {port} of {host} is broken off while it is made.",
        C::TcpFailed => "No connection to port {port} of {host} can be made: {reason}.",
        C::ProxyUnreachable => "The proxy {proxy} cannot be reached.",
        C::ProxyCredentials => {
            "The proxy {proxy} wants a user name and password, or does not accept those that it got."
        }
        C::ProxyForbidden => {
            "The proxy {proxy} does not allow a connection to port {port} of {host}."
        }
        C::ProxyBrokerUnreachable => {
            "The proxy {proxy} was reached, but it cannot reach port {port} of {host} ({answer})."
        }
        C::ProxyNotSpoken => "What listens at {proxy} is no {kind} proxy.",
        C::ProxyFailed => "The proxy {proxy} does not make the connection: {reason}.",
        C::PortIsPlain => "Port {port} of {host} does not speak TLS.",
        C::PortWantsTls => {
            "Port {port} of {host} wants TLS, and the connection was begun without it."
        }
        C::PortIsHttp => "A web server answers on port {port} of {host}, not a broker's MQTT port.",
        C::PortIsMqtt => "Port {port} of {host} speaks MQTT without WebSocket.",
        C::PortIsOther => {
            "Another service listens on port {port} of {host}; it begins with: {seen}."
        }
        C::PortIsSilent => {
            "Port {port} of {host} takes connections and says nothing: it is another service's, or a proxy holds the connection."
        }
        C::UnknownCa => "The certificate of {host} was issued by {issuer}, which is not trusted.",
        C::IntermediateMissing => {
            "The broker does not send the certificate of {issuer}, so that its own leads to no trusted authority."
        }
        C::SelfSigned => "The certificate of {host} is self-signed and not trusted.",
        C::CaAsServer => {
            "{host} shows a certificate authority's own certificate, which cannot be a server's too."
        }
        C::NotPinned => {
            "The certificate of {host} is none of the pinned ones; its SHA-256 is {sha256}."
        }
        C::WrongName => "The certificate of {host} is not for {name}, but for {names}.",
        C::NoNames => {
            "The certificate of {host} names no host in a Subject Alternative Name, so it is not for {name}."
        }
        C::Expired => {
            "The certificate of {host} has expired ({subject}): it was valid until {until}."
        }
        C::NotYetValid => {
            "The certificate of {host} is not valid yet ({subject}): it is from {from} on."
        }
        C::ClockWrong => {
            "This machine's clock is wrong ({now}), so that a valid certificate seems expired or not yet valid."
        }
        C::CertificateVersion => "The certificate of {host} is older than X.509 version 3.",
        C::WeakKey => {
            "An RSA key among the certificates of {host} has fewer than 2048 bits, which is too weak."
        }
        C::IssuerKeyDiffers => {
            "The certificate of {host} names {issuer} as its issuer, but was signed with another key than the trusted one's."
        }
        C::ServerKeyNotProven => {
            "{host} does not hold the key of the certificate that it shows; somebody may stand in between."
        }
        C::CertificateInvalid => "The certificate of {host} cannot be used: {reason}.",
        C::TlsVersion => "{host} speaks no version of TLS that was offered ({offered}).",
        C::TlsNoCommonCipher => {
            "{host} and this side have no cipher suite or key exchange in common."
        }
        C::ClientCertificateMissing => "{host} wants a client certificate, and none was sent.",
        C::ClientCertificateRejected => {
            "{host} does not accept the client certificate {subject}, issued by {issuer}."
        }
        C::ServerNameRefused => {
            "{host} wants its own host name as the server name (SNI); sent was: {name}."
        }
        C::AlpnRefused => "{host} takes none of the ALPN protocols that were offered ({offered}).",
        C::TlsClosed => "{host} closed the connection during the TLS handshake without a reason.",
        C::TlsTimedOut => "The TLS handshake with {host} began and did not end in time.",
        C::TlsFailed => "The TLS handshake with {host} failed: {reason}.",
        C::PathNotFound => "The web server at {host} knows no path {path} (HTTP {status}).",
        C::Redirected => "{host} sends the request for {path} on to {location} (HTTP {status}).",
        C::WebPage => {
            "A web page answers at {path} of {host} (HTTP {status}): a web site, a login page, or that of a network that wants a login."
        }
        C::HttpCredentials => {
            "A web server or gateway at {host} wants a login before the broker is reached (HTTP {status})."
        }
        C::HttpForbidden => "A web server or gateway at {host} forbids {path} (HTTP {status}).",
        C::UpgradeNotPassed => {
            "A proxy at {host} does not pass the upgrade to WebSocket on (HTTP {status})."
        }
        C::GatewayFailed => "A proxy at {host} cannot reach the broker behind it (HTTP {status}).",
        C::SubprotocolMissing => {
            "{host} does not answer with the WebSocket subprotocol {wanted}; it named: {answered}."
        }
        C::HttpRefused => {
            "The web server at {host} refuses the WebSocket request for {path} (HTTP {status})."
        }
        C::WebSocketFailed => "The WebSocket handshake with {host} failed: {reason}.",
        C::NoConnack => "{host} did not answer CONNECT in time.",
        C::ClosedBeforeConnack => {
            "{host} closed the connection instead of answering CONNECT, as brokers do with a version, client ID or user that they do not take."
        }
        C::VersionRefused => "The broker does not speak MQTT {version}.",
        C::ClientIdRefused => "The broker does not take the client ID “{client_id}”.",
        C::NotAuthorised => {
            "The broker refuses the user name, the password or this client's permission, and does not say which ({reason})."
        }
        C::Unavailable => "The broker is not available now: {reason}.",
        C::Banned => "The broker has banned this client ({reason}).",
        C::AuthenticationMethod => "The broker does not take the Authentication Method “{method}”.",
        C::AuthenticationFailed => "Enhanced authentication ended with the broker's no ({reason}).",
        C::ServerNotAuthentic => {
            "The broker did not prove that it knows the password, so it may be another one."
        }
        C::PacketTooLarge => "A packet is larger than the broker takes.",
        C::QuotaExceeded => {
            "A quota of the broker is exceeded, such as its number of connections ({reason})."
        }
        C::RateExceeded => {
            "Connections or messages come faster than the broker takes them ({reason})."
        }
        C::PayloadFormat => "The Will Message's payload is not the UTF-8 text that it says it is.",
        C::TopicRefused => "The broker does not take the Will Message's topic “{topic}”.",
        C::RetainRefused => {
            "The broker takes no retained messages, and a Will Message that is retained is one."
        }
        C::QosRefused => "The broker does not take the Will Message's QoS {qos}.",
        C::AnotherServer => "The broker sends to another server ({reason}): {server}.",
        C::ConnectRefusedAsInvalid => {
            "The broker found CONNECT malformed or against the protocol ({reason})."
        }
        C::Refused => "The broker refuses the connection: {reason}.",
        C::NotMqtt => "What {host} sent is not valid MQTT ({reason}).",
        C::SubscribeRefused => "The broker refuses the subscription to “{topic}” ({reason}).",
        C::ClosedAfterSubscribe => {
            "The broker closes the connection right after the subscription to “{topic}” with QoS {qos}."
        }
        C::SubscribeUnanswered => "The broker does not answer the subscription.",
        C::ClosedAfterPublish => {
            "The broker closes the connection right after a message to “{topic}” with QoS {qos}, RETAIN {retain}."
        }
        C::TakenOver => {
            "Another client uses the client ID “{client_id}” too, and each ends the other's connection."
        }
        C::RegularDrops => {
            "The connection ends again and again after about {seconds} s; the Keep Alive is {keep_alive} s."
        }
        C::PingUnanswered => "The broker did not answer a ping; the Keep Alive is {keep_alive} s.",
        C::DisconnectedByBroker => "The broker ended the connection: {reason}.",
        C::ConnectionLost => "The connection ended without a word from the broker.",
        C::Unknown => "What happened fits no known cause; seen was: {evidence}.",
    }
}

/// What would tell it from other causes; only those that are ever named together with another have it.
pub(crate) fn apart(code: CauseCode) -> Option<&'static str> {
    use CauseCode as C;
    Some(match code {
        C::PortIsPlain => "It is this one if a scheme without TLS works on the port.",
        C::PortWantsTls => {
            "It is this one if a TLS handshake works on the port: let the other schemes be tried."
        }
        C::PortIsHttp => {
            "It is this one if ws or wss works on the port: let the other schemes be tried."
        }
        C::PortIsMqtt => {
            "It is this one if mqtt or mqtts works on the port: let the other schemes be tried."
        }
        C::PortIsSilent => {
            "It is this one if no scheme gets an answer on the port: let the other schemes be tried."
        }
        C::UnknownCa => {
            "It is this one if {issuer} is an authority of the broker's owner: its CA file is missing here."
        }
        C::IntermediateMissing => {
            "It is this one if {issuer} was itself issued by an authority that is trusted here."
        }
        C::Expired => {
            "It is this one if the true time is after {until}; this machine's clock says {now}."
        }
        C::NotYetValid => {
            "It is this one if the true time is before {from}; this machine's clock says {now}."
        }
        C::ClockWrong => "It is this one if the true time is not {now}.",
        C::TlsNoCommonCipher => {
            "It is this one if the broker's log speaks of ciphers, curves or groups."
        }
        C::ClientCertificateMissing => {
            "It is this one if a client certificate changes what happens, or the broker's log misses one."
        }
        C::ClientCertificateRejected => {
            "It is this one if the broker's log complains of the client certificate."
        }
        C::ServerNameRefused => {
            "It is this one if the broker's host name works instead of an address or an alias."
        }
        C::AlpnRefused => "It is this one if another ALPN protocol changes what happens.",
        C::TlsClosed => "It is this one if the broker's log shows a fault of its own.",
        C::TlsFailed => "It is this one if none of the others applies; the broker's log says more.",
        C::Redirected => "It is this one if the broker's owner knows {location}.",
        C::WebPage => "It is this one if a browser shows a page or a login at this address.",
        C::HttpCredentials => "It is this one if a login in the request changes what happens.",
        C::HttpForbidden => {
            "It is this one if another path, or a header such as Authorization, changes what happens."
        }
        C::WebSocketFailed => "It is this one if no other scheme works on the port.",
        C::NoConnack => "It is this one if the broker's log shows the CONNECT, or more time helps.",
        C::ClosedBeforeConnack => {
            "It is this one if the broker's log shows the CONNECT, or another version, client ID or user changes what happens."
        }
        C::ClientIdRefused => "It is this one if another client ID changes what happens.",
        C::NotAuthorised => "It is this one if another user name or password changes what happens.",
        C::Refused => {
            "It is this one if nothing in the profile changes what happens; the broker's log says more."
        }
        C::ClosedAfterSubscribe => {
            "It is this one if the connection stays without this subscription."
        }
        C::ClosedAfterPublish => {
            "It is this one if the connection stays as long as nothing is published to this topic."
        }
        C::TakenOver => "It is this one if the connection stays with another client ID.",
        C::RegularDrops => "It is this one if a shorter Keep Alive keeps the connection.",
        C::PingUnanswered => {
            "It is this one if the network or the broker stood still at that time."
        }
        C::ConnectionLost => {
            "It is this one if the connection ends with another client ID too; the broker's log says why."
        }
        _ => return None,
    })
}
