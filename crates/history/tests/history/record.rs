//! Proves that messages come back as they were recorded, in order, with ids that never repeat,
//! before and after a restart and a clear, and that outcomes belong to their messages.

use crate::common::{open, place, received, sent, settle, wait_until};
use mqttscope_history::{History, HistoryError, MAX_PAYLOAD};
use mqttscope_model::{ErrorCode, Message, MessageId, Outcome, QoS, ReasonCode};

fn ids(history: &History, first: u64, count: u32) -> Vec<u64> {
    history.page(first, count).unwrap().rows.iter().map(|row| row.id.0).collect()
}

fn outcome(history: &History, id: MessageId) -> Option<Outcome> {
    let before = history.message(id).unwrap();
    let in_page = history.page(before.index, 1).unwrap().rows.remove(0).outcome;
    let after = history.message(id).unwrap().outcome;
    // The writer may commit between two reads, so a page agrees with one of its neighbours.
    assert!([before.outcome, after.clone()].contains(&in_page), "{in_page:?}");
    after
}

#[test]
fn a_message_comes_back_as_it_was() {
    let (_folder, path) = place();
    let history = open(&path);
    let message = Message {
        time_us: 1_795_225_800_123_456,
        retain: true,
        dup: true,
        qos: QoS::ExactlyOnce,
        payload: (0..=255).cycle().take(1000).collect(),
        properties: vec![0x26, 0, 1, b'a', 0, 1, 0],
        ..sent("a/\u{0}/<b>ü", "")
    };
    let id = history.append(message.clone()).unwrap();
    settle(&history);
    let row = history.page(0, 10).unwrap().rows.remove(0);
    assert_eq!((row.index, row.id, row.size), (0, id, 1000));
    assert_eq!(row.preview, message.payload[..256]);
    assert_eq!((row.time_us, row.direction), (message.time_us, message.direction));
    assert_eq!((&*row.topic, row.qos), (message.topic.as_str(), message.qos));
    assert!(row.retain && row.dup);
    let detail = history.message(id).unwrap();
    assert_eq!(detail.properties, message.properties);
    assert_eq!((detail.index, detail.size), (0, 1000));
    assert_eq!(history.payload(id).unwrap(), message.payload);
}

#[test]
fn ids_are_dense_and_in_order_however_many_threads_append() {
    let (_folder, path) = place();
    let history = open(&path);
    let threads: Vec<_> = (0..4)
        .map(|thread| {
            let history = history.clone();
            std::thread::spawn(move || {
                let topic = format!("thread/{thread}");
                let append = |n: u32| history.append(received(&topic, n.to_be_bytes())).unwrap();
                (0..3000).map(append).collect::<Vec<_>>()
            })
        })
        .collect();
    let mut given: Vec<u64> = Vec::new();
    for thread in threads {
        let own = thread.join().unwrap();
        assert!(own.is_sorted());
        given.extend(own.iter().map(|id| id.0));
    }
    given.sort_unstable();
    assert_eq!(given, (1..=12_000).collect::<Vec<_>>());
    settle(&history);
    assert_eq!(ids(&history, 0, 20_000), given);
    assert_eq!(history.stats().messages, 12_000);
}

#[test]
fn nothing_is_visible_before_its_commit_and_everything_is_after() {
    let (_folder, path) = place();
    let history = open(&path);
    let committed = history.committed();
    for n in 0..5_000_u32 {
        let id = history.append(received("t", n.to_be_bytes())).unwrap();
        if n % 100 == 0 {
            let known = *committed.borrow();
            assert!(history.page(0, 1).unwrap().total >= known);
            if known > 0 {
                history.message(MessageId(known)).unwrap();
            }
            assert!(known <= id.0);
        }
    }
    settle(&history);
    assert_eq!(history.page(0, 0).unwrap().total, 5_000);
    assert_eq!(history.pressure().queued_messages, 0);
    assert_eq!(history.pressure().queued_bytes, 0);
}

