//! The built-in local broker, so that the main job needs nothing but this application.
//!
//! It is the library `rmqtt`, run in a child process of the same executable. A process of its own is
//! the price of a clean stop: inside one process the library can only be aborted, and its old
//! clients would be served on. In exchange the broker's memory and its panics stay its own, and it
//! ends with the application even when that is killed, because its standard input ends then.
//!
//! [`LocalBroker`] is the application's side; it names nothing of the library. `main` asks
//! [`is_broker_process`] first and becomes the broker with [`run_broker_process`].

mod clients;
mod error;
mod keeper;
mod ports;
mod process;
mod retained;
mod routes;
mod sharing;
mod websocket;
mod wire;
mod worker;

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::OnceLock;

use mqttscope_model::{BrokerState, UserError};
use tokio::sync::{mpsc, oneshot, watch};

pub use error::BrokerError;
pub use ports::Ports;
pub use worker::{is_broker_process, run_broker_process};

use keeper::{Keeper, Request};

/// The argument that makes the executable a broker; two port numbers follow it.
const ARGUMENT: &str = "--local-broker";

/// What is run as the broker.
#[derive(Clone, Debug)]
struct Program {
    executable: PathBuf,
    arguments: Vec<OsString>,
}

/// The local broker as the application sees it: at most one child process at a time.
///
/// Dropping it ends the broker.
#[derive(Debug)]
pub struct LocalBroker {
    program: Program,
    state: watch::Sender<BrokerState>,
    /// The keeper's mailbox; the keeper is spawned by the first start, so that a broker that is
    /// never started needs no runtime.
    keeper: OnceLock<mpsc::Sender<Request>>,
}

impl LocalBroker {
    /// A broker that is not running yet. `executable` must call [`run_broker_process`] when
    /// [`is_broker_process`] says so; `arguments` come before the hidden argument.
    pub fn new(
        executable: PathBuf,
        arguments: impl IntoIterator<Item = impl Into<OsString>>,
    ) -> Self {
        let arguments = arguments.into_iter().map(Into::into).collect();
        let (state, _) = watch::channel(BrokerState::Stopped);
        Self { program: Program { executable, arguments }, state, keeper: OnceLock::new() }
    }

    /// Starts the broker on `preferred` or the next free ports above, and answers with the ports
    /// once it listens. A broker that runs already answers with the ports it has. When the call is
    /// dropped the start goes on.
    ///
    /// # Errors
    /// [`BrokerError`] as the user sees it: `broker.no_port` or `broker.failed`.
    pub async fn start(&self, preferred: Ports) -> Result<Ports, UserError> {
        let (reply, answer) = oneshot::channel();
        let keeper = self.keeper.get_or_init(|| {
            let (mailbox, requests) = mpsc::channel(8);
            tokio::spawn(Keeper::new(self.program.clone(), self.state.clone(), requests).run());
            mailbox
        });
        let gone = || BrokerError::KeeperGone.to_user_error();
        keeper.send(Request::Start { preferred, reply }).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }

    /// Ends the broker and waits until its process is gone, with every connection to it. Does
    /// nothing when it is not running; clears a failure.
    pub async fn stop(&self) {
        let Some(keeper) = self.keeper.get() else { return };
        let (reply, answer) = oneshot::channel();
        if keeper.send(Request::Stop { reply }).await.is_ok() {
            // No answer means that the keeper has ended, and the process with it.
            let _ = answer.await;
        }
    }

    /// The broker's state, now and as it changes; clients at most four times a second.
    pub fn state(&self) -> watch::Receiver<BrokerState> {
        self.state.subscribe()
    }
}
