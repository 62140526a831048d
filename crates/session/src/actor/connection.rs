//! One connection, from the dial to its end.
//!
//! The library's poll runs beside everything else and is never abandoned while a connection is to go on: the
//! task drops it only to end the attempt or the connection for good.

use std::net::SocketAddr;
use std::sync::Arc;

use mqttscope_model::{ConnackInfo, ConnectStage, ErrorCode, SessionState, TlsInfo, UserError};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::ReusableBoxFuture;

use futures_util::StreamExt as _;

use super::attempt::Account;
use super::closing::{Closing, farewell};
use super::{Actor, Next};
use crate::client::{Client, Context, Event, Failure, Polled, Received, Requests, explain, now_us};
use crate::dial::{Dialler, Progress};
use crate::handle::PublishRequest;
use crate::policy::Verdict;
use crate::wire::Shared;

/// Messages taken from the mailbox at a time.
const PUBLISH_BATCH: usize = 64;

/// A connection that is there.
pub(super) struct Live {
    pub(super) requests: Requests,
    pub(super) connack: ConnackInfo,
    since: Instant,
}

/// What one connection knows.
pub(super) struct Connection {
    pub(super) account: Account,
    shared: Arc<Shared>,
    progress: mpsc::UnboundedReceiver<Progress>,
    pub(super) requests: Requests,
    address: Option<SocketAddr>,
    tls: Option<TlsInfo>,
    dial_error: Option<(ConnectStage, UserError)>,
    pub(super) live: Option<Live>,
    pub(super) closing: Option<Closing>,
    /// The recorder takes nothing any more.
    fatal: Option<UserError>,
}

type Poll = ReusableBoxFuture<'static, Polled>;

impl Actor {
    pub(super) async fn connection(&mut self) -> Next {
        let (mut connection, client) = match self.begin() {
            Ok(begun) => begun,
            Err(error) => return self.give_up(error),
        };
        let mut poll = Poll::new(client.poll(Vec::new()));
        let connection = &mut connection;
        loop {
            let closing = connection.closing.as_ref();
            let deadline = closing.map_or_else(Instant::now, |closing| closing.deadline);
            let (is_closing, is_ending) = (closing.is_some(), closing.is_some_and(|c| c.end));
            let takes_messages = connection.live.is_none() || self.has_room();
            let next = tokio::select! {
                polled = &mut poll => self.polled(polled, connection, &mut poll).await,
                Some(progress) = connection.progress.recv() => {
                    self.progress(progress, connection);
                    None
                }
                request = self.mailbox.recv(), if !is_ending => self.asked(request, connection),
                Some(publish) = self.outbox.recv(), if takes_messages => {
                    self.publish_some(publish, connection);
                    None
                }
                Some((id, bytes, outcome)) = self.outcomes.next() => {
                    self.settle(id, bytes, outcome);
                    None
                }
                Some(answer) = self.answers.next() => {
                    self.answered(answer);
                    None
                }
                Ok(()) = self.committed.changed(), if !self.acks.is_empty() => {
                    self.acknowledge(connection);
                    None
                }
                Ok(()) = self.hold.changed() => {
                    connection.shared.hold(*self.hold.borrow_and_update());
                    self.show_store();
                    None
                }
                () = self.wake.notified() => None,
                _ = self.ticks.tick(), if self.view.wants_tick() => {
                    self.tick();
                    None
                }
                () = sleep_until(deadline), if is_closing => self.overdue(connection),
            };
            if let Some(next) = next {
                return next;
            }
        }
    }

    /// Everything that an attempt needs, with fresh options.
    fn begin(&mut self) -> Result<(Connection, Client), UserError> {
        let number = self.series.attempt();
        let shared = Arc::new(Shared::default());
        shared.hold(*self.hold.borrow_and_update());
        let (teller, progress) = mpsc::unbounded_channel();
        let dialler = Dialler {
            options: Arc::clone(&self.options),
            progress: teller,
            shared: Arc::clone(&shared),
        };
        let account = Account::new(number);
        let checkpoints = &self.memory.checkpoints;
        let built = match self.link.take() {
            Some((mut client, requests)) => {
                client.renew(dialler, checkpoints).map(|()| (client, requests))
            }
            None => Client::new(dialler, checkpoints),
        };
        let (client, requests) = built.map_err(|failure| {
            let text = match failure {
                Failure::Options(text) => text,
                other => format!("{other:?}"),
            };
            UserError::new(ErrorCode::Internal, "The MQTT library does not take these settings.")
                .detail("reason", text)
        })?;
        let stage = ConnectStage::Settings;
        let attempt = account.attempt.clone();
        self.view.change(|snapshot| {
            snapshot.state = SessionState::Connecting { stage, attempt: number };
            snapshot.last_attempt = Some(attempt);
        });
        let connection = Connection {
            account,
            shared,
            progress,
            requests,
            address: None,
            tls: None,
            dial_error: None,
            live: None,
            closing: None,
            fatal: None,
        };
        Ok((connection, client))
    }

    /// The library has something to tell.
    async fn polled(
        &mut self,
        polled: Polled,
        connection: &mut Connection,
        poll: &mut Poll,
    ) -> Option<Next> {
        let Polled { client, mut events, failure } = polled;
        while let Ok(progress) = connection.progress.try_recv() {
            self.progress(progress, connection);
        }
        for event in events.drain(..) {
            self.event(event, connection);
        }
        if let Some(error) = connection.fatal.take() {
            drop(client);
            return Some(self.give_up(error));
        }
        let said = connection.closing.as_ref().is_some_and(|closing| closing.said);
        match failure {
            None if !said => {
                poll.set(client.poll(events));
                None
            }
            Some(failure) if connection.closing.is_none() => {
                Some(self.ended(connection, client, &failure))
            }
            _ => {
                drop(client);
                farewell(&mut connection.progress).await;
                Some(self.closed(connection))
            }
        }
    }

