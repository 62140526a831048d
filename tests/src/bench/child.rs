//! This program again, as the one that is measured.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{ChildStdout, Command, Stdio};

use serde_json::Value;

use super::Outcome;

/// A command that starts this executable again, for the same bench.
///
/// # Errors
/// The operating system does not say where it lies.
pub fn this_again() -> Outcome<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(super::name());
    Ok(command)
}

/// A child that talks in lines of JSON; killed when dropped.
#[derive(Debug)]
pub struct Child {
    process: std::process::Child,
    lines: BufReader<ChildStdout>,
}

impl Child {
    /// Starts this executable again with other arguments.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn again(arguments: &[&str]) -> Outcome<Self> {
        Self::start(this_again()?.args(arguments))
    }

    /// Starts a program whose output is read here.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn start(command: &mut Command) -> Outcome<Self> {
        let mut process = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .map_err(|error| {
                format!("{:?} could not be started: {error}", command.get_program())
            })?;
        let stdout = process.stdout.take().ok_or("the output is piped")?;
        Ok(Self { process, lines: BufReader::new(stdout) })
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// The next line of JSON that it says; none when it has ended. Other lines are passed over.
    ///
    /// # Errors
    /// Its output cannot be read.
    pub fn hear(&mut self) -> Outcome<Option<Value>> {
        let mut line = String::new();
        loop {
            line.clear();
            if self.lines.read_line(&mut line)? == 0 {
                return Ok(None);
            }
            if let Ok(value @ Value::Object(_)) = serde_json::from_str(&line) {
                return Ok(Some(value));
            }
        }
    }

    /// The next line, which must come.
    ///
    /// # Errors
    /// It ended without.
    pub fn told(&mut self) -> Outcome<Value> {
        self.hear()?.ok_or_else(|| "the child ended before it said everything".into())
    }

    /// Whether it has ended.
    ///
    /// # Errors
    /// The operating system does not say.
    pub fn has_ended(&mut self) -> Outcome<bool> {
        Ok(self.process.try_wait()?.is_some())
    }

    /// Kills it in the middle of whatever it does (`SIGKILL`), and gives what it said before.
    ///
    /// # Errors
    /// It cannot be killed, or its output cannot be read.
    pub fn kill(mut self) -> Outcome<Vec<Value>> {
        self.process.kill()?;
        self.process.wait()?;
        let mut said = Vec::new();
        while let Some(value) = self.hear()? {
            said.push(value);
        }
        Ok(said)
    }

    /// Waits until it ends by itself.
    ///
    /// # Errors
    /// It ended with a failure.
    pub fn finish(mut self) -> Outcome<()> {
        let status = self.process.wait()?;
        if status.success() { Ok(()) } else { Err(format!("the child ended with {status}").into()) }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        _ = self.process.kill();
        _ = self.process.wait();
    }
}

/// Runs this executable again to its end, and gives what it said last.
///
/// # Errors
/// It cannot be started, failed, or said nothing.
pub fn run_again(arguments: &[&str]) -> Outcome<Value> {
    let mut child = Child::again(arguments)?;
    let mut last = None;
    while let Some(value) = child.hear()? {
        last = Some(value);
    }
    child.finish()?;
    last.ok_or_else(|| "the child said nothing".into())
}

/// Says a line of JSON to whoever started this process.
///
/// # Errors
/// Nobody listens any more.
pub fn say(value: &Value) -> Outcome<()> {
    let mut stdout = std::io::stdout().lock();
    // Begins anew, behind whatever a test harness has written without an end.
    writeln!(stdout, "\n{value}")?;
    Ok(stdout.flush()?)
}
