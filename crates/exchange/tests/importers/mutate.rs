//! Damage: what happens to files on their way, and what somebody does who wants the importers to fall.

use std::io::{Cursor, Read as _};

use super::corpus::workbook_of;

/// A small generator of numbers; the same seed gives the same damage.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number below `end`, which may be 0.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end.max(1)).unwrap()).unwrap()
    }

    fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }
}

/// Pieces that mean something to one of the formats.
const PIECES: [&str; 48] = [
    "\"",
    "'",
    "\\",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    ";",
    "<",
    ">",
    "</",
    "/>",
    "&amp;",
    "&x;",
    "&#0;",
    "&#x10ffff;",
    "<!DOCTYPE a [<!ENTITY x \"y\">]>",
    "<![CDATA[",
    "]]>",
    "<!--",
    "\u{0}",
    "\u{feff}",
    "\n",
    "\r\n",
    "\t",
    "null",
    "true",
    "-1",
    "0",
    "65536",
    "4294967296",
    "9223372036854775808",
    "1e999",
    "0.5",
    "\\ud800",
    "TYPE_NULL",
    "EMPTY_OBJECT",
    "=\"5.0\"",
    "&a *a",
    "<<: *a",
    "- - - -",
    "? :",
    "--",
    "-P",
    "mqtt://",
    "\u{4f60}",
];

/// One of the files with some damage.
pub fn damaged(bytes: &[u8], others: &[(&str, Vec<u8>)], dice: &mut Dice) -> Vec<u8> {
    if bytes.starts_with(b"PK") && dice.below(4) > 0 {
        return damaged_workbook(bytes, others, dice);
    }
    if bytes.starts_with(b"SQLite") {
        return damaged_pages(bytes.to_vec(), dice);
    }
    if dice.below(3) == 0
        && let Ok(mut value) = serde_json::from_slice::<serde_json::Value>(bytes)
    {
        for _ in 0..=dice.below(3) {
            change(&mut value, dice, 0);
        }
        return serde_json::to_vec(&value).unwrap();
    }
    let mut bytes = bytes.to_vec();
    for _ in 0..=dice.below(2) {
        one(&mut bytes, others, dice);
    }
    bytes
}

fn one(bytes: &mut Vec<u8>, others: &[(&str, Vec<u8>)], dice: &mut Dice) {
    let at = dice.below(bytes.len());
    let end = (at + dice.below(40)).min(bytes.len());
    match dice.below(9) {
        0 => {
            for _ in 0..=dice.below(4) {
                let at = dice.below(bytes.len());
                if let Some(byte) = bytes.get_mut(at) {
                    // Mostly within ASCII: what is no UTF-8 is stopped at the door.
                    let bits = if dice.below(16) == 0 { 8 } else { 7 };
                    *byte ^= 1 << dice.below(bits);
                }
            }
        }
        1 => bytes.truncate(at),
        2 => drop(bytes.drain(at..end)),
        3 => {
            let piece = bytes[at..end].to_vec();
            let to = dice.below(bytes.len());
            bytes.splice(to..to, piece);
        }
        4 | 5 => drop(bytes.splice(at..at, dice.pick(&PIECES).bytes())),
        6 => drop(bytes.splice(at..end, dice.pick(&PIECES).bytes())),
        7 => {
            let random: Vec<u8> =
                (0..dice.below(6)).map(|_| dice.next().to_le_bytes()[0] & 0x7f).collect();
            bytes.splice(at..at, random);
        }
        _ => {
            let (_, other) = dice.pick(others);
            let from = dice.below(other.len());
            let to = (from + dice.below(400)).min(other.len());
            bytes.splice(at..end, other[from..to].iter().copied());
        }
    }
}

/// Changes one node of a JSON tree.
fn change(value: &mut serde_json::Value, dice: &mut Dice, depth: usize) {
    use serde_json::{Value, json};
    let deeper = depth == 0 || dice.below(4) > 0;
    match value {
        Value::Array(list) if deeper && !list.is_empty() => {
            let at = dice.below(list.len());
            match dice.below(8) {
                0 => drop(list.remove(at)),
                1 => list.push(list[at].clone()),
                _ => change(&mut list[at], dice, depth + 1),
            }
        }
        Value::Object(map) if deeper && !map.is_empty() => {
            let at = dice.below(map.len());
            let name = map.keys().nth(at).cloned().unwrap();
            match dice.below(10) {
                0 => drop(map.remove(&name)),
                1 => {
                    let moved = map.remove(&name).unwrap();
                    map.insert((*dice.pick(&PIECES)).to_owned(), moved);
                }
                _ => change(map.get_mut(&name).unwrap(), dice, depth + 1),
            }
        }
        other => {
            let odd = [
                json!(null),
                json!(true),
                json!(-1),
                json!(70_000),
                json!(4_294_967_296_u64),
                json!(1e300),
                json!(""),
                json!("5"),
                json!([]),
                json!({}),
                json!([[[[1]]]]),
                json!({"type": "Buffer", "data": [1, 256]}),
                json!({"type": "Buffer", "data": [255, 0]}),
                json!("x".repeat(70_000)),
                json!(["a", "b"]),
                json!("\u{0}"),
            ];
            *other = dice.pick(&odd).clone();
        }
    }
}

/// Damages the XML inside and packs it again; the checksums would stop all else at the door.
fn damaged_workbook(bytes: &[u8], others: &[(&str, Vec<u8>)], dice: &mut Dice) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut parts = Vec::new();
    for name in ["xl/sharedStrings.xml", "xl/worksheets/sheet1.xml"] {
        let mut part = Vec::new();
        archive.by_name(name).unwrap().read_to_end(&mut part).unwrap();
        if dice.below(2) == 0 {
            one(&mut part, others, dice);
        }
        parts.push((name, String::from_utf8_lossy(&part).into_owned()));
    }
    let parts: Vec<_> = parts.iter().map(|(name, text)| (*name, text.as_str())).collect();
    workbook_of(&parts)
}

/// Damages bytes, or puts one page in the place of another.
fn damaged_pages(mut bytes: Vec<u8>, dice: &mut Dice) -> Vec<u8> {
    const PAGE: usize = 4096;
    match dice.below(6) {
        0 => bytes.truncate(dice.below(bytes.len())),
        1 => {
            let pages = bytes.len() / PAGE;
            let (from, to) = (dice.below(pages) * PAGE, dice.below(pages) * PAGE);
            bytes.copy_within(from..from + PAGE, to);
        }
        _ => {
            for _ in 0..=dice.below(12) {
                // Most bytes are free space; what counts is at the beginnings and ends of pages.
                let page = dice.below(bytes.len() / PAGE) * PAGE;
                let place =
                    if dice.below(2) == 0 { dice.below(100) } else { PAGE - 1 - dice.below(900) };
                bytes[page + place] = dice.next().to_le_bytes()[0];
            }
        }
    }
    bytes
}
