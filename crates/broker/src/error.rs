//! Why the local broker does not run. Most of it a user can only report, so the process's own last
//! words go along as details; the one cause a user can mend, no free port, has its own code.

use std::io;
use std::path::PathBuf;

use mqttscope_model::{ErrorCode, UserError};

/// A cause for which the local broker does not run.
#[derive(Debug, thiserror::Error)]
pub enum BrokerError {
    /// The process could not be started.
    #[error("The local broker's process could not be started: {source}.")]
    Spawn {
        /// What was to be run.
        executable: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// Every port that was tried is taken.
    #[error("The local broker found no free port from {first} to {last}.")]
    NoPort {
        /// The first port tried.
        first: u16,
        /// The last port tried.
        last: u16,
    },
    /// A port could not be listened on for another reason than being taken.
    #[error("The local broker cannot listen on port {port}: {source}.")]
    Listen {
        /// The port.
        port: u16,
        /// The system's reason.
        source: io::Error,
    },
    /// The process ended without being asked to.
    #[error("The local broker ended by itself ({status}).")]
    Ended {
        /// How it ended.
        status: String,
        /// The end of what it wrote to its standard error.
        stderr: String,
    },
    /// The process did not say in time that it listens.
    #[error("The local broker did not start within {seconds} seconds.")]
    TooSlow {
        /// How long was waited.
        seconds: u64,
        /// The end of what it wrote to its standard error.
        stderr: String,
    },
    /// The process's arguments are not two port numbers.
    #[error("The local broker was started with arguments it does not know.")]
    Arguments,
    /// The process could not make its runtime.
    #[error("The local broker's runtime could not be made: {0}.")]
    Runtime(io::Error),
    /// The library stopped serving.
    #[error("The local broker stopped serving: {0}.")]
    Library(String),
    /// The task that keeps the process is gone.
    #[error("The task that keeps the local broker has ended.")]
    KeeperGone,
}

impl BrokerError {
    /// The error as a person sees it.
    pub fn to_user_error(&self) -> UserError {
        let code = match self {
            Self::NoPort { .. } => ErrorCode::BrokerNoPort,
            Self::KeeperGone => ErrorCode::Internal,
            _ => ErrorCode::BrokerFailed,
        };
        let error = UserError::new(code, self.to_string());
        match self {
            Self::Spawn { executable, source } => error
                .hint("Check that the application's file is still where it was started from.")
                .detail("path", executable.display())
                .detail("reason", source),
            Self::NoPort { first, last } => error
                .hint("End a program that listens on one of these ports.")
                .detail("first_port", first)
                .detail("last_port", last),
            Self::Listen { port, source } => error.detail("port", port).detail("reason", source),
            Self::Ended { status, stderr } => {
                error.detail("status", status).detail("evidence", stderr)
            }
            Self::TooSlow { stderr, .. } => error.detail("evidence", stderr),
            Self::Arguments | Self::Runtime(_) | Self::Library(_) | Self::KeeperGone => error,
        }
    }
}

impl From<BrokerError> for UserError {
    fn from(error: BrokerError) -> Self {
        error.to_user_error()
    }
}
