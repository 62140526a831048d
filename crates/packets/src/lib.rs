//! The timeline of Control Packets: what went over the wire, kept as bytes and shown as fields.
//!
//! [`Tape`] keeps the raw bytes of a profile's connections, bounded. [`decode`] reads a packet's fields and faults from
//! them. [`Timeline`] finds pages, filters and exchanges; it decodes only when somebody looks.

mod blocks;
pub mod borders;
pub mod decode;
mod export;
mod tape;
mod timeline;

pub use export::Export;
pub use tape::{Batch, End, Head, Holds, KEPT, Packet, Tape};
pub use timeline::Timeline;
