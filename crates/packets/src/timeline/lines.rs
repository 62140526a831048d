//! The packets that a filter lets through, kept up with the tape.

use std::collections::VecDeque;

use mqttscope_model::{PacketFilter, PacketKind};

use super::notes::Note;

/// The numbers of the packets that a filter shows, rising.
#[derive(Debug)]
pub(super) struct Lines {
    /// Without what is open, which does not change what is let through.
    pub(super) filter: PacketFilter,
    pub(super) numbers: VecDeque<u64>,
}

/// The filter as far as it decides what is let through; none where it lets all through as they are.
pub(super) fn essence(filter: &PacketFilter) -> Option<PacketFilter> {
    let mut essence = PacketFilter { open: Vec::new(), ..filter.clone() };
    essence.kinds.sort_unstable();
    essence.kinds.dedup();
    (essence != PacketFilter::default()).then_some(essence)
}

impl Lines {
    pub(super) fn new(filter: PacketFilter) -> Self {
        Self { filter, numbers: VecDeque::new() }
    }

    /// Whether a packet is let through as far as its note tells; its topic is still to be asked then.
    pub(super) fn may_show(&self, note: &Note) -> bool {
        let filter = &self.filter;
        (filter.kinds.is_empty() || filter.kinds.contains(&note.kind))
            && filter.direction.is_none_or(|wanted| wanted == note.direction())
            && filter.packet_id.is_none_or(|wanted| wanted == note.packet_id && wanted != 0)
            && (!filter.faults || note.is_faulty())
            && (filter.topic.is_empty() || has_topic(note.kind))
    }

    /// Whether a topic holds the text that is looked for, in whatever case.
    pub(super) fn likes(&self, topic: Option<&[u8]>) -> bool {
        let wanted = self.filter.topic.as_bytes();
        if wanted.is_empty() {
            return true;
        }
        let mut windows = topic.unwrap_or_default().windows(wanted.len());
        windows.any(|part| part.eq_ignore_ascii_case(wanted))
    }

    /// Shows a packet, at its place.
    pub(super) fn insert(&mut self, number: u64) {
        if self.numbers.back().is_none_or(|last| *last < number) {
            self.numbers.push_back(number);
            return;
        }
        let place = self.place(number);
        if self.numbers.get(place) != Some(&number) {
            self.numbers.insert(place, number);
        }
    }

    /// Shows a packet no more.
    pub(super) fn remove(&mut self, number: u64) {
        let place = self.place(number);
        if self.numbers.get(place) == Some(&number) {
            self.numbers.remove(place);
        }
    }

    /// How many are shown before this packet.
    pub(super) fn place(&self, number: u64) -> usize {
        self.numbers.partition_point(|shown| *shown < number)
    }
}

/// Whether such a packet has a topic that can be looked for.
pub(super) fn has_topic(kind: PacketKind) -> bool {
    matches!(kind, PacketKind::Publish | PacketKind::Subscribe | PacketKind::Unsubscribe)
}
