//! Each message ends in exactly one row with the verdict that its times say, whichever side it is on and whenever it is fed.

use std::collections::BTreeMap;

use mqttscope_model::MessageId;
use proptest::prelude::*;

use super::*;

const LATE: i64 = 5;
const WAIT: i64 = 20;

/// What became of the messages: each pair or lonely one by its ids, the left one first.
type Verdicts = BTreeMap<(Option<u64>, Option<u64>), Option<Verdict>>;

#[derive(Clone, Debug)]
struct Sent {
    side: Side,
    time: i64,
    topic: u8,
    payload: u8,
    properties: u8,
}

/// Times and what is in them; one letter is a topic, the number behind it the payload.
fn sent(side: Side, time: i64, what: &str) -> Sent {
    let (topic, payload) = what.split_at(1);
    let topic = topic.as_bytes()[0];
    Sent { side, time, topic, payload: payload.parse().unwrap(), properties: 0 }
}

fn left(time: i64, what: &str) -> Sent {
    sent(Side::Left, time, what)
}

fn right(time: i64, what: &str) -> Sent {
    sent(Side::Right, time, what)
}

/// The messages in the order in which they are fed, numbered from 1 on each side.
fn messages(sent: &[Sent]) -> Vec<(Side, Message)> {
    let mut sent = sent.to_vec();
    sent.sort_by_key(|sent| (sent.time, sent.side));
    let mut last = BTreeMap::new();
    let number = |sent: Sent| {
        let id = last.entry(sent.side).or_insert(0);
        *id += 1;
        let message = Message {
            id: MessageId(*id),
            time_us: sent.time,
            topic: Arc::from(char::from(sent.topic).to_string()),
            content: u128::from(sent.topic) << 8 | u128::from(sent.payload),
            properties: u64::from(sent.properties),
        };
        (sent.side, message)
    };
    sent.into_iter().map(number).collect()
}

fn pairing(limit: usize) -> Pairing {
    Pairing::new(Patience { late_us: LATE, wait_us: WAIT }, limit)
}

/// What the changes made of the messages. Fails where a row is made twice, or changed without being there.
fn verdicts(changes: &[Change]) -> Verdicts {
    let mut rows = BTreeMap::<RowKey, (Option<u64>, Option<u64>)>::new();
    let mut done = Verdicts::new();
    let of = |side, message: &Message| match side {
        Side::Left => (Some(message.id.0), None),
        Side::Right => (None, Some(message.id.0)),
    };
    let both = |one: (Option<u64>, Option<u64>), other: (Option<u64>, Option<u64>)| {
        assert!(one.0.xor(other.0).is_some() && one.1.xor(other.1).is_some());
        (one.0.or(other.0), one.1.or(other.1))
    };
    for change in changes {
        let (row, verdict) = match change {
            Change::Begun { row, side, message } => {
                assert_eq!(rows.insert(*row, of(*side, message)), None);
                continue;
            }
            Change::Joined { row, side, message, verdict } => {
                (both(rows.remove(row).unwrap(), of(*side, message)), Some(*verdict))
            }
            Change::Merged { one, other, verdict } => {
                (both(rows.remove(one).unwrap(), rows.remove(other).unwrap()), Some(*verdict))
            }
            Change::Missing { row } => (rows.remove(row).unwrap(), None),
        };
        assert_eq!(done.insert(row, verdict), None);
    }
    assert_eq!(rows.len(), 0, "some wait");
    done
}

/// All at once, and then all time has passed.
fn at_once(sent: &[Sent]) -> Verdicts {
    let (mut pairing, mut changes) = (pairing(usize::MAX), Vec::new());
    for (side, message) in messages(sent) {
        pairing.feed(side, message, &mut changes);
    }
    pairing.pass(i64::MAX, &mut changes);
    assert_eq!(pairing.next_due_us(), None);
    verdicts(&changes)
}

fn one(sent: &[Sent]) -> Option<Verdict> {
    let all = at_once(sent);
    assert_eq!(all.len(), 1, "{all:?}");
    all.into_values().next().unwrap()
}

#[test]
fn the_same_is_the_same_until_it_is_late_and_late_until_it_is_missing() {
    assert_eq!(one(&[left(0, "a1"), right(0, "a1")]), Some(Verdict::Same));
    assert_eq!(one(&[left(0, "a1"), right(LATE, "a1")]), Some(Verdict::Same));
    assert_eq!(one(&[right(0, "a1"), left(LATE + 1, "a1")]), Some(Verdict::Late));
    assert_eq!(one(&[left(0, "a1"), right(WAIT, "a1")]), Some(Verdict::Late));
    let apart = at_once(&[left(0, "a1"), right(WAIT + 1, "a1")]);
    assert_eq!(apart, Verdicts::from([((Some(1), None), None), ((None, Some(1)), None)]));
}

