//! What a cause knows besides its code, as named facts for the window's wording.

use crate::error::DialCause;
use crate::wording::shown_path;

impl DialCause {
    /// What the cause itself knows, named for the window's wording.
    pub(crate) fn details(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::FileUnreadable { path, reason } => {
                vec![("file", path.clone()), ("reason", reason.clone())]
            }
            Self::FileInvalid { path, wanted } => {
                vec![("file", path.clone()), ("wanted", (*wanted).to_owned())]
            }
            Self::KeyEncrypted { path } | Self::PassphraseWrong { path } => {
                vec![("file", path.clone())]
            }
            Self::EncryptionUnsupported { path, reason }
            | Self::ArchiveInvalid { path, reason }
            | Self::KeyLogUnusable { path, reason } => {
                vec![("file", path.clone()), ("reason", reason.clone())]
            }
            Self::VersionRefused { offered } => vec![("offered", (*offered).to_owned())],
            Self::PinInvalid { pin } => vec![("pin", pin.clone())],
            Self::NotPinned { sha256 } => vec![("sha256", sha256.clone())],
            Self::SecretMissing { slot } => vec![("secret", slot.clone())],
            Self::HeaderInvalid { name, reason } => {
                vec![("name", name.clone()), ("reason", (*reason).to_owned())]
            }
            Self::ProxyInvalid { reason } => vec![("reason", reason.clone())],
            Self::ProxyUnreachable { proxy, reason } => {
                vec![("proxy", proxy.clone()), ("reason", reason.clone())]
            }
            Self::ProxyBrokerUnreachable { proxy, answer }
            | Self::ProxyRefused { proxy, answer } => {
                vec![("proxy", proxy.clone()), ("answer", answer.clone())]
            }
            Self::ProxyUnauthorised { proxy, .. }
            | Self::ProxyForbidden { proxy }
            | Self::ProxyNotSpoken { proxy, .. }
            | Self::ProxyClosed { proxy }
            | Self::ProxyTimedOut { proxy } => vec![("proxy", proxy.clone())],
            Self::KeyMismatch { certificate, key } => {
                vec![("certificate", certificate.clone()), ("key", key.clone())]
            }
            Self::ServerNameInvalid { name }
            | Self::AlpnInvalid { name }
            | Self::NoNames { name }
            | Self::ServerNameRefused { name } => vec![("name", name.clone())],
            Self::PathInvalid { path } => vec![("path", shown_path(path))],
            Self::WrongName { name, names } => {
                vec![("name", name.clone()), ("names", names.join(", "))]
            }
            Self::Expired { until } => vec![("until", until.clone())],
            Self::NotYetValid { from } => vec![("from", from.clone())],
            Self::ClientCertificateRejected { alert } => vec![("alert", alert.clone())],
            Self::Redirected { status, location } => {
                vec![("status", status.to_string()), ("location", location.clone())]
            }
            Self::Unauthorised { status }
            | Self::GatewayFailed { status }
            | Self::NotUpgraded { status, .. }
            | Self::WebSocketRefused { status } => vec![("status", status.to_string())],
            Self::SubprotocolOther { answered } => vec![("answered", answered.clone())],
            Self::TlsNotSpoken { spoken: Some(spoken) } | Self::HttpNotSpoken { spoken } => {
                vec![("spoken", spoken.name().to_owned())]
            }
            Self::NameLookupFailed { reason }
            | Self::TcpFailed { reason }
            | Self::RootsMissing { reason }
            | Self::CertificateInvalid { reason }
            | Self::TlsFailed { reason }
            | Self::WebSocketFailed { reason } => vec![("reason", reason.clone())],
            _ => Vec::new(),
        }
    }
}