#[test]
fn time_never_goes_back_not_even_over_a_restart() {
    let (_folder, path) = place();
    let times = |history: &History| -> Vec<i64> {
        history.page(0, 10).unwrap().rows.iter().map(|row| row.time_us).collect()
    };
    let at = |time_us| Message { time_us, ..received("t", "") };
    let history = open(&path);
    for time_us in [5_000_000, 3_000_000, 7_000_000] {
        history.append(at(time_us)).unwrap();
    }
    history.close().unwrap();
    let history = open(&path);
    history.append(at(1)).unwrap();
    settle(&history);
    assert_eq!(times(&history), [5_000_000, 5_000_000, 7_000_000, 7_000_000]);
    assert_eq!(history.index_at(6_000_000), 2);
}

#[test]
fn ids_and_topics_go_on_after_a_restart() {
    let (_folder, path) = place();
    for run in 0..3_u64 {
        let history = open(&path);
        assert_eq!(*history.committed().borrow(), run * 100);
        for n in 0..100 {
            let id = history.append(received(&format!("t/{}", n % 7), "x")).unwrap();
            assert_eq!(id.0, run * 100 + n + 1);
        }
        history.close().unwrap();
    }
    let history = open(&path);
    assert_eq!(ids(&history, 95, 10), (96..=105).collect::<Vec<_>>());
    assert_eq!(&*history.page(299, 1).unwrap().rows[0].topic, "t/1");
    let stats = history.stats();
    assert_eq!((stats.messages, stats.received, stats.sent), (300, 300, 0));
    assert_eq!((stats.first_id, stats.last_id), (Some(MessageId(1)), Some(MessageId(300))));
}

#[test]
fn clearing_gives_the_space_back_and_ids_go_on_also_after_a_restart() {
    let (_folder, path) = place();
    let history = open(&path);
    for _ in 0..300 {
        history.append(received("large", vec![7; 20_000])).unwrap();
    }
    settle(&history);
    let revision = *history.revision().borrow();
    let before = history.stats().bytes_on_disk;
    let cleared = history.clear().unwrap();
    assert_eq!(cleared.messages, 300);
    let after = history.stats();
    assert_eq!(cleared.bytes, before - after.bytes_on_disk);
    assert!(cleared.bytes > 5_000_000 && after.bytes_on_disk < 200_000, "{cleared:?} {after:?}");
    assert_eq!((after.messages, after.first_id), (0, None));
    assert!(*history.revision().borrow() > revision);
    assert!(matches!(history.message(MessageId(1)), Err(HistoryError::NotFound(_))));
    history.close().unwrap();

    let history = open(&path);
    assert_eq!(*history.committed().borrow(), 300);
    assert_eq!(history.append(received("new", "a")).unwrap(), MessageId(301));
    settle(&history);
    assert_eq!(ids(&history, 0, 10), [301]);
    let left: Vec<_> = std::fs::read_dir(path.parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("new") || name.contains("cleared"))
        .collect();
    assert_eq!(left, Vec::<String>::new());
}

#[test]
fn a_clear_takes_what_was_appended_before_and_leaves_what_comes_after() {
    let (_folder, path) = place();
    let history = open(&path);
    for round in 0..20_u64 {
        for _ in 0..50 {
            history.append(received(&format!("round/{round}"), "before")).unwrap();
        }
        assert_eq!(history.clear().unwrap().messages, 51 - u64::from(round == 0));
        let kept = history.append(received(&format!("kept/{round}"), "after")).unwrap();
        assert_eq!(kept.0, (round + 1) * 51);
        settle(&history);
        assert_eq!(ids(&history, 0, 10), [kept.0]);
        assert_eq!(&*history.message(kept).unwrap().topic, format!("kept/{round}"));
    }
}

