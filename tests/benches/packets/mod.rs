//! A timeline of a million packets: the first look, pages anywhere, filters, the detail of one.
//!
//! PUBLISH packets of 11 bytes, so that a million of them fit into the 64 MB that a timeline takes by default, each tenth with
//! QoS 1 and its PUBACK, on 1,000 topics, a hundred to a read. The first look is what a window asks when its pane is opened: the
//! state, and the newest page, with exchanges folded as they are at first. A page is 150 lines anywhere, as many as the
//! window asks for. A filter is timed from when it is asked until its newest page is there. Then the same with as many packets
//! of 64 KiB as fit.
//!
//! `--quick` takes 100,000 packets.

use std::sync::Arc;
use std::time::Instant;

use acceptance::bench::{Arguments, Figure, Outcome, Report, median, percentile};
use mqttscope_model::{Direction, PacketFilter, PacketFrom, PacketKind, ProtocolVersion};
use mqttscope_packets::{Head, Tape, Timeline};

const PACKETS: u64 = 1_000_000;
const MEMORY: usize = 64 * 1024 * 1024;
/// Packets that come with one read.
const READ: u64 = 100;
/// Each of these has a Packet Identifier and an answer.
const ANSWERED: u64 = 10;

const PAGES: u64 = 1_000;
const LINES: u32 = 150;
const ROUNDS: usize = 5;

/// What a page may take, in milliseconds.
const PAGE_MS: f64 = 5.0;

pub(crate) fn bench() -> Outcome<()> {
    let arguments = Arguments::of_process();
    let packets = if arguments.quick() { PACKETS / 10 } else { PACKETS };
    let mut report = Report::new("packets", &arguments);
    let tape = Arc::new(Tape::new(MEMORY));
    eprintln!("taking down {packets} packets");
    let mut head = tape.connect(ProtocolVersion::V311);
    fill(&mut head, packets);
    let held = tape.holds();
    eprintln!("{} are kept, in {} bytes", held.next - held.first, held.memory);
    first_look(&mut report, &tape)?;
    let timeline = Timeline::new(tape);
    timeline.look();
    for (name, filter) in cases(held.next) {
        eprintln!("{name}");
        measure(&mut report, &timeline, name, &filter)?;
    }
    details(&mut report, &timeline)?;
    large(&mut report)?;
    report.print();
    report.write()
}

/// Packets as a busy connection brings them.
fn fill(head: &mut Head, packets: u64) {
    let answered = READ / ANSWERED;
    for read in 0..packets.div_ceil(READ + answered) {
        let (mut came, mut answers) = (Vec::new(), Vec::new());
        for at in 0..READ {
            let number = read * READ + at;
            let topic = number.wrapping_mul(2_654_435_761) % 1_000;
            if at % ANSWERED > 0 {
                came.extend(format!("\x30\x09\0\x05t/{topic:03}xy").bytes());
                continue;
            }
            let [high, low] = ((number / ANSWERED % 65_535 + 1) as u16).to_be_bytes();
            came.extend(format!("\x32\x09\0\x05t/{topic:03}").bytes());
            came.extend([high, low]);
            answers.extend([0x40, 2, high, low]);
        }
        head.take(Direction::Received, &came);
        head.take(Direction::Sent, &answers);
    }
}

/// What a pane costs that is opened when everything has come already.
fn first_look(report: &mut Report, tape: &Arc<Tape>) -> Outcome<()> {
    let grouped = PacketFilter { grouped: true, ..PacketFilter::default() };
    let (mut states, mut pages) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let timeline = Timeline::new(Arc::clone(tape));
        let begun = Instant::now();
        timeline.look();
        if timeline.state().faults > 0 {
            return Err("There are faults in packets that are in order.".into());
        }
        states.push(begun.elapsed().as_secs_f64() * 1e3);
        timeline.page(&grouped, PacketFrom::End, LINES);
        pages.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    let held = tape.holds();
    let state = Figure::ours("first look: state", median(states), "ms");
    report.add(state.with("packets", held.next - held.first).with("bytes", held.memory));
    report.add(Figure::ours("first look: state and page, folded", median(pages), "ms"));
    Ok(())
}

fn cases(next: u64) -> [(&'static str, PacketFilter); 7] {
    let all = PacketFilter::default;
    let id = (next / 2 / (READ + READ / ANSWERED) * (READ / ANSWERED) % 65_535 + 1) as u16;
    [
        ("everything", all()),
        ("everything, folded", PacketFilter { grouped: true, ..all() }),
        ("type, most", PacketFilter { kinds: vec![PacketKind::Publish], ..all() }),
        ("type, one in eleven", PacketFilter { kinds: vec![PacketKind::Puback], ..all() }),
        ("identifier, folded", PacketFilter { packet_id: Some(id), grouped: true, ..all() }),
        ("topic, one in a thousand", PacketFilter { topic: "t/500".into(), ..all() }),
        ("topic, all of them, folded", PacketFilter { topic: "t/".into(), grouped: true, ..all() }),
    ]
}

fn measure(
    report: &mut Report,
    timeline: &Timeline,
    name: &str,
    filter: &PacketFilter,
) -> Outcome<()> {
    let begun = Instant::now();
    let page = timeline.page(filter, PacketFrom::End, LINES);
    let first = begun.elapsed().as_secs_f64() * 1e3;
    if page.rows.is_empty() {
        return Err(format!("{name}: nothing was found").into());
    }
    let figure = Figure::ours(format!("{name}: first page"), first, "ms");
    report.add(figure.with("lines", page.total));
    let places = (0..PAGES).map(|turn| turn.wrapping_mul(2_654_435_761) % page.total);
    let pages: Vec<f64> = places
        .map(|place| {
            let begun = Instant::now();
            timeline.page(filter, PacketFrom::Place { place }, LINES);
            begun.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    let middle = median(pages.iter().copied());
    let figure = Figure::ours(format!("{name}: page anywhere, p99"), percentile(pages, 0.99), "ms");
    report.add(figure.at_most(PAGE_MS).with("p50", middle));
    Ok(())
}

/// Packets of which a page shows the few first bytes.
fn large(report: &mut Report) -> Outcome<()> {
    let tape = Arc::new(Tape::new(MEMORY));
    let mut head = tape.connect(ProtocolVersion::V311);
    let mut packet = b"\x30\x80\x80\x04\0\x05t/001".to_vec();
    packet.resize(4 + 64 * 1024, b'x');
    for _ in 0..MEMORY / packet.len() {
        head.take(Direction::Received, &packet);
    }
    let timeline = Timeline::new(tape);
    let begun = Instant::now();
    timeline.look();
    let took = begun.elapsed().as_secs_f64() * 1e3;
    let figure = Figure::ours("packets of 64 KiB: first look", took, "ms");
    report.add(figure.with("packets", timeline.state().packets));
    measure(report, &timeline, "packets of 64 KiB", &PacketFilter::default())
}

fn details(report: &mut Report, timeline: &Timeline) -> Outcome<()> {
    let state = timeline.state();
    let first = state.last.unwrap_or_default() + 1 - state.packets;
    let mut took = Vec::new();
    for turn in 0..PAGES {
        let number = first + turn.wrapping_mul(2_654_435_761) % state.packets;
        let begun = Instant::now();
        timeline.detail(number).ok_or("A packet that is kept has no detail.")?;
        took.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    report.add(Figure::ours("detail of a packet, p99", percentile(took, 0.99), "ms"));
    Ok(())
}
