//! The Will Message as it goes into CONNECT.
//!
//! What was typed is resolved once; a file is read for each connection, so that it may change between two. A
//! file that a broker could never be sent (more than 65,535 bytes) fails the attempt instead of being cut.

use std::io;
use std::path::{Path, PathBuf};

use mqttscope_model::{ErrorCode, QoS, UserError, WillProperties, topic};
use tokio::io::AsyncReadExt as _;

use super::{sendable, sendable_all};
use crate::SessionError;

/// A Will Message whose fields can be sent.
#[derive(Clone, Debug)]
pub(crate) struct Will {
    pub(crate) topic: String,
    pub(crate) payload: WillPayload,
    pub(crate) qos: QoS,
    pub(crate) retain: bool,
    /// For 5.0 only.
    pub(crate) properties: WillProperties,
    /// The bytes of the properties' Correlation Data.
    pub(crate) correlation_data: Option<Vec<u8>>,
}

/// The payload, or where it is.
#[derive(Clone, Debug)]
pub(crate) enum WillPayload {
    Bytes(Vec<u8>),
    File(PathBuf),
}

/// Why a file gives no payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum WillFileError {
    Unreadable { path: PathBuf, reason: String },
    TooLarge { path: PathBuf },
}

impl Will {
    /// Resolves what was typed. Properties count with 5.0 only.
    pub(super) fn resolve(will: &mqttscope_model::Will, v5: bool) -> Result<Self, SessionError> {
        topic::check_name(&will.topic).map_err(SessionError::TopicName)?;
        let payload = match &will.payload {
            mqttscope_model::WillPayload::File { path } => WillPayload::File(path.into()),
            mqttscope_model::WillPayload::Typed { typed } => {
                let problem = "the will payload does not follow its format";
                WillPayload::Bytes(bytes("will.payload", typed, problem)?)
            }
        };
        let properties = if v5 { will.properties.clone() } else { WillProperties::default() };
        let correlation_data = properties.correlation_data.as_ref().map(|typed| {
            let problem = "the will's Correlation Data does not follow its format";
            bytes("will.properties.correlation_data", typed, problem)
        });
        check(&properties)?;
        Ok(Self {
            topic: will.topic.clone(),
            payload,
            qos: will.qos,
            retain: will.retain,
            correlation_data: correlation_data.transpose()?,
            properties,
        })
    }

    /// The file that must be read before the next connection.
    pub(crate) fn file(&self) -> Option<&Path> {
        match &self.payload {
            WillPayload::File(path) => Some(path),
            WillPayload::Bytes(_) => None,
        }
    }
}

fn bytes(
    field: &'static str,
    typed: &mqttscope_model::TypedBytes,
    problem: &'static str,
) -> Result<Vec<u8>, SessionError> {
    let bytes = typed.bytes().map_err(|_| SessionError::Profile { field, problem })?;
    if bytes.len() > topic::MAX_BYTES {
        return Err(SessionError::Profile { field, problem: "it has more than 65,535 bytes" });
    }
    Ok(bytes)
}

fn check(properties: &WillProperties) -> Result<(), SessionError> {
    let refuse = |field, problem| Err(SessionError::Profile { field, problem });
    if !properties.content_type.as_deref().is_none_or(sendable) {
        let problem = "the will's Content Type is too long or holds U+0000";
        return refuse("will.properties.content_type", problem);
    }
    if properties.response_topic.as_deref().is_some_and(|name| topic::check_name(name).is_err()) {
        let problem = "the will's Response Topic is no Topic Name [MQTT-3.3.2-14]";
        return refuse("will.properties.response_topic", problem);
    }
    if !sendable_all(&properties.user_properties) {
        let problem = "a User Property of the will is too long or holds U+0000";
        return refuse("will.properties.user_properties", problem);
    }
    Ok(())
}

/// Reads the payload; never more than one byte beyond what fits.
///
/// # Errors
/// The file is not there, is no file, may not be read, or is too large.
pub(crate) async fn read(path: &Path) -> Result<Vec<u8>, WillFileError> {
    let unreadable = |error: io::Error| {
        let reason = error.to_string();
        WillFileError::Unreadable { path: path.to_owned(), reason }
    };
    // Opening a pipe would wait for its other end.
    let kind = tokio::fs::metadata(path).await.map_err(unreadable)?;
    if !kind.is_file() {
        return Err(unreadable(io::Error::other("this is no file")));
    }
    let file = tokio::fs::File::open(path).await.map_err(unreadable)?;
    let mut payload = Vec::new();
    let most = u64::try_from(topic::MAX_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    file.take(most).read_to_end(&mut payload).await.map_err(unreadable)?;
    if payload.len() > topic::MAX_BYTES {
        return Err(WillFileError::TooLarge { path: path.to_owned() });
    }
    Ok(payload)
}

impl WillFileError {
    /// It was not read in time, as on a network that has gone away.
    pub(crate) fn too_slow(path: &Path) -> Self {
        Self::Unreadable { path: path.to_owned(), reason: "reading takes too long".to_owned() }
    }

    pub(crate) fn to_user_error(&self) -> UserError {
        match self {
            Self::Unreadable { path, reason } => {
                let message = "The file with the Will Message's payload cannot be read.";
                UserError::new(ErrorCode::WillFileUnreadable, message)
                    .hint("Choose the file again in the profile.")
                    .detail("path", path.display())
                    .detail("reason", reason)
            }
            Self::TooLarge { path } => {
                let message =
                    "The file with the Will Message's payload has more than 65,535 bytes.";
                UserError::new(ErrorCode::WillFileTooLarge, message)
                    .hint("MQTT has no larger Will Payload: choose a smaller file.")
                    .detail("path", path.display())
            }
        }
    }
}