#[test]
fn a_sent_message_is_pending_until_its_outcome_comes() {
    let (_folder, path) = place();
    let history = open(&path);
    let told = [
        Outcome::Sent,
        Outcome::Acknowledged { reason: ReasonCode(0x10) },
        Outcome::Completed { reason: ReasonCode::SUCCESS },
        Outcome::Refused { reason: ReasonCode(0x87) },
        Outcome::Failed { code: ErrorCode::MqttConnectionLost },
    ];
    let sent: Vec<_> = told.iter().map(|_| history.append(sent("t", "x")).unwrap()).collect();
    let incoming = history.append(received("t", "x")).unwrap();
    settle(&history);
    for (id, expected) in sent.iter().zip(&told) {
        assert_eq!(outcome(&history, *id), Some(Outcome::Pending));
        history.set_outcome(*id, Outcome::Pending);
        history.set_outcome(*id, Outcome::Sent);
        history.set_outcome(*id, expected.clone());
    }
    for (id, expected) in sent.iter().zip(&told) {
        wait_until("the outcome is there", || outcome(&history, *id).as_ref() == Some(expected));
    }
    assert_eq!(outcome(&history, incoming), None);
    history.close().unwrap();
    let history = open(&path);
    for (id, expected) in sent.iter().zip(&told) {
        assert_eq!(outcome(&history, *id).as_ref(), Some(expected));
    }
}

#[test]
fn what_was_pending_when_the_program_ended_is_shown_as_lost() {
    let (_folder, path) = place();
    let history = open(&path);
    let old = history.append(sent("t", "x")).unwrap();
    history.close().unwrap();
    let history = open(&path);
    let new = history.append(sent("t", "x")).unwrap();
    settle(&history);
    assert_eq!(outcome(&history, old), Some(Outcome::Failed { code: ErrorCode::RequestLost }));
    assert_eq!(outcome(&history, new), Some(Outcome::Pending));
}

#[test]
fn outcomes_of_cleared_and_unknown_messages_are_ignored() {
    let (_folder, path) = place();
    let history = open(&path);
    let old = history.append(sent("t", "x")).unwrap();
    history.clear().unwrap();
    history.set_outcome(old, Outcome::Sent);
    history.set_outcome(MessageId(old.0 + 1), Outcome::Sent);
    let new = history.append(sent("t", "x")).unwrap();
    settle(&history);
    assert_eq!(outcome(&history, new), Some(Outcome::Pending));
    history.close().unwrap();
    let file = rusqlite::Connection::open(&path).unwrap();
    let count: i64 = file.query_row("SELECT count(*) FROM outcome", [], |r| r.get(0)).unwrap();
    assert_eq!(count, 0);
}

#[test]
fn large_payloads_come_back_whole_with_a_short_preview() {
    let (_folder, path) = place();
    let history = open(&path);
    let sizes = [0, 1, 255, 256, 257, 7_999, 8_000, 8_001, 8_193, 100_000, 20 << 20];
    for size in sizes {
        let payload: Vec<u8> = (0..size).map(|n| (n % 251) as u8).collect();
        history.append(received("large", payload)).unwrap();
    }
    settle(&history);
    for (row, size) in history.page(0, 100).unwrap().rows.iter().zip(sizes) {
        let payload = history.payload(row.id).unwrap();
        assert_eq!((row.size, payload.len()), (size as u64, size));
        assert!(payload.iter().enumerate().all(|(n, byte)| *byte == (n % 251) as u8));
        assert_eq!(row.preview, payload[..size.min(256)]);
    }
}

/// Bytes that this thread has asked the system for.
#[cfg(target_os = "linux")]
fn bytes_read() -> u64 {
    let told = std::fs::read_to_string("/proc/thread-self/io").unwrap();
    told.lines().find_map(|line| line.strip_prefix("rchar: ")).unwrap().parse().unwrap()
}

