//! mosquitto's clients: pasted command lines, and their options files.
//!
//! Both are a list of options with the line each stands on; [`options`] makes a profile of it.

mod names;
pub(super) mod options;
mod properties;
mod words;

use super::draft::found;
use crate::error::{ImportError, ImportFault, Place};
use crate::found::{Found, ImportFormat};
use options::Word;

const PROGRAMS: [&str; 3] = ["mosquitto_sub", "mosquitto_pub", "mosquitto_rr"];

/// Whether the first thing that is said is a call of one of the programs.
pub(super) fn is_command(text: &str) -> bool {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'));
    line.is_some_and(|line| line.split_whitespace().take(8).any(is_program))
}

/// Whether a word is one of the programs, with or without its folder and `.exe`.
fn is_program(word: &str) -> bool {
    let name = word.trim_matches(['"', '\'']).rsplit(['/', '\\']).next().unwrap_or_default();
    PROGRAMS.contains(&name.strip_suffix(".exe").unwrap_or(name))
}

/// Reads command lines: each becomes a profile.
pub(super) fn command(text: &str) -> Result<Found, ImportError> {
    let mut drafts = Vec::new();
    for command in words::commands(text)? {
        let Some(program) = command.iter().position(|word| is_program(&word.text)) else {
            continue;
        };
        let publishes = command.get(program).is_some_and(|word| word.text.contains("_pub"));
        let options = command.get(program + 1..).unwrap_or_default();
        let options: Vec<_> = options.iter().flat_map(split_equals).collect();
        drafts.push(options::profile(&options, !publishes)?);
    }
    found(ImportFormat::MosquittoCommand, drafts, Vec::new(), Vec::new())
}

/// `--option=value` as people write it who are used to other programs.
fn split_equals(word: &Word) -> Vec<Word> {
    match word.text.split_once('=') {
        Some((name, value)) if name.starts_with("--") && !value.is_empty() => {
            let with = |text: &str| Word { text: text.to_owned(), line: word.line };
            vec![with(name), with(value)]
        }
        _ => vec![word.clone()],
    }
}

/// Whether every line that says something is an option, and one of them is known.
pub(super) fn is_options(text: &str) -> bool {
    let mut lines = said(text).map(|(_, line)| line).peekable();
    lines.peek().is_some()
        && lines.clone().all(|line| {
            line.starts_with('-') && !line.starts_with("---") && !line.starts_with("- ")
        })
        && lines.any(|line| names::is_known(line.split(' ').next().unwrap_or_default()))
}

fn said(text: &str) -> impl Iterator<Item = (usize, &str)> + Clone {
    let lines = text.lines().enumerate().map(|(index, line)| (index + 1, line));
    lines.filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'))
}

/// Reads an options file: one option a line, its value behind the first space, with no quotes around it.
pub(super) fn options_file(text: &str) -> Result<Found, ImportError> {
    let mut options = Vec::new();
    for (line, content) in said(text) {
        if !content.starts_with('-') {
            let fault = ImportFault::Shape("an option that begins with -");
            return Err(ImportError::new(Place::Line { line, column: 1 }, fault));
        }
        let (name, value) = content.split_once(' ').unwrap_or((content, ""));
        options.push(Word { text: name.to_owned(), line });
        // A property is three words.
        let parts = if matches!(name, "-D" | "--property") { 4 } else { 1 };
        let values = value.splitn(parts, ' ').filter(|value| !value.is_empty());
        options.extend(values.map(|value| Word { text: value.to_owned(), line }));
    }
    let draft = options::profile(&options, true)?;
    found(ImportFormat::MosquittoOptions, vec![draft], Vec::new(), Vec::new())
}
