//! The tap: what goes over the stream, onto the profile's tape.
//!
//! It sits where the stream is read and written, below the library: a packet that the library rejects, splits up or
//! never hands on is on the tape as it was. What this side only pretends to the library (a PINGRESP while reading rests) is
//! not, and bytes that wait in a buffer are taken down when they are written.

use mqttscope_model::Direction;
use mqttscope_packets::Head;

/// Where the bytes of a connection go; nowhere, where nobody keeps a timeline.
#[derive(Debug, Default)]
pub(super) struct Tap(Option<Head>);

impl Tap {
    pub(super) fn new(head: Option<Head>) -> Self {
        Self(head)
    }

    /// Bytes that were just read from the stream.
    pub(super) fn received(&mut self, bytes: &[u8]) {
        if let Some(head) = &mut self.0 {
            head.take(Direction::Received, bytes);
        }
    }

    /// Bytes that the stream just took.
    pub(super) fn sent(&mut self, bytes: &[u8]) {
        if let Some(head) = &mut self.0 {
            head.take(Direction::Sent, bytes);
        }
    }
}
