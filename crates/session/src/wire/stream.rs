//! The stream that the MQTT library reads and writes.
//!
//! One read of the socket makes one batch: after handing bytes over, [`Wire`] answers `Pending` once (and wakes
//! its reader), which ends the library's batch. An end or an error is therefore always met with nothing else in the
//! batch. The price is one more poll for each read of the socket.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Context;

use bytes::BytesMut;
use mqttscope_model::ProtocolVersion;
use mqttscope_packets::Head;
use mqttscope_packets::borders::Borders;
use tokio::time::{Instant, Sleep, sleep_until};

use super::facts::{End, Facts, LateTls, Shared};
use super::pings::Pings;
use super::rename::Rename;
use super::splitter::{Seen, Splitter};
use super::stall::Stall;
use super::tape::Tap;
use super::words::UNASKED;

/// Tells whether an error of the stream belongs to TLS.
pub(crate) type Explain = Box<dyn Fn(&io::Error) -> Option<LateTls> + Send + Sync>;

/// A dialled stream as the MQTT library gets it.
pub(crate) struct Wire<S> {
    pub(super) stream: S,
    pub(super) shared: Arc<Shared>,
    explain: Explain,
    version: ProtocolVersion,
    pub(super) splitter: Splitter,
    /// Read from the stream and not handed over yet: what lies behind a cut.
    pub(super) rest: BytesMut,
    /// Bytes were handed over since the last `Pending`.
    pub(super) delivered: bool,
    /// The broker has ended the connection with its last packet; what the library makes of that one does not matter.
    pub(super) over: bool,
    /// The broker has broken a rule, and the library is not told yet.
    pub(super) breach: bool,
    /// How many of the first bytes are known.
    first: usize,
    pub(super) pings: Pings,
    /// Rewrites CONNECT for MQTT 3.1 until it is done.
    pub(super) rename: Option<Rename>,
    pub(super) sent: Borders,
    /// Taken from the library and not written yet.
    pub(super) out: BytesMut,
    /// What is in `out` must go out with the next flush; otherwise it is acknowledgements, which may be gathered.
    pub(super) urgent: bool,
    pub(super) stall: Stall,
    pub(super) tap: Tap,
    /// Until when CONNACK must have come; none when it has.
    awaits: Option<Pin<Box<Sleep>>>,
}

impl<S> Wire<S> {
    /// `keep_alive` is CONNECT's, in seconds.
    pub(crate) fn new(
        stream: S,
        version: ProtocolVersion,
        keep_alive: u16,
        shared: Arc<Shared>,
        explain: Explain,
    ) -> Self {
        Self {
            stream,
            shared,
            explain,
            version,
            splitter: Splitter::new(version),
            rest: BytesMut::new(),
            delivered: false,
            over: false,
            breach: false,
            first: 0,
            pings: Pings::default(),
            rename: (version == ProtocolVersion::V31).then(Rename::default),
            sent: Borders::default(),
            out: BytesMut::new(),
            urgent: false,
            stall: Stall::new(keep_alive),
            tap: Tap::default(),
            awaits: None,
        }
    }

    /// With a time until which CONNACK must have come.
    pub(crate) fn answered_by(mut self, deadline: Instant) -> Self {
        self.awaits = Some(Box::pin(sleep_until(deadline)));
        self
    }

    /// With a CONNECT that asks for no words.
    pub(crate) fn without_words(mut self, without: bool) -> Self {
        if without {
            self.splitter.wants_no_words();
        }
        self
    }

    /// With the tape that takes down what goes over the stream.
    pub(crate) fn taped(mut self, head: Option<Head>) -> Self {
        self.tap = Tap::new(head);
        self
    }

    /// An error where no CONNACK came in time.
    pub(super) fn poll_deadline(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        let Some(awaits) = &mut self.awaits else { return Ok(()) };
        if awaits.as_mut().poll(cx).is_pending() {
            return Ok(());
        }
        self.shared.facts().end.get_or_insert(End::Silent);
        Err(io::Error::new(io::ErrorKind::TimedOut, "no CONNACK came in time"))
    }

    /// Notes what came; an error where it cannot be an answer to CONNECT.
    pub(super) fn note_first(&mut self, came: &[u8]) -> io::Result<()> {
        if self.first >= Facts::FIRST {
            return Ok(());
        }
        let mut facts = self.shared.facts();
        let room = Facts::FIRST - self.first;
        facts.first.extend(came.iter().take(room));
        let begins = self.first == 0;
        self.first = facts.first.len();
        let answer = matches!(
            (facts.first.first(), self.version),
            (Some(0x20) | None, _) | (Some(0xe0 | 0xf0), ProtocolVersion::V5)
        );
        if begins && !answer {
            facts.end = Some(End::Foreign);
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the answer is no MQTT"));
        }
        Ok(())
    }

    /// Takes note of the packets that the splitter saw in the bytes that are handed over.
    pub(super) fn note_seen(&mut self, handed: &mut [u8]) {
        let again = self.splitter.take_again();
        if again > 0 {
            self.shared.facts().again += again;
        }
        for seen in self.splitter.take_seen() {
            match seen {
                Seen::Pong => {
                    if let Some(took) = self.pings.came() {
                        let mut facts = self.shared.facts();
                        if facts.pings_us.len() < Facts::PINGS {
                            facts.pings_us.push(took);
                        }
                    }
                }
                Seen::NotFound(at) => {
                    if let Some(reason) = handed.get_mut(at) {
                        *reason = 0;
                    }
                }
                Seen::Words => {
                    self.breach = true;
                    self.shared.facts().breach = Some(UNASKED);
                }
                Seen::Connack(bytes) => {
                    self.awaits = None;
                    self.over |= !is_welcome(self.version, &bytes);
                    let mut facts = self.shared.facts();
                    if facts.connack.is_empty() {
                        facts.connack = bytes;
                    }
                }
                Seen::Disconnect(bytes) => {
                    self.over = true;
                    self.shared.facts().disconnect = bytes;
                }
            }
        }
    }

