//! A timeline numbers, pages, filters and groups what a connection wrote and read, and stays right while old packets go.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::sync::Arc;

use mqttscope_model::{
    Direction, PacketFilter, PacketFrom, PacketKind, PacketPage, ProtocolVersion, ReasonCode,
};
use mqttscope_packets::{Head, KEPT, Tape, Timeline};

use Direction::{Received, Sent};

const MB: usize = 1024 * 1024;

fn begun(limit: usize, version: ProtocolVersion) -> (Timeline, Head) {
    let tape = Arc::new(Tape::new(limit));
    let head = tape.connect(version);
    (Timeline::new(tape), head)
}

fn all(timeline: &Timeline, filter: &PacketFilter) -> PacketPage {
    timeline.page(filter, PacketFrom::Place { place: 0 }, 1_000)
}

fn numbers(page: &PacketPage) -> Vec<u64> {
    page.rows.iter().map(|row| row.number).collect()
}

fn publish(topic: &str, payload: usize) -> Vec<u8> {
    let remaining = 2 + topic.len() + payload;
    let mut packet = vec![0x30];
    let mut left = remaining;
    while left > 0x7f {
        packet.push((left & 0x7f) as u8 | 0x80);
        left >>= 7;
    }
    packet.push(left as u8);
    packet.extend([0, topic.len() as u8]);
    packet.extend(topic.as_bytes());
    packet.extend(std::iter::repeat_n(b'x', payload));
    packet
}

#[test]
fn packets_are_numbered_in_the_order_in_which_they_began() {
    let (timeline, mut head) = begun(MB, ProtocolVersion::V311);
    head.take(Received, b"\xd0");
    head.take(Sent, b"\xc0\0\xe0\0");
    head.take(Received, b"\0\xd0\0");
    let page = all(&timeline, &PacketFilter::default());
    let rows: Vec<_> = page.rows.iter().map(|row| (row.number, row.kind, row.size)).collect();
    assert_eq!(
        rows,
        [
            (1, PacketKind::Pingresp, 2),
            (2, PacketKind::Pingreq, 2),
            (3, PacketKind::Disconnect, 2),
            (4, PacketKind::Pingresp, 2),
        ]
    );
    assert_eq!(page.rows[0].fault, None);
}

#[test]
fn a_packet_that_is_still_coming_is_shown_and_is_whole_later() {
    let (timeline, mut head) = begun(MB, ProtocolVersion::V311);
    let subscribe = b"\x82\x08\0\x07\0\x03a/b\x01";
    head.take(Sent, &subscribe[..3]);
    let grouped = PacketFilter { grouped: true, ..PacketFilter::default() };
    let page = all(&timeline, &grouped);
    assert_eq!((page.rows[0].kind, page.rows[0].packet_id), (PacketKind::Subscribe, None));
    assert_eq!(page.rows[0].fault, None);
    head.take(Sent, &subscribe[3..]);
    head.take(Received, b"\x90\x03\0\x07\x01");
    let page = all(&timeline, &grouped);
    assert_eq!(numbers(&page), [1]);
    let exchange = page.rows[0].exchange.unwrap();
    assert_eq!((exchange.first, exchange.packets, exchange.complete), (1, 2, true));
    assert_eq!(page.rows[0].topic.as_deref(), Some("a/b"));
    assert!(exchange.round_trip_us.is_some());
}

#[test]
fn a_packet_that_breaks_off_is_a_fault_and_counted() {
    let (timeline, mut head) = begun(MB, ProtocolVersion::V311);
    head.take(Received, b"\x20\x02\0\0\x30\x09\0\x01a");
    timeline.look();
    assert_eq!(timeline.state().faults, 0);
    drop(head);
    let faulty = PacketFilter { faults: true, ..PacketFilter::default() };
    let page = all(&timeline, &faulty);
    assert_eq!((numbers(&page), timeline.state().faults), (vec![2], 1));
    let fault = page.rows[0].fault.clone().unwrap();
    assert_eq!((fault.at, fault.len), (5, 0));
}

