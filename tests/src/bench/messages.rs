//! What the messages of the benches look like.

use std::ops::Range;
use std::time::{SystemTime, UNIX_EPOCH};

use mqttscope_history::History;
use mqttscope_model::{Direction, Message, QoS};

use super::Outcome;

/// Different topics of [`plant`].
pub const TOPICS: u64 = 10_000;

/// When the messages of [`fill`] begin: 2026-01-01.
const BEGINNING_US: i64 = 1_767_225_600_000_000;

/// Bytes of a payload of [`plant`].
const PLANT: usize = 160;

/// Writes 160 bytes of JSON, as a machine would send them. One in 100,000 has `needle` in it.
pub fn plant(number: u64, payload: &mut Vec<u8>) {
    use std::io::Write as _;
    let note = if number % 100_000 == 17 { "needle" } else { "nothing" };
    payload.clear();
    _ = write!(
        payload,
        r#"{{"n":{number},"temp":{}.{},"state":"ok","note":"{note}""#,
        number % 50,
        number % 10
    );
    payload.resize(PLANT - 1, b' ');
    payload.push(b'}');
}

/// Writes the topic of [`plant`]'s message.
pub fn plant_topic(number: u64, topic: &mut Vec<u8>) {
    use std::io::Write as _;
    let line = number % TOPICS;
    topic.clear();
    _ = write!(topic, "plant/{}/line/{}/temperature", line % 100, line / 100);
}

/// Stores messages of [`plant`] in a history, from `first` on, a hundred microseconds apart.
///
/// # Errors
/// The history takes none.
pub async fn fill(history: &History, numbers: Range<u64>) -> Outcome<()> {
    let (mut hold, mut topic, mut payload) = (history.hold(), Vec::new(), Vec::new());
    let mut last = None;
    for number in numbers {
        if *hold.borrow_and_update() {
            hold.wait_for(|high| !high).await?;
        }
        plant_topic(number, &mut topic);
        plant(number, &mut payload);
        last = Some(history.append(Message {
            time_us: BEGINNING_US + i64::try_from(number)? * 100,
            direction: Direction::Received,
            topic: String::from_utf8(topic.clone())?,
            qos: QoS::AtMostOnce,
            retain: number % 1_000 == 0,
            dup: false,
            payload: payload.clone(),
            properties: Vec::new(),
        })?);
    }
    if let Some(last) = last {
        history.committed().wait_for(|committed| *committed >= last.0).await?;
    }
    Ok(())
}

/// Writes a payload of `size` bytes that begins with its number and the time: `00000017 1795260000000000 ....`.
pub fn stamp(number: u64, size: usize, payload: &mut Vec<u8>) {
    use std::io::Write as _;
    payload.clear();
    _ = write!(payload, "{number:08} {:016} ", now_us());
    payload.resize(size, b'.');
}

/// Reads the number and the time, in microseconds since 1970, of a payload of [`stamp`].
pub fn stamped(payload: &[u8]) -> Option<(u64, i64)> {
    let text = std::str::from_utf8(payload.get(..26)?).ok()?;
    let mut words = text.split(' ');
    Some((words.next()?.parse().ok()?, words.next()?.parse().ok()?))
}

/// Microseconds since 1970.
pub(super) fn now_us() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_read_as_it_was_written() {
        let mut payload = Vec::new();
        stamp(123, 64, &mut payload);
        assert_eq!(payload.len(), 64);
        let (number, time) = stamped(&payload).unwrap();
        assert_eq!(number, 123);
        assert!(time > 0 && time <= now_us());
        assert_eq!(stamped(b"something else of some length ..."), None);
    }

    #[test]
    fn a_message_of_the_plant_is_json_of_160_bytes() {
        let mut payload = Vec::new();
        plant(100_017, &mut payload);
        assert_eq!(payload.len(), 160);
        let value: serde_json::Value = serde_json::from_slice(&payload).unwrap();
        assert_eq!(value["note"], "needle");
    }
}