    /// Notes how the stream ended, the first time.
    pub(super) fn note_end(&self, error: Option<&io::Error>) {
        let end = match error {
            None => End::Closed,
            Some(error) => (self.explain)(error).map_or_else(
                || End::Broken { kind: error.kind(), text: error.to_string() },
                End::Tls,
            ),
        };
        let mut facts = self.shared.facts();
        facts.within_packet = self.splitter.until_border() > 0;
        match (&facts.end, &end) {
            // A write often fails first, and the read that follows says why.
            (None, _) | (Some(End::Broken { .. }), End::Tls(_)) => facts.end = Some(end),
            _ => {}
        }
    }
}

/// Whether a CONNACK says yes. The library waits for more where MQTT 5's has no properties, which is how brokers
/// that know no MQTT 5 answer.
fn is_welcome(version: ProtocolVersion, connack: &[u8]) -> bool {
    let whole = if version == ProtocolVersion::V5 { 4 } else { 3 };
    connack.len() >= whole && connack.get(2) == Some(&0)
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    use super::*;

    fn wire(
        version: ProtocolVersion,
    ) -> (Wire<tokio::io::DuplexStream>, tokio::io::DuplexStream, Arc<Shared>) {
        let (ours, theirs) = duplex(64 * 1024);
        let shared = Arc::new(Shared::default());
        (Wire::new(ours, version, 60, Arc::clone(&shared), Box::new(|_| None)), theirs, shared)
    }

    async fn read(wire: &mut Wire<tokio::io::DuplexStream>) -> Vec<u8> {
        let mut buf = vec![0; 1_024];
        let len = wire.read(&mut buf).await.unwrap();
        buf.truncate(len);
        buf
    }

    #[tokio::test]
    async fn an_answer_that_is_no_mqtt_fails_at_its_first_byte_and_is_kept() {
        let (mut wire, mut theirs, shared) = wire(ProtocolVersion::V5);
        theirs.write_all(b"HTTP/1.1 400 Bad Request\r\n").await.unwrap();
        let error = wire.read(&mut [0; 64]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        assert_eq!(shared.facts().first, b"HTTP/1.1 400 Bad Request\r\n");
        assert_eq!(shared.facts().end, Some(End::Foreign));
    }

    #[tokio::test]
    async fn held_back_it_ends_the_packet_that_has_begun_and_answers_pings_itself() {
        let (mut wire, mut theirs, shared) = wire(ProtocolVersion::V311);
        theirs.write_all(b"\x20\x02\x00\x00\x30\x06\x00\x01a").await.unwrap();
        assert_eq!(read(&mut wire).await, b"\x20\x02\x00\x00\x30\x06\x00\x01a");
        shared.hold(true);
        theirs.write_all(b"xyz\x30\x03\x00\x01b").await.unwrap();
        assert_eq!(read(&mut wire).await, b"xyz");
        wire.write_all(b"\xc0\x00").await.unwrap();
        wire.flush().await.unwrap();
        assert_eq!(read(&mut wire).await, b"\xd0\x00");
        let waiting = tokio::spawn(async move { read(&mut wire).await });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        shared.hold(false);
        assert_eq!(waiting.await.unwrap(), b"\x30\x03\x00\x01b");
        let mut ping = [0; 2];
        theirs.read_exact(&mut ping).await.unwrap();
        assert_eq!(ping, *b"\xc0\x00");
    }

    #[tokio::test]
    async fn acknowledgements_are_gathered_until_the_library_reads_or_writes_something_else() {
        let (mut wire, mut theirs, _) = wire(ProtocolVersion::V311);
        wire.write_all(b"\x40\x02\x00\x01").await.unwrap();
        wire.flush().await.unwrap();
        wire.write_all(b"\x40\x02\x00\x02").await.unwrap();
        wire.flush().await.unwrap();
        let mut buf = [0; 16];
        let nothing = futures_util::FutureExt::now_or_never(theirs.read(&mut buf));
        assert!(nothing.is_none());
        wire.write_all(b"\xe0\x00").await.unwrap();
        wire.flush().await.unwrap();
        let len = theirs.read(&mut buf).await.unwrap();
        assert_eq!(&buf[..len], b"\x40\x02\x00\x01\x40\x02\x00\x02\xe0\x00");
    }

    #[tokio::test]
    async fn an_end_comes_in_a_poll_of_its_own() {
        let (mut wire, mut theirs, shared) = wire(ProtocolVersion::V311);
        theirs.write_all(b"\x20\x02\x00\x00").await.unwrap();
        drop(theirs);
        assert_eq!(read(&mut wire).await.len(), 4);
        let mut space = [0; 8];
        let next = futures_util::FutureExt::now_or_never(wire.read(&mut space));
        assert!(next.is_none(), "the end must not be in the same batch");
        assert!(read(&mut wire).await.is_empty());
        assert_eq!(shared.facts().end, Some(End::Closed));
    }

    #[tokio::test(start_paused = true)]
    async fn a_write_that_goes_nowhere_ends_after_one_and_a_half_keep_alives() {
        let (mut wire, _reads_nothing, shared) = wire(ProtocolVersion::V311);
        let started = tokio::time::Instant::now();
        let error = wire.write_all(&vec![0x30; 100_000]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!(started.elapsed().as_secs(), 90);
        assert!(matches!(shared.facts().end, Some(End::Broken { .. })));
    }
}
