//! The gate, the tap and the deferred end.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use futures_util::FutureExt;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, DuplexStream, ReadBuf, duplex};
use tokio::sync::watch;

use crate::{Tap, Tapped};

#[derive(Clone, Default)]
struct Seen(Arc<Mutex<(Vec<u8>, Vec<u8>)>>);

impl Tap for Seen {
    fn read(&mut self, bytes: &[u8]) {
        self.0.lock().unwrap().0.extend_from_slice(bytes);
    }
    fn written(&mut self, bytes: &[u8]) {
        self.0.lock().unwrap().1.extend_from_slice(bytes);
    }
}

fn tapped(room: usize) -> (Tapped<DuplexStream>, DuplexStream, watch::Sender<bool>, Seen) {
    let (ours, theirs) = duplex(room);
    let (hold, held) = watch::channel(false);
    let seen = Seen::default();
    (Tapped::new(ours, held, Some(Box::new(seen.clone()))), theirs, hold, seen)
}

#[tokio::test]
async fn while_held_nothing_is_read_the_sender_is_pushed_back_and_writing_goes_on() {
    let (mut ours, mut theirs, hold, _) = tapped(4);
    hold.send_replace(true);
    let mut sending = Box::pin(async {
        theirs.write_all(b"12345678").await.unwrap();
        theirs
    });
    let mut buf = [0; 8];
    assert!(ours.read(&mut buf).now_or_never().is_none());
    assert!((&mut sending).now_or_never().is_none(), "the pipe holds 4 of 8 bytes");
    ours.write_all(b"ping").now_or_never().expect("writing is not held").unwrap();
    assert!(ours.read(&mut buf).now_or_never().is_none());

    // The reader waits, and is woken by the gate alone: no byte comes after it opens.
    let reader = tokio::spawn(async move {
        ours.read_exact(&mut buf).await.unwrap();
        (ours, buf)
    });
    let opener = tokio::spawn(async move {
        tokio::task::yield_now().await;
        hold.send_replace(false);
        hold
    });
    let mut theirs = sending.await;
    let (_ours, read) = reader.await.unwrap();
    assert_eq!(&read, b"12345678");
    let mut written = [0; 4];
    theirs.read_exact(&mut written).await.unwrap();
    assert_eq!(&written, b"ping");
    drop(opener.await.unwrap());
}

#[tokio::test]
async fn the_gate_can_close_and_open_any_number_of_times() {
    let (mut ours, mut theirs, hold, _) = tapped(64);
    let mut byte = [0];
    for round in 0..5_u8 {
        hold.send_replace(true);
        theirs.write_all(&[round]).await.unwrap();
        assert!(ours.read(&mut byte).now_or_never().is_none());
        // Opened and closed again between two polls: still held.
        hold.send_replace(false);
        hold.send_replace(true);
        assert!(ours.read(&mut byte).now_or_never().is_none());
        hold.send_replace(false);
        ours.read_exact(&mut byte).await.unwrap();
        assert_eq!(byte, [round]);
    }
}

#[tokio::test]
async fn nothing_is_held_when_nobody_is_left_to_release_it() {
    let (mut ours, mut theirs, hold, _) = tapped(64);
    hold.send_replace(true);
    theirs.write_all(b"x").await.unwrap();
    let mut byte = [0];
    let mut reading = Box::pin(ours.read(&mut byte));
    assert!((&mut reading).now_or_never().is_none());
    drop(hold);
    assert_eq!(reading.await.unwrap(), 1);
}

#[tokio::test]
async fn the_tap_sees_what_passes_both_ways() {
    let (mut ours, mut theirs, _hold, seen) = tapped(64);
    theirs.write_all(b"from the broker").await.unwrap();
    let mut buf = [0; 7];
    ours.read_exact(&mut buf[..4]).await.unwrap();
    ours.read_exact(&mut buf).await.unwrap();
    ours.write_all(b"one").await.unwrap();
    let parts = [io::IoSlice::new(b"two"), io::IoSlice::new(b""), io::IoSlice::new(b"three")];
    let mut left = ours.write_vectored(&parts).await.unwrap();
    left = 8 - left;
    ours.write_all(&b"twothree"[8 - left..]).await.unwrap();
    let seen = seen.0.lock().unwrap();
    assert_eq!(seen.0, b"from the br");
    assert_eq!(seen.1, b"onetwothree");
}

/// Gives one byte, then an error for ever.
struct Broken {
    given: bool,
}

impl AsyncRead for Broken {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.given {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        self.given = true;
        buf.put_slice(b"x");
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn an_end_is_told_one_poll_late_and_wakes_its_reader() {
    let (mut ours, mut theirs, _hold, _) = tapped(64);
    theirs.write_all(b"x").await.unwrap();
    drop(theirs);
    let mut buf = [0; 8];
    assert_eq!(ours.read(&mut buf).now_or_never().unwrap().unwrap(), 1);
    assert!(ours.read(&mut buf).now_or_never().is_none(), "the end is deferred");
    assert_eq!(ours.read(&mut buf).now_or_never().unwrap().unwrap(), 0);
    assert_eq!(ours.read(&mut buf).now_or_never().unwrap().unwrap(), 0);

    let (_hold, held) = watch::channel(false);
    let mut broken = Tapped::new(Broken { given: false }, held, None);
    assert_eq!(broken.read(&mut buf).now_or_never().unwrap().unwrap(), 1);
    assert!(broken.read(&mut buf).now_or_never().is_none());
    // Awaited in a task, it is woken without any further event.
    let error = broken.read(&mut buf).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);

    let mut broken = Tapped::new(Broken { given: true }, watch::channel(false).1, None);
    let error = broken.read(&mut buf).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
}
