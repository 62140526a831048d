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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use mqttscope_model::{PacketFilter, PacketFrom, PacketKind, ProtocolVersion};
    use mqttscope_packets::{Tape, Timeline};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};

    use super::super::{Shared, Wire};

    fn wire(version: ProtocolVersion) -> (Wire<DuplexStream>, DuplexStream, Arc<Shared>, Timeline) {
        let (ours, theirs) = duplex(64 * 1024);
        let shared = Arc::new(Shared::default());
        let tape = Arc::new(Tape::new(1024 * 1024));
        let wire = Wire::new(ours, version, 60, Arc::clone(&shared), Box::new(|_| None))
            .taped(Some(tape.connect(version)));
        (wire, theirs, shared, Timeline::new(tape))
    }

    fn kinds(timeline: &Timeline) -> Vec<PacketKind> {
        let from = PacketFrom::Place { place: 0 };
        let page = timeline.page(&PacketFilter::default(), from, 100);
        page.rows.iter().map(|row| row.kind).collect()
    }

    #[tokio::test]
    async fn an_answer_that_only_stands_in_for_the_brokers_is_not_on_the_tape() {
        let (mut wire, mut theirs, shared, timeline) = wire(ProtocolVersion::V311);
        theirs.write_all(b"\x20\x02\0\0").await.unwrap();
        let mut space = [0; 64];
        assert_eq!(wire.read(&mut space).await.unwrap(), 4);
        shared.hold(true);
        wire.write_all(b"\xc0\0").await.unwrap();
        wire.flush().await.unwrap();
        assert_eq!(wire.read(&mut space).await.unwrap(), 2);
        assert_eq!(kinds(&timeline), [PacketKind::Connack, PacketKind::Pingreq]);
        shared.hold(false);
        theirs.write_all(b"\xd0\0").await.unwrap();
        assert_eq!(wire.read(&mut space).await.unwrap(), 2);
        assert_eq!(kinds(&timeline)[2..], [PacketKind::Pingresp]);
    }

    #[tokio::test]
    async fn acknowledgements_are_on_the_tape_when_they_are_written() {
        let (mut wire, _theirs, _, timeline) = wire(ProtocolVersion::V311);
        wire.write_all(b"\x40\x02\0\x01").await.unwrap();
        wire.flush().await.unwrap();
        assert_eq!(kinds(&timeline), []);
        wire.write_all(b"\xe0\0").await.unwrap();
        wire.flush().await.unwrap();
        assert_eq!(kinds(&timeline), [PacketKind::Puback, PacketKind::Disconnect]);
    }

    #[tokio::test]
    async fn bytes_behind_a_cut_are_on_the_tape_once() {
        let (mut wire, mut theirs, _, timeline) = wire(ProtocolVersion::V311);
        theirs.write_all(b"\x20\x02\0\0\x30\x03\0\x01a\xd0\0\x30\x03\0\x01b").await.unwrap();
        let mut space = [0; 64];
        let mut read = 0;
        while read < 16 {
            read += wire.read(&mut space).await.unwrap();
        }
        let expected =
            [PacketKind::Connack, PacketKind::Publish, PacketKind::Pingresp, PacketKind::Publish];
        assert_eq!(kinds(&timeline), expected);
    }

    #[tokio::test]
    async fn an_answer_that_is_no_mqtt_is_on_the_tape_although_it_is_refused() {
        let (mut wire, mut theirs, _, timeline) = wire(ProtocolVersion::V5);
        theirs.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        wire.read(&mut [0; 64]).await.unwrap_err();
        let detail = timeline.detail(1).unwrap();
        assert!(detail.row.fault.is_some());
        assert!(detail.bytes.0.starts_with(b"HTTP"));
    }
}
