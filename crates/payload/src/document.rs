//! A payload that is looked at several times: what a view needs to know of the whole is found
//! out once, when it is first asked for.

use std::sync::OnceLock;

use crate::{Fault, MAX_LIMIT, MIN_LIMIT, PayloadView, ViewKind, base64, hex, json, text};

/// A payload and what was found out about it. Pieces of all kinds cost as much as their length.
#[derive(Debug)]
pub struct Document<B> {
    bytes: B,
    text: OnceLock<Option<Fault>>,
    json: OnceLock<Result<json::Index, Fault>>,
}

impl<B: AsRef<[u8]>> Document<B> {
    /// Wraps a payload; nothing is read yet.
    pub fn new(bytes: B) -> Self {
        Self { bytes, text: OnceLock::new(), json: OnceLock::new() }
    }

    /// The payload.
    pub fn bytes(&self) -> &[u8] {
        self.bytes.as_ref()
    }

    /// A piece of at most `limit` characters, from byte `offset` on.
    ///
    /// `limit` is brought into [`MIN_LIMIT`]..=[`MAX_LIMIT`]. What is no JSON is shown as text by the
    /// JSON view, with its fault. An offset beyond the end gives an empty last piece.
    pub fn view(&self, kind: ViewKind, offset: u64, limit: u32) -> PayloadView {
        let bytes = self.bytes.as_ref();
        let offset = usize::try_from(offset).map_or(bytes.len(), |offset| offset.min(bytes.len()));
        let limit = limit.clamp(MIN_LIMIT, MAX_LIMIT) as usize;
        let (piece, fault) = match kind {
            ViewKind::Text => (text::piece(bytes, offset, limit), self.text_fault()),
            ViewKind::Hex => (hex::piece(bytes, offset, limit), None),
            ViewKind::Base64 => (base64::piece(bytes, offset, limit), None),
            ViewKind::Json => match self.json_index() {
                Ok(index) => (index.piece(bytes, offset, limit), None),
                Err(fault) => (text::piece(bytes, offset, limit), Some(*fault)),
            },
        };
        PayloadView {
            kind,
            text: piece.text,
            valid: fault.is_none(),
            problem: fault.map(|fault| fault.to_string()).unwrap_or_default(),
            fault,
            offset: piece.begin as u64,
            next_offset: (piece.end < bytes.len()).then_some(piece.end as u64),
            total_bytes: bytes.len() as u64,
        }
    }

    /// Why the payload is no JSON; none where it is.
    pub fn json_fault(&self) -> Option<Fault> {
        self.json_index().as_ref().err().copied()
    }

    /// The first byte that is not UTF-8; none where all are.
    pub fn text_fault(&self) -> Option<Fault> {
        *self.text.get_or_init(|| text::fault(self.bytes.as_ref()))
    }

    fn json_index(&self) -> &Result<json::Index, Fault> {
        self.json.get_or_init(|| match self.text_fault() {
            Some(fault) => Err(fault),
            None => json::Index::build(self.bytes.as_ref()),
        })
    }
}
