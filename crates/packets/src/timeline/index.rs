//! The index over the tape: each packet is decoded once for its note, when somebody looks.
//!
//! Nothing is indexed while nobody looks, so receiving costs nothing here. The price is paid by whoever opens a long
//! timeline: about a fifth of a microsecond for each small packet, once.

use std::collections::{HashMap, VecDeque};
use std::ops::Range;

use mqttscope_model::{Direction, PacketFilter, PacketKind};

use super::exchange::{Exchanges, Part};
use super::lines::{Lines, essence, has_topic};
use super::notes::Note;
use crate::blocks::Blocks;
use crate::decode::{Gist, gist};
use crate::tape::{End, KEPT, Packet, Tape};

/// Notes in a block.
const NOTES: usize = 4 * 1024;
/// Filters that are kept up at a time.
const LISTS: usize = 4;
/// As much of a packet as is read for its topic, and what is read of it first: large packets are not copied for a short one.
pub(super) const TOPIC: usize = 70 * 1024;
pub(super) const ENOUGH: usize = 2 * 1024;

#[derive(Debug)]
pub(super) struct Index {
    notes: Blocks<Note>,
    /// The number of the note at place 0.
    base: u64,
    /// The oldest packet, and the number of the next that is to be read.
    pub(super) first: u64,
    pub(super) next: u64,
    /// Packets that were not there wholly when they were read.
    coming: Vec<u64>,
    connection: u32,
    exchanges: Exchanges,
    /// The packet that set a Topic Alias last.
    aliases: HashMap<(Direction, u16), u64>,
    pub(super) faults: u64,
    pub(super) pings: VecDeque<u64>,
    lists: Vec<Lines>,
}

impl Index {
    pub(super) fn new() -> Self {
        Self {
            notes: Blocks::new(NOTES),
            base: 1,
            first: 1,
            next: 1,
            coming: Vec::new(),
            connection: 0,
            exchanges: Exchanges::default(),
            aliases: HashMap::new(),
            faults: 0,
            pings: VecDeque::new(),
            lists: Vec::new(),
        }
    }

    pub(super) fn note(&self, number: u64) -> Option<&Note> {
        if number < self.first {
            return None;
        }
        self.notes.get(number.checked_sub(self.base)?)
    }

    fn note_mut(&mut self, number: u64) -> Option<&mut Note> {
        self.notes.get_mut(number.checked_sub(self.base)?)
    }

    /// Reads what came since the last time, and forgets what the tape forgot.
    pub(super) fn catch_up(&mut self, tape: &Tape) {
        let holds = tape.holds();
        self.forget(holds.first);
        loop {
            let wanted = (self.next..holds.next).map(|number| (number, KEPT));
            let batch = tape.copy(&self.coming, wanted);
            let next = self.next;
            for (packet, bytes) in batch.iter() {
                if packet.number < next {
                    self.settle(tape, packet, bytes);
                } else {
                    // The tape may have forgotten more meanwhile.
                    if packet.number > self.next {
                        self.forget(packet.number);
                    }
                    self.add(tape, packet, bytes);
                }
            }
            if batch.taken == 0 {
                return;
            }
            let first = tape.holds().first;
            if first > self.next {
                self.forget(first);
            }
        }
    }

    fn add(&mut self, tape: &Tape, packet: &Packet, bytes: &[u8]) {
        if packet.connection != self.connection {
            self.connection = packet.connection;
            self.exchanges.clear();
            self.aliases.clear();
        }
        let gist = gist(bytes, packet.into());
        self.notes.push(Note::new(gist.kind, packet.direction, gist.packet_id));
        self.next = packet.number + 1;
        if gist.kind == PacketKind::Pingreq {
            self.pings.push_back(packet.number);
        }
        if packet.end == End::Coming {
            self.coming.push(packet.number);
        }
        self.learn(tape, packet, &gist);
    }

    /// A packet that was still coming is there.
    fn settle(&mut self, tape: &Tape, packet: &Packet, bytes: &[u8]) {
        self.coming.retain(|coming| *coming != packet.number);
        let gist = gist(bytes, packet.into());
        let Some(note) = self.note_mut(packet.number) else { return };
        note.packet_id = gist.packet_id.unwrap_or_default();
        let known = note.is_member() || packet.connection != self.connection;
        if !known || gist.fault.is_some() || has_topic(gist.kind) {
            self.learn(tape, packet, &gist);
        }
    }

