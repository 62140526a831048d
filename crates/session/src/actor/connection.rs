//! One connection, from the dial to its end.
//!
//! The library's poll runs beside everything else and is never abandoned while a connection is to go on: the
//! task drops it only to end the attempt or the connection for good.

use std::net::SocketAddr;
use std::sync::Arc;

use mqttscope_model::{
    ConnackInfo, ConnectStage, ErrorCode, Facts, SessionState, TlsInfo, UserError,
};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::ReusableBoxFuture;

use futures_util::StreamExt as _;

use super::closing::{Closing, farewell};
use super::subscriptions::Changes;
use super::{Actor, Next};
use crate::client::{Client, Event, Failure, Polled, Received, Requests, now_us};
use crate::dial::{Dialler, Progress};
use crate::evidence::{self, Unread};
use crate::handle::PublishRequest;
use crate::subscribing;
use crate::wire::Shared;

/// Messages taken from the mailbox at a time.
const PUBLISH_BATCH: usize = 64;

/// A connection that is there.
pub(super) struct Live {
    pub(super) requests: Requests,
    pub(super) connack: ConnackInfo,
    pub(super) since: Instant,
    /// Milliseconds since the Unix epoch.
    pub(super) since_ms: i64,
}

/// What one connection knows.
pub(super) struct Connection {
    pub(super) shared: Arc<Shared>,
    progress: mpsc::UnboundedReceiver<Progress>,
    pub(super) requests: Requests,
    address: Option<SocketAddr>,
    tls: Option<TlsInfo>,
    pub(super) dial_error: Option<(ConnectStage, UserError)>,
    pub(super) live: Option<Live>,
    pub(super) closing: Option<Closing>,
    /// The recorder takes nothing any more.
    fatal: Option<UserError>,
    /// When the messages that are taken now were read.
    pub(super) read: Instant,
    /// Until when messages count as those that came first.
    pub(super) first_until: Option<Instant>,
}

type Poll = ReusableBoxFuture<'static, Polled>;

