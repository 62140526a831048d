//! Subscribing, unsubscribing and authenticating anew: one request, the broker's answer, one reply.

use std::time::Duration;

use futures_util::future::{BoxFuture, join, join_all};
use mqttscope_model::{FilterState, ReasonCode, Subscription, SubscriptionState, topic};
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::Actor;
use super::connection::Live;
use super::subscriptions::{Changes, Token};
use crate::SessionError;
use crate::client::Answered;
use crate::handle::Request;
use crate::subscribing;

/// How long a caller waits for an answer. The request goes on after that.
const PATIENCE: Duration = Duration::from_secs(10);

type SubscribeReply = oneshot::Sender<Result<Vec<SubscriptionState>, SessionError>>;
type Reply = oneshot::Sender<Result<(), SessionError>>;

/// An answer that comes.
pub(super) type AnswerFuture = BoxFuture<'static, Answer>;

/// The answers to each of several filters; none where the connection ended first.
type Answers<A> = Option<Vec<Answered<A>>>;

/// An answer that came, with the way to who asked where that one still waits.
pub(super) enum Answer {
    Subscribed {
        token: Token,
        made: Changes,
        answers: Answers<FilterState>,
        ended: Answers<ReasonCode>,
        /// What was asked for, and who waits for it.
        asked: Option<(Vec<Subscription>, SubscribeReply)>,
    },
    Unsubscribed {
        filters: Vec<String>,
        answers: Answers<ReasonCode>,
        reply: Option<Reply>,
    },
    Reauthenticated {
        result: Result<(), SessionError>,
        reply: Option<Reply>,
    },
}

impl Actor {
    /// Takes a request. A disconnect is the phases' own business and does not come here.
    pub(super) fn request(&mut self, request: Request, live: Option<&Live>) {
        match request {
            Request::Disconnect(_, reply) => {
                let _caller_may_be_gone = reply.send(Ok(()));
            }
            Request::Subscribe { wanted, instead_of, reply } => {
                self.subscribe(wanted, instead_of.as_deref(), reply, live);
            }
            Request::Unsubscribe(filters, reply) => self.unsubscribe(filters, reply, live),
            Request::Reauthenticate(reply) => self.reauthenticate(reply, live),
        }
    }

    fn subscribe(
        &mut self,
        wanted: Vec<Subscription>,
        instead_of: Option<&str>,
        reply: SubscribeReply,
        live: Option<&Live>,
    ) {
        if let Some(error) = wanted.iter().find_map(|wanted| self.refusal(wanted, live)) {
            let _caller_may_be_gone = reply.send(Err(error));
            return;
        }
        let mut changes = self.subscriptions.add(&wanted, instead_of);
        if let Some((live, error)) =
            live.and_then(|live| Some((live, self.keep(&mut changes, live)?)))
        {
            let _caller_may_be_gone = reply.send(Err(error));
            self.change(changes, None, live);
            self.show_subscriptions();
            return;
        }
        match live {
            Some(live) if changes != Changes::default() => {
                self.change(changes, Some((wanted, reply)), live);
            }
            Some(_) => {
                let _caller_may_be_gone = reply.send(Ok(self.subscriptions.states_of(&wanted)));
            }
            None => {
                self.subscriptions.end_later(changes.end);
                let _caller_may_be_gone = reply.send(Ok(self.subscriptions.states_of(&wanted)));
            }
        }
        self.show_subscriptions();
    }

    /// Why a subscription is not even asked for.
    fn refusal(&self, wanted: &Subscription, live: Option<&Live>) -> Option<SessionError> {
        if let Err(error) = subscribing::check(wanted, self.options.version) {
            return Some(error);
        }
        let live = live.filter(|_| wanted.enabled)?;
        subscribing::permit(wanted, self.options.version, &live.connack).err()
    }

