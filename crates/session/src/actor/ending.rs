//! The end of an attempt or a connection that nobody wished for: what it was, what is kept of it, what follows.

use std::future::ready;

use futures_util::{FutureExt as _, StreamExt as _};
use mqttscope_model::{ConnectStage, PastConnection, SessionState, StreamEnd, UserError};
use tokio::time::Instant;

use super::connection::{Connection, Live};
use super::{Actor, Next};
use crate::client::{Client, Context, Failure, Window, explain, now_us};
use crate::evidence::{self, Unread};
use crate::policy::Verdict;
use crate::wire::End;

/// How many round trips of pings an account holds.
const PINGS: usize = 16;

impl Actor {
    /// The attempt failed or the connection was lost.
    pub(super) fn ended(
        &mut self,
        connection: &mut Connection,
        client: Client,
        failure: &Failure,
    ) -> Next {
        let stage = self.ledger.stage();
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
        let end = self.note_end(connection, failure);
        match &connection.live {
            Some(live) => {
                self.series.lost(live.since.elapsed());
                self.was_lost = true;
                self.settle_all();
                self.lost(live, &error, end);
            }
            None => self.ledger.failed(Some(stage), &error),
        }
        self.forget_connection();
        self.show_attempt();
        tracing::info!(code = error.code.as_str(), "the connection ended");
        match self.series.next(&self.options.reconnect, &error, rand::random()) {
            Verdict::GiveUp => self.give_up(error),
            Verdict::Retry { attempt, after } => {
                // A library that has ended by its own account never connects again.
                let goes_on = !client.forgets() && !matches!(failure, Failure::Done);
                if !self.options.clean_start && goes_on {
                    self.link = Some((client, connection.requests.clone()));
                }
                let after_ms = i64::try_from(after.as_millis()).unwrap_or(i64::MAX);
                let until_ms = (now_us() / 1_000).saturating_add(after_ms);
                self.view.state(SessionState::Waiting { until_ms, attempt, error });
                Next::Wait(Instant::now() + after)
            }
        }
    }

    /// A connection that was there is gone.
    fn lost(&mut self, live: &Live, error: &UserError, end: StreamEnd) {
        let lasted = live.since.elapsed();
        self.ledger.lost(lasted, error);
        self.ledger.keep(PastConnection {
            connected_ms: live.since_ms,
            lasted_ms: u64::try_from(lasted.as_millis()).unwrap_or(u64::MAX),
            error: error.clone(),
            end,
            keep_alive: live.connack.keep_alive,
            last_sent: self.last.told(),
        });
    }

    /// Takes the answers that came together with the end.
    fn settle_all(&mut self) {
        while let Some(Some((tracked, outcome))) = self.outcomes.next().now_or_never() {
            self.settle(tracked, outcome);
        }
        let mut came = Vec::new();
        while let Some(Some(answer)) = self.answers.next().now_or_never() {
            self.last.answered(&answer);
            came.push(answer);
        }
        // Whoever asked is told when the session's state says what ended the connection.
        self.answers.extend(came.into_iter().map(|answer| ready(answer).boxed()));
    }

    /// The library does not take what an attempt needs.
    pub(super) fn refused_to_begin(&mut self, error: UserError) -> Next {
        self.ledger.failed(Some(ConnectStage::Settings), &error);
        self.show_attempt();
        self.give_up(error)
    }

    /// Nothing can be recorded any more.
    pub(super) fn broken_down(&mut self, error: UserError, connection: &Connection) -> Next {
        self.note_ours(connection);
        match &connection.live {
            Some(live) => self.ledger.lost(live.since.elapsed(), &error),
            None => self.ledger.failed(None, &error),
        }
        self.show_attempt();
        self.give_up(error)
    }

    fn give_up(&mut self, error: UserError) -> Next {
        self.forget_connection();
        self.view.state(SessionState::Failed { error });
        Next::Rest
    }

    fn show_attempt(&mut self) {
        let attempt = self.ledger.attempt();
        self.view.change(|snapshot| snapshot.last_attempt = attempt);
    }

    /// Puts into the account what the wire saw until the end.
    fn note_end(&mut self, connection: &Connection, failure: &Failure) -> StreamEnd {
        let seen = connection.shared.facts();
        let end = evidence::stream_end(failure, &seen);
        let unread = Unread::of(&self.options);
        let first = evidence::first_bytes(failure, &seen, connection.live.is_some(), unread);
        self.ledger.note(|facts| {
            if let Some(mqtt) = &mut facts.mqtt {
                evidence::heard(mqtt, &seen, unread);
                mqtt.end = Some(end);
                facts.first_bytes = first.or(facts.first_bytes.take());
            }
            if let (Some(End::Tls(late)), Some(tls)) = (&seen.end, &mut facts.tls) {
                tls.alert.clone_from(&late.alert);
            }
        });
        end
    }

    /// The connection, or what there is of it, ends by our wish.
    pub(super) fn note_ours(&mut self, connection: &Connection) {
        self.note_end(connection, &Failure::Done);
        self.ledger.note(|facts| {
            if let Some(mqtt) = &mut facts.mqtt {
                mqtt.end = Some(StreamEnd::Ours);
            }
        });
    }

    /// A ping came back.
    pub(super) fn ponged(&mut self, connection: &Connection) {
        let came = std::mem::take(&mut connection.shared.facts().pings_us);
        let Some(live) = connection.live.as_ref().filter(|_| !came.is_empty()) else { return };
        let keep_alive = live.connack.keep_alive;
        self.ledger.note(|facts| {
            let staying = facts.staying.get_or_insert_with(Default::default);
            staying.keep_alive = keep_alive;
            staying.pings_us.extend(came);
            let more = staying.pings_us.len().saturating_sub(PINGS);
            staying.pings_us.drain(..more);
        });
    }

    /// What belongs to a connection that is gone.
    pub(super) fn forget_connection(&mut self) {
        self.acks.clear();
        self.moved(Window { sent: 0, ..self.window });
        self.subscriptions.lost();
        self.show_subscriptions();
    }
}