#[test]
fn exchanges_of_both_directions_and_a_number_that_is_used_again_are_kept_apart() {
    let (timeline, mut head) = begun(MB, ProtocolVersion::V5);
    head.take(Sent, b"\x10\x0d\0\x04MQTT\x05\x02\0\x3c\0\0\0");
    head.take(Received, b"\x20\x03\0\0\0");
    head.take(Sent, b"\x34\x06\0\x01a\0\x01\0");
    head.take(Received, b"\x34\x06\0\x01b\0\x01\0");
    head.take(Received, b"\x50\x02\0\x01");
    head.take(Sent, b"\x50\x02\0\x01");
    head.take(Sent, b"\x62\x02\0\x01");
    head.take(Received, b"\x62\x02\0\x01");
    head.take(Received, b"\x70\x02\0\x01");
    head.take(Sent, b"\x70\x02\0\x01");
    head.take(Sent, b"\x32\x06\0\x01a\0\x01\0");
    head.take(Received, b"\x40\x03\0\x01\x87");
    head.take(Sent, b"\x30\x04\0\x01c\0");
    let page = all(&timeline, &PacketFilter::default());
    let firsts: Vec<_> = page.rows.iter().map(|row| row.exchange.map(|of| of.first)).collect();
    let expected = [1, 1, 3, 4, 3, 4, 3, 4, 3, 4, 11, 11].map(Some);
    assert_eq!(firsts[..12], expected);
    assert_eq!(firsts[12], None);
    assert_eq!(page.rows[2].exchange.unwrap().packets, 4);
    assert_eq!(page.rows[11].reason, Some(ReasonCode(0x87)));
    let grouped = PacketFilter { grouped: true, ..PacketFilter::default() };
    assert_eq!(numbers(&all(&timeline, &grouped)), [1, 3, 4, 11, 13]);
    let open = PacketFilter { open: vec![4, 1], ..grouped.clone() };
    let page = all(&timeline, &open);
    assert_eq!(numbers(&page), [1, 2, 3, 4, 6, 8, 10, 11, 13]);
    let from = PacketFrom::Packet { number: 8, before: 1 };
    let page = timeline.page(&open, from, 3);
    assert_eq!((numbers(&page), page.anchor), (vec![6, 8, 10], Some(5)));
    let page = timeline.page(&grouped, from, 3);
    assert_eq!((numbers(&page), page.anchor), (vec![3, 4, 11], Some(2)));
    let refused = PacketFilter { kinds: vec![PacketKind::Puback], ..grouped };
    assert_eq!(numbers(&all(&timeline, &refused)), [11]);
}

#[test]
fn pings_are_paired_in_their_order() {
    let (timeline, mut head) = begun(MB, ProtocolVersion::V311);
    head.take(Sent, b"\xc0\0");
    head.take(Sent, b"\xc0\0");
    head.take(Received, b"\xd0\0");
    let pings = timeline.pings();
    assert_eq!(pings.len(), 2);
    assert!(pings[0].took_us.is_some() && pings[1].took_us.is_none());
}

#[test]
fn a_topic_alias_is_resolved_and_can_be_looked_for() {
    let (timeline, mut head) = begun(MB, ProtocolVersion::V5);
    head.take(Received, b"\x30\x0a\0\x04home\x03\x23\0\x01");
    head.take(Received, b"\x30\x06\0\0\x03\x23\0\x01");
    head.take(Received, b"\x30\x07\0\x04work\0");
    let filter = PacketFilter { topic: "HOM".into(), ..PacketFilter::default() };
    let page = all(&timeline, &filter);
    assert_eq!(numbers(&page), [1, 2]);
    assert_eq!(page.rows[1].topic.as_deref(), Some("home"));
    head.take(Received, b"\x30\x06\0\0\x03\x23\0\x01");
    assert_eq!(numbers(&all(&timeline, &filter)), [1, 2, 4]);
}

