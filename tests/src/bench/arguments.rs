//! The words behind `cargo xtask bench <name>`.

use std::str::FromStr;

use super::Outcome;

/// The name of the bench that this process runs: its first word.
pub fn name() -> Option<String> {
    words().next()
}

/// The words of this process. `cargo bench` adds a `--bench`, which nobody asks for.
fn words() -> impl Iterator<Item = String> {
    std::env::args().skip(1).filter(|word| word != "--bench")
}

/// What a bench was called with, behind its name.
#[derive(Clone, Debug)]
pub struct Arguments(Vec<String>);

impl Arguments {
    /// Those of this process.
    pub fn of_process() -> Self {
        Self(words().skip(1).collect())
    }

    /// All of them.
    pub fn words(&self) -> &[String] {
        &self.0
    }

    /// Whether a word is there.
    pub fn has(&self, word: &str) -> bool {
        self.0.iter().any(|known| known == word)
    }

    /// Whether the bench is only tried: fewer messages, and a report under another name.
    pub fn quick(&self) -> bool {
        self.has("--quick")
    }

    /// The words that follow a word, where it is there.
    pub fn after(&self, word: &str) -> Option<&[String]> {
        let at = self.0.iter().position(|known| known == word)?;
        self.0.get(at + 1..)
    }

    /// The number that follows a word, or `otherwise`.
    ///
    /// # Errors
    /// What follows is no such number.
    pub fn number<T: FromStr>(&self, word: &str, otherwise: T) -> Outcome<T> {
        match self.after(word) {
            None => Ok(otherwise),
            Some(rest) => {
                let text = rest.first().ok_or_else(|| format!("{word} wants a number"))?;
                Ok(text.parse().map_err(|_| format!("{word} wants a number, not {text:?}"))?)
            }
        }
    }
}
