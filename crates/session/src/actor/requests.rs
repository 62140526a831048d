//! Subscribing, unsubscribing and authenticating anew: one request, the broker's answer, one reply.

use std::time::Duration;

use futures_util::future::{BoxFuture, join_all};
use mqttscope_model::{FilterState, ReasonCode, Subscription, SubscriptionState, topic};
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::Actor;
use super::connection::Live;
use super::subscriptions::Token;
use crate::SessionError;
use crate::handle::Request;

/// Filters in one SUBSCRIBE or UNSUBSCRIBE: some brokers in the cloud take no more.
const FILTERS: usize = 8;

/// How long a caller waits for an answer. The request goes on after that.
const PATIENCE: Duration = Duration::from_secs(10);

type SubscribeReply = oneshot::Sender<Result<Vec<SubscriptionState>, SessionError>>;
type Reply = oneshot::Sender<Result<(), SessionError>>;

/// An answer that comes.
pub(super) type AnswerFuture = BoxFuture<'static, Answer>;

/// An answer that came, with the way to who asked where that one still waits.
pub(super) enum Answer {
    Subscribed {
        token: Token,
        wanted: Vec<Subscription>,
        answers: Option<Vec<FilterState>>,
        reply: Option<SubscribeReply>,
    },
    Unsubscribed {
        filters: Vec<String>,
        answers: Option<Vec<ReasonCode>>,
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
            Request::Disconnect(reply) => {
                let _caller_may_be_gone = reply.send(());
            }
            Request::Subscribe(wanted, reply) => self.subscribe(wanted, reply, live),
            Request::Unsubscribe(filters, reply) => self.unsubscribe(filters, reply, live),
            Request::Reauthenticate(reply) => self.reauthenticate(reply, live),
        }
    }

    fn subscribe(&mut self, wanted: Vec<Subscription>, reply: SubscribeReply, live: Option<&Live>) {
        let faulty = wanted.iter().find_map(|wanted| {
            let error = topic::check_filter(&wanted.filter).err()?;
            Some(SessionError::TopicFilter { filter: wanted.filter.clone(), error })
        });
        if let Some(error) = faulty {
            let _caller_may_be_gone = reply.send(Err(error));
            return;
        }
        self.subscriptions.add(&wanted);
        match live {
            Some(live) if !wanted.is_empty() => self.make(wanted, Some(reply), live),
            _ => {
                let _caller_may_be_gone = reply.send(Ok(self.subscriptions.states_of(&wanted)));
            }
        }
        self.show_subscriptions();
    }

    /// Sends SUBSCRIBE for subscriptions that are known already.
    pub(super) fn make(
        &mut self,
        wanted: Vec<Subscription>,
        reply: Option<SubscribeReply>,
        live: &Live,
    ) {
        let sent: Result<Vec<_>, _> =
            wanted.chunks(FILTERS).map(|part| live.requests.subscribe(part)).collect();
        let Ok(sent) = sent else {
            if let Some(reply) = reply {
                let _caller_may_be_gone = reply.send(Err(SessionError::NotConnected));
            }
            return;
        };
        let token = self.subscriptions.asked(&wanted);
        if let Some(first) = wanted.first() {
            self.last.subscribe(token, first);
        }
        self.answers.push(Box::pin(async move {
            let (answers, reply) = patiently(join_all(sent), reply).await;
            let answers = answers.into_iter().collect::<Option<Vec<_>>>().map(|all| all.concat());
            Answer::Subscribed { token, wanted, answers, reply }
        }));
    }

    fn unsubscribe(&mut self, filters: Vec<String>, reply: Reply, live: Option<&Live>) {
        let faulty = filters.iter().find_map(|filter| {
            let error = topic::check_filter(filter).err()?;
            Some(SessionError::TopicFilter { filter: filter.clone(), error })
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
        let sent: Result<Vec<_>, _> =
            filters.chunks(FILTERS).map(|part| live.requests.unsubscribe(part)).collect();
        let Ok(sent) = sent else {
            if let Some(reply) = reply {
                let _caller_may_be_gone = reply.send(Err(SessionError::NotConnected));
            }
            return;
        };
        self.answers.push(Box::pin(async move {
            let (answers, reply) = patiently(join_all(sent), reply).await;
            let answers = answers.into_iter().collect::<Option<Vec<_>>>().map(|all| all.concat());
            Answer::Unsubscribed { filters, answers, reply }
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
            Answer::Subscribed { token, wanted, answers, reply } => {
                let lost = answers.is_none();
                let mut answers = answers.unwrap_or_default().into_iter();
                for wanted in &wanted {
                    self.subscriptions.answered(token, &wanted.filter, answers.next());
                }
                self.show_subscriptions();
                if let Some(reply) = reply {
                    let states = self.subscriptions.states_of(&wanted);
                    let result = if lost { Err(SessionError::Lost) } else { Ok(states) };
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
        answers: Option<Vec<ReasonCode>>,
    ) -> Result<(), SessionError> {
        let answers = answers.ok_or(SessionError::Lost)?;
        let mut refused = None;
        let mut ended = Vec::new();
        for (filter, reason) in filters.into_iter().zip(answers) {
            if reason.is_error() {
                refused = Some(reason);
            } else {
                ended.push(filter);
            }
        }
        self.subscriptions.remove(&ended, true);
        refused.map_or(Ok(()), |reason| Err(SessionError::UnsubscribeRefused(reason)))
    }
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
