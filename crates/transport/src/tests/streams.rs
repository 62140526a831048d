//! WebSocket messages as a byte stream, without a socket: any split gives the same bytes.

use futures_util::{SinkExt, StreamExt};
use proptest::collection::vec;
use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;

use crate::websocket::WebSocketBytes;

/// Both ends of a WebSocket; between them a pipe of `room` bytes.
async fn pair(room: usize) -> (WebSocketBytes<DuplexStream>, WebSocketStream<DuplexStream>) {
    let (ours, theirs) = duplex(room);
    let ours = WebSocketStream::from_raw_socket(ours, Role::Client, None).await;
    let theirs = WebSocketStream::from_raw_socket(theirs, Role::Server, None).await;
    (WebSocketBytes::new(ours), theirs)
}

fn in_runtime(work: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(work);
}

/// What a server sends.
#[derive(Clone, Debug)]
enum Sent {
    Bytes(Vec<u8>),
    Ping,
    Pong,
}

fn sent() -> impl Strategy<Value = Sent> {
    prop_oneof![
        4 => vec(any::<u8>(), 0..300).prop_map(Sent::Bytes),
        1 => Just(Sent::Ping),
        1 => Just(Sent::Pong),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_messages_are_read_as_their_bytes_in_any_pieces(
        messages in vec(sent(), 0..12),
        pieces in vec(1_usize..40, 1..8),
        room in 1_usize..200,
    ) {
        let expect: Vec<u8> = messages.iter().flat_map(|sent| match sent {
            Sent::Bytes(bytes) => bytes.clone(),
            Sent::Ping | Sent::Pong => Vec::new(),
        }).collect();
        in_runtime(async {
            let (mut ours, mut theirs) = pair(room).await;
            let sending = async {
                for sent in messages {
                    let message = match sent {
                        Sent::Bytes(bytes) => Message::Binary(bytes.into()),
                        Sent::Ping => Message::Ping("x".into()),
                        Sent::Pong => Message::Pong("y".into()),
                    };
                    theirs.send(message).await.unwrap();
                }
                theirs.close(None).await.unwrap();
                while let Some(Ok(_)) = theirs.next().await {}
            };
            let reading = async {
                let mut read = Vec::new();
                for size in pieces.iter().cycle() {
                    let mut piece = vec![0; *size];
                    let count = ours.read(&mut piece).await.unwrap();
                    if count == 0 {
                        break;
                    }
                    read.extend_from_slice(&piece[..count]);
                }
                // The end stays the end; then the pipe is closed, as a client does.
                assert_eq!(ours.read(&mut [0; 8]).await.unwrap(), 0);
                drop(ours);
                read
            };
            let ((), read) = tokio::join!(sending, reading);
            assert_eq!(read, expect);
        });
    }

    #[test]
    fn any_writes_arrive_as_binary_messages_with_their_bytes(
        writes in vec(vec(any::<u8>(), 0..400), 0..12),
        room in 1_usize..200,
    ) {
        let expect: Vec<u8> = writes.concat();
        in_runtime(async {
            let (mut ours, mut theirs) = pair(room).await;
            let writing = async {
                for bytes in &writes {
                    ours.write_all(bytes).await.unwrap();
                }
                ours.shutdown().await.unwrap();
            };
            let reading = async {
                let mut read = Vec::new();
                let mut closed = false;
                while let Some(message) = theirs.next().await {
                    match message {
                        Ok(Message::Binary(bytes)) => read.extend_from_slice(&bytes),
                        Ok(Message::Close(_)) => { closed = true; break; }
                        other => panic!("{other:?}"),
                    }
                }
                assert!(closed);
                read
            };
            let ((), read) = tokio::join!(writing, reading);
            assert_eq!(read, expect);
        });
    }
}

#[tokio::test]
async fn a_ping_is_answered_while_reading() {
    let (mut ours, mut theirs) = pair(1024).await;
    theirs.send(Message::Ping("are you there".into())).await.unwrap();
    let mut byte = [0];
    let answered = async {
        let answer = theirs.next().await.unwrap().unwrap();
        assert_eq!(answer, Message::Pong("are you there".into()));
    };
    tokio::select! {
        read = ours.read(&mut byte) => panic!("nothing was sent, yet: {read:?}"),
        () = answered => {}
    }
}

#[tokio::test]
async fn a_text_frame_is_an_error_and_then_the_end() {
    let (mut ours, mut theirs) = pair(1024).await;
    theirs.send(Message::Text("hello".into())).await.unwrap();
    let error = ours.read(&mut [0; 8]).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidData);
    assert!(error.to_string().contains("MQTT-6.0.0-1"));
    assert_eq!(ours.read(&mut [0; 8]).await.unwrap(), 0);
}

#[tokio::test]
async fn a_connection_that_ends_without_close_is_the_end_too() {
    let (mut ours, mut theirs) = pair(1024).await;
    theirs.send(Message::Binary("last".into())).await.unwrap();
    drop(theirs);
    let mut read = Vec::new();
    ours.read_to_end(&mut read).await.unwrap();
    assert_eq!(read, b"last");
    assert!(ours.write_all(b"x").await.is_err() || ours.flush().await.is_err());
}