#[test]
fn another_payload_on_the_same_topic_is_different_and_on_another_topic_missing() {
    assert_eq!(one(&[left(0, "a1"), right(3, "a2")]), Some(Verdict::Payload));
    assert_eq!(one(&[left(0, "a1"), right(WAIT, "a2")]), Some(Verdict::Payload));
    assert_eq!(at_once(&[left(0, "a1"), right(WAIT + 1, "a2")]).len(), 2);
    assert_eq!(at_once(&[left(0, "a1"), right(3, "b1")]).len(), 2);
}

#[test]
fn other_properties_are_different_also_where_the_message_was_late() {
    for time in [0, WAIT] {
        let other = Sent { properties: 1, ..right(time, "a1") };
        assert_eq!(one(&[left(0, "a1"), other]), Some(Verdict::Properties));
    }
}

#[test]
fn the_oldest_like_is_taken() {
    let all = at_once(&[left(0, "a1"), left(1, "a1"), right(2, "a1"), right(3, "a1")]);
    let same = Some(Verdict::Same);
    let expect = [((Some(1), Some(1)), same), ((Some(2), Some(2)), same)];
    assert_eq!(all, Verdicts::from(expect));
}

#[test]
fn a_value_that_is_repeated_and_lost_once_is_missing_once() {
    // Every 10, the right side 1 behind, without the second.
    let times = [0, 10, 20, 30, 40];
    let mut sent: Vec<Sent> = times.map(|time| left(time, "a1")).to_vec();
    sent.extend([1, 21, 31, 41].map(|time| right(time, "a1")));
    let same = Some(Verdict::Same);
    let mut expect = Verdicts::from([((Some(2), None), None)]);
    expect.extend([(1, 1), (3, 2), (4, 3), (5, 4)].map(|(l, r)| ((Some(l), Some(r)), same)));
    assert_eq!(at_once(&sent), expect);
    // And where the other one is ahead, so that the next comes before its own like.
    let mut sent: Vec<Sent> = times.map(|time| left(time + 2, "a1")).to_vec();
    sent.extend([1, 21, 31, 41].map(|time| right(time, "a1")));
    assert_eq!(at_once(&sent), expect);
}

#[test]
fn no_different_one_is_taken_from_a_like_that_still_comes() {
    // The left a1 is lonely; the right a2 has its like on the left, just in time.
    let all = at_once(&[left(0, "a1"), right(15, "a2"), left(35, "a2")]);
    let expect = [((Some(1), None), None), ((Some(2), Some(1)), Some(Verdict::Late))];
    assert_eq!(all, Verdicts::from(expect));
}

#[test]
fn a_verdict_waits_until_time_has_passed() {
    let (mut pairing, mut changes) = (pairing(10), Vec::new());
    for (side, message) in messages(&[left(100, "a1")]) {
        pairing.feed(side, message, &mut changes);
    }
    pairing.pass(100 + 2 * WAIT + LATE - 1, &mut changes);
    assert_eq!(changes.len(), 1, "it waits");
    assert_eq!(pairing.next_due_us(), Some(100 + 2 * WAIT + LATE));
    pairing.pass(100 + 2 * WAIT + LATE, &mut changes);
    assert!(matches!(changes[..], [_, Change::Missing { .. }]));
}

#[test]
fn what_comes_with_an_old_time_waits_as_long_as_any_other() {
    let (mut pairing, mut changes) = (pairing(10), Vec::new());
    pairing.pass(1_000_000, &mut changes);
    let old = messages(&[left(100, "a1"), left(100, "a2"), right(103, "a1"), right(103, "b9")]);
    for (side, message) in old {
        pairing.feed(side, message, &mut changes);
    }
    assert_eq!(pairing.next_due_us(), Some(1_000_000 + LATE));
    pairing.pass(1_000_000 + 2 * WAIT + LATE - 1, &mut changes);
    assert!(!changes.iter().any(|change| matches!(change, Change::Missing { .. })));
    pairing.pass(1_000_000 + 2 * WAIT + LATE, &mut changes);
    let same = ((Some(1), Some(1)), Some(Verdict::Same));
    let expect = [same, ((Some(2), None), None), ((None, Some(2)), None)];
    assert_eq!(verdicts(&changes), Verdicts::from(expect));
}

#[test]
fn where_too_many_wait_the_oldest_are_decided_early() {
    let (mut pairing, mut changes) = (pairing(100), Vec::new());
    let many: Vec<Sent> = (0..1_000).map(|n| left(n / 500, &format!("a{}", n % 200))).collect();
    for (side, message) in messages(&many) {
        pairing.feed(side, message, &mut changes);
    }
    let missing = changes.iter().filter(|change| matches!(change, Change::Missing { .. })).count();
    assert_eq!(missing, 900);
    pairing.pass(i64::MAX, &mut changes);
    assert_eq!(verdicts(&changes).len(), 1_000);
}

