//! Direction, QoS, RETAIN and DUP in one byte, in the file and in the index.
//!
//! One byte a row keeps both small; the price is that a SQL reader needs this table:
//! bit 0 = sent, bits 1 and 2 = QoS, bit 3 = RETAIN, bit 4 = DUP.

use mqttscope_model::{Direction, Message, QoS};

const SENT: u8 = 1;
const QOS_SHIFT: u8 = 1;
const QOS_MASK: u8 = 0b11;
const RETAIN: u8 = 1 << 3;
const DUP: u8 = 1 << 4;
const KNOWN: u8 = SENT | (QOS_MASK << QOS_SHIFT) | RETAIN | DUP;

/// The flags of one message; always a valid combination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Flags(u8);

impl Flags {
    /// The flags of a message.
    pub(crate) fn of(message: &Message) -> Self {
        let mut bits = u8::from(message.qos) << QOS_SHIFT;
        if message.direction == Direction::Sent {
            bits |= SENT;
        }
        if message.retain {
            bits |= RETAIN;
        }
        if message.dup {
            bits |= DUP;
        }
        Self(bits)
    }

    /// The flags as stored; `None` where no such combination is ever written.
    pub(crate) fn from_bits(bits: i64) -> Option<Self> {
        let bits = u8::try_from(bits).ok()?;
        let known = bits & !KNOWN == 0;
        let valid_qos = (bits >> QOS_SHIFT) & QOS_MASK != QOS_MASK;
        (known && valid_qos).then_some(Self(bits))
    }

    pub(crate) fn bits(self) -> u8 {
        self.0
    }

    pub(crate) fn is_sent(self) -> bool {
        self.0 & SENT != 0
    }

    pub(crate) fn direction(self) -> Direction {
        if self.is_sent() { Direction::Sent } else { Direction::Received }
    }

    pub(crate) fn qos(self) -> QoS {
        match (self.0 >> QOS_SHIFT) & QOS_MASK {
            0 => QoS::AtMostOnce,
            1 => QoS::AtLeastOnce,
            _ => QoS::ExactlyOnce,
        }
    }

    pub(crate) fn retain(self) -> bool {
        self.0 & RETAIN != 0
    }

    pub(crate) fn dup(self) -> bool {
        self.0 & DUP != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_combination_comes_back_and_no_other_is_taken() {
        let mut valid = 0;
        for bits in 0..=255_i64 {
            let Some(flags) = Flags::from_bits(bits) else { continue };
            valid += 1;
            let message = Message {
                time_us: 0,
                direction: flags.direction(),
                topic: String::new(),
                qos: flags.qos(),
                retain: flags.retain(),
                dup: flags.dup(),
                payload: Vec::new(),
                properties: Vec::new(),
            };
            assert_eq!(Flags::of(&message), flags);
            assert_eq!(i64::from(flags.bits()), bits);
        }
        assert_eq!(valid, 2 * 3 * 2 * 2);
        assert_eq!(Flags::from_bits(-1), None);
        assert_eq!(Flags::from_bits(256), None);
    }
}
