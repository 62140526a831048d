//! How many tests passed and failed, read from what the test programs print.
//!
//! Read and not asked for: cargo's JSON output of tests is unstable, and the plain closing lines
//! have not changed in years. A step that prints no count counts as one.

/// Tests passed and failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many passed.
    pub passed: u64,
    /// How many failed.
    pub failed: u64,
}

impl Tally {
    /// Adds another count to this one.
    pub fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }

    /// Adds what a line of output counts, where it counts anything.
    pub fn read(&mut self, line: &str) {
        self.add(counted(&without_colours(line)).unwrap_or_default());
    }
}

/// The count in `test result: ok. 3 passed; 0 failed; ...` (Rust) or in `Tests  1 failed | 2 passed
/// (3)` (Vitest).
fn counted(line: &str) -> Option<Tally> {
    let counts = line
        .strip_prefix("test result: ")
        .or_else(|| line.trim_start().strip_prefix("Tests ").filter(|rest| rest.ends_with(')')))?;
    Some(Tally { passed: before(counts, "passed"), failed: before(counts, "failed") })
}

fn before(text: &str, word: &str) -> u64 {
    let words: Vec<&str> =
        text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty()).collect();
    words
        .windows(2)
        .find_map(|pair| match pair {
            [number, name] if *name == word => number.parse().ok(),
            _ => None,
        })
        .unwrap_or(0)
}

fn without_colours(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut rest = line.chars();
    while let Some(c) = rest.next() {
        if c == '\u{1b}' {
            rest.by_ref().find(char::is_ascii_alphabetic);
        } else {
            plain.push(c);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(lines: &[&str], passed: u64, failed: u64) {
        let mut tally = Tally::default();
        lines.iter().for_each(|line| tally.read(line));
        assert_eq!(tally, Tally { passed, failed });
    }

    #[test]
    fn rust_tests_are_summed_over_their_programs() {
        check(
            &[
                "running 3 tests",
                "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out",
                "test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out",
            ],
            4,
            2,
        );
    }

    #[test]
    fn vitest_counts_its_tests_and_not_its_files() {
        check(&[" Test Files  9 passed (9)", "      Tests  1 failed | 40 passed (41)"], 40, 1);
        check(&["\u{1b}[2m      Tests \u{1b}[22m \u{1b}[1m\u{1b}[32m7 passed\u{1b}[39m (7)"], 7, 0);
    }

    #[test]
    fn other_lines_count_nothing() {
        check(&["12 passed", "Tests are good", "test passed ... ok", ""], 0, 0);
    }
}
