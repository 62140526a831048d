//! Processes that end with their owner.

use std::ffi::OsStr;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

/// A process and all its descendants, killed together when this is dropped.
///
/// On Unix it leads a process group of its own: a driver that is killed alone would leave the
/// application running that it started.
#[derive(Debug)]
pub struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts `command` with its output in the file `log`.
    pub fn start(mut command: Command, log: &Path) -> Self {
        let program = command.get_program().to_owned();
        let output = File::create(log).expect("the log can be created");
        let errors = output.try_clone().expect("a file handle can be doubled");
        command.stdin(Stdio::null()).stdout(output).stderr(errors);
        Self::lead_group(&mut command);
        let child = command.spawn().unwrap_or_else(|error| {
            panic!("{} could not be started: {error}", Path::new(&program).display())
        });
        Self { child, log: log.to_owned() }
    }

    /// Whether it runs, or how it ended and what it last said.
    pub fn check(&mut self) -> Result<(), String> {
        match self.child.try_wait() {
            Ok(None) => Ok(()),
            Ok(Some(status)) => Err(format!("it ended with {status}: {}", self.last_words())),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Everything it wrote so far.
    pub fn log(&self) -> String {
        std::fs::read(&self.log)
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default()
    }

    /// Asks it to end (SIGTERM; kill where there are no signals) and waits until it has.
    pub fn end(&mut self) -> ExitStatus {
        self.signal(Signal::Terminate);
        self.child.wait().expect("a child can be waited for")
    }

    fn last_words(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(12)..].join("\n")
    }

    #[cfg(unix)]
    fn lead_group(command: &mut Command) {
        std::os::unix::process::CommandExt::process_group(command, 0);
    }

    #[cfg(not(unix))]
    fn lead_group(_: &mut Command) {}

    #[cfg(unix)]
    fn signal(&mut self, signal: Signal) {
        use nix::sys::signal;
        let group = nix::unistd::Pid::from_raw(self.child.id() as i32);
        // Both fail only where the process is gone already.
        _ = match signal {
            Signal::Terminate => signal::kill(group, signal::SIGTERM),
            Signal::Kill => signal::killpg(group, signal::SIGKILL),
        };
    }

    #[cfg(not(unix))]
    fn signal(&mut self, _: Signal) {
        _ = self.child.kill();
    }
}

enum Signal {
    /// To the process alone, which ends its children itself.
    Terminate,
    /// To the whole group.
    Kill,
}

impl Drop for Process {
    fn drop(&mut self) {
        self.signal(Signal::Kill);
        _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("--- last words of {}\n{}\n---", self.log.display(), self.last_words());
        }
    }
}

/// A program by name: on the PATH, or in the folders for servers, which are not on everyone's PATH.
pub fn program(name: &str) -> Command {
    let servers = ["/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin"];
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path)
        .chain(servers.iter().map(PathBuf::from))
        .map(|folder| folder.join(name))
        .find(|candidate| candidate.is_file());
    Command::new(found.as_deref().map_or(OsStr::new(name), Path::as_os_str))
}
