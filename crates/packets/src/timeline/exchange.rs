//! Which packets belong together.
//!
//! An exchange lies within a connection: what a client sends again over the next one is an exchange of its own there, as
//! it is on the wire.

use std::collections::{HashMap, VecDeque};

use mqttscope_model::{Direction, PacketKind, QoS};

use crate::decode::Gist;

/// Packets of one exchange at most. One that is sent again and again becomes a new one.
pub(super) const LONGEST: u32 = 64;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Key {
    /// By who sent the PUBLISH.
    Publish(Direction, u16),
    Subscribe(u16),
    Unsubscribe(u16),
    Connect,
    Authentication,
}

/// What a packet is to the exchanges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// It belongs to none.
    Alone,
    /// It begins one.
    Begins,
    /// It goes on with the one whose latest packet this is.
    GoesOn {
        /// The latest packet before.
        after: u64,
        /// It is the last.
        closes: bool,
    },
}

/// The exchanges of a connection that have not come to their end, by their latest packets.
#[derive(Debug, Default)]
pub(super) struct Exchanges {
    open: HashMap<Key, (u64, u32)>,
    /// PINGREQs that were not answered.
    pings: VecDeque<u64>,
}

impl Exchanges {
    pub(super) fn clear(&mut self) {
        self.open.clear();
        self.pings.clear();
    }

    /// Takes the next packet. Packets before `first` are not kept any more.
    pub(super) fn take(
        &mut self,
        number: u64,
        gist: &Gist<'_>,
        direction: Direction,
        first: u64,
    ) -> Part {
        use PacketKind as K;
        let numbered = matches!(
            gist.kind,
            K::Puback
                | K::Pubrec
                | K::Pubrel
                | K::Pubcomp
                | K::Subscribe
                | K::Suback
                | K::Unsubscribe
                | K::Unsuback
        );
        // Its Packet Identifier is still to come, or never will.
        if numbered && gist.packet_id.is_none() {
            return Part::Alone;
        }
        let id = gist.packet_id.unwrap_or_default();
        let other = match direction {
            Direction::Sent => Direction::Received,
            Direction::Received => Direction::Sent,
        };
        let refused = gist.reason.is_some_and(|code| code.is_error());
        let (key, begins, closes) = match gist.kind {
            K::Publish if gist.qos == Some(QoS::AtMostOnce) || gist.packet_id.is_none() => {
                return Part::Alone;
            }
            K::Publish => (Key::Publish(direction, id), !gist.dup, false),
            K::Puback | K::Pubcomp => (Key::Publish(other, id), false, true),
            K::Pubrec => (Key::Publish(other, id), false, refused),
            K::Pubrel => (Key::Publish(direction, id), false, false),
            K::Subscribe => (Key::Subscribe(id), true, false),
            K::Suback => (Key::Subscribe(id), false, true),
            K::Unsubscribe => (Key::Unsubscribe(id), true, false),
            K::Unsuback => (Key::Unsubscribe(id), false, true),
            K::Connect => (Key::Connect, true, false),
            K::Connack => (Key::Connect, false, true),
            K::Auth if self.open.contains_key(&Key::Connect) => (Key::Connect, false, false),
            K::Auth => {
                let code = gist.reason.unwrap_or_default().0;
                (Key::Authentication, code == 0x19, code == 0)
            }
            K::Pingreq => {
                self.pings.push_back(number);
                return Part::Begins;
            }
            K::Pingresp => return self.pong(first),
            K::Disconnect | K::Unknown => return Part::Alone,
        };
        let open = self.open.get(&key).copied();
        let open = open.filter(|(after, len)| !begins && *after >= first && *len < LONGEST);
        match open {
            Some((after, _)) if closes => {
                self.open.remove(&key);
                Part::GoesOn { after, closes }
            }
            Some((after, len)) => {
                self.open.insert(key, (number, len + 1));
                Part::GoesOn { after, closes }
            }
            // A PUBREL goes on with what an earlier connection began.
            None if matches!(gist.kind, K::Publish | K::Pubrel) || begins => {
                self.open.insert(key, (number, 1));
                Part::Begins
            }
            None => Part::Alone,
        }
    }

    fn pong(&mut self, first: u64) -> Part {
        while let Some(after) = self.pings.pop_front() {
            if after >= first {
                return Part::GoesOn { after, closes: true };
            }
        }
        Part::Alone
    }
}