#[test]
fn a_time_leads_to_the_first_packet_that_is_not_older() {
    let (timeline, mut head) = begun(MB, ProtocolVersion::V311);
    for topic in ["a", "b", "a", "b", "a"] {
        head.take(Received, &publish(topic, 1));
        let now = std::time::Instant::now();
        while now.elapsed().as_micros() < 3 {}
    }
    let times: Vec<i64> =
        all(&timeline, &PacketFilter::default()).rows.iter().map(|row| row.time_us).collect();
    let at = |filter: &PacketFilter, time_us| {
        let page = timeline.page(filter, PacketFrom::Time { time_us, before: 1 }, 2);
        (numbers(&page), page.anchor)
    };
    let everything = PacketFilter::default();
    assert_eq!(at(&everything, times[2]), (vec![2, 3], Some(2)));
    assert_eq!(at(&everything, times[2] - 1), (vec![2, 3], Some(2)));
    assert_eq!(at(&everything, 0), (vec![1, 2], Some(0)));
    assert_eq!(at(&everything, times[4] + 1), (vec![4, 5], None));
    let named = PacketFilter { topic: "a".into(), ..everything };
    assert_eq!(at(&named, times[1]), (vec![1, 3], Some(1)));
}

#[test]
fn old_packets_make_room_and_numbers_and_lists_stay_right() {
    let (timeline, mut head) = begun(MB, ProtocolVersion::V311);
    let filter = PacketFilter { topic: "even".into(), ..PacketFilter::default() };
    for round in 0..40_u64 {
        for number in 0..500_u64 {
            let topic = if (round * 500 + number).is_multiple_of(2) { "even" } else { "odd!" };
            head.take(Received, &publish(topic, 64));
        }
        if round % 3 == 0 {
            let page = timeline.page(&filter, PacketFrom::End, 5);
            let last = (round + 1) * 500 - 1;
            assert_eq!(numbers(&page), [last - 8, last - 6, last - 4, last - 2, last]);
        }
    }
    let state = timeline.state();
    assert!(state.bytes <= state.limit, "{state:?}");
    assert!(state.packets > 5_000 && state.forgotten + state.packets == 20_000);
    let first = 20_000 - state.packets + 1;
    let page = timeline.page(&PacketFilter::default(), PacketFrom::Place { place: 0 }, 1);
    assert_eq!((numbers(&page), page.total), (vec![first], state.packets));
    let page = timeline.page(&filter, PacketFrom::Place { place: 0 }, 1);
    assert_eq!(page.total, state.packets / 2);
    assert!(timeline.detail(first - 1).is_none());
    assert_eq!(timeline.detail(first).unwrap().bytes.0.len(), 72);
}

#[test]
fn an_exchange_whose_first_packet_is_gone_goes_on_under_the_next() {
    let (timeline, mut head) = begun(MB, ProtocolVersion::V311);
    let grouped = PacketFilter { grouped: true, ..PacketFilter::default() };
    head.take(Sent, b"\x34\x05\0\x01a\0\x01");
    timeline.look();
    head.take(Received, &publish("t", 300_000));
    head.take(Received, &publish("t", 300_000));
    head.take(Received, b"\x50\x02\0\x01");
    head.take(Sent, b"\x62\x02\0\x01");
    assert_eq!(numbers(&all(&timeline, &grouped)), [1, 2, 3]);
    head.take(Received, &publish("t", 600_000));
    head.take(Received, b"\x70\x02\0\x01");
    let page = all(&timeline, &grouped);
    assert_eq!(numbers(&page), [4, 6], "{:?}", timeline.state());
    let exchange = page.rows[0].exchange.unwrap();
    assert_eq!((exchange.first, exchange.packets, exchange.complete), (4, 3, true));
}

#[test]
fn of_a_very_large_packet_the_first_mebibyte_and_its_size_are_kept() {
    let (timeline, mut head) = begun(4 * MB, ProtocolVersion::V311);
    let large = publish("large", 9 * MB);
    for part in large.chunks(10_000) {
        head.take(Received, part);
    }
    head.take(Received, b"\xd0\0");
    let page = all(&timeline, &PacketFilter::default());
    assert_eq!(page.rows[0].size, large.len() as u64);
    assert_eq!((page.rows[0].fault.clone(), page.rows[1].size), (None, 2));
    let detail = timeline.detail(1).unwrap();
    assert_eq!((detail.kept, detail.bytes.0.len()), (KEPT as u64, 64 * 1024));
    assert!(timeline.state().bytes < 2 * MB as u64);
}

