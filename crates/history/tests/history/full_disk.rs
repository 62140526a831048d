//! Proves that a full disk stops the store visibly, loses nothing, and that it goes on when there is
//! room. The disk is a real one: a small tmpfs in a mount namespace of its own, in which the
//! test runs itself. Where the system allows no such namespace the unit test of the writer,
//! which limits the pages of the file, is what is left.

use std::path::Path;
use std::process::Command;

use mqttscope_history::{History, HistoryError};
use mqttscope_model::{ErrorCode, MessageId};

use crate::common::{open, received, settle, wait_until};

pub const DISK: &str = "MQTTSCOPE_HISTORY_SMALL_DISK";

/// Runs a test that is ignored otherwise with a disk of 8 MB, where that can be made.
pub fn on_small_disk(test: &str) {
    let folder = tempfile::tempdir().unwrap();
    let script = "mount -t tmpfs -o size=8m tmpfs \"$0\" || exit 77; exec \"$@\"";
    let me = std::env::current_exe().unwrap();
    let unshare = Command::new("unshare")
        .args(["--mount", "--map-root-user", "sh", "-c", script])
        .arg(folder.path())
        .arg(me)
        .args(["--exact", test, "--ignored", "--nocapture"])
        .env(DISK, folder.path())
        .output();
    match unshare {
        Ok(ran) if matches!(ran.status.code(), Some(0 | 101)) => {
            let said = String::from_utf8_lossy(&[ran.stdout, ran.stderr].concat()).into_owned();
            assert!(said.contains("test result: ok. 1 passed"), "{said}");
            println!("{said}");
        }
        other => {
            eprintln!("no small disk can be made here: {other:?}");
        }
    }
}

/// Fills the disk to the last byte.
pub fn fill(disk: &Path) -> std::path::PathBuf {
    let ballast = disk.join("ballast");
    let mut file = std::fs::File::create(&ballast).unwrap();
    while std::io::Write::write(&mut file, &[0; 4096]).is_ok_and(|n| n > 0) {}
    ballast
}

pub fn append_until_full(history: &History) {
    let fault = history.fault();
    wait_until("the disk is full", || {
        let next = history.last_given().0 + 1;
        history.append(received(&format!("t/{next}"), next.to_be_bytes())).unwrap();
        fault.borrow().is_some()
    });
    let shown = fault.borrow().clone().unwrap();
    assert_eq!(shown.code, ErrorCode::HistoryDiskFull, "{shown:?}");
}

fn check_complete(history: &History) {
    let total = history.last_given().0;
    let mut seen = 0;
    while seen < total {
        for row in history.page(seen, 500).unwrap().rows {
            seen += 1;
            assert_eq!((row.id.0, row.index), (seen, seen - 1));
            assert_eq!(row.preview, seen.to_be_bytes());
            assert_eq!(&*row.topic, format!("t/{seen}"));
        }
    }
    assert_eq!(history.stats().messages, total);
}

#[test]
#[ignore = "runs on the small disk of the test below"]
fn fill_and_make_room() {
    let Some(disk) = std::env::var_os(DISK) else { return };
    let disk = Path::new(&disk);
    let path = disk.join("one.sqlite");
    let history = open(&path);
    history.append(received("t/1", 1_u64.to_be_bytes())).unwrap();
    settle(&history);
    let ballast = fill(disk);
    append_until_full(&history);
    while !history.pressure().is_high() {
        let next = history.last_given().0 + 1;
        history.append(received(&format!("t/{next}"), next.to_be_bytes())).unwrap();
    }
    assert!(*history.hold().borrow());
    let stuck = *history.committed().borrow();
    assert!(stuck < history.last_given().0);
    // What is on disk can be read all the same.
    assert_eq!(history.page(0, 1).unwrap().rows.len(), 1);

    std::fs::remove_file(ballast).unwrap();
    settle(&history);
    wait_until("the fault is gone", || history.fault().borrow().is_none());
    wait_until("the pressure is low", || !history.pressure().is_high());
    check_complete(&history);
    history.close().unwrap();
    check_complete(&open(&path));
}

#[test]
#[ignore = "runs on the small disk of the test below"]
fn fill_and_clear() {
    let Some(disk) = std::env::var_os(DISK) else { return };
    let disk = Path::new(&disk);
    let path = disk.join("one.sqlite");
    let history = open(&path);
    history.append(received("t/1", 1_u64.to_be_bytes())).unwrap();
    settle(&history);
    fill(disk);
    append_until_full(&history);
    let given = history.last_given().0;
    assert_eq!(history.clear().unwrap().messages, given);
    assert_eq!(*history.fault().borrow(), None);
    assert_eq!(history.append(received("t", "x")).unwrap(), MessageId(given + 1));
    history.close().unwrap_or_else(|error| {
        // An empty history may need all the room that the old one gave back.
        assert!(matches!(error, HistoryError::NotFlushed { messages: 1, .. }), "{error}");
    });
}

#[test]
#[ignore = "runs on the small disk of the test below"]
fn fill_and_close() {
    let Some(disk) = std::env::var_os(DISK) else { return };
    let disk = Path::new(&disk);
    let history = open(&disk.join("one.sqlite"));
    fill(disk);
    append_until_full(&history);
    let waiting = history.pressure().queued_messages;
    let error = history.close().unwrap_err();
    assert!(matches!(&error, HistoryError::NotFlushed { messages, .. } if *messages == waiting));
    assert_eq!(error.code(), ErrorCode::HistoryDiskFull);
}

#[test]
fn a_full_disk_stops_the_store_visibly_and_nothing_is_lost() {
    on_small_disk("full_disk::fill_and_make_room");
}

#[test]
fn clearing_works_on_a_full_disk() {
    on_small_disk("full_disk::fill_and_clear");
}

#[test]
fn closing_on_a_full_disk_says_how_much_was_lost() {
    on_small_disk("full_disk::fill_and_close");
}
