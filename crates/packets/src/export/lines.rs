//! JSON Lines: a packet a line, with its fields and its bytes.

use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mqttscope_model::{PacketField, PacketRow, ProtocolVersion};
use serde::Serialize;

use super::{Form, Of};
use crate::decode;

pub(super) struct Lines;

#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    row: PacketRow,
    version: ProtocolVersion,
    /// Bytes that are kept, where that is not all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    kept: Option<u64>,
    fields: &'a [PacketField],
    /// Base64.
    bytes: String,
}

impl Form for Lines {
    fn begin(&mut self, _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn packet(&mut self, of: &Of<'_>, out: &mut dyn Write) -> io::Result<()> {
        let context = of.packet.into();
        let decoded = if of.secrets {
            decode::reveal(of.bytes, context)
        } else {
            decode::decode(of.bytes, context)
        };
        let mut bytes = of.bytes.to_vec();
        if !of.secrets {
            decode::mask(&mut bytes, &decoded.secrets);
        }
        let line = Line {
            row: of.timeline.row(of.packet, decoded.gist),
            version: of.packet.version,
            kept: (of.packet.kept < of.packet.size).then_some(of.packet.kept),
            fields: &decoded.fields,
            bytes: STANDARD.encode(&bytes),
        };
        serde_json::to_writer(&mut *out, &line)?;
        out.write_all(b"\n")
    }
}
