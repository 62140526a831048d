//! Packets into a file, a piece at a time: whoever writes decides when to look up, and when to stop.

mod lines;
mod pcapng;

use std::io::{self, Write};
use std::sync::Arc;

use mqttscope_model::{PacketExport, PacketFormat};

use crate::decode;
use crate::tape::{KEPT, Packet};
use crate::timeline::{Picked, Timeline};

/// How packets are written.
trait Form: Send {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()>;
    fn packet(&mut self, of: &Of<'_>, out: &mut dyn Write) -> io::Result<()>;
}

/// A packet that is to be written.
struct Of<'a> {
    timeline: &'a Timeline,
    packet: &'a Packet,
    /// As they were; secrets are still to be masked.
    bytes: &'a [u8],
    secrets: bool,
}

impl Of<'_> {
    /// The bytes as they may be written.
    fn shown(&self) -> Vec<u8> {
        let mut bytes = self.bytes.to_vec();
        if !self.secrets {
            decode::mask(&mut bytes, &decode::decode(self.bytes, self.packet.into()).secrets);
        }
        bytes
    }
}

/// An export on its way. What was kept when it began is written, without what makes room meanwhile.
pub struct Export {
    timeline: Arc<Timeline>,
    picked: Picked,
    /// How many of those were dealt with.
    done: u64,
    written: u64,
    secrets: bool,
    form: Box<dyn Form>,
}

impl Export {
    /// Picks the packets.
    pub fn new(timeline: Arc<Timeline>, export: &PacketExport) -> Self {
        let picked = timeline.picked(&export.filter);
        let form: Box<dyn Form> = match export.format {
            PacketFormat::JsonLines => Box::new(lines::Lines),
            PacketFormat::Pcapng => Box::new(pcapng::Pcapng::default()),
        };
        Self { timeline, picked, done: 0, written: 0, secrets: export.secrets, form }
    }

    /// How many packets there are to deal with.
    pub fn total(&self) -> u64 {
        self.picked.len()
    }

    /// How many were dealt with.
    pub fn done(&self) -> u64 {
        self.done
    }

    /// How many were written; those that are not kept any more were not.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Writes a few packets, some hundred kilobytes. False once all are written.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn step(&mut self, out: &mut dyn Write) -> io::Result<bool> {
        if self.done == 0 {
            self.form.begin(out)?;
        }
        let wanted = self.picked.rest(self.done).map(|number| (number, KEPT));
        let batch = self.timeline.tape().copy(&[], wanted);
        for (packet, bytes) in batch.iter() {
            let (timeline, secrets) = (&*self.timeline, self.secrets);
            self.form.packet(&Of { timeline, packet, bytes, secrets }, out)?;
            self.written += 1;
        }
        self.done += batch.taken as u64;
        Ok(batch.taken > 0)
    }
}

impl std::fmt::Debug for Export {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Export").field("done", &self.done).finish_non_exhaustive()
    }
}