#[test]
fn a_line_tells_what_lies_behind_a_long_topic_or_a_long_reason_string() {
    let (timeline, mut head) = begun(MB, ProtocolVersion::V5);
    let (topic, text) = ("t".repeat(3_000), "r".repeat(3_000));
    let length = |length: usize| [(length >> 8) as u8, length as u8];
    let varied = |length: usize| [(length & 0x7f | 0x80) as u8, (length >> 7) as u8];
    let mut named = vec![0x32];
    named.extend(varied(2 + 3_000 + 2 + 1 + 3 + 4_000));
    named.extend(length(3_000));
    named.extend(topic.bytes());
    named.extend([0, 9, 3, 0x23, 0, 1]);
    named.extend([b'x'; 4_000]);
    let mut aliased = vec![0x32];
    aliased.extend(varied(2 + 2 + 1 + 3 + 4_000));
    aliased.extend([0, 0, 0, 10, 3, 0x23, 0, 1]);
    aliased.extend([b'x'; 4_000]);
    let mut answer = vec![0x90];
    answer.extend(varied(2 + 2 + 3 + 3_000 + 1));
    answer.extend([0, 1]);
    answer.extend(varied(3_003));
    answer.push(0x1f);
    answer.extend(length(3_000));
    answer.extend(text.bytes());
    answer.push(0x87);
    for packet in [named, aliased, answer] {
        head.take(Received, &packet);
    }
    let rows = all(&timeline, &PacketFilter::default()).rows;
    assert_eq!(rows.iter().map(|row| row.fault.clone()).collect::<Vec<_>>(), [None, None, None]);
    assert_eq!((rows[0].packet_id, rows[1].packet_id), (Some(9), Some(10)));
    assert!(rows[..2].iter().all(|row| row.topic.as_deref().unwrap().starts_with("ttt")));
    assert_eq!(rows[2].reason, Some(ReasonCode(0x87)));
    let filter = PacketFilter { topic, ..PacketFilter::default() };
    assert_eq!(numbers(&all(&timeline, &filter)), [1, 2]);
}

#[test]
fn switched_off_nothing_is_taken_and_switched_on_it_goes_on_with_the_next_packet() {
    let (timeline, mut head) = begun(MB, ProtocolVersion::V311);
    let packet = publish("t", 10);
    head.take(Received, &packet[..5]);
    timeline.tape().switch(false);
    head.take(Received, &packet[5..]);
    head.take(Received, &packet[..7]);
    timeline.tape().switch(true);
    head.take(Received, &packet[7..]);
    head.take(Received, b"\xd0\0");
    let page = all(&timeline, &PacketFilter::default());
    let rows: Vec<_> =
        page.rows.iter().map(|row| (row.kind, row.size, row.fault.is_some())).collect();
    assert_eq!(rows, [(PacketKind::Publish, 5, false), (PacketKind::Pingresp, 2, false)]);
}

#[test]
fn a_smaller_limit_and_clearing_count_at_once_and_numbers_go_on() {
    let (timeline, mut head) = begun(8 * MB, ProtocolVersion::V311);
    for _ in 0..30_000 {
        head.take(Received, &publish("t", 60));
    }
    assert_eq!(all(&timeline, &PacketFilter::default()).total, 30_000);
    timeline.tape().limit(MB);
    assert!(timeline.state().bytes <= MB as u64);
    timeline.clear();
    let state = timeline.state();
    assert_eq!((state.packets, state.forgotten, state.last), (0, 0, Some(30_000)));
    head.take(Received, b"\xd0\0");
    assert_eq!(numbers(&all(&timeline, &PacketFilter::default())), [30_001]);
}

#[test]
fn connections_are_told_apart() {
    let (timeline, mut head) = begun(MB, ProtocolVersion::V311);
    head.take(Sent, b"\x32\x05\0\x01a\0\x01");
    drop(head);
    let mut head = timeline.tape().connect(ProtocolVersion::V5);
    head.take(Sent, b"\x3a\x06\0\x01a\0\x01\0");
    head.take(Received, b"\x40\x02\0\x01");
    let page = all(&timeline, &PacketFilter::default());
    let rows: Vec<_> =
        page.rows.iter().map(|row| (row.connection, row.exchange.map(|of| of.first))).collect();
    assert_eq!(rows, [(1, Some(1)), (2, Some(2)), (2, Some(2))]);
}
