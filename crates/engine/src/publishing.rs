//! The command that publishes a file.
//!
//! A payload of many megabytes goes from the disk to the connection without passing through the window. It is read whole,
//! because the library's PUBLISH is one piece; what cannot be sent is refused before it is read.

use std::io::Read as _;

use mqttscope_model::{ErrorCode, MessageId, ProfileId, Publish, SessionState, UserError};

use crate::Engine;
use crate::engine::blocking;
use crate::files::size;

/// The largest Remaining Length (MQTT 5.0, section 1.5.5).
const LARGEST: u64 = 268_435_455;

impl Engine {
    pub(crate) async fn session_publish_file(
        &self,
        id: ProfileId,
        publish: Publish,
        path: String,
    ) -> Result<Option<MessageId>, UserError> {
        if !publish.payload.0.is_empty() {
            let message = "A message has either a payload or a file.";
            return Err(UserError::new(ErrorCode::PublishPayloadTwice, message));
        }
        let session = self.running(&id)?;
        let limit = match &session.snapshot().borrow().state {
            SessionState::Connected { connack, .. } => connack.maximum_packet_size,
            _ => None,
        };
        let limit = limit.map_or(LARGEST, |limit| LARGEST.min(limit.into()));
        let payload = blocking(move || read(&path, limit)).await??;
        session.publish(Publish { payload: mqttscope_model::Bytes(payload), ..publish }).await
    }
}

/// Reads a file of `limit` bytes at most; never more, although it may grow meanwhile.
fn read(path: &str, limit: u64) -> Result<Vec<u8>, UserError> {
    let too_large = |size: u64| {
        let text = format!("{path} has {size} bytes, and a packet has {limit} at most.");
        UserError::new(ErrorCode::PublishFileTooLarge, text)
            .hint("The broker's CONNACK or MQTT itself sets this limit; send less at a time.")
            .detail("path", path)
            .detail("size", size)
            .detail("limit", limit)
    };
    let known = size(path)?;
    if known > limit {
        return Err(too_large(known));
    }
    let unreadable = |error: std::io::Error| {
        UserError::new(ErrorCode::PublishFileUnreadable, format!("{path} cannot be read: {error}"))
            .detail("path", path)
            .detail("reason", error)
    };
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let mut payload = Vec::with_capacity(usize::try_from(known).unwrap_or_default());
    file.take(limit.saturating_add(1)).read_to_end(&mut payload).map_err(unreadable)?;
    let came = payload.len() as u64;
    if came > limit { Err(too_large(came)) } else { Ok(payload) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_whole_and_what_cannot_be_sent_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("payload");
        std::fs::write(&path, b"\x00\xff12").unwrap();
        let path = path.display().to_string();
        assert_eq!(read(&path, 4), Ok(b"\x00\xff12".to_vec()));
        let error = read(&path, 3).unwrap_err();
        assert_eq!(error.code, ErrorCode::PublishFileTooLarge);
        assert_eq!((error.details["size"].as_str(), error.details["limit"].as_str()), ("4", "3"));
        let code = |path: &std::path::Path| read(&path.display().to_string(), 9).unwrap_err().code;
        assert_eq!(code(folder.path()), ErrorCode::PublishFileNotAFile);
        assert_eq!(code(&folder.path().join("gone")), ErrorCode::PublishFileMissing);
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_not_waited_for() {
        assert_eq!(read("/dev/zero", 9).unwrap_err().code, ErrorCode::PublishFileNotAFile);
    }
}
