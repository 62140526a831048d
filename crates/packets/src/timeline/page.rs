//! Pages: which lines lie where, with exchanges that are open.

use mqttscope_model::{PacketFilter, PacketFrom};

use super::index::Index;
use super::lines::{Lines, essence};
use crate::tape::Tape;

/// The lines of a page by the numbers of their packets.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Cut {
    pub(super) first: u64,
    pub(super) total: u64,
    pub(super) anchor: Option<u64>,
    pub(super) numbers: Vec<u64>,
}

/// An exchange that shows its packets below its line.
struct Open {
    /// The place of its line among the lines without anything open.
    place: u64,
    /// The packets below the line.
    below: Vec<u64>,
}

/// All lines of a filter.
struct Shown<'a> {
    /// None: all packets from `first` on.
    lines: Option<&'a Lines>,
    first: u64,
    len: u64,
    open: Vec<Open>,
}

impl Shown<'_> {
    fn total(&self) -> u64 {
        self.len + self.open.iter().map(|open| open.below.len() as u64).sum::<u64>()
    }

    fn number(&self, place: u64) -> Option<u64> {
        match self.lines {
            None => Some(self.first + place),
            Some(lines) => lines.numbers.get(usize::try_from(place).ok()?).copied(),
        }
    }

    /// The place of a packet among the lines, or of the first behind it.
    fn place(&self, number: u64) -> u64 {
        let base = match self.lines {
            None => number.clamp(self.first, self.first + self.len) - self.first,
            Some(lines) => lines.place(number) as u64,
        };
        let before = self.open.iter().filter(|open| open.place < base);
        base + before.map(|open| open.below.len() as u64).sum::<u64>()
    }

    /// The packet of the line at a place.
    fn at(&self, place: u64) -> Option<u64> {
        let mut before = 0;
        for open in &self.open {
            let line = open.place + before;
            if place <= line {
                break;
            }
            let within = place - line - 1;
            if within < open.below.len() as u64 {
                return open.below.get(usize::try_from(within).ok()?).copied();
            }
            before += open.below.len() as u64;
        }
        self.number(place - before)
    }
}

/// Cuts a page out of what a filter shows.
pub(super) fn cut(
    index: &mut Index,
    tape: &Tape,
    filter: &PacketFilter,
    from: PacketFrom,
    count: u64,
) -> Cut {
    let wanted = essence(filter);
    if let Some(wanted) = &wanted {
        index.lines(tape, wanted);
    }
    let exchanges: Vec<Vec<u64>> = if filter.grouped {
        filter.open.iter().map(|number| index.members(*number)).collect()
    } else {
        Vec::new()
    };
    let asked = match from {
        // The line of a packet that is hidden in its exchange is the exchange's.
        PacketFrom::Packet { number, .. } if filter.grouped => {
            let shown = filter.open.iter().any(|open| index.members(*open).contains(&number));
            let first = index.members(number).first().copied();
            first.filter(|_| !shown).unwrap_or(number)
        }
        PacketFrom::Packet { number, .. } => number,
        PacketFrom::Time { time_us, .. } => not_older(index, tape, time_us),
        PacketFrom::Place { .. } | PacketFrom::End => 0,
    };
    let (first, all) = (index.first, index.next - index.first);
    let lines = wanted.as_ref().map(|wanted| index.lines(tape, wanted));
    let len = lines.map_or(all, |lines| lines.numbers.len() as u64);
    let mut shown = Shown { lines, first, len, open: Vec::new() };
    shown.open = opened(&shown, exchanges);
    page(&shown, from, asked, count)
}

/// The first packet that is not older than a time, or the one that is still to come.
fn not_older(index: &Index, tape: &Tape, time_us: i64) -> u64 {
    let (mut low, mut high) = (index.first, index.next);
    while low < high {
        let middle = low + (high - low) / 2;
        // What the tape has forgotten since was older.
        let older = tape.times(&[middle]).first().copied().flatten().is_none_or(|at| at < time_us);
        if older { low = middle + 1 } else { high = middle }
    }
    low
}

fn opened(shown: &Shown<'_>, exchanges: Vec<Vec<u64>>) -> Vec<Open> {
    let mut open: Vec<Open> = exchanges
        .into_iter()
        .filter_map(|members| {
            let (first, below) = members.split_first()?;
            let place = shown.place(*first);
            (shown.number(place) == Some(*first)).then(|| Open { place, below: below.to_vec() })
        })
        .collect();
    open.sort_by_key(|open| open.place);
    open.dedup_by_key(|open| open.place);
    open
}

fn page(shown: &Shown<'_>, from: PacketFrom, asked: u64, count: u64) -> Cut {
    let total = shown.total();
    let last = total.saturating_sub(count);
    let (first, anchor) = match from {
        PacketFrom::Place { place } => (place.min(total), None),
        PacketFrom::End => (last, None),
        PacketFrom::Packet { before, .. } | PacketFrom::Time { before, .. } => {
            let below = shown.open.iter().find_map(|open| {
                let within = open.below.iter().position(|number| *number == asked)?;
                let line = shown.place(shown.number(open.place)?);
                Some(line + 1 + within as u64)
            });
            let place = below.unwrap_or_else(|| shown.place(asked));
            let anchor = (place < total).then_some(place);
            (place.saturating_sub(before.into()).min(last), anchor)
        }
    };
    let until = total.min(first.saturating_add(count));
    let numbers = (first..until).filter_map(|place| shown.at(place)).collect();
    Cut { first, total, anchor, numbers }
}
