//! Proves that a history whose file is removed, moved or replaced while it is open loses nothing, neither what was shown
//! nor what comes; and what becomes of a file that may not be written.

use std::path::{Path, PathBuf};
use std::process::Command;

use mqttscope_history::{History, HistoryError};
use mqttscope_model::{ErrorCode, MessageId};

use crate::common::{open, place, received, settle, try_open, wait_until};

fn fill(history: &History, count: u64) {
    for _ in 0..count {
        let next = history.last_given().0 + 1;
        history.append(received(&format!("t/{}", next % 10), next.to_be_bytes())).unwrap();
    }
}

#[track_caller]
fn check_has(history: &History, count: u64) {
    let page = history.page(0, u32::MAX).unwrap();
    assert_eq!((page.total, page.rows.len() as u64), (count, count));
    for (row, id) in page.rows.iter().zip(1_u64..) {
        assert_eq!((row.id.0, &row.preview[..]), (id, &id.to_be_bytes()[..]));
        assert_eq!(*row.topic, format!("t/{}", id % 10));
    }
}

/// Removes what is in a folder, or moves it elsewhere, while a history in it is open; then nothing must be missing.
#[cfg(unix)]
#[track_caller]
fn check_survives(remove: impl FnOnce(&Path)) {
    let outer = tempfile::tempdir().unwrap();
    let path = outer.path().join("histories").join("one.sqlite");
    let history = open(&path);
    fill(&history, 5_000);
    history.set_bookmark(MessageId(7), "kept").unwrap();
    settle(&history);
    remove(&path);
    fill(&history, 100);
    settle(&history);
    assert_eq!(*history.fault().borrow(), None);
    check_has(&history, 5_100);
    assert!(path.exists());
    fill(&history, 100);
    history.close().unwrap();
    drop(history);
    let history = open(&path);
    check_has(&history, 5_200);
    assert_eq!(history.bookmark(MessageId(7)).unwrap().note, "kept");
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    PathBuf::from(format!("{}{suffix}", path.display()))
}

#[test]
#[cfg(unix)]
fn a_file_that_is_removed_while_it_is_open_is_written_anew() {
    check_survives(|path| std::fs::remove_file(path).unwrap());
}

#[test]
#[cfg(unix)]
fn a_file_that_is_removed_with_its_log_is_written_anew() {
    check_survives(|path| {
        for suffix in ["", "-wal", "-shm"] {
            std::fs::remove_file(beside(path, suffix)).unwrap();
        }
    });
}

#[test]
#[cfg(unix)]
fn a_folder_that_is_removed_is_made_anew_with_its_lock() {
    check_survives(|path| std::fs::remove_dir_all(path.parent().unwrap()).unwrap());
}

#[test]
#[cfg(unix)]
fn a_file_that_is_moved_away_is_written_anew_where_it_was() {
    check_survives(|path| std::fs::rename(path, beside(path, ".moved")).unwrap());
}

#[test]
#[cfg(unix)]
fn a_file_that_is_removed_before_the_history_is_closed_is_there_afterwards() {
    let (_folder, path) = place();
    let history = open(&path);
    fill(&history, 100);
    settle(&history);
    std::fs::remove_file(&path).unwrap();
    history.close().unwrap();
    check_has(&open(&path), 100);
}

#[test]
#[cfg(unix)]
fn a_second_window_stays_out_after_the_folder_was_removed() {
    let outer = tempfile::tempdir().unwrap();
    let path = outer.path().join("histories").join("one.sqlite");
    let history = open(&path);
    fill(&history, 10);
    settle(&history);
    std::fs::remove_dir_all(path.parent().unwrap()).unwrap();
    fill(&history, 10);
    settle(&history);
    assert!(matches!(try_open(&path), Err(HistoryError::InUse { .. })));
}

#[test]
#[cfg(unix)]
fn a_file_in_the_place_of_a_removed_one_stops_recording_until_it_is_gone() {
    let (_folder, path) = place();
    let history = open(&path);
    fill(&history, 100);
    settle(&history);
    std::fs::remove_file(&path).unwrap();
    std::fs::write(&path, "somebody else's").unwrap();
    fill(&history, 100);
    wait_until("it is told", || history.fault().borrow().is_some());
    let fault = history.fault().borrow().clone().unwrap();
    assert_eq!(fault.code, ErrorCode::HistoryFailed);
    assert!(fault.message.contains("nother file") && fault.hint.contains("away"), "{fault:?}");
    check_has(&history, 100);
    assert_eq!(std::fs::read(&path).unwrap(), b"somebody else's");
    std::fs::remove_file(&path).unwrap();
    settle(&history);
    wait_until("the fault is gone", || history.fault().borrow().is_none());
    check_has(&history, 200);
    history.close().unwrap();
    check_has(&open(&path), 200);
}

