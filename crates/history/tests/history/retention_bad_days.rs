//! Proves that the limits of a history hold through a kill and on a full disk.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::common::{open, place, received, record_for_ever, settle, wait_until};
use crate::full_disk::{DISK, append_until_full, fill, on_small_disk};
use crate::retention::{at_most, ids};

const VICTIM: &str = "MQTTSCOPE_RETENTION_VICTIM";
const KEPT: u64 = 3_000;

#[test]
#[ignore = "the victim of the test below, which starts it in a process of its own"]
fn retain_until_killed() {
    let Some(path) = std::env::var_os(VICTIM) else { return };
    let history = open(path.as_ref());
    history.set_retention(at_most(KEPT)).unwrap();
    record_for_ever(&history, |number| format!("t/{}", number / 10));
}

#[test]
fn a_kill_while_messages_go_leaves_file_and_count_in_agreement() {
    let (_folder, path) = place();
    let mut at_least = 0;
    for _ in 0..4 {
        let mut victim = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "retention_bad_days::retain_until_killed",
                "--ignored",
                "--nocapture",
            ])
            .env(VICTIM, &path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(victim.stdout.take().unwrap()).lines();
        let before = at_least;
        for line in lines.map_while(Result::ok) {
            let Some(told) = line.strip_prefix("committed ") else { continue };
            at_least = told.parse().unwrap();
            if at_least > before + 10_000 {
                break;
            }
        }
        victim.kill().unwrap();
        victim.wait().unwrap();
        let history = open(&path);
        let stats = history.stats();
        let last = stats.last_id.unwrap().0;
        assert!(last >= at_least && stats.messages >= KEPT, "{stats:?}");
        let removed = *history.removed().borrow();
        assert_eq!(removed.messages + stats.messages, last);
        assert_eq!(removed.bytes, removed.messages * 8);
        let expect: Vec<u64> = (removed.messages + 1..=last).collect();
        assert_eq!(ids(&history), expect);
        let page = history.page(0, u32::MAX).unwrap();
        assert!(page.rows.iter().all(|row| *row.topic == *format!("t/{}", row.id.0 / 10)));
        at_least = last;
        history.close().unwrap();
    }
}

#[test]
#[ignore = "runs on the small disk of the test below"]
fn fill_and_retain() {
    let Some(disk) = std::env::var_os(DISK) else { return };
    let disk = Path::new(&disk);
    let path = disk.join("one.sqlite");
    let history = open(&path);
    history.append(received("t/1", 1_u64.to_be_bytes())).unwrap();
    settle(&history);
    let ballast = fill(disk);
    append_until_full(&history);
    history.set_retention(at_most(50)).unwrap();
    // The disk may have been full after a handful.
    for _ in 0..500 {
        let next = history.last_given().0 + 1;
        history.append(received(&format!("t/{next}"), next.to_be_bytes())).unwrap();
    }
    let given = history.last_given().0;
    std::fs::remove_file(ballast).unwrap();
    settle(&history);
    wait_until("the oldest are gone", || history.stats().messages == 50);
    wait_until("the fault is gone", || history.fault().borrow().is_none());
    // Rows go first, and are counted a moment later.
    wait_until("what went is counted", || history.removed().borrow().messages == given - 50);
    let expect: Vec<u64> = (given - 49..=given).collect();
    assert_eq!(ids(&history), expect);
    history.close().unwrap();
    assert_eq!(ids(&open(&path)), expect);
}

#[test]
fn limits_on_a_full_disk_lose_no_new_message_and_are_held_when_there_is_room() {
    on_small_disk("retention_bad_days::fill_and_retain");
}