#[test]
#[cfg(target_os = "linux")]
fn opening_and_paging_do_not_read_large_payloads() {
    let (_folder, path) = place();
    let history = open(&path);
    for _ in 0..5 {
        history.append(received("large", vec![7; 4 << 20])).unwrap();
    }
    history.close().unwrap();
    let before = bytes_read();
    let history = open(&path);
    assert_eq!(history.page(0, 10).unwrap().rows.len(), 5);
    assert_eq!(history.message(MessageId(3)).unwrap().size, 4 << 20);
    let read = bytes_read() - before;
    assert!(read < 500_000, "{read} bytes were read");
    history.payload(MessageId(3)).unwrap();
    assert!(bytes_read() - before > 4 << 20, "the measure itself works");
}

#[test]
fn a_payload_larger_than_any_packet_is_refused() {
    let (_folder, path) = place();
    let history = open(&path);
    let error = history.append(received("t", vec![0; MAX_PAYLOAD + 1])).unwrap_err();
    assert!(matches!(error, HistoryError::TooLarge { .. }));
    assert_eq!(history.append(received("t", "x")).unwrap(), MessageId(1));
}

#[test]
fn pressure_rises_with_bytes_and_falls_when_they_are_written() {
    let (_folder, path) = place();
    let history = open(&path);
    let hold = history.hold();
    assert!(!*hold.borrow() && !history.pressure().is_high());
    history.append(received("t", vec![1; 40 << 20])).unwrap();
    // One message above the limit: high at once, since it cannot be written that quickly.
    assert!(history.pressure().is_high() || *history.committed().borrow() == 1);
    settle(&history);
    wait_until("the pressure is low", || !*hold.borrow());
    assert_eq!(history.pressure().queued_bytes, 0);
}

#[test]
fn a_closed_history_takes_and_gives_nothing_but_has_all_on_disk() {
    let (_folder, path) = place();
    let history = open(&path);
    let other = history.clone();
    for _ in 0..3_000 {
        history.append(received("t", "x")).unwrap();
    }
    history.close().unwrap();
    history.close().unwrap();
    assert!(matches!(other.append(received("t", "x")), Err(HistoryError::Closed)));
    assert!(matches!(other.page(0, 1), Err(HistoryError::Closed)));
    assert!(matches!(other.clear(), Err(HistoryError::Closed)));
    assert_eq!(open(&path).stats().messages, 3_000);
}

#[test]
fn the_last_handle_flushes_when_it_goes() {
    let (_folder, path) = place();
    let history = open(&path);
    for _ in 0..100 {
        history.append(received("t", "x")).unwrap();
    }
    drop(history);
    assert_eq!(open(&path).stats().messages, 100);
}

#[test]
fn any_sqlite_tool_can_read_the_file_while_it_is_open() {
    let (_folder, path) = place();
    let history = open(&path);
    history.append(received("a/b", "hello")).unwrap();
    settle(&history);
    let file = rusqlite::Connection::open(&path).unwrap();
    let row: (String, Vec<u8>) = file
        .query_row("SELECT topic, payload FROM message_v", [], |r| Ok((r.get(0)?, r.get(1)?)))
        .unwrap();
    assert_eq!(row, ("a/b".to_owned(), b"hello".to_vec()));
}

#[test]
fn reading_goes_on_while_the_writer_writes_and_clears() {
    let (_folder, path) = place();
    let history = open(&path);
    let reader = {
        let history = history.clone();
        std::thread::spawn(move || {
            let mut pages = 0_u32;
            loop {
                match history.page(0, 200) {
                    Err(HistoryError::Closed) => return pages,
                    Err(other) => panic!("{other}"),
                    Ok(page) => {
                        assert_eq!(page.rows.len() as u64, page.total.min(200));
                        for row in &page.rows {
                            assert_eq!(row.preview, row.id.0.to_be_bytes());
                        }
                        pages += 1;
                    }
                }
            }
        })
    };
    for n in 1..=20_000_u64 {
        history.append(received("t", n.to_be_bytes())).unwrap();
        if n % 5_000 == 0 {
            history.clear().unwrap();
        }
    }
    history.close().unwrap();
    assert!(reader.join().unwrap() > 0);
}
