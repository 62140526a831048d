//! Between the dialled stream and the MQTT library.
//!
//! The library reads up to 128 packets in one batch and, when one of them ends the connection, throws the whole batch
//! away, messages included. Reading one packet at a time would prevent that at two to three times the CPU.
//! [`Wire`] prevents it otherwise: it hands over one read of the socket per batch, cut before any packet that could end
//! the connection after a message. Because it knows the packets' borders, it also holds reading back between
//! packets, answers the library's pings while it does, gathers acknowledgements into one write, keeps what the library
//! does not tell (the bytes of CONNACK, DISCONNECT and of anything that is no MQTT), shows it a PUBREL in a form that it
//! answers, and speaks MQTT 3.1.

mod facts;
mod pings;
mod reading;
mod rename;
mod splitter;
mod stall;
mod stream;
mod tape;
mod told;
mod words;
mod writing;

pub(crate) use facts::{End, Facts, LateTls, Shared};
pub(crate) use stream::{Explain, Wire};
pub(crate) use told::{Form, Raw, Told, properties, told};
