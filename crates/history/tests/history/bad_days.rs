//! Proves that a clock that steps back, more topics than anybody has, the largest payload that MQTT allows and an
//! expression that was built to be slow cost neither messages nor time.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use mqttscope_history::{History, MAX_PAYLOAD};
use mqttscope_model::{ErrorCode, Message, PayloadTest, Removed, Retention, UserError, ViewFilter};

use crate::common::{open, place, received, settle, wait_until};

const HOUR_US: i64 = 3_600_000_000;

#[test]
fn a_clock_that_steps_back_an_hour_changes_no_order_and_costs_no_message() {
    let (_folder, path) = place();
    let now = 1_795_225_800_000_000;
    let clock = Arc::new(AtomicI64::new(now));
    let wall = Arc::clone(&clock);
    let history = History::open(&path, move || {
        SystemTime::UNIX_EPOCH + Duration::from_micros(wall.load(Ordering::Acquire) as u64)
    });
    let history = history.unwrap().history;
    let limits = Retention { max_age_s: Some(1_800), ..Retention::EVERYTHING };
    history.set_retention(limits).unwrap();
    let mut expect = Vec::new();
    for step_us in [0, -HOUR_US, -HOUR_US / 2, 0, HOUR_US, 0] {
        clock.store(now + step_us, Ordering::Release);
        for number in 0..100 {
            let time_us = now + step_us + number;
            history.append(Message { time_us, ..received("t", "x") }).unwrap();
            expect.push(expect.last().map_or(time_us, |last: &i64| time_us.max(*last)));
        }
        settle(&history);
    }
    let rows = history.page(0, 1_000).unwrap().rows;
    assert_eq!(rows.iter().map(|row| row.time_us).collect::<Vec<_>>(), expect);
    assert!(rows.iter().zip(1..).all(|(row, id)| row.id.0 == id));
    assert_eq!(*history.removed().borrow(), Removed::default());
    // A time is found where the order has it.
    assert_eq!(history.index_at(now), 0);
    assert_eq!(history.index_at(now + HOUR_US), 400);
}

const MEASURED: &str = "MQTTSCOPE_HISTORY_MEASURED";

/// Bytes that this process has in memory.
fn resident() -> u64 {
    let told = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = told.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1_024
}

/// Runs a test that is ignored otherwise in a process of its own.
fn alone(test: &str) {
    let ran = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--ignored", "--nocapture"])
        .env(MEASURED, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&[ran.stdout, ran.stderr].concat()).into_owned();
    assert!(said.contains("test result: ok. 1 passed"), "{said}");
}

fn append_topics(history: &History, count: u32) {
    let hold = history.hold();
    for number in 0..count {
        history.append(received(&format!("made/up/by/a/broker/{number}"), "x")).unwrap();
        if *hold.borrow() {
            wait_until("there is room", || !*hold.borrow());
        }
    }
    settle(history);
}

#[test]
#[cfg(target_os = "linux")]
#[ignore = "measures memory, in a process of its own, for the test below"]
fn record_many_topics() {
    if std::env::var_os(MEASURED).is_none() {
        return;
    }
    const TOPICS: u32 = 150_000;
    let (_folder, path) = place();
    let history = open(&path);
    append_topics(&history, 1_000);
    let before = resident();
    append_topics(&history, TOPICS);
    let each = resident().saturating_sub(before) / u64::from(TOPICS);
    println!("{each} bytes a topic with its message");
    assert!(each < 400, "{each} bytes a topic");
    let began = Instant::now();
    let found = history.complete_topics("made/up/by/a/broker/1499", 20);
    assert_eq!(found.len(), 20);
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    // Those that go give their numbers to those that come.
    history
        .set_retention(Retention { max_messages: Some(5_000), ..Retention::EVERYTHING })
        .unwrap();
    wait_until("the oldest are gone", || history.stats().messages == 5_000);
    let before = resident();
    append_topics(&history, TOPICS);
    let more = resident().saturating_sub(before);
    println!("{more} bytes more for as many again");
    assert!(more < 16 << 20, "{more} bytes more for as many topics again");
}

#[test]
#[cfg(target_os = "linux")]
fn a_topic_costs_a_bounded_piece_of_memory_and_gives_it_to_the_next() {
    alone("bad_days::record_many_topics");
}

#[test]
fn the_largest_payload_of_mqtt_is_stored_shown_and_read_back() {
    let (_folder, path) = place();
    let history = open(&path);
    // The packet also has a topic and, in MQTT 5, the length of its properties.
    let size = MAX_PAYLOAD - 2 - "large".len() - 1;
    let mut payload = vec![b'x'; size];
    payload[size - 1] = b'!';
    let id = history.append(received("large", payload)).unwrap();
    history.append(received("small", "behind it")).unwrap();
    settle(&history);
    let began = Instant::now();
    let rows = history.page(0, 2).unwrap().rows;
    assert_eq!((rows[0].size, &rows[0].preview[..]), (size as u64, &[b'x'; 256][..]));
    assert_eq!(rows[1].preview, b"behind it");
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    let back = history.payload(id).unwrap();
    assert_eq!((back.len(), back.first(), back.last()), (size, Some(&b'x'), Some(&b'!')));
    drop(back);
    history.close().unwrap();
    drop(history);
    let history = open(&path);
    assert_eq!(history.message(id).unwrap().size, size as u64);
    assert_eq!(history.usage().payload_bytes, size as u64 + 9);
    // It goes like any other, and the next one has its place.
    history.set_retention(Retention { max_messages: Some(1), ..Retention::EVERYTHING }).unwrap();
    wait_until("it is gone", || history.stats().messages == 1);
    assert_eq!(history.stats().removed.bytes, size as u64);
}

fn expression(pattern: &str) -> ViewFilter {
    let test = PayloadTest::Regex { pattern: pattern.to_owned(), case_sensitive: true };
    ViewFilter { payload: vec![test], ..ViewFilter::default() }
}

#[test]
fn an_expression_that_was_built_to_be_slow_takes_linear_time() {
    let (_folder, path) = place();
    let history = open(&path);
    // A backtracking engine needs 2^40 steps for each of these.
    for _ in 0..50 {
        history.append(received("t", "a".repeat(40))).unwrap();
    }
    history.append(received("t", "a".repeat(20_000))).unwrap();
    history.append(received("t", format!("{}b", "a".repeat(40)))).unwrap();
    settle(&history);
    for pattern in ["^(a+)+b$", "^(a|aa)+b$", "^(a|a?)+b$", "(.*a){12}b"] {
        let view = history.view(&expression(pattern)).unwrap();
        wait_until("all is searched", || view.progress().borrow().complete);
        assert_eq!(view.len(), 1, "{pattern}");
    }
}

#[test]
fn an_expression_that_would_grow_too_large_is_refused_by_name() {
    let (_folder, path) = place();
    let history = open(&path);
    for pattern in ["((a{200}){200}){200}", r"(\pL{500}){500}", "a{4000000000}"] {
        let shown = UserError::from(history.view(&expression(pattern)).unwrap_err());
        assert_eq!(shown.code, ErrorCode::FilterInvalid, "{pattern}");
        assert_eq!(
            (shown.details["field"].as_str(), shown.details["value"].as_str()),
            ("regex", pattern)
        );
        assert!(!shown.details["reason"].is_empty() && !shown.hint.is_empty());
    }
}
