//! The task that owns the broker's process. It alone starts, watches and ends it, and it alone sets
//! the state, so starts and stops that come at once are put in a row by its mailbox.

use std::time::Duration;

use mqttscope_model::{BrokerState, UserError};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, sleep_until};

use crate::process::Process;
use crate::wire::Report;
use crate::{BrokerError, Ports, Program};

/// How long the process may take to listen. It takes well under a second; a virus scanner that
/// looks at the executable first may take several.
const START_LIMIT: Duration = Duration::from_secs(20);

type StartReply = oneshot::Sender<Result<Ports, UserError>>;

/// What the keeper is asked for.
#[derive(Debug)]
pub(crate) enum Request {
    /// Let the broker run.
    Start { preferred: Ports, reply: StartReply },
    /// Let it not run.
    Stop { reply: oneshot::Sender<()> },
}

/// Why a process is not watched any longer.
enum End {
    /// Somebody asked for it.
    Stopped(oneshot::Sender<()>),
    /// The application's handle was dropped.
    Abandoned,
    /// The process said why it cannot go on.
    Failed(UserError),
    /// The process closed its standard output without a word.
    Silent,
    /// The process did not listen in time.
    TooSlow,
}

/// See the module.
pub(crate) struct Keeper {
    program: Program,
    state: watch::Sender<BrokerState>,
    requests: mpsc::Receiver<Request>,
}

impl Keeper {
    /// A keeper without a process.
    pub(crate) fn new(
        program: Program,
        state: watch::Sender<BrokerState>,
        requests: mpsc::Receiver<Request>,
    ) -> Self {
        Self { program, state, requests }
    }

    /// Serves requests until the application's handle is dropped.
    pub(crate) async fn run(mut self) {
        while let Some(request) = self.requests.recv().await {
            match request {
                Request::Start { preferred, reply } => self.keep(preferred, reply).await,
                Request::Stop { reply } => {
                    self.state.send_replace(BrokerState::Stopped);
                    let _ = reply.send(());
                }
            }
        }
    }

    /// One process from its start to its end.
    async fn keep(&mut self, preferred: Ports, reply: StartReply) {
        self.state.send_replace(BrokerState::Starting);
        let mut starters = Starters { waiting: vec![reply], ports: None };
        let mut process = match Process::spawn(&self.program, preferred) {
            Ok(process) => process,
            Err(error) => return self.fail(error.to_user_error(), starters),
        };
        let end = self.watch(&mut process, &mut starters).await;
        let ended = process.end().await;
        match end {
            End::Stopped(reply) => {
                self.state.send_replace(BrokerState::Stopped);
                let _ = reply.send(());
            }
            End::Abandoned => {
                self.state.send_replace(BrokerState::Stopped);
            }
            End::Failed(error) => self.fail(error.detail("evidence", ended.stderr), starters),
            End::Silent => {
                let error = BrokerError::Ended { status: ended.status, stderr: ended.stderr };
                self.fail(error.to_user_error(), starters);
            }
            End::TooSlow => {
                let seconds = START_LIMIT.as_secs();
                let error = BrokerError::TooSlow { seconds, stderr: ended.stderr };
                self.fail(error.to_user_error(), starters);
            }
        }
    }

    async fn watch(&mut self, process: &mut Process, starters: &mut Starters) -> End {
        let deadline = Instant::now() + START_LIMIT;
        loop {
            tokio::select! {
                report = process.next_report() => match report {
                    Some(Report::Listening(ports)) => {
                        self.state.send_replace(BrokerState::Running {
                            mqtt_port: ports.mqtt,
                            ws_port: ports.ws,
                            clients: Vec::new(),
                        });
                        starters.listening(ports);
                    }
                    Some(Report::Clients(now)) => self.state.send_modify(|state| {
                        if let BrokerState::Running { clients, .. } = state {
                            *clients = now;
                        }
                    }),
                    Some(Report::Failed(error)) => return End::Failed(error),
                    None => return End::Silent,
                },
                request = self.requests.recv() => match request {
                    Some(Request::Start { reply, .. }) => starters.join(reply),
                    Some(Request::Stop { reply }) => return End::Stopped(reply),
                    None => return End::Abandoned,
                },
                () = sleep_until(deadline), if starters.ports.is_none() => return End::TooSlow,
            }
        }
    }

    fn fail(&self, error: UserError, starters: Starters) {
        self.state.send_replace(BrokerState::Failed { error: error.clone() });
        starters.failed(&error);
    }
}

/// Who waits for the broker to listen.
struct Starters {
    waiting: Vec<StartReply>,
    ports: Option<Ports>,
}

impl Starters {
    fn join(&mut self, reply: StartReply) {
        match self.ports {
            Some(ports) => drop(reply.send(Ok(ports))),
            None => self.waiting.push(reply),
        }
    }

    fn listening(&mut self, ports: Ports) {
        self.ports = Some(ports);
        for reply in self.waiting.drain(..) {
            let _ = reply.send(Ok(ports));
        }
    }

    fn failed(self, error: &UserError) {
        for reply in self.waiting {
            let _ = reply.send(Err(error.clone()));
        }
    }
}