fn anything() -> impl Strategy<Value = Vec<Sent>> {
    let side = prop_oneof![Just(Side::Left), Just(Side::Right)];
    let one = (side, 0..150_i64, b'a'..b'c', 0..3_u8, 0..2_u8);
    let one = one.prop_map(|(side, time, topic, payload, properties)| Sent {
        side,
        time,
        topic,
        payload,
        properties,
    });
    prop::collection::vec(one, 0..60)
}

proptest! {
    #[test]
    fn every_message_is_in_one_row_and_a_pair_is_what_it_says(sent in anything()) {
        let of_side = |wanted| messages(&sent).into_iter().filter(move |(side, _)| *side == wanted);
        let left: Vec<Message> = of_side(Side::Left).map(|(_, message)| message).collect();
        let right: Vec<Message> = of_side(Side::Right).map(|(_, message)| message).collect();
        let all = at_once(&sent);
        let mut ids: Vec<u64> = all.keys().filter_map(|(left, _)| *left).collect();
        ids.sort_unstable();
        prop_assert_eq!(ids, (1..=left.len() as u64).collect::<Vec<_>>());
        let mut ids: Vec<u64> = all.keys().filter_map(|(_, right)| *right).collect();
        ids.sort_unstable();
        prop_assert_eq!(ids, (1..=right.len() as u64).collect::<Vec<_>>());
        for ((l, r), verdict) in &all {
            let (Some(l), Some(r)) = (l, r) else {
                prop_assert_eq!(*verdict, None);
                continue;
            };
            let (l, r) = (&left[*l as usize - 1], &right[*r as usize - 1]);
            let apart = apart(l, r);
            prop_assert!(apart <= WAIT && l.topic == r.topic);
            let expect = match (l.content == r.content, l.properties == r.properties) {
                (false, _) => Verdict::Payload,
                (true, false) => Verdict::Properties,
                (true, true) if apart > LATE => Verdict::Late,
                (true, true) => Verdict::Same,
            };
            prop_assert_eq!(*verdict, Some(expect));
        }
        // Two that are left alone are no pair.
        let alone = |(pair, verdict): (&(Option<u64>, Option<u64>), &Option<Verdict>)| {
            verdict.is_none().then_some(*pair)
        };
        let lonely: Vec<_> = all.iter().filter_map(alone).collect();
        for l in lonely.iter().filter_map(|(l, _)| *l) {
            for r in lonely.iter().filter_map(|(_, r)| *r) {
                let (l, r) = (&left[l as usize - 1], &right[r as usize - 1]);
                prop_assert!(l.topic != r.topic || apart(l, r) > WAIT);
            }
        }
    }

    #[test]
    fn swapping_the_sides_mirrors_the_verdicts(sent in anything()) {
        let swapped: Vec<Sent> =
            sent.iter().map(|sent| Sent { side: sent.side.other(), ..sent.clone() }).collect();
        let mirrored: Verdicts =
            at_once(&swapped).into_iter().map(|((l, r), verdict)| ((r, l), verdict)).collect();
        prop_assert_eq!(at_once(&sent), mirrored);
    }

    #[test]
    fn a_late_clock_gives_the_verdicts_of_the_past(
        sent in anything(),
        steps in prop::collection::vec((1..30_i64, 0..40_i64), 1..40),
    ) {
        let (mut pairing, mut changes) = (pairing(usize::MAX), Vec::new());
        let mut waiting = messages(&sent).into_iter().peekable();
        let mut known = 0;
        for (step, behind) in steps {
            known += step;
            while let Some((side, message)) = waiting.next_if(|(_, next)| next.time_us <= known) {
                pairing.feed(side, message, &mut changes);
            }
            // The clock says less than is known, and may say the same again.
            pairing.pass(known - behind, &mut changes);
            pairing.pass(known - behind, &mut changes);
        }
        for (side, message) in waiting {
            pairing.feed(side, message, &mut changes);
        }
        pairing.pass(i64::MAX, &mut changes);
        prop_assert_eq!(verdicts(&changes), at_once(&sent));
    }

    #[test]
    fn no_order_and_no_limit_loses_a_message(
        sent in anything(),
        passes in prop::collection::vec(-100..400_i64, 60),
        limit in 1..10_usize,
    ) {
        let (mut pairing, mut changes) = (pairing(limit), Vec::new());
        let count = sent.len();
        let unsorted = messages(&sent).into_iter().rev();
        for ((side, message), pass) in unsorted.zip(passes) {
            pairing.feed(side, message, &mut changes);
            pairing.pass(pass, &mut changes);
        }
        pairing.pass(i64::MAX, &mut changes);
        let all = verdicts(&changes);
        let messages = all.keys().map(|(l, r)| usize::from(l.is_some()) + usize::from(r.is_some()));
        prop_assert_eq!(messages.sum::<usize>(), count);
    }
}
