//! A text as a POSIX shell, or Windows' prompt, would split it: quotes, backslashes, lines that go on, comments, and where one command ends.
//! Nothing is run and no variable is looked up.

use super::options::Word;
use crate::error::{ImportError, ImportFault, Place};

/// The commands of a text, each as its words.
pub(super) fn commands(text: &str) -> Result<Vec<Vec<Word>>, ImportError> {
    let mut splitter = Splitter { line: 1, ..Splitter::default() };
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('\r') => {
                    chars.next_if_eq(&'\n');
                    splitter.line += 1;
                }
                Some('\n') => splitter.line += 1,
                // A backslash in front of a letter is one of Windows' paths.
                Some(next) if next.is_alphanumeric() => splitter.extend(&['\\', next]),
                Some(next) => splitter.extend(&[next]),
                None => {}
            },
            // Windows' prompt goes on behind ^ at the end of a line.
            '^' if matches!(chars.peek(), Some('\r' | '\n')) => {
                chars.next_if_eq(&'\r');
                chars.next_if_eq(&'\n');
                splitter.line += 1;
            }
            '\'' | '"' => splitter.quoted(c, &mut chars)?,
            '#' if splitter.word.is_none() => while chars.next_if(|c| *c != '\n').is_some() {},
            '\n' => {
                splitter.end_command();
                splitter.line += 1;
            }
            '|' | ';' | '&' => splitter.end_command(),
            c if c.is_whitespace() => splitter.end_word(),
            c => splitter.extend(&[c]),
        }
    }
    splitter.end_command();
    Ok(splitter.commands)
}

#[derive(Default)]
struct Splitter {
    commands: Vec<Vec<Word>>,
    words: Vec<Word>,
    word: Option<String>,
    line: usize,
}

impl Splitter {
    fn extend(&mut self, chars: &[char]) {
        self.word.get_or_insert_default().extend(chars);
    }

    fn end_word(&mut self) {
        if let Some(text) = self.word.take() {
            self.words.push(Word { text, line: self.line });
        }
    }

    fn end_command(&mut self) {
        self.end_word();
        if !self.words.is_empty() {
            self.commands.push(std::mem::take(&mut self.words));
        }
    }

    fn quoted(
        &mut self,
        quote: char,
        chars: &mut std::iter::Peekable<std::str::Chars<'_>>,
    ) -> Result<(), ImportError> {
        let begin = self.line;
        self.extend(&[]);
        while let Some(c) = chars.next() {
            match c {
                c if c == quote => return Ok(()),
                '\\' if quote == '"' && matches!(chars.peek(), Some('"' | '\\' | '$' | '`')) => {
                    let next = chars.next();
                    self.extend(next.as_slice());
                }
                c => {
                    self.line += usize::from(c == '\n');
                    self.extend(&[c]);
                }
            }
        }
        let fault = ImportFault::Syntax("a quote is opened and never closed".to_owned());
        Err(ImportError::new(Place::Line { line: begin, column: 0 }, fault))
    }
}