impl Actor {
    pub(super) async fn connection(&mut self) -> Next {
        let (mut connection, client) = match self.begin() {
            Ok(begun) => begun,
            Err(error) => return self.refused_to_begin(error),
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
                Some((tracked, outcome)) = self.outcomes.next() => {
                    self.settle(tracked, outcome);
                    None
                }
                Some(answer) = self.answers.next() => {
                    self.answered(answer);
                    None
                }
                Ok(()) = self.committed.changed(), if self.awaits_commit() => {
                    self.stored();
                    self.acknowledge(connection);
                    None
                }
                Ok(()) = self.hold.changed() => {
                    self.hold(connection);
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
        self.ledger.open(number);
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
        let attempt = self.ledger.attempt();
        self.view.change(|snapshot| {
            snapshot.state = SessionState::Connecting { stage, attempt: number };
            snapshot.last_attempt = attempt;
        });
        let connection = Connection {
            shared,
            progress,
            requests,
            address: None,
            tls: None,
            dial_error: None,
            live: None,
            closing: None,
            fatal: None,
            read: Instant::now(),
            first_until: None,
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
        let Polled { client, mut events, failure, window } = polled;
        connection.read = Instant::now();
        self.pressure.read(connection.read);
        self.moved(window);
        while let Ok(progress) = connection.progress.try_recv() {
            self.progress(progress, connection);
        }
        for event in events.drain(..) {
            self.event(event, connection);
        }
        self.came_again(connection);
        if let Some(error) = connection.fatal.take() {
            drop(client);
            return Some(self.broken_down(error, connection));
        }
        if !self.acks.is_empty() {
            self.acknowledge(connection);
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
            Event::Sent(id) => {
                self.view.sent();
                self.last.sent(id);
            }
            Event::Recorded(id) => self.last.recorded(id),
            Event::Completed(id) => {
                self.memory.arrived.remove(id);
                self.view.touch();
            }
            Event::Ponged => self.ponged(connection),
            Event::Connected { connack, sent_again } => {
                self.go_on(connack.session_present, sent_again, connection);
                self.connected(*connack, connection);
            }
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
        if let (Some(id), Some(ack)) = (self.known(&received), received.ack) {
            self.acks.add(id, ack);
            return;
        }
        self.resumed_with(&received.message, connection);
        let bytes = received.message.payload.len() as u64;
        self.subscriptions.count(&received.message.topic, received.identifiers.as_deref());
        match self.recorder.record(received.message) {
            Ok(id) => {
                self.view.received(bytes, id.is_some());
                if let Some(id) = id {
                    self.pressure.recorded(id, true);
                }
                if let Some(ack) = received.ack {
                    self.owe(id, ack);
                }
            }
            Err(error) => connection.fatal = Some(error),
        }
    }

    /// CONNACK said yes.
    fn connected(&mut self, connack: ConnackInfo, connection: &mut Connection) {
        let present = if connack.session_present { "Session Present" } else { "new session" };
        let (since, since_ms) = (Instant::now(), now_us() / 1_000);
        let unread = Unread::of(&self.options);
        self.ledger.connected(present.to_owned(), |facts| {
            if let Some(mqtt) = &mut facts.mqtt {
                evidence::heard(mqtt, &connection.shared.facts(), unread);
                mqtt.offer = Some(connack.clone());
            }
        });
        self.last.clear();
        self.series.connected();
        let state = SessionState::Connected {
            since_ms,
            took_ms: u64::try_from(self.ledger.took().as_millis()).unwrap_or(u64::MAX),
            address: connection.address.map_or_else(String::new, |address| address.to_string()),
            tls: connection.tls.clone(),
            connack: connack.clone(),
        };
        let attempt = self.ledger.attempt();
        let again = std::mem::take(&mut self.was_lost);
        self.view.change(|snapshot| {
            snapshot.state = state;
            snapshot.last_attempt = attempt;
            snapshot.traffic.reconnects += u32::from(again);
        });
        let version = self.options.version;
        let refusal = |wanted: &_| subscribing::refusal(wanted, version, &connack);
        let make = self.subscriptions.due(connack.session_present, refusal);
        let end = self.subscriptions.due_ends(connack.session_present);
        let requests = connection.requests.clone();
        let live = Live { requests, connack, since, since_ms };
        let mut changes = Changes { make, end };
        let _nobody_asked_just_now = self.keep(&mut changes, &live);
        if changes != Changes::default() {
            self.change(changes, None, &live);
        }
        self.show_subscriptions();
        connection.live = Some(live);
    }

    fn progress(&mut self, progress: Progress, connection: &mut Connection) {
        match progress {
            Progress::Began(stage) => self.ledger.begin(stage),
            Progress::Passed { took, evidence, facts } => {
                self.ledger.passed(took, evidence, *facts);
            }
            Progress::Dialled { address, tls, facts } => {
                let mqtt = Some(evidence::sent(&self.options));
                self.ledger.note(|all| *all = Facts { mqtt, ..*facts });
                self.ledger.begin(ConnectStage::Mqtt);
                connection.address = Some(address);
                self.hold(connection);
                connection.tls = tls;
            }
            Progress::Failed { stage, error, facts } => {
                self.ledger.note(|all| *all = *facts);
                connection.dial_error = Some((stage, error));
            }
            Progress::Returned(_) => {}
        }
        let stage = self.ledger.stage();
        let attempt = self.ledger.attempt();
        self.view.change(|snapshot| {
            if let SessionState::Connecting { stage: shown, .. } = &mut snapshot.state {
                *shown = stage;
            }
            snapshot.last_attempt = attempt;
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

    fn awaits_commit(&self) -> bool {
        self.pressure.waits() || !self.acks.is_empty()
    }

    /// Lets reading rest or go on, as the store wants it.
    fn hold(&mut self, connection: &Connection) {
        let hold = *self.hold.borrow_and_update();
        connection.shared.hold(hold);
        self.pressure.rest(hold && connection.address.is_some(), Instant::now());
    }

    /// Sends the acknowledgements that need not wait any longer.
    fn acknowledge(&mut self, connection: &Connection) {
        let committed = *self.committed.borrow();
        while let Some(ack) = self.acks.next(committed) {
            connection.requests.acknowledge(ack);
            self.view.touch();
        }
    }
}
