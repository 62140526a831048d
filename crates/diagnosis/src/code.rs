//! The stable names of causes and fixes.
//!
//! A cause is what a person would have to change the world or the profile for; it is finer than an
//! error's code, because evidence of other stages goes into it. Where both mean the same they have the same text.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

macro_rules! codes {
    ($(#[doc = $about:literal])+ $name:ident { $($(#[doc = $doc:literal])+ $variant:ident = $code:literal,)+ }) => {
        $(#[doc = $about])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
        pub enum $name {
            $($(#[doc = $doc])+ #[serde(rename = $code)] $variant,)+
        }

        impl $name {
            /// All codes.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The code as text.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// What it means, in one sentence.
            pub fn about(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),+).trim_ascii_start(),)+ }
            }
        }
    };
}

codes! {
    /// Why a broker cannot be used. Codes are never renamed or used for something else.
    CauseCode {
        /// A field of the profile does not allow a connection.
        SettingsInvalid = "settings.invalid",
        /// A secret that the profile names is not in the keychain.
        SecretMissing = "secret.missing",
        /// A file of certificates, keys or a payload cannot be read, or holds something else.
        FileUnusable = "settings.file_unusable",
        /// The private key is encrypted and no passphrase is given.
        KeyEncrypted = "tls.key_encrypted",
        /// The passphrase does not open the key or the archive.
        PassphraseWrong = "tls.passphrase_wrong",
        /// The private key does not belong to the client certificate.
        KeyMismatch = "tls.key_mismatch",
        /// The operating system has no certificate authorities that could be used.
        RootsMissing = "tls.roots_missing",

        /// The host name has no address.
        NameNotFound = "name.not_found",
        /// A name that ends in .local is asked for in the local network only, and nobody answered.
        NameLocal = "name.local",
        /// The name server could not be asked or failed.
        NameLookupFailed = "name.lookup_failed",
        /// The name has addresses, but none of the family that the profile wants.
        NameOtherFamily = "name.other_family",

        /// The host was reached and nothing listens on the port.
        TcpRefused = "tcp.refused",
        /// The host does not answer: a firewall drops the packets, or the address is wrong.
        TcpTimedOut = "tcp.timed_out",
        /// There is no way from this machine to the host.
        TcpUnreachable = "tcp.unreachable",
        /// The connection is broken off while it is made.
        TcpReset = "tcp.reset",
        /// The socket failed in another way.
        TcpFailed = "tcp.failed",

        /// The proxy cannot be reached.
        ProxyUnreachable = "proxy.unreachable",
        /// The proxy wants a user name and password, or others.
        ProxyCredentials = "proxy.credentials",
        /// The proxy does not allow this host or port.
        ProxyForbidden = "proxy.forbidden",
        /// The proxy cannot reach the broker.
        ProxyBrokerUnreachable = "proxy.broker_unreachable",
        /// What listens at the proxy's address is no proxy of this kind.
        ProxyNotSpoken = "proxy.not_spoken",
        /// The proxy gives no useful answer.
        ProxyFailed = "proxy.failed",

        /// TLS was begun and the port speaks MQTT, WebSocket or something else in clear.
        PortIsPlain = "port.is_plain",
        /// The connection was begun in clear and the port wants TLS.
        PortWantsTls = "port.wants_tls",
        /// MQTT was begun and a web server answered.
        PortIsHttp = "port.is_http",
        /// A WebSocket was asked for and a broker's MQTT port answered.
        PortIsMqtt = "port.is_mqtt",
        /// Another service listens on the port, such as SSH.
        PortIsOther = "port.is_other",
        /// The port takes connections and says nothing.
        PortIsSilent = "port.is_silent",

        /// The certificate's issuer is not trusted.
        UnknownCa = "tls.unknown_ca",
        /// The broker does not send the intermediate certificate that leads to a trusted authority.
        IntermediateMissing = "tls.intermediate_missing",
        /// The certificate is self-signed and not trusted.
        SelfSigned = "tls.self_signed",
        /// The broker uses a certificate authority's own certificate as its own.
        CaAsServer = "tls.ca_as_server",
        /// The certificate is none of the pinned ones.
        NotPinned = "tls.not_pinned",
        /// The certificate is for other names.
        WrongName = "tls.wrong_name",
        /// The certificate names no host in a Subject Alternative Name.
        NoNames = "tls.certificate_without_names",
        /// The certificate has expired.
        Expired = "tls.certificate_expired",
        /// The certificate is not valid yet.
        NotYetValid = "tls.certificate_not_yet_valid",
        /// This machine's clock is wrong, so that a valid certificate seems expired or not yet valid.
        ClockWrong = "tls.clock_wrong",
        /// The certificate is of X.509 version 1.
        CertificateVersion = "tls.certificate_version",
        /// An RSA key among the certificates has fewer than 2048 bits.
        WeakKey = "tls.certificate_weak",
        /// A trusted authority has the issuer's name and another key.
        IssuerKeyDiffers = "tls.issuer_key_differs",
        /// The broker does not hold the key of the certificate that it shows.
        ServerKeyNotProven = "tls.server_key_not_proven",
        /// The certificate cannot be used for another reason.
        CertificateInvalid = "tls.certificate_invalid",
        /// The broker speaks no version of TLS that was offered.
        TlsVersion = "tls.version_unsupported",
        /// The broker and this side have no cipher suite or key exchange in common.
        TlsNoCommonCipher = "tls.no_common_cipher",
        /// The broker wants a client certificate.
        ClientCertificateMissing = "tls.client_certificate_required",
        /// The broker does not accept the client certificate.
        ClientCertificateRejected = "tls.client_certificate_rejected",
        /// The broker does not know the server name, or needs one and got none.
        ServerNameRefused = "tls.server_name_refused",
        /// The broker wants another ALPN protocol, or one at all.
        AlpnRefused = "tls.alpn_refused",
        /// The other side began TLS and closed the connection without a reason.
        TlsClosed = "tls.closed",
        /// The TLS handshake did not end in time.
        TlsTimedOut = "tls.timed_out",
        /// The TLS handshake failed in another way.
        TlsFailed = "tls.failed",

        /// The web server does not know the path.
        PathNotFound = "websocket.path_not_found",
        /// The web server sends to another address.
        Redirected = "websocket.redirected",
        /// A web page answered: a login page, a captive portal, or an ordinary web site.
        WebPage = "websocket.web_page",
        /// The web server or gateway wants a login.
        HttpCredentials = "websocket.unauthorised",
        /// The web server or gateway forbids it.
        HttpForbidden = "websocket.forbidden",
        /// A proxy on the way does not pass the upgrade to WebSocket on.
        UpgradeNotPassed = "websocket.upgrade_not_passed",
        /// A proxy on the way cannot reach the broker.
        GatewayFailed = "websocket.gateway_failed",
        /// The server does not name the subprotocol mqtt in its answer.
        SubprotocolMissing = "websocket.subprotocol",
        /// The web server refuses for another reason.
        HttpRefused = "websocket.refused",
        /// The WebSocket handshake got no answer, or none that can be read.
        WebSocketFailed = "websocket.failed",

        /// No CONNACK came in time.
        NoConnack = "mqtt.no_connack",
        /// The broker closed the connection instead of answering CONNECT.
        ClosedBeforeConnack = "mqtt.closed_before_connack",
        /// The broker does not speak this version of MQTT.
        VersionRefused = "mqtt.version_refused",
        /// The broker does not take this Client Identifier.
        ClientIdRefused = "mqtt.client_id_refused",
        /// User name, password or permission: the broker does not say which.
        NotAuthorised = "mqtt.not_authorised",
        /// The broker is unavailable, busy, shutting down or at its limit.
        Unavailable = "mqtt.unavailable",
        /// The broker has banned this client.
        Banned = "mqtt.banned",
        /// The broker does not take the Authentication Method.
        AuthenticationMethod = "mqtt.authentication_method",
        /// Enhanced authentication ended with the broker's no.
        AuthenticationFailed = "mqtt.authentication_failed",
        /// The broker did not prove that it knows the password.
        ServerNotAuthentic = "mqtt.server_not_authentic",
        /// A packet is larger than the broker takes.
        PacketTooLarge = "mqtt.packet_too_large",
        /// A quota of the broker is exceeded.
        QuotaExceeded = "mqtt.quota_exceeded",
        /// Connections come faster than the broker takes them.
        RateExceeded = "mqtt.rate_exceeded",
        /// The Will's payload is not in the format that it says.
        PayloadFormat = "mqtt.payload_format_invalid",
        /// The Will's topic is not allowed or not valid.
        TopicRefused = "mqtt.topic_name_invalid",
        /// The broker takes no retained messages, and the Will is one.
        RetainRefused = "mqtt.retain_not_supported",
        /// The broker does not take the Will's QoS.
        QosRefused = "mqtt.qos_not_supported",
        /// The broker sends to another server, for now or for good.
        AnotherServer = "mqtt.another_server",
        /// The broker found CONNECT malformed or against the protocol.
        ConnectRefusedAsInvalid = "mqtt.connect_invalid",
        /// The broker refuses for a reason of its own.
        Refused = "mqtt.refused",
        /// What came is not valid MQTT.
        NotMqtt = "mqtt.malformed",

        /// The broker refuses a subscription.
        SubscribeRefused = "subscribe.refused",
        /// The broker closes the connection instead of refusing a subscription.
        ClosedAfterSubscribe = "subscribe.closed",
        /// The broker does not answer SUBSCRIBE.
        SubscribeUnanswered = "subscribe.unanswered",
        /// The broker closes the connection right after a PUBLISH.
        ClosedAfterPublish = "publish.closed",

        /// Another client uses the same Client Identifier.
        TakenOver = "session.taken_over",
        /// The connection ends again and again after the same time of silence.
        RegularDrops = "session.regular_drops",
        /// A ping is not answered.
        PingUnanswered = "session.ping_unanswered",
        /// The broker ended the connection with a DISCONNECT.
        DisconnectedByBroker = "session.disconnected",
        /// The connection ended without a word.
        ConnectionLost = "session.connection_lost",

        /// What happened fits no cause that is known; the evidence is all there is.
        Unknown = "unknown",
    }
}

