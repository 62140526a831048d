//! Running other programs: said before, checked after.
//!
//! Every program that is started is printed first as a line that can be pasted into a terminal, so
//! that a failure can be repeated by hand without reading this code.

use std::ffi::OsStr;
use std::fmt;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

/// Why a command of `cargo xtask` stopped.
#[derive(Debug)]
pub enum Failure {
    /// A program ended with another status than 0.
    Program {
        /// The line that repeats it.
        line: String,
        /// How it ended.
        status: String,
    },
    /// A program could not be started.
    NotStarted {
        /// The line that was to be run.
        line: String,
        /// What the operating system said.
        cause: std::io::Error,
    },
    /// A file could not be read or written.
    File {
        /// The file.
        path: String,
        /// What the operating system said.
        cause: std::io::Error,
    },
    /// Something else, in words for a person.
    Said(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Program { line, status } => write!(f, "failed ({status}): {line}"),
            Self::NotStarted { line, cause } => write!(f, "could not be started: {line}: {cause}"),
            Self::File { path, cause } => write!(f, "{path}: {cause}"),
            Self::Said(words) => f.write_str(words),
        }
    }
}

impl Failure {
    /// For `map_err` on file operations.
    pub fn file(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.display().to_string();
        move |cause| Self::File { path, cause }
    }
}

/// A program with its arguments, folder and environment.
pub struct Program {
    command: Command,
}

impl Program {
    /// A program, looked for on the PATH.
    ///
    /// What `cargo run` told this program about itself is kept from it: build scripts that read
    /// `CARGO_PKG_NAME` and the like would run again, and all that depends on them be built anew,
    /// whenever cargo is called from here after it was called from a terminal, or the other way.
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy().into_owned();
            if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
                command.env_remove(name);
            }
        }
        Self { command }
    }

    /// The cargo that runs this xtask.
    pub fn cargo() -> Self {
        Self::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
    }

    /// Adds arguments.
    pub fn args<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.command.args(arguments);
        self
    }

    /// The folder to run in.
    pub fn folder(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Sets an environment variable.
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs it with its output on the terminal; an error where it does not end with status 0.
    pub fn run(mut self) -> Result<(), Failure> {
        let line = self.announce();
        let status = self.command.status().map_err(not_started(&line))?;
        if status.success() {
            return Ok(());
        }
        Err(Failure::Program { line, status: status.to_string() })
    }

    /// Runs it, shows its standard output line by line, and hands each line to `see`.
    pub fn watch(mut self, see: &mut dyn FnMut(&str)) -> Result<(), Failure> {
        let line = self.announce();
        let mut child = self.command.stdout(Stdio::piped()).spawn().map_err(not_started(&line))?;
        if let Some(output) = child.stdout.take() {
            let mut output = BufReader::new(output);
            let mut bytes = Vec::new();
            while output.read_until(b'\n', &mut bytes).is_ok_and(|count| count > 0) {
                let text = String::from_utf8_lossy(&bytes);
                print!("{text}");
                see(text.trim_end());
                bytes.clear();
            }
        }
        let status = child.wait().map_err(not_started(&line))?;
        if status.success() {
            return Ok(());
        }
        Err(Failure::Program { line, status: status.to_string() })
    }

    /// Runs it unseen and returns its standard output; an error where it does not end with 0.
    pub fn output(mut self) -> Result<String, Failure> {
        let line = self.line();
        let done = self
            .command
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .output()
            .map_err(not_started(&line))?;
        if done.status.success() {
            return Ok(String::from_utf8_lossy(&done.stdout).into_owned());
        }
        let words = String::from_utf8_lossy(&done.stderr).trim().to_owned();
        Err(Failure::Program { line, status: format!("{}: {words}", done.status) })
    }

    /// Runs it unseen and says whether it ended with 0.
    pub fn succeeds(mut self) -> bool {
        self.command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    }

    fn announce(&self) -> String {
        let line = self.line();
        println!("$ {line}");
        line
    }

    /// The line that repeats it in a terminal from the repository's root.
    fn line(&self) -> String {
        let mut words: Vec<String> = Vec::new();
        let root = crate::workspace::root();
        if let Some(folder) = self.command.get_current_dir().filter(|folder| *folder != root) {
            words.push(format!("cd {} &&", folder.strip_prefix(root).unwrap_or(folder).display()));
        }
        for (name, value) in self.command.get_envs() {
            let Some(value) = value.map(OsStr::to_string_lossy) else { continue };
            words.push(format!("{}={}", name.to_string_lossy(), quoted(&value)));
        }
        let program = Path::new(self.command.get_program());
        let name = program.file_name().unwrap_or(program.as_os_str()).to_string_lossy();
        let own = program.starts_with(root);
        words.push(if own { program.display().to_string() } else { name.into_owned() });
        words.extend(self.command.get_args().map(|word| quoted(&word.to_string_lossy())));
        words.join(" ")
    }
}

fn not_started(line: &str) -> impl FnOnce(std::io::Error) -> Failure {
    let line = line.to_owned();
    move |cause| Failure::NotStarted { line, cause }
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@+%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_can_be_pasted_into_a_terminal() {
        let program = Program::new("echo").args(["a b", "it's", "--x=1"]).env("LANG", "C");
        assert_eq!(program.line(), r"LANG=C echo 'a b' 'it'\''s' --x=1");
    }

    #[cfg(unix)]
    #[test]
    fn a_failing_program_says_which_line_failed_and_how() {
        let failure = Program::new("sh").args(["-c", "echo no >&2; exit 3"]).output();
        let words = failure.unwrap_err().to_string();
        assert!(words.contains("exit status: 3: no"), "{words}");
        assert!(words.contains("sh -c 'echo no >&2; exit 3'"), "{words}");
    }

    #[cfg(unix)]
    #[test]
    fn every_line_of_a_watched_program_is_seen_even_where_it_is_not_utf8() {
        let mut seen = Vec::new();
        let program = Program::new("printf").args(["one\\n\\377two\\nthree"]);
        program.watch(&mut |line| seen.push(line.to_owned())).unwrap();
        assert_eq!(seen, ["one", "\u{fffd}two", "three"]);
    }
}
