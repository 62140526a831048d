//! The child process as the application holds it: its reports, the tail of its standard error, and
//! the one way to end it. Ending is closing its standard input; killing is for a process that does
//! not take notice.

use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::wire::Report;
use crate::{ARGUMENT, BrokerError, Ports, Program};

/// How long the process may take to end when it is asked to.
const END_LIMIT: Duration = Duration::from_secs(3);

/// How much of the standard error is kept: a panic's message with a backtrace's beginning.
const TAIL_BYTES: usize = 4096;

/// A broker's process. Dropping it kills the process.
pub(crate) struct Process {
    child: Child,
    /// Held open as long as the process shall live.
    stdin: ChildStdin,
    reports: Lines<BufReader<ChildStdout>>,
    stderr: JoinHandle<Vec<u8>>,
}

/// How a process ended.
pub(crate) struct Ended {
    pub(crate) status: String,
    pub(crate) stderr: String,
}

impl Process {
    /// Starts the process; it has not said anything yet.
    pub(crate) fn spawn(program: &Program, preferred: Ports) -> Result<Self, BrokerError> {
        let mut command = Command::new(&program.executable);
        command
            .args(&program.arguments)
            .arg(ARGUMENT)
            .args([preferred.mqtt.to_string(), preferred.ws.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        // CREATE_NO_WINDOW: a console would open beside the application's window.
        #[cfg(windows)]
        command.creation_flags(0x0800_0000);

        let spawn = |source| BrokerError::Spawn { executable: program.executable.clone(), source };
        let mut child = command.spawn().map_err(spawn)?;
        let (Some(stdin), Some(stdout), Some(stderr)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(spawn(io::ErrorKind::BrokenPipe.into()));
        };
        Ok(Self {
            child,
            stdin,
            reports: BufReader::new(stdout).lines(),
            stderr: tokio::spawn(read_tail(stderr)),
        })
    }

    /// The next report; `None` when there will be no more. Lines that are no report are not ours
    /// (a library that prints) and are passed over. Cancel-safe.
    pub(crate) async fn next_report(&mut self) -> Option<Report> {
        while let Ok(Some(line)) = self.reports.next_line().await {
            if let Ok(report) = serde_json::from_str(&line) {
                return Some(report);
            }
        }
        None
    }

    /// Ends the process and waits until it is gone.
    pub(crate) async fn end(self) -> Ended {
        let Self { mut child, stdin, reports, mut stderr } = self;
        drop(stdin);
        // A process that still writes reports must not wait for a reader.
        drop(reports);
        let status = match timeout(END_LIMIT, child.wait()).await {
            Ok(status) => status,
            Err(_) => match child.start_kill() {
                Ok(()) => child.wait().await,
                Err(error) => Err(error),
            },
        };
        let tail = timeout(END_LIMIT, &mut stderr).await;
        if tail.is_err() {
            stderr.abort();
        }
        let tail = tail.ok().and_then(Result::ok).unwrap_or_default();
        Ended { status: describe(status), stderr: String::from_utf8_lossy(&tail).into_owned() }
    }
}

fn describe(status: io::Result<ExitStatus>) -> String {
    status.map_or_else(|error| error.to_string(), |status| status.to_string())
}

/// Reads to the end, and keeps the last bytes.
async fn read_tail(mut stderr: ChildStderr) -> Vec<u8> {
    let mut tail = Vec::new();
    while matches!(stderr.read_buf(&mut tail).await, Ok(read) if read > 0) {
        let excess = tail.len().saturating_sub(TAIL_BYTES);
        tail.drain(..excess);
    }
    tail
}
