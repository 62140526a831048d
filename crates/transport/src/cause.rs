//! What can go wrong while dialling: one variant per cause.
//!
//! The variants follow what a person must do next, not what a library calls its errors. The same
//! library error can be several causes (a reset during the TLS handshake is a plain port), and several
//! errors can be one.

use crate::Spoken;

/// Why a dial failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DialCause {
    /// A file of certificates or keys could not be read.
    FileUnreadable {
        /// The file's path.
        path: String,
        /// The operating system's words.
        reason: String,
    },
    /// A file holds nothing of what it should hold.
    FileInvalid {
        /// The file's path.
        path: String,
        /// What was looked for.
        wanted: &'static str,
    },
    /// A profile names a secret that was not given.
    SecretMissing {
        /// The place in the profile.
        slot: String,
    },
    /// The private key is encrypted with a passphrase, and none is given.
    KeyEncrypted {
        /// Where the key is.
        path: String,
    },
    /// The passphrase does not open the key or archive.
    PassphraseWrong {
        /// Where that is.
        path: String,
    },
    /// A key or archive is encrypted in a way that is not supported.
    EncryptionUnsupported {
        /// Where it is.
        path: String,
        /// The way.
        reason: String,
    },
    /// What should be a PKCS#12 archive is none, or lacks the key or its certificate.
    ArchiveInvalid {
        /// Where it is.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The lowest version of TLS is above the highest.
    VersionsInvalid,
    /// A pin is no SHA-256, or there is none.
    PinInvalid {
        /// The pin; empty where there is none.
        pin: String,
    },
    /// The key log file cannot be opened for writing.
    KeyLogUnusable {
        /// The file's path.
        path: String,
        /// The operating system's words.
        reason: String,
    },
    /// A header or subprotocol of the WebSocket request cannot be sent.
    HeaderInvalid {
        /// The header's name.
        name: String,
        /// Why not.
        reason: &'static str,
    },
    /// The proxy's settings cannot be used.
    ProxyInvalid {
        /// What is wrong with them.
        reason: String,
    },
    /// Certificate and private key do not belong together.
    KeyMismatch {
        /// The certificate file's path.
        certificate: String,
        /// The key file's path.
        key: String,
    },
    /// The operating system has no certificate authority that could be used.
    RootsMissing {
        /// What the operating system said.
        reason: String,
    },
    /// The server name is neither a DNS name nor an address.
    ServerNameInvalid {
        /// The name.
        name: String,
    },
    /// An ALPN protocol name is empty or longer than 255 bytes (RFC 7301, section 3.1).
    AlpnInvalid {
        /// The name.
        name: String,
    },
    /// The path cannot stand in a WebSocket request.
    PathInvalid {
        /// The path.
        path: String,
    },

    /// The host name has no address.
    NameNotFound,
    /// The name server could not be asked, or answered with a failure.
    NameLookupFailed {
        /// The resolver's words.
        reason: String,
    },
    /// The name server did not answer in time.
    NameTimedOut,

    /// Nothing listens on the port.
    Refused,
    /// No address answered in time.
    TcpTimedOut,
    /// There is no way to the host.
    Unreachable,
    /// The connection was reset while it was made.
    Reset,
    /// Another failure of the socket.
    TcpFailed {
        /// The operating system's words.
        reason: String,
    },

    /// The proxy could not be reached; the stage tells how far it came.
    ProxyUnreachable {
        /// The proxy's host and port.
        proxy: String,
        /// What happened, as a sentence.
        reason: String,
    },
    /// The proxy wants a user name and password, or does not accept these.
    ProxyUnauthorised {
        /// The proxy's host and port.
        proxy: String,
        /// Whether any were sent.
        sent: bool,
    },
    /// The proxy does not allow this connection.
    ProxyForbidden {
        /// The proxy's host and port.
        proxy: String,
    },
    /// The proxy could not reach the broker.
    ProxyBrokerUnreachable {
        /// The proxy's host and port.
        proxy: String,
        /// Its answer.
        answer: String,
    },
    /// The proxy refused for another reason.
    ProxyRefused {
        /// The proxy's host and port.
        proxy: String,
        /// Its answer.
        answer: String,
    },
    /// What listens there is no proxy of this kind.
    ProxyNotSpoken {
        /// The proxy's host and port.
        proxy: String,
        /// The kind.
        wanted: &'static str,
    },
    /// The proxy closed the connection without an answer.
    ProxyClosed {
        /// The proxy's host and port.
        proxy: String,
    },
    /// The proxy did not answer in time.
    ProxyTimedOut {
        /// The proxy's host and port.
        proxy: String,
    },

    /// The other side does not speak TLS. Without a byte from it, it closed on the first one of ours.
    TlsNotSpoken {
        /// What it speaks, where it said something.
        spoken: Option<Spoken>,
    },
    /// The certificate's issuer is not trusted, or an intermediate certificate is missing.
    UnknownIssuer,
    /// The certificate is its own issuer and not trusted.
    SelfSigned,
    /// The certificate is none of the pinned ones.
    NotPinned {
        /// Its fingerprint, as openssl writes it.
        sha256: String,
    },
    /// The certificate is a certificate authority's, which cannot be a server's too.
    CaAsServer,
    /// The certificate is for other names.
    WrongName {
        /// The name that was looked for.
        name: String,
        /// The names in the certificate.
        names: Vec<String>,
    },
    /// The certificate has no Subject Alternative Name at all.
    NoNames {
        /// The name that was looked for.
        name: String,
    },
    /// The certificate has expired.
    Expired {
        /// Until when it was valid, as text; empty where it is not known.
        until: String,
    },
    /// The certificate is not valid yet.
    NotYetValid {
        /// From when it is valid, as text; empty where it is not known.
        from: String,
    },
    /// The certificate is of X.509 version 1 or 2.
    OldCertificateVersion,
    /// An RSA key among the certificates has fewer than 2048 bits.
    WeakKey,
    /// A trusted authority has the issuer's name, but another key: most often it was made anew.
    IssuerKeyDiffers,
    /// The broker could not prove that it holds its certificate's key.
    KeyNotProven,
    /// The certificate cannot be used for another reason.
    CertificateInvalid {
        /// The library's words.
        reason: String,
    },
    /// The broker speaks no version of TLS that was offered.
    VersionRefused {
        /// Those, in words.
        offered: &'static str,
    },
    /// The broker takes no cipher suite or key exchange that was offered, or has no certificate for the server name.
    NoCommonCipher,
    /// The broker wants a client certificate.
    ClientCertificateRequired,
    /// The broker does not accept our client certificate.
    ClientCertificateRejected {
        /// The alert's name.
        alert: String,
    },
    /// The broker does not know the server name.
    ServerNameRefused {
        /// The name that was sent.
        name: String,
    },
    /// The broker wants another ALPN protocol.
    AlpnRefused,
    /// The TLS handshake did not end in time.
    TlsTimedOut,
    /// The other side spoke TLS and closed the connection in the middle of the handshake.
    TlsClosed,
    /// Another failure of the TLS handshake.
    TlsFailed {
        /// The library's words.
        reason: String,
    },

    /// The WebSocket request was answered with 404.
    PathNotFound,
    /// The WebSocket request was answered with 401, 403 or 407.
    Unauthorised {
        /// The HTTP status.
        status: u16,
    },
    /// The WebSocket request was answered with a redirect.
    Redirected {
        /// The HTTP status.
        status: u16,
        /// Where to; empty where the answer does not say.
        location: String,
    },
    /// A proxy could not reach the broker: 502, 503 or 504.
    GatewayFailed {
        /// The HTTP status.
        status: u16,
    },
    /// A web server answered as if no upgrade had been asked for: 2xx, 400 or 426.
    NotUpgraded {
        /// The HTTP status.
        status: u16,
        /// The answer is a page for a browser.
        page: bool,
    },
    /// The WebSocket request was answered with another status.
    WebSocketRefused {
        /// The HTTP status.
        status: u16,
    },
    /// The upgrade was accepted and no subprotocol named (`[MQTT-6.0.0-4]`).
    SubprotocolMissing,
    /// The upgrade was accepted with another subprotocol.
    SubprotocolOther {
        /// The one that was named.
        answered: String,
    },
    /// The port wants TLS.
    TlsWanted,
    /// The other side does not speak HTTP.
    HttpNotSpoken {
        /// What it speaks.
        spoken: Spoken,
    },
    /// The connection was closed without an answer to the WebSocket request.
    WebSocketClosed,
    /// No answer to the WebSocket request in time.
    WebSocketTimedOut,
    /// Another failure of the WebSocket handshake.
    WebSocketFailed {
        /// The library's words.
        reason: String,
    },
}
