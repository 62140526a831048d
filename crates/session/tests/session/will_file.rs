//! A Will Message whose payload lies in a file, read for each connection.

use mqttscope_model::{
    ConnectStage, ErrorCode, Profile, ProtocolVersion, QoS, Will, WillPayload, WillProperties,
};

use crate::support::scripted::{CONNECT, Scripted, connack};
use crate::support::{VERSIONS, assert_code, open, profile};

fn with_file(port: u16, version: ProtocolVersion, path: &std::path::Path) -> Profile {
    let mut profile = profile(port, version);
    profile.will = Some(Will {
        topic: "w".to_owned(),
        payload: WillPayload::File { path: path.display().to_string() },
        qos: QoS::AtMostOnce,
        retain: false,
        properties: WillProperties::default(),
    });
    profile
}

#[tokio::test]
async fn it_is_read_anew_for_each_connection_byte_for_byte() {
    let broker = Scripted::start().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("will.bin");
    for version in VERSIONS {
        std::fs::write(&path, [0, 255, b'\n']).unwrap();
        let running = open(&with_file(broker.port(), version, &path));
        let mut peer = broker.accept().await;
        let connect = peer.expect(CONNECT).await;
        assert!(connect.body.ends_with(b"\x00\x01w\x00\x03\x00\xff\n"), "{connect:02x?}");
        std::fs::write(&path, b"later").unwrap();
        peer.send(&connack(version, false, 0, &[])).await;
        running.connected().await;
        drop(peer);
        let connect = broker.accept().await.expect(CONNECT).await;
        assert!(connect.body.ends_with(b"\x00\x01w\x00\x05later"), "{connect:02x?}");
    }
}

#[tokio::test]
async fn the_largest_payload_goes_out_and_one_byte_more_is_an_error() {
    let broker = Scripted::start().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("will.bin");
    for version in VERSIONS {
        std::fs::write(&path, vec![7; 65_535]).unwrap();
        let running = open(&with_file(broker.port(), version, &path));
        let connect = broker.accept().await.expect(CONNECT).await;
        assert!(connect.body.ends_with(&[7; 65_535]));
        running.session.disconnect().await;
        std::fs::write(&path, vec![7; 65_536]).unwrap();
        let running = open(&with_file(broker.port(), version, &path));
        let error = running.failed().await;
        assert_code(&error, ErrorCode::WillFileTooLarge);
        assert_eq!(error.details["path"], path.display().to_string());
    }
}

#[tokio::test]
async fn a_file_that_is_not_there_is_named_and_nothing_is_dialled() {
    let broker = Scripted::start().await;
    let folder = tempfile::tempdir().unwrap();
    for version in VERSIONS {
        for path in [folder.path().join("missing"), folder.path().to_owned()] {
            let running = open(&with_file(broker.port(), version, &path));
            let error = running.failed().await;
            assert_code(&error, ErrorCode::WillFileUnreadable);
            assert_eq!(error.details["path"], path.display().to_string());
            assert!(!error.details["reason"].is_empty());
            let attempt = running.session.snapshot().borrow().last_attempt.clone().unwrap();
            let stages: Vec<_> = attempt.stages.iter().map(|record| record.stage).collect();
            assert_eq!(stages, [ConnectStage::Settings]);
        }
    }
}