codes! {
    /// What can be done. Codes are never renamed or used for something else.
    FixCode {
        /// Use another scheme, with the port as it is or the one that goes with it.
        UseScheme = "use_scheme",
        /// Use another port.
        UsePort = "use_port",
        /// Use another path.
        UsePath = "use_path",
        /// Use another host.
        UseHost = "use_host",
        /// Use another version of MQTT.
        UseVersion = "use_version",
        /// Set the server name that the certificate is for.
        UseServerName = "use_server_name",
        /// Accept exactly this certificate from now on.
        TrustCertificate = "trust_certificate",
        /// Choose the certificate authority's file.
        ChooseCa = "choose_ca",
        /// Trust the operating system's certificate authorities again.
        UseSystemRoots = "use_system_roots",
        /// Choose a client certificate, or another one.
        ChooseClientCertificate = "choose_client_certificate",
        /// Choose the file again.
        ChooseFile = "choose_file",
        /// Give the passphrase.
        GivePassphrase = "give_passphrase",
        /// Give the secret anew.
        GiveSecret = "give_secret",
        /// Mend a field of the profile.
        MendField = "mend_field",
        /// Give user name and password, or check them.
        CheckCredentials = "check_credentials",
        /// Give user name and password of the proxy.
        ProxyCredentials = "proxy_credentials",
        /// Check the proxy's address and kind.
        CheckProxy = "check_proxy",
        /// Connect without the proxy.
        WithoutProxy = "without_proxy",
        /// Add a suffix to the Client Identifier.
        UseOtherClientId = "use_other_client_id",
        /// Let the broker choose a Client Identifier, or use a plain one.
        UsePlainClientId = "use_plain_client_id",
        /// Offer this ALPN protocol.
        UseAlpn = "use_alpn",
        /// Offer no ALPN protocol.
        WithoutAlpn = "without_alpn",
        /// Allow more versions of TLS.
        AllowTlsVersions = "allow_tls_versions",
        /// Accept an answer without the subprotocol.
        AcceptWithoutSubprotocol = "accept_without_subprotocol",
        /// Use addresses of every family.
        UseAnyFamily = "use_any_family",
        /// Use another Keep Alive.
        UseKeepAlive = "use_keep_alive",
        /// Connect without the Will Message.
        WithoutWill = "without_will",
        /// Use another QoS for the Will.
        UseWillQos = "use_will_qos",
        /// Do not retain the Will.
        WithoutWillRetain = "without_will_retain",
        /// Connect without enhanced authentication.
        WithoutAuthentication = "without_authentication",
        /// Leave a subscription out.
        WithoutSubscription = "without_subscription",
        /// Give the attempt more time.
        AllowMoreTime = "allow_more_time",
        /// Look for a typing error in the host name; a company's own names need its VPN.
        CheckName = "check_name",
        /// Check this machine's network and name server.
        CheckNetwork = "check_network",
        /// Check that the broker runs and listens on this port.
        CheckBrokerRuns = "check_broker_runs",
        /// Have the port opened in the firewall.
        OpenFirewall = "open_firewall",
        /// Set this machine's clock.
        SetClock = "set_clock",
        /// Renew the broker's certificate.
        RenewCertificate = "renew_certificate",
        /// Issue the broker's certificate anew, as described.
        ReissueCertificate = "reissue_certificate",
        /// Have the broker send its intermediate certificate.
        SendIntermediate = "send_intermediate",
        /// Bring the broker up to date.
        UpdateBroker = "update_broker",
        /// Configure the web server or proxy before the broker.
        ConfigureGateway = "configure_gateway",
        /// Give the header that the web server wants, such as Authorization.
        GiveHttpCredentials = "give_http_credentials",
        /// Log in to the network with a browser.
        LogInToNetwork = "log_in_to_network",
        /// Ask the broker's operator for permission.
        AskForPermission = "ask_for_permission",
        /// Wait and try again.
        WaitAndRetry = "wait_and_retry",
        /// Look into the broker's log.
        ReadBrokerLog = "read_broker_log",
        /// Let the other schemes be tried on this port, to see what it speaks.
        TryOtherSchemes = "try_other_schemes",
        /// End the other client, or give each its own identifier.
        EndOtherClient = "end_other_client",
    }
}