    fn event(&mut self, event: Event, connection: &mut Connection) {
        match event {
            Event::Received(received) => self.received(received, connection),
            Event::Sent => self.view.sent(),
            Event::Connected(connack) => self.connected(*connack, connection),
            Event::Disconnected => {
                if let Some(closing) = &mut connection.closing {
                    closing.said = true;
                }
            }
        }
    }

    fn received(&mut self, received: Received, connection: &mut Connection) {
        if connection.fatal.is_some() {
            return;
        }
        match self.recorder.record(received.message) {
            Ok(id) => {
                self.note_recorded(id);
                self.view.received();
                if let Some(ack) = received.ack {
                    self.acks.add(id, ack);
                }
            }
            Err(error) => connection.fatal = Some(error),
        }
    }

    /// CONNACK said yes.
    fn connected(&mut self, connack: ConnackInfo, connection: &mut Connection) {
        let account = &mut connection.account;
        let present = if connack.session_present { "Session Present" } else { "new session" };
        account.connected(present.to_owned());
        let took = account.took();
        self.series.connected();
        let state = SessionState::Connected {
            since_ms: now_us() / 1_000,
            took_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            address: connection.address.map_or_else(String::new, |address| address.to_string()),
            tls: connection.tls.clone(),
            connack: connack.clone(),
        };
        let attempt = account.attempt.clone();
        let again = std::mem::take(&mut self.was_lost);
        self.view.change(|snapshot| {
            snapshot.state = state;
            snapshot.last_attempt = Some(attempt);
            snapshot.traffic.reconnects += u32::from(again);
        });
        let make = self.subscriptions.due(connack.session_present);
        let end = self.subscriptions.due_ends(connack.session_present);
        let requests = connection.requests.clone();
        let live = Live { requests, connack, since: Instant::now() };
        if !make.is_empty() {
            self.make(make, None, &live);
        }
        if !end.is_empty() {
            self.end(end, None, &live);
        }
        self.show_subscriptions();
        connection.live = Some(live);
    }

    fn progress(&mut self, progress: Progress, connection: &mut Connection) {
        match progress {
            Progress::Stage(event) => connection.account.dial(event),
            Progress::Dialled { address, tls } => {
                connection.account.begin(ConnectStage::Mqtt);
                connection.address = Some(address);
                connection.tls = tls;
            }
            Progress::Failed { stage, error } => connection.dial_error = Some((stage, error)),
            Progress::Returned(_) => {}
        }
        let stage = connection.account.stage();
        let attempt = connection.account.attempt.clone();
        self.view.change(|snapshot| {
            if let SessionState::Connecting { stage: shown, .. } = &mut snapshot.state {
                *shown = stage;
            }
            snapshot.last_attempt = Some(attempt);
        });
    }

    fn publish_some(&mut self, first: PublishRequest, connection: &Connection) {
        let live = connection.live.as_ref().filter(|_| connection.closing.is_none());
        self.publish(first, live);
        for _ in 1..PUBLISH_BATCH {
            if live.is_some() && !self.has_room() {
                break;
            }
            match self.outbox.try_recv() {
                Ok(publish) => self.publish(publish, live),
                Err(_) => break,
            }
        }
    }

    /// More is committed.
    fn acknowledge(&mut self, connection: &Connection) {
        let committed = *self.committed.borrow_and_update();
        while let Some(ack) = self.acks.next(committed) {
            connection.requests.acknowledge(ack);
        }
    }

    /// The attempt failed or the connection was lost.
    fn ended(&mut self, connection: &mut Connection, client: Client, failure: &Failure) -> Next {
        let stage = connection.account.stage();
        let (stage, error) = connection.dial_error.take().unwrap_or_else(|| {
            let live = connection.live.as_ref();
            let context = Context {
                endpoint: &self.options.endpoint,
                version: self.options.version,
                authenticates: self.options.authentication.is_some(),
                stage: live.is_none().then_some(stage),
                timeout_s: self.options.connect_timeout.as_secs(),
                keep_alive: live.map_or(self.options.keep_alive, |live| live.connack.keep_alive),
            };
            (stage, explain(failure, &connection.shared.facts(), &context))
        });
        self.forget_connection();
        match &connection.live {
            Some(live) => {
                self.series.lost(live.since.elapsed());
                self.was_lost = true;
            }
            None => {
                connection.account.failed(Some(stage), &error);
                let attempt = connection.account.attempt.clone();
                self.view.change(|snapshot| snapshot.last_attempt = Some(attempt));
            }
        }
        tracing::info!(code = error.code.as_str(), "the connection ended");
        match self.series.next(&self.options.reconnect, &error, rand::random()) {
            Verdict::GiveUp => self.give_up(error),
            Verdict::Retry { attempt, after } => {
                if !self.options.clean_start {
                    self.link = Some((client, connection.requests.clone()));
                }
                let after_ms = i64::try_from(after.as_millis()).unwrap_or(i64::MAX);
                let until_ms = (now_us() / 1_000).saturating_add(after_ms);
                self.view.state(SessionState::Waiting { until_ms, attempt, error });
                Next::Wait(Instant::now() + after)
            }
        }
    }

    fn give_up(&mut self, error: UserError) -> Next {
        self.forget_connection();
        self.view.state(SessionState::Failed { error });
        Next::Rest
    }

    /// What belongs to a connection that is gone.
    pub(super) fn forget_connection(&mut self) {
        self.acks.clear();
        self.subscriptions.lost();
        self.show_subscriptions();
    }
}