    /// Takes out what cannot be ended on this connection, because it makes a packet that the broker does not take: the next
    /// one may end it. Gives the first of them.
    pub(super) fn keep(&mut self, changes: &mut Changes, live: &Live) -> Option<SessionError> {
        let version = self.options.version;
        let refused =
            |filter: &String| subscribing::permit_end(filter, version, &live.connack).err();
        let first = changes.end.iter().find_map(refused);
        if first.is_some() {
            let later = changes.end.extract_if(.., |filter| refused(filter).is_some()).collect();
            self.subscriptions.end_later(later);
        }
        first
    }

    /// Sends SUBSCRIBE, then UNSUBSCRIBE, for changes that are noted already: so a filter that takes another one's place
    /// misses nothing that both match.
    pub(super) fn change(
        &mut self,
        changes: Changes,
        asked: Option<(Vec<Subscription>, SubscribeReply)>,
        live: &Live,
    ) {
        let (version, connack) = (self.options.version, &live.connack);
        let packets = subscribing::packets(&changes.make, version, connack);
        let sent: Result<Vec<_>, _> =
            packets.into_iter().map(|packet| live.requests.subscribe(packet)).collect();
        let endings = subscribing::endings(&changes.end, version, connack);
        let ended: Result<Vec<_>, _> =
            endings.into_iter().map(|packet| live.requests.unsubscribe(packet)).collect();
        let (Ok(sent), Ok(ended)) = (sent, ended) else {
            if let Some((_, reply)) = asked {
                let _caller_may_be_gone = reply.send(Err(SessionError::NotConnected));
            }
            return;
        };
        let token = self.subscriptions.asked(&changes.make);
        if let Some(first) = changes.make.first() {
            self.last.subscribe(token, first);
        }
        self.answers.push(Box::pin(async move {
            let (wanted, reply) =
                asked.map_or_else(Default::default, |(wanted, reply)| (wanted, Some(reply)));
            let both = join(join_all(sent), join_all(ended));
            let ((answers, ended), reply) = patiently(both, reply).await;
            Answer::Subscribed {
                token,
                made: changes,
                answers: together(answers),
                ended: together(ended),
                asked: reply.map(|reply| (wanted, reply)),
            }
        }));
    }

    fn unsubscribe(&mut self, filters: Vec<String>, reply: Reply, live: Option<&Live>) {
        let version = self.options.version;
        let faulty = filters.iter().find_map(|filter| match topic::check_filter(filter) {
            Err(error) => Some(SessionError::TopicFilter { filter: filter.clone(), error }),
            Ok(()) => subscribing::permit_end(filter, version, &live?.connack).err(),
        });
        match (faulty, live) {
            (Some(error), _) => {
                let _caller_may_be_gone = reply.send(Err(error));
            }
            (None, Some(live)) if !filters.is_empty() => self.end(filters, Some(reply), live),
            (None, _) => {
                self.subscriptions.remove(&filters, false);
                self.show_subscriptions();
                let _caller_may_be_gone = reply.send(Ok(()));
            }
        }
    }

    /// Sends UNSUBSCRIBE.
    pub(super) fn end(&mut self, filters: Vec<String>, reply: Option<Reply>, live: &Live) {
        let endings = subscribing::endings(&filters, self.options.version, &live.connack);
        let sent: Result<Vec<_>, _> =
            endings.into_iter().map(|packet| live.requests.unsubscribe(packet)).collect();
        let Ok(sent) = sent else {
            if let Some(reply) = reply {
                let _caller_may_be_gone = reply.send(Err(SessionError::NotConnected));
            }
            return;
        };
        self.answers.push(Box::pin(async move {
            let (answers, reply) = patiently(join_all(sent), reply).await;
            Answer::Unsubscribed { filters, answers: together(answers), reply }
        }));
    }

