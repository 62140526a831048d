//! The nouns of MQTTScope: what a profile, a session, a message and an error are.
//!
//! No code here performs I/O, knows the time or draws a random number, so every rule in this
//! crate is a function of its arguments. The types that cross the door to the window carry their
//! TypeScript shape (`ts_rs::TS`); the words are those of the MQTT specification.

pub mod address;
pub mod broker;
pub mod bytes;
pub mod capability;
pub mod check;
pub mod client_id;
pub mod connect;
pub mod connecting;
pub mod endpoint;
pub mod error;
pub mod facts;
pub mod folder;
pub mod message;
pub mod network;
pub mod packet;
pub mod preset;
pub mod profile;
pub mod properties;
pub mod qos;
pub mod reason;
pub mod request;
pub mod retention;
pub mod secret;
pub mod session;
pub mod subscription;
pub mod template;
pub mod tls;
pub mod topic;
pub mod transfer;
pub mod typed;
pub mod version;
pub mod view;
pub mod will;

pub use broker::{BrokerClient, BrokerState};
pub use bytes::Bytes;
pub use capability::{
    Capability, CapabilityRow, CapabilityVerdict, ProbeId, ProbeOptions, ProbeReport,
};
pub use connect::{
    Attempt, ConnackInfo, ConnectInfo, ConnectStage, StageRecord, StageVerdict, TlsInfo,
};
pub use connecting::{Authentication, ConnectProperties, ScramHash, UserProperty};
pub use endpoint::{Endpoint, Scheme};
pub use error::{ErrorCode, UserError};
pub use facts::{
    Account, AddressOutcome, AddressTry, BrokerAnswer, CertificateCheck, CertificateFacts,
    CertificateRejection, Facts, FirstBytes, LastSent, MqttFacts, NameFacts, Named, PastConnection,
    ProxyFacts, SchemeTry, SentPacket, StayingFacts, StreamEnd, SubscribeFacts, TcpFacts, TlsFacts,
    TlsTrust, WebSocketFacts,
};
pub use folder::{Colour, FolderId, Node, NodeId, Tree};
pub use message::{Direction, Message, MessageId, Outcome, Publish};
pub use network::{AddressFamily, Header, HeaderValue, Proxy, ProxyServer, WebSocketSettings};
pub use packet::{
    PacketDetail, PacketExchange, PacketExport, PacketFault, PacketField, PacketFilter,
    PacketFormat, PacketFrom, PacketKind, PacketPage, PacketRow, PacketsState, PingTime,
};
pub use preset::{Preset, PresetId};
pub use profile::{Profile, ProfileId, Reconnect};
pub use qos::QoS;
pub use reason::ReasonCode;
pub use request::{
    ReplyRule, ReplyState, RequestAnswer, RequestId, RequestRecord, RequestState, RequestToSend,
};
pub use retention::{Bookmark, Removed, Retention, Usage};
pub use secret::{Secret, SecretEdit, SecretName, SecretSlot, Secrets};
pub use session::{
    DisconnectOptions, FilterState, InFlight, Resumed, SessionSnapshot, SessionState,
    SubscriptionState, Traffic,
};
pub use subscription::{RetainHandling, Subscription};
pub use tls::{
    ArchiveSource, CertificateSource, ClientCertificate, KeySource, TlsRoots, TlsSettings,
    TlsVersion,
};
pub use transfer::{
    ExportRequest, Formulas, MessageFormat, TransferProgress, TransferStage, Transferred,
};
pub use typed::{ByteFormat, TypedBytes};
pub use version::ProtocolVersion;
pub use view::{
    Comparison, FindMarks, FindRequest, FoundAt, PayloadTest, Towards, UserPropertyTest, ViewFilter,
};
pub use will::{Will, WillPayload, WillProperties};