#[test]
#[cfg(unix)]
fn a_history_that_is_closed_while_another_file_has_its_place_is_kept_beside_it() {
    let (folder, path) = place();
    let history = open(&path);
    fill(&history, 100);
    settle(&history);
    std::fs::remove_file(&path).unwrap();
    std::fs::write(&path, "somebody else's").unwrap();
    let error = history.close().unwrap_err();
    assert!(matches!(error, HistoryError::NotFlushed { messages: 100, .. }), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), b"somebody else's");
    check_has(&open(&folder.path().join("one.sqlite.kept-20261121T015000Z")), 100);
}

const PLACE: &str = "MQTTSCOPE_HISTORY_READ_ONLY";

/// Runs a test that is ignored otherwise as somebody whom permissions bind, which root is not.
fn as_nobody(test: &str) {
    let folder = tempfile::tempdir().unwrap();
    let me = std::env::current_exe().unwrap();
    let arguments = ["--exact", test, "--ignored", "--nocapture"];
    let is_root =
        std::os::unix::fs::MetadataExt::uid(&std::fs::metadata(folder.path()).unwrap()) == 0;
    let mut command = Command::new(if is_root { "setpriv".as_ref() } else { me.as_os_str() });
    if is_root {
        let everybody = std::os::unix::fs::PermissionsExt::from_mode(0o777);
        std::fs::set_permissions(folder.path(), everybody).unwrap();
        // Its own folder may be one that nobody may enter.
        let copy = folder.path().join("test");
        std::fs::copy(&me, &copy).unwrap();
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"]).arg(copy);
    }
    match command.args(arguments).env(PLACE, folder.path().join("own")).output() {
        Ok(ran) if matches!(ran.status.code(), Some(0 | 101)) => {
            let said = String::from_utf8_lossy(&[ran.stdout, ran.stderr].concat()).into_owned();
            assert!(said.contains("test result: ok. 1 passed"), "{said}");
        }
        other => eprintln!("nobody can be run here: {other:?}"),
    }
}

#[cfg(unix)]
fn allow(path: &Path, mode: u32) {
    let permissions = std::os::unix::fs::PermissionsExt::from_mode(mode);
    std::fs::set_permissions(path, permissions).unwrap();
}

#[test]
#[cfg(unix)]
#[ignore = "runs as somebody whom permissions bind, by the test below"]
fn record_where_nothing_may_be_written() {
    let Some(folder) = std::env::var_os(PLACE) else { return };
    let folder = Path::new(&folder);
    std::fs::create_dir(folder).unwrap();
    let path = folder.join("one.sqlite");
    let history = open(&path);
    fill(&history, 100);
    settle(&history);
    // While it is open: what was opened for writing stays so.
    for suffix in ["", "-wal", "-shm", ".lock"] {
        allow(&beside(&path, suffix), 0o444);
    }
    allow(folder, 0o555);
    fill(&history, 20_000);
    settle(&history);
    assert_eq!(*history.fault().borrow(), None);
    check_has(&history, 20_100);
    history.close().unwrap();
    drop(history);
    // Before it is opened: refused by its name, and left as it is.
    let error = try_open(&path).unwrap_err();
    assert!(matches!(error, HistoryError::NotWritable { .. }), "{error}");
    allow(&beside(&path, ".lock"), 0o644);
    let before = std::fs::read(&path).unwrap();
    let error = try_open(&path).unwrap_err();
    let shown = error.to_user_error();
    assert!(matches!(error, HistoryError::NotWritable { .. }), "{error}");
    assert!(
        shown.details["path"].contains("one.sqlite") && shown.hint.contains("write"),
        "{shown:?}"
    );
    assert_eq!(std::fs::read(&path).unwrap(), before);
    allow(folder, 0o755);
    for suffix in ["", "-wal", "-shm"].iter().filter(|suffix| beside(&path, suffix).exists()) {
        allow(&beside(&path, suffix), 0o644);
    }
    check_has(&open(&path), 20_100);
}

#[test]
#[cfg(unix)]
fn a_file_made_read_only_records_on_while_it_is_open_and_is_refused_by_name_afterwards() {
    as_nobody("gone::record_where_nothing_may_be_written");
}