    fn reauthenticate(&mut self, reply: Reply, live: Option<&Live>) {
        let asked = match live {
            _ if self.options.authentication.is_none() => Err(SessionError::WithoutAuthentication),
            None => Err(SessionError::NotConnected),
            Some(_) if self.authenticates => Err(SessionError::Authenticating),
            Some(live) => live.requests.reauthenticate(),
        };
        match asked {
            Err(error) => {
                let _caller_may_be_gone = reply.send(Err(error));
            }
            Ok(answer) => {
                self.authenticates = true;
                self.answers.push(Box::pin(async move {
                    let (result, reply) = patiently(answer, Some(reply)).await;
                    Answer::Reauthenticated { result, reply }
                }));
            }
        }
    }

    /// An answer came, or will not come any more.
    pub(super) fn answered(&mut self, answer: Answer) {
        self.last.answered(&answer);
        match answer {
            Answer::Subscribed { token, made, answers, ended, asked } => {
                let lost = answers.is_none() || ended.is_none();
                let mut answers = answers.unwrap_or_default().into_iter();
                for made in &made.make {
                    self.subscriptions.answered(token, &made.filter, answers.next());
                }
                self.show_subscriptions();
                let refused = refused(made.end, ended.unwrap_or_default());
                if let Some((wanted, reply)) = asked {
                    let states = self.subscriptions.states_of(&wanted);
                    let result = if lost { Err(SessionError::Lost) } else { Ok(states) };
                    let result = result.and_then(|states| refused.map_or(Ok(states), Err));
                    let _caller_may_be_gone = reply.send(result);
                }
            }
            Answer::Reauthenticated { result, reply } => {
                self.authenticates = false;
                // A broker refuses with DISCONNECT; what it said there is the answer.
                let cause = self.view.cause().cloned().map(SessionError::Authentication);
                let result = match result {
                    Err(SessionError::Lost) => Err(cause.unwrap_or(SessionError::Lost)),
                    result => result,
                };
                if let Some(reply) = reply {
                    let _caller_may_be_gone = reply.send(result);
                }
            }
            Answer::Unsubscribed { filters, answers, reply } => {
                let result = self.unsubscribed(filters, answers);
                self.show_subscriptions();
                if let Some(reply) = reply {
                    let _caller_may_be_gone = reply.send(result);
                }
            }
        }
    }

    fn unsubscribed(
        &mut self,
        filters: Vec<String>,
        answers: Answers<ReasonCode>,
    ) -> Result<(), SessionError> {
        let answers = answers.ok_or(SessionError::Lost)?;
        let answered = filters.iter().zip(&answers);
        let ended = answered.filter(|(_, (reason, _))| !reason.is_error());
        let ended: Vec<_> = ended.map(|(filter, _)| filter.clone()).collect();
        self.subscriptions.remove(&ended, true);
        refused(filters, answers).map_or(Ok(()), Err)
    }
}

/// The last filter that the broker does not let go.
fn refused(filters: Vec<String>, answers: Vec<Answered<ReasonCode>>) -> Option<SessionError> {
    let answered = filters.into_iter().zip(answers).rev();
    let mut refused = answered.filter(|(_, (reason, _))| reason.is_error());
    let (filter, (reason, words)) = refused.next()?;
    Some(SessionError::UnsubscribeRefused { filter, reason, words })
}

/// The answers of several packets as those of one.
fn together<A: Clone>(packets: Vec<Answers<A>>) -> Answers<A> {
    packets.into_iter().collect::<Option<Vec<_>>>().map(|all| all.concat())
}

/// Waits for `answers` and tells the caller when that takes too long. The reply comes back where the caller still waits.
async fn patiently<A, T>(
    answers: impl Future<Output = A>,
    mut reply: Option<oneshot::Sender<Result<T, SessionError>>>,
) -> (A, Option<oneshot::Sender<Result<T, SessionError>>>) {
    tokio::pin!(answers);
    let answers = match timeout(PATIENCE, &mut answers).await {
        Ok(answers) => answers,
        Err(_) => {
            if let Some(reply) = reply.take() {
                let _caller_may_be_gone =
                    reply.send(Err(SessionError::Unanswered(PATIENCE.as_secs())));
            }
            answers.await
        }
    };
    (answers, reply)
}
