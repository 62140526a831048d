//! The forms in which a value could stand somewhere, and the search for them.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

/// What is looked for: the name of a secret, and a text of each form of its value.
pub struct Needles(Vec<(&'static str, String)>);

impl Needles {
    /// None yet.
    pub fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a part of a secret's value that occurs nowhere by chance. Letters and digits, so that no escaping of JSON, of
    /// URLs or of `Debug` changes it; and any bytes for what is not text.
    pub fn add(&mut self, name: &'static str, part: &[u8]) {
        assert!(part.len() >= 12, "{name}: too short to be looked for");
        let mut forms = vec![latin(part)];
        let hex = part.iter().fold(String::new(), |mut text, byte| {
            _ = write!(text, "{byte:02x}");
            text
        });
        forms.push(hex.to_uppercase());
        let percent: String = hex
            .as_bytes()
            .chunks(2)
            .flat_map(|pair| ['%', pair[0] as char, pair[1] as char])
            .collect();
        forms.push(percent.to_uppercase());
        forms.push(percent);
        forms.push(hex);
        // As `Debug` shows bytes.
        forms.push(part.iter().map(u8::to_string).collect::<Vec<_>>().join(", "));
        for engine in [STANDARD, URL_SAFE] {
            for offset in 0..3 {
                // Where the value begins in a group of three decides how its bytes are cut; what depends on its
                // neighbours is left out.
                let padded: Vec<u8> =
                    std::iter::repeat_n(0, offset).chain(part.iter().copied()).collect();
                let text = engine.encode(&padded);
                let from = if offset == 0 { 0 } else { 4 };
                forms.push(text[from..padded.len() / 3 * 4].to_owned());
            }
        }
        self.0.extend(forms.into_iter().map(|form| (name, form)));
    }

    /// The names of the secrets that are in `content` in some form.
    pub fn found_in(&self, content: &[u8]) -> Vec<&'static str> {
        let content = latin(content);
        let found = self.0.iter().filter(|(_, form)| content.contains(form));
        let mut names: Vec<_> = found.map(|(name, _)| *name).collect();
        names.dedup();
        names
    }

    /// The files below `folder` that hold some, with their names.
    pub fn found_below(&self, folder: &Path) -> Vec<(PathBuf, Vec<&'static str>)> {
        let mut found = Vec::new();
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                found.extend(self.found_below(&path));
                continue;
            }
            // A name may hold a value as well as a content.
            let mut names = self.found_in(&std::fs::read(&path).unwrap_or_default());
            names.extend(self.found_in(path.to_string_lossy().as_bytes()));
            if !names.is_empty() {
                found.push((path, names));
            }
        }
        found
    }
}

/// Bytes as text, one character for each, so that any bytes can be looked for in any.
fn latin(bytes: &[u8]) -> String {
    bytes.iter().map(|&byte| char::from(byte)).collect()
}

#[test]
fn every_form_of_a_value_is_found() {
    let mut needles = Needles::new();
    needles.add("password", b"Planted0Password");
    for text in [
        "before Planted0Password after".to_owned(),
        format!("{:?}", b"xPlanted0Passwordx".to_vec()),
        format!("{:?}", b"xPlanted0Password"),
        STANDARD.encode("anna:Planted0Password, and more"),
        STANDARD.encode("ann:Planted0Password"),
        URL_SAFE.encode("an:Planted0Password"),
        "506c616e7465643050617373776f7264".to_owned(),
        "%50%6C%61%6E%74%65%64%30%50%61%73%73%77%6F%72%64".to_owned(),
    ] {
        assert_eq!(needles.found_in(text.as_bytes()), ["password"], "{text}");
    }
    assert!(needles.found_in(b"Planted0Passwor").is_empty());
}