    /// Notes what a packet says.
    fn learn(&mut self, tape: &Tape, packet: &Packet, gist: &Gist<'_>) {
        let number = packet.number;
        let current = packet.connection == self.connection;
        let linked = self.note(number).is_some_and(Note::is_member);
        if current && !linked {
            match self.exchanges.take(number, gist, packet.direction, self.first) {
                Part::Alone => {}
                Part::Begins => {
                    if let Some(note) = self.note_mut(number) {
                        note.set_member(false);
                    }
                }
                Part::GoesOn { after, closes } => self.link(after, number, closes),
            }
        }
        let alias = if current { self.alias(packet, gist) } else { 0 };
        let faulty = gist.fault.is_some();
        if let Some(note) = self.note_mut(number) {
            note.alias = alias;
            if faulty && !note.is_faulty() {
                note.set_faulty(true);
                self.faults += 1;
            }
        }
        self.show(tape, number, gist);
    }

    fn link(&mut self, after: u64, number: u64, closes: bool) {
        let far = |from: u64, to: u64| u32::try_from(to.saturating_sub(from)).unwrap_or_default();
        let Some(last) = self.note_mut(after) else { return };
        last.next = far(after, number);
        let first = after - u64::from(last.back);
        if let Some(note) = self.note_mut(number) {
            note.back = far(first, number);
            note.set_member(closes);
        }
    }

    /// How far back the packet is that set the Topic Alias that this one has instead of a name.
    fn alias(&mut self, packet: &Packet, gist: &Gist<'_>) -> u32 {
        let Some(alias) = gist.topic_alias else { return 0 };
        let key = (packet.direction, alias);
        if gist.topic.is_some() {
            self.aliases.insert(key, packet.number);
            return 0;
        }
        let set = self.aliases.get(&key).map_or(0, |set| packet.number.saturating_sub(*set));
        u32::try_from(set).unwrap_or_default()
    }

    /// Puts a packet into the lists that show it.
    fn show(&mut self, tape: &Tape, number: u64, gist: &Gist<'_>) {
        let Some(note) = self.note(number).copied() else { return };
        let line = number - u64::from(note.back);
        let mut named = None;
        for lines in &mut self.lists {
            if !lines.may_show(&note) {
                continue;
            }
            let likes = if gist.topic.is_none() && note.alias > 0 {
                let set = number - u64::from(note.alias);
                lines.likes(named.get_or_insert_with(|| topic_of(tape, set)).as_deref())
            } else {
                lines.likes(gist.topic)
            };
            if !likes {
                continue;
            }
            if lines.filter.grouped && line != number {
                // It may have been shown by itself before it was known where it belongs.
                lines.remove(number);
                lines.insert(line);
            } else {
                lines.insert(number);
            }
        }
    }

    /// Forgets all before a packet.
    fn forget(&mut self, first: u64) {
        if first > self.next {
            // What lies between was never read.
            let lists = std::mem::take(&mut self.lists);
            let lists = lists.into_iter().map(|lines| Lines::new(lines.filter)).collect();
            *self = Self { base: first, first, next: first, lists, ..Self::new() };
            return;
        }
        for number in self.first..first {
            let Some(note) = self.note(number).copied() else { continue };
            self.faults = self.faults.saturating_sub(note.is_faulty().into());
            let heir = (note.next > 0).then(|| number + u64::from(note.next));
            if let Some(heir) = heir {
                self.promote(heir);
            }
            for lines in &mut self.lists {
                if lines.numbers.front() == Some(&number) {
                    lines.numbers.pop_front();
                    if let Some(heir) = heir.filter(|_| lines.filter.grouped) {
                        lines.insert(heir);
                    }
                }
            }
            self.first = number + 1;
        }
        while self.pings.front().is_some_and(|ping| *ping < first) {
            self.pings.pop_front();
        }
        self.coming.retain(|coming| *coming >= first);
        self.notes.forget(self.first - self.base);
    }

