//! Every cause that has a name, by what it is about. Each has its words in the window's catalogues.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

error_codes! {
    /// The user ended it; not an error to show in red.
    Cancelled = "cancelled",
    /// A defect of ours: a task ended that should not have.
    Internal = "internal",
    /// The engine knows no such command, or its arguments have another shape.
    CommandUnknown = "command.unknown",
    /// Another process of the application uses the data folder.
    AlreadyRunning = "app.already_running",
    /// A folder of the application cannot be made or written to.
    FolderUnusable = "app.folder_unusable",

    /// There is no profile with this identifier.
    ProfileNotFound = "profile.not_found",
    /// The profile has fields that must be mended before it can be used.
    ProfileInvalid = "profile.invalid",
    /// The profile's file could not be read as a profile.
    ProfileBroken = "profile.broken",
    /// The profile's file could not be written.
    ProfileNotSaved = "profile.not_saved",
    /// There is no such folder in the order of profiles, or nothing there to stand before.
    FolderNotFound = "folder.not_found",
    /// A folder cannot lie in itself.
    FolderIntoItself = "folder.into_itself",
    /// Folders lie too deep in each other.
    FolderTooDeep = "folder.too_deep",
    /// A folder's name is empty or too long.
    FolderNameInvalid = "folder.name_invalid",
    /// The file of folders cannot be read, so it is not changed either.
    FolderFileBroken = "folder.file_broken",
    /// There is no preset with this identifier.
    PresetNotFound = "preset.not_found",
    /// What the preset fills in makes no profile, or it cannot be kept as it is.
    PresetInvalid = "preset.invalid",
    /// A question of the preset has no answer, or none that it offers.
    PresetUnanswered = "preset.unanswered",
    /// The preset's file could not be written.
    PresetNotSaved = "preset.not_saved",
    /// The settings could not be written.
    SettingsNotSaved = "settings.not_saved",
    /// The text is no address.
    AddressInvalid = "address.invalid",
    /// The keychain (or its file) could not be read or written.
    SecretUnavailable = "secret.unavailable",
    /// A profile names a secret that the keychain does not hold.
    SecretMissing = "secret.missing",

    /// The host name is not known.
    NameNotFound = "name.not_found",
    /// The name server could not be asked, or did not answer.
    NameLookupFailed = "name.lookup_failed",
    /// The name server did not answer in time.
    NameTimedOut = "name.timed_out",
    /// Nothing listens on the port.
    TcpRefused = "tcp.refused",
    /// No answer in time.
    TcpTimedOut = "tcp.timed_out",
    /// There is no way to the host.
    TcpUnreachable = "tcp.unreachable",
    /// The other side broke the connection off.
    TcpReset = "tcp.reset",
    /// Another failure of the socket.
    TcpFailed = "tcp.failed",
    /// The proxy's settings cannot be used.
    ProxyInvalid = "proxy.invalid",
    /// The proxy could not be reached.
    ProxyUnreachable = "proxy.unreachable",
    /// The proxy wants a user name and password, or others.
    ProxyUnauthorised = "proxy.unauthorised",
    /// The proxy does not allow this connection.
    ProxyForbidden = "proxy.forbidden",
    /// The proxy could not reach the broker.
    ProxyBrokerUnreachable = "proxy.broker_unreachable",
    /// The proxy refused for another reason.
    ProxyRefused = "proxy.refused",
    /// The other side is no proxy of the kind that was set.
    ProxyNotSpoken = "proxy.not_spoken",
    /// The proxy closed the connection without an answer.
    ProxyClosed = "proxy.closed",
    /// The proxy did not answer in time.
    ProxyTimedOut = "proxy.timed_out",
    /// A file of certificates or keys could not be read.
    TlsFileUnreadable = "tls.file_unreadable",
    /// A file holds no certificate or no key in PEM.
    TlsFileInvalid = "tls.file_invalid",
    /// The private key is encrypted.
    TlsKeyEncrypted = "tls.key_encrypted",
    /// Certificate and private key do not belong together.
    TlsKeyMismatch = "tls.key_mismatch",
    /// The passphrase does not open the private key or the archive.
    TlsPassphraseWrong = "tls.passphrase_wrong",
    /// The private key or the archive is encrypted in a way that is not supported.
    TlsEncryptionUnsupported = "tls.encryption_unsupported",
    /// What should be a PKCS#12 archive is none, or holds no key with its certificate.
    TlsArchiveInvalid = "tls.archive_invalid",
    /// The lowest version of TLS is above the highest.
    TlsVersionsInvalid = "tls.versions_invalid",
    /// A fingerprint is not 64 hexadecimal digits, or none is given.
    TlsPinInvalid = "tls.pin_invalid",
    /// The key log file cannot be opened.
    TlsKeyLogUnusable = "tls.key_log_unusable",
    /// The server name is no valid name.
    TlsServerNameInvalid = "tls.server_name_invalid",
    /// An ALPN protocol name is empty or too long.
    TlsAlpnInvalid = "tls.alpn_invalid",
    /// The operating system has no usable certificate authorities.
    TlsRootsMissing = "tls.roots_missing",
    /// The other side does not speak TLS.
    TlsNotSpoken = "tls.not_spoken",
    /// The certificate's issuer is not trusted.
    TlsUnknownIssuer = "tls.unknown_issuer",
    /// The certificate is self-signed and not trusted.
    TlsSelfSigned = "tls.self_signed",
    /// The certificate is none of the pinned ones.
    TlsNotPinned = "tls.not_pinned",
    /// The server shows a certificate authority's own certificate.
    TlsCaAsServer = "tls.ca_as_server",
    /// The certificate is for another name.
    TlsWrongName = "tls.wrong_name",
    /// The certificate has no Subject Alternative Name.
    TlsCertificateWithoutNames = "tls.certificate_without_names",
    /// The certificate has expired.
    TlsCertificateExpired = "tls.certificate_expired",
    /// The certificate is not valid yet.
    TlsCertificateNotYetValid = "tls.certificate_not_yet_valid",
    /// The certificate is of X.509 version 1 or 2.
    TlsCertificateVersion = "tls.certificate_version",
    /// An RSA key among the certificates is too small.
    TlsCertificateWeak = "tls.certificate_weak",
    /// A trusted authority has the issuer's name, but another key.
    TlsIssuerKeyDiffers = "tls.issuer_key_differs",
    /// The server could not prove that it holds its certificate's key.
    TlsServerKeyNotProven = "tls.server_key_not_proven",
    /// The certificate cannot be used as a server's.
    TlsCertificateInvalid = "tls.certificate_invalid",
    /// The broker wants a client certificate.
    TlsClientCertificateRequired = "tls.client_certificate_required",
    /// The broker does not accept our client certificate.
    TlsClientCertificateRejected = "tls.client_certificate_rejected",
    /// No common version of TLS.
    TlsVersionUnsupported = "tls.version_unsupported",
    /// No common cipher suite or key exchange.
    TlsNoCommonCipher = "tls.no_common_cipher",
    /// No common ALPN protocol.
    TlsAlpnRefused = "tls.alpn_refused",
    /// The broker does not know the server name.
    TlsServerNameRefused = "tls.server_name_refused",
    /// The handshake did not end in time.
    TlsTimedOut = "tls.timed_out",
    /// The other side closed the connection in the middle of the handshake.
    TlsClosed = "tls.closed",
    /// Another failure of the handshake.
    TlsFailed = "tls.failed",
    /// The WebSocket request was answered with 404.
    WebSocketPathNotFound = "websocket.path_not_found",
    /// The WebSocket request was answered with 401, 403 or 407.
    WebSocketUnauthorised = "websocket.unauthorised",
    /// The WebSocket request was answered with a redirect.
    WebSocketRedirected = "websocket.redirected",
    /// A proxy cannot reach the broker: 502, 503 or 504.
    WebSocketGatewayFailed = "websocket.gateway_failed",
    /// The WebSocket request was answered as a web page is: 2xx, 400 or 426.
    WebSocketNotUpgraded = "websocket.not_upgraded",
    /// The WebSocket request was answered with another status.
    WebSocketRefused = "websocket.refused",
    /// The answer names no subprotocol, or another.
    WebSocketSubprotocol = "websocket.subprotocol",
    /// The other side does not speak HTTP.
    WebSocketNotSpoken = "websocket.not_spoken",
    /// The port wants TLS.
    WebSocketTlsWanted = "websocket.tls_wanted",
    /// The path cannot stand in a request.
    WebSocketPathInvalid = "websocket.path_invalid",
    /// A header or subprotocol cannot stand in a request, or is not for the user to set.
    WebSocketHeaderInvalid = "websocket.header_invalid",
    /// The connection was closed without an answer.
    WebSocketClosed = "websocket.closed",
    /// No answer in time.
    WebSocketTimedOut = "websocket.timed_out",
    /// Another failure of the handshake.
    WebSocketFailed = "websocket.failed",

    /// No CONNACK in time.
    MqttTimedOut = "mqtt.timed_out",
    /// The other side closed before its CONNACK.
    MqttClosed = "mqtt.closed_before_connack",
    /// The CONNACK refuses the version of MQTT.
    MqttVersionRefused = "mqtt.version_refused",
    /// The CONNACK refuses the Client Identifier.
    MqttClientIdRefused = "mqtt.client_id_refused",
    /// The CONNACK refuses user name, password or permission.
    MqttNotAuthorised = "mqtt.not_authorised",
    /// The CONNACK says that the broker is unavailable or busy.
    MqttUnavailable = "mqtt.unavailable",
    /// The CONNACK refuses for another reason.
    MqttRefused = "mqtt.refused",
    /// What came is not MQTT.
    MqttMalformed = "mqtt.malformed",
    /// The other side broke a rule of the protocol.
    MqttProtocolError = "mqtt.protocol_error",
    /// The broker sent DISCONNECT.
    MqttDisconnected = "mqtt.disconnected",
    /// Another client took the session over.
    MqttTakenOver = "mqtt.taken_over",
    /// The connection ended without a word.
    MqttConnectionLost = "mqtt.connection_lost",
    /// No PINGRESP in time.
    MqttKeepAliveTimedOut = "mqtt.keep_alive_timed_out",
    /// A packet is larger than this side or the broker takes.
    MqttPacketTooLarge = "mqtt.packet_too_large",
    /// Enhanced authentication ended with the broker's no.
    MqttAuthenticationFailed = "mqtt.authentication_failed",
    /// The broker did not prove that it knows the password.
    MqttServerNotAuthentic = "mqtt.server_not_authentic",
    /// The broker does not take the Authentication Method, or asks for something that it has no answer to.
    MqttAuthenticationUnsupported = "mqtt.authentication_unsupported",
    /// The file of the Will Message's payload could not be read.
    WillFileUnreadable = "will.file_unreadable",
    /// The file of the Will Message's payload has more than 65,535 bytes.
    WillFileTooLarge = "will.file_too_large",

    /// There is no session to do this on.
    SessionNotConnected = "session.not_connected",
    /// The profile has no enhanced authentication that could be repeated.
    SessionWithoutAuthentication = "session.without_authentication",
    /// The session authenticates already.
    SessionAuthenticating = "session.authenticating",
    /// The Topic Name cannot be published to.
    TopicNameInvalid = "topic.name_invalid",
    /// The Topic Filter is not valid.
    TopicFilterInvalid = "topic.filter_invalid",
    /// The broker takes no message of this QoS.
    PublishQosRefused = "publish.qos_refused",
    /// The broker takes no retained messages.
    PublishRetainRefused = "publish.retain_refused",
    /// A message has properties, and the connection is not one of MQTT 5.0.
    PublishPropertiesNeed5 = "publish.properties_need_5",
    /// A property of a message breaks a rule of MQTT 5.0.
    PublishPropertyInvalid = "publish.property_invalid",
    /// The broker takes no Topic Alias, or none as high as this.
    PublishTopicAliasRefused = "publish.topic_alias_refused",
    /// A message without a Topic Name uses a Topic Alias that was not set on this connection.
    PublishTopicAliasUnknown = "publish.topic_alias_unknown",
    /// There is no file with the message's payload.
    PublishFileMissing = "publish.file_missing",
    /// The file of the message's payload is a folder or something else that is no file.
    PublishFileNotAFile = "publish.file_not_a_file",
    /// The file of the message's payload could not be read.
    PublishFileUnreadable = "publish.file_unreadable",
    /// The file of the message's payload makes a larger packet than the broker or MQTT takes.
    PublishFileTooLarge = "publish.file_too_large",
    /// A message has a payload and a file with another one.
    PublishPayloadTwice = "publish.payload_twice",
    /// An option of a subscription breaks a rule of MQTT 5.0.
    SubscribeOptionInvalid = "subscribe.option_invalid",
    /// No Local with a shared subscription.
    SubscribeNoLocalShared = "subscribe.no_local_shared",
    /// The broker takes no Topic Filters with wildcards.
    SubscribeWildcardsRefused = "subscribe.wildcards_refused",
    /// The broker takes no shared subscriptions.
    SubscribeSharedRefused = "subscribe.shared_refused",
    /// The broker takes no Subscription Identifiers.
    SubscribeIdentifiersRefused = "subscribe.identifiers_refused",
    /// DISCONNECT says nothing before MQTT 5.0.
    DisconnectOptionsNeed5 = "disconnect.options_need_5",
    /// What DISCONNECT shall say breaks a rule of MQTT 5.0.
    DisconnectOptionInvalid = "disconnect.option_invalid",
    /// The broker answered neither with SUBACK nor UNSUBACK.
    SubscribeUnanswered = "subscribe.unanswered",
    /// The connection ended before the broker answered.
    RequestLost = "request.lost",
    /// The Response Topic of a request cannot be one.
    RequestResponseTopicInvalid = "request.response_topic_invalid",
    /// The broker refuses the subscription through which requests or their answers would come.
    RequestSubscriptionRefused = "request.subscription_refused",
    /// The broker refuses the message of a request.
    RequestRefused = "request.refused",
    /// A request is not kept any more.
    RequestNotFound = "request.not_found",
    /// A template of a rule cannot be read.
    ReplyTemplateInvalid = "reply.template_invalid",
    /// A rule answers to the Response Topic, and the request has none that can be published to.
    ReplyNoResponseTopic = "reply.no_response_topic",
    /// A request holds no value for a placeholder of a rule.
    ReplyValueMissing = "reply.value_missing",
    /// A rule's own replies came back to it as requests.
    ReplyLoop = "reply.loop",
    /// Requests came faster than they can be answered.
    ReplyOverloaded = "reply.overloaded",
    /// A rule answered so fast and for so long that its replies may bring the requests back; it was stopped.
    ReplyTooFast = "reply.too_fast",

    /// There is no such message.
    MessageNotFound = "history.message_not_found",
    /// The disk is full; nothing is stored until there is room.
    HistoryDiskFull = "history.disk_full",
    /// The history's file was damaged and set aside.
    HistorySetAside = "history.set_aside",
    /// The history could not be read or written.
    HistoryFailed = "history.failed",

    /// A condition of a view cannot be asked.
    FilterInvalid = "filter.invalid",
    /// A view, a search or a piece of work that is not kept any more.
    ViewGone = "view.gone",
    /// A session was to be compared with itself.
    SidesSameProfile = "sides.same_profile",
    /// The times of a comparison contradict each other or are too long.
    SidesTimes = "sides.times",
    /// The comparison is not open any more.
    SidesGone = "sides.gone",
    /// The packet is not kept any more.
    PacketGone = "packet.gone",
    /// There is no probe with this name.
    ProbeNotFound = "probe.not_found",

    /// The local broker found no free port.
    BrokerNoPort = "broker.no_port",
    /// The local broker's process could not be started, or ended.
    BrokerFailed = "broker.failed",

    /// No format that can be imported is recognised.
    ImportUnrecognised = "import.unrecognised",
    /// The file is of a known format and cannot be read.
    ImportUnreadable = "import.unreadable",
    /// The file is larger than is read.
    ImportTooLarge = "import.too_large",
    /// The passphrase does not open the secrets of an import.
    ImportPassphrase = "import.passphrase",
    /// The file holds no connection.
    ImportNoConnection = "import.no_connection",
    /// The file is in an encoding that is not read.
    ImportEncoding = "import.encoding",
    /// The file nests values too deeply.
    ImportTooDeep = "import.too_deep",
    /// The file holds more values than are read.
    ImportTooMany = "import.too_many",
    /// The file would expand to far more than it is.
    ImportExpands = "import.expands",
    /// The XML uses entities of its own.
    ImportEntities = "import.entities",
    /// The format has a version that is not known here.
    ImportVersion = "import.version",
    /// The database is damaged.
    ImportDatabase = "import.database",
    /// The latest changes of a database stand in another file.
    ImportInUse = "import.in_use",
    /// An import was run, cancelled or forgotten.
    ImportGone = "import.gone",
    /// The file of an export could not be written.
    ExportNotSaved = "export.not_saved",
    /// There is no profile to export.
    ExportEmpty = "export.empty",
    /// There is no room for the file of an export.
    ExportDiskFull = "export.disk_full",
    /// The history has messages that are newer than those to import, or they are of the future.
    ImportOutOfTime = "import.out_of_time",

    /// A diagnosis was forgotten, or there never was one of this number.
    DiagnosisGone = "diagnosis.gone",
    /// Certificates could not be written to a file, or are none.
    CertificateNotSaved = "certificate.not_saved",
}
