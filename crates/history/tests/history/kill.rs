//! Proves that a process that is killed in the middle of recording loses nothing that it was told
//! is committed. The test runs itself as the victim.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::common::{open, place, record_for_ever};

const VICTIM: &str = "MQTTSCOPE_HISTORY_VICTIM";

#[test]
#[ignore = "the victim of the test below, which starts it in a process of its own"]
fn record_until_killed() {
    let Some(path) = std::env::var_os(VICTIM) else { return };
    let history = open(path.as_ref());
    record_for_ever(&history, |number| format!("t/{}", number % 50));
}

#[test]
fn a_kill_loses_nothing_that_was_committed() {
    let (_folder, path) = place();
    let mut at_least = 0;
    for _ in 0..3 {
        let mut victim = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "kill::record_until_killed", "--ignored", "--nocapture"])
            .env(VICTIM, &path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(victim.stdout.take().unwrap()).lines();
        let before = at_least;
        for line in lines.map_while(Result::ok) {
            let Some(told) = line.strip_prefix("committed ") else { continue };
            at_least = told.parse().unwrap();
            if at_least > before + 20_000 {
                break;
            }
        }
        victim.kill().unwrap();
        victim.wait().unwrap();
        assert!(at_least > before + 20_000, "the victim ended by itself at {at_least}");

        let history = open(&path);
        let total = history.stats().messages;
        assert!(total >= at_least, "{total} of {at_least}");
        let mut first = 0;
        while first < total {
            for row in history.page(first, 500).unwrap().rows {
                assert_eq!(row.id.0, row.index + 1);
                assert_eq!(row.preview, row.id.0.to_be_bytes());
                assert_eq!(&*row.topic, format!("t/{}", row.id.0 % 50));
            }
            first += 500;
        }
        at_least = total;
        history.close().unwrap();
    }
}
