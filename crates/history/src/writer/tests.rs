use mqttscope_model::{Direction, Message, QoS};

use super::*;
use crate::{load, lock};

fn message(number: u64) -> Message {
    Message {
        time_us: 0,
        direction: Direction::Received,
        topic: format!("t/{number}"),
        qos: QoS::AtMostOnce,
        retain: false,
        dup: false,
        payload: vec![7; 1000],
        properties: Vec::new(),
    }
}

/// A writer whose thread is the test, over a file that may grow to this many pages.
fn writer_over(path: &std::path::Path, pages: u32) -> Writer {
    let lock = lock::lock(path).unwrap();
    let mut connection = file::connect(path, MessageId(1)).unwrap();
    connection.pragma_update(None, "max_page_count", pages).unwrap();
    let loaded = load::load(&mut connection).unwrap();
    let (shared, _) = Shared::over(path, loaded, Pages::of(&connection).unwrap());
    let store = Store::new(connection).unwrap();
    let clock = Box::new(|| SystemTime::UNIX_EPOCH);
    Writer::new(Arc::new(shared), path.to_owned(), lock, store, MessageId(1), clock)
}

#[test]
fn what_did_not_fit_is_kept_and_written_when_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("h");
    let mut writer = writer_over(&path, 300);
    for number in 1..=5_000 {
        writer.shared.inbox.append(message(number)).unwrap();
    }
    let _orders = writer.shared.inbox.take(&mut writer.backlog, Patience::Endless);
    for attempt in 1..=3 {
        let error = writer.write_all().unwrap_err();
        assert!(matches!(error, HistoryError::DiskFull), "{attempt}: {error}");
        writer.stumble(&error);
    }
    let committed = *writer.shared.committed.borrow();
    assert!(committed < 5_000);
    assert_eq!(writer.backlog.first_id.0, committed + 1);
    assert_eq!(writer.shared.inbox.pressure().queued_messages, 5_000 - committed);
    assert!(writer.shared.fault.borrow().is_some());

    let store = writer.store.as_ref().unwrap();
    store.connection().pragma_update(None, "max_page_count", 100_000).unwrap();
    writer.write_all().unwrap();
    assert_eq!(*writer.shared.fault.borrow(), None);
    assert_eq!(*writer.shared.committed.borrow(), 5_000);
    assert_eq!(writer.shared.inbox.pressure().queued_messages, 0);
    drop(writer);
    let index = load::known(&file::connect(&path, MessageId(1)).unwrap(), &[]).unwrap().index;
    assert_eq!(index.total(), 5_000);
    for row in index.slice(0, 5_000) {
        assert_eq!((row.id.0, &*row.topic), (row.index + 1, &*format!("t/{}", row.index + 1)));
    }
}

#[test]
fn a_commit_that_happened_though_it_failed_is_not_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("h");
    let mut writer = writer_over(&path, 100_000);
    for number in 1..=10 {
        writer.shared.inbox.append(message(number)).unwrap();
    }
    let _orders = writer.shared.inbox.take(&mut writer.backlog, Patience::Endless);
    // Committed behind the writer's back, which loses its connection.
    let mut store = writer.store.take().unwrap();
    store.write(&writer.backlog, writer.bare_plan()).unwrap();
    drop(store);
    writer.write_all().unwrap();
    assert_eq!(*writer.shared.committed.borrow(), 10);
    drop(writer);
    let loaded = load::load(&mut file::connect(&path, MessageId(1)).unwrap()).unwrap();
    assert_eq!((loaded.outline.total, loaded.next_id), (10, MessageId(11)));
}