    /// A packet becomes the first of its exchange.
    fn promote(&mut self, heir: u64) {
        let mut number = heir;
        while let Some(note) = self.note_mut(number) {
            note.back = u32::try_from(number - heir).unwrap_or_default();
            if note.next == 0 {
                return;
            }
            number += u64::from(note.next);
        }
    }

    /// The packets of the exchange that a packet belongs to.
    pub(super) fn members(&self, number: u64) -> Vec<u64> {
        let mut members = Vec::new();
        let Some(note) = self.note(number).filter(|note| note.is_member()) else { return members };
        let mut at = number - u64::from(note.back);
        while let Some(note) = self.note(at) {
            members.push(at);
            if note.next == 0 {
                break;
            }
            at += u64::from(note.next);
        }
        members
    }

    /// What a filter shows, from the index as it is now.
    pub(super) fn lines(&mut self, tape: &Tape, filter: &PacketFilter) -> &Lines {
        let known = self.lists.iter().position(|lines| lines.filter == *filter);
        let lines = match known {
            Some(at) => self.lists.remove(at),
            None => self.look(tape, filter),
        };
        // The last is the one that was used last.
        if self.lists.len() >= LISTS {
            self.lists.remove(0);
        }
        self.lists.push_mut(lines)
    }

    /// The packets that a filter lets through, oldest first.
    pub(super) fn picked(&mut self, tape: &Tape, filter: &PacketFilter) -> Picked {
        match essence(&PacketFilter { grouped: false, ..filter.clone() }) {
            None => Picked::All(self.first..self.next),
            Some(wanted) => Picked::Some(self.lines(tape, &wanted).numbers.clone()),
        }
    }

    /// Looks through all that is there.
    fn look(&self, tape: &Tape, filter: &PacketFilter) -> Lines {
        let mut lines = Lines::new(filter.clone());
        let mut number = self.first;
        if filter.topic.is_empty() {
            for number in self.first..self.next {
                if let Some(note) = self.note(number).filter(|note| lines.may_show(note)) {
                    let line = if filter.grouped { number - u64::from(note.back) } else { number };
                    lines.insert(line);
                }
            }
            return lines;
        }
        while number < self.next {
            let batch = tape.copy(&[], (number..self.next).map(|number| (number, TOPIC)));
            if batch.taken == 0 {
                break;
            }
            number += batch.taken as u64;
            for (packet, bytes) in batch.iter() {
                let note = self.note(packet.number).filter(|note| lines.may_show(note));
                let Some(note) = note else { continue };
                let likes = if note.alias > 0 {
                    let set = packet.number - u64::from(note.alias);
                    lines.likes(topic_of(tape, set).as_deref())
                } else {
                    lines.likes(gist(bytes, packet.into()).topic)
                };
                if likes {
                    let back = if filter.grouped { note.back } else { 0 };
                    lines.insert(packet.number - u64::from(back));
                }
            }
        }
        lines
    }
}

/// Packets that are to be gone through.
#[derive(Debug)]
pub(crate) enum Picked {
    All(Range<u64>),
    Some(VecDeque<u64>),
}

impl Picked {
    pub(crate) fn len(&self) -> u64 {
        match self {
            Self::All(range) => range.end - range.start,
            Self::Some(numbers) => numbers.len() as u64,
        }
    }

    /// The packets without the first `skipped`.
    pub(crate) fn rest(&self, skipped: u64) -> Box<dyn Iterator<Item = u64> + '_> {
        let skip = usize::try_from(skipped).unwrap_or(usize::MAX);
        match self {
            Self::All(range) => Box::new(range.start + skipped..range.end),
            Self::Some(numbers) => Box::new(numbers.range(skip.min(numbers.len())..).copied()),
        }
    }
}

/// The topic of a packet that has one of its own.
pub(super) fn topic_of(tape: &Tape, number: u64) -> Option<Vec<u8>> {
    let read = |most| {
        let batch = tape.copy(&[], std::iter::once((number, most)));
        let (packet, bytes) = batch.iter().next()?;
        gist(bytes, packet.into()).topic.map(<[u8]>::to_vec)
    };
    read(ENOUGH).or_else(|| read(TOPIC))
}
