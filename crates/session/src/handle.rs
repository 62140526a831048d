//! The handle to a session: requests go in as messages, the state comes out as a snapshot.

use std::sync::Arc;

use mqttscope_model::{
    Account, DisconnectOptions, MessageId, Outcome, Publish, SessionSnapshot, SessionState,
    Subscription, SubscriptionState, UserError,
};
use tokio::sync::{Notify, mpsc, oneshot, watch};

use crate::actor::{Actor, Watched};
use crate::{Options, Recorder, SessionError, SessionMemory, subscribing};

/// How many requests wait at most; whoever has more waits itself.
const MAILBOX: usize = 64;

/// A request with the way for its answer.
pub(crate) enum Request {
    Disconnect(Box<DisconnectOptions>, oneshot::Sender<Result<(), SessionError>>),
    Subscribe {
        wanted: Vec<Subscription>,
        instead_of: Option<String>,
        reply: oneshot::Sender<Result<Vec<SubscriptionState>, SessionError>>,
    },
    Unsubscribe(Vec<String>, oneshot::Sender<Result<(), SessionError>>),
    Reauthenticate(oneshot::Sender<Result<(), SessionError>>),
}

/// A message to publish with the way for its number.
pub(crate) struct PublishRequest {
    pub(crate) publish: Publish,
    pub(crate) reply: oneshot::Sender<Result<Option<MessageId>, UserError>>,
    /// Who wants to learn what becomes of it, whether it is kept or not.
    pub(crate) outcome: Option<oneshot::Sender<Outcome>>,
}

/// A running session. Dropping the handle disconnects, with a DISCONNECT where there is a connection.
#[derive(Debug)]
pub struct Session {
    requests: mpsc::Sender<Request>,
    /// Apart from the other requests, so that a full queue of messages cannot keep a disconnect waiting.
    publishes: mpsc::Sender<PublishRequest>,
    wake: Arc<Notify>,
    watched: Watched,
}

impl Session {
    /// Starts a session's task, which connects at once. It must be called within a Tokio runtime.
    ///
    /// `memory` is the profile's, kept by the caller for as long as the application runs: with Clean Start off it lets
    /// a later session go on where this one ended.
    pub fn open(options: Options, recorder: Arc<dyn Recorder>, memory: SessionMemory) -> Self {
        let (requests, mailbox) = mpsc::channel(MAILBOX);
        let (publishes, outbox) = mpsc::channel(MAILBOX);
        let wake = Arc::new(Notify::new());
        let (actor, watched) =
            Actor::new(options, recorder, memory, mailbox, outbox, Arc::clone(&wake));
        tokio::spawn(actor.run());
        Self { requests, publishes, wake, watched }
    }

    /// The session's state: at once when it changes, ten times a second at most while only counters do.
    pub fn snapshot(&self) -> watch::Receiver<SessionSnapshot> {
        self.watched.snapshot.clone()
    }

    /// The account of the current attempt, or of the last one: its stages with all that was seen, after each stage and at
    /// each ping that comes back. None before the first attempt. It is complete before the snapshot tells of an end.
    /// Copy it rather than hold it: the session waits while it is borrowed.
    pub fn account(&self) -> watch::Receiver<Option<Account>> {
        self.watched.account.clone()
    }

    /// Connects now: ends a wait, and starts again after a failure or a disconnect. Nothing happens
    /// while a connection is there or being made.
    pub fn reconnect_now(&self) {
        self.wake.notify_one();
    }

    /// Ends the connection with DISCONNECT, or cancels an attempt or a wait at once. Returns when it is done.
    pub async fn disconnect(&self) {
        let _plain_is_never_refused = self.disconnect_with(DisconnectOptions::default()).await;
    }

    /// Ends the connection with a DISCONNECT that says this. Without a connection there is nobody to say it to: an attempt
    /// or a wait is cancelled.
    ///
    /// # Errors
    /// `disconnect.options_need_5`, `disconnect.option_invalid` (with `field`), `mqtt.packet_too_large`; then nothing was sent
    /// and everything goes on as it was.
    pub async fn disconnect_with(&self, options: DisconnectOptions) -> Result<(), UserError> {
        let (reply, done) = oneshot::channel();
        if self.requests.send(Request::Disconnect(Box::new(options), reply)).await.is_ok() {
            // Who is gone is disconnected too.
            done.await.unwrap_or(Ok(()))?;
        }
        Ok(())
    }

    /// Adds subscriptions, or changes those with the same filter, and waits for the broker's answer to each where there is
    /// a connection. Without a connection they wait for the next one. One that is there and differs in nothing but name
    /// and colour is not asked for again; one that is off is remembered, and ended where the broker has it.
    ///
    /// # Errors
    /// Before anything is changed or sent: `topic.filter_invalid`, `subscribe.option_invalid`, `subscribe.no_local_shared`, and what
    /// CONNACK forbids (`subscribe.wildcards_refused`, `.shared_refused`, `.identifiers_refused`, `mqtt.packet_too_large`). After: `subscribe.unanswered`,
    /// `request.lost`, and `mqtt.refused` where the broker does not end what was switched off or replaced.
    pub async fn subscribe(
        &self,
        subscriptions: Vec<Subscription>,
    ) -> Result<Vec<SubscriptionState>, UserError> {
        self.subscribe_instead(subscriptions, None).await
    }

    /// Whether the CONNACK of the connection that is there allows these.
    ///
    /// # Errors
    /// `subscribe.wildcards_refused`, `subscribe.shared_refused`, `subscribe.identifiers_refused`, and `mqtt.packet_too_large`
    /// where a filter makes a SUBSCRIBE that is larger than the broker takes.
    pub fn permits(&self, subscriptions: &[Subscription]) -> Result<(), UserError> {
        let snapshot = self.watched.snapshot.borrow();
        let SessionState::Connected { connack, .. } = &snapshot.state else { return Ok(()) };
        let version = snapshot.connect.as_ref().map_or_else(Default::default, |said| said.version);
        let mut wanted = subscriptions.iter().filter(|wanted| wanted.enabled);
        Ok(wanted.try_for_each(|wanted| subscribing::permit(wanted, version, connack))?)
    }

    /// The same, and the first takes the place of `instead_of`, a filter that is ended.
    ///
    /// # Errors
    /// Those of [`Session::subscribe`].
    pub async fn subscribe_instead(
        &self,
        wanted: Vec<Subscription>,
        instead_of: Option<String>,
    ) -> Result<Vec<SubscriptionState>, UserError> {
        let (reply, answer) = oneshot::channel();
        self.requests
            .send(Request::Subscribe { wanted, instead_of, reply })
            .await
            .map_err(|_| SessionError::Ended)?;
        Ok(answer.await.map_err(|_| SessionError::Ended)??)
    }

    /// Ends subscriptions and, where there is a connection, waits for the broker's answer.
    ///
    /// # Errors
    /// `mqtt.packet_too_large` before anything is sent; `mqtt.refused` where the broker refuses; `subscribe.unanswered` and `request.lost` as with [`Session::subscribe`].
    pub async fn unsubscribe(&self, filters: Vec<String>) -> Result<(), UserError> {
        let (reply, answer) = oneshot::channel();
        self.requests
            .send(Request::Unsubscribe(filters, reply))
            .await
            .map_err(|_| SessionError::Ended)?;
        Ok(answer.await.map_err(|_| SessionError::Ended)??)
    }

    /// Authenticates anew over the running connection (MQTT 5.0, section 4.12.1) and waits for the broker's answer. Where the broker
    /// refuses, the connection ends and the session's state tells why; it is then made again as after any other end.
    ///
    /// # Errors
    /// `session.not_connected`, `session.without_authentication`, `session.authenticating` before anything is sent; after it
    /// what ended the connection, `subscribe.unanswered` or `request.lost`.
    pub async fn reauthenticate(&self) -> Result<(), UserError> {
        let (reply, answer) = oneshot::channel();
        self.requests
            .send(Request::Reauthenticate(reply))
            .await
            .map_err(|_| SessionError::Ended)?;
        Ok(answer.await.map_err(|_| SessionError::Ended)??)
    }

    /// Publishes a message: returns as soon as it is recorded and queued. Its outcome goes to the recorder. Waits
    /// while very much is queued already. None: the recorder does not keep it; it is sent all the same.
    ///
    /// # Errors
    /// `session.not_connected`, `topic.name_invalid`, `mqtt.packet_too_large`, `publish.qos_refused`, `publish.retain_refused`,
    /// `publish.properties_need_5`, `publish.property_invalid`, `publish.topic_alias_refused`, `publish.topic_alias_unknown`, or the
    /// recorder's error; then nothing was recorded or sent.
    pub async fn publish(&self, publish: Publish) -> Result<Option<MessageId>, UserError> {
        self.send(publish, None).await
    }

    /// The same, and what becomes of the message, also of one that the recorder does not keep. Nothing comes where the
    /// session ends before it is known.
    ///
    /// # Errors
    /// Those of [`Session::publish`].
    pub async fn publish_watched(
        &self,
        publish: Publish,
    ) -> Result<oneshot::Receiver<Outcome>, UserError> {
        let (outcome, known) = oneshot::channel();
        self.send(publish, Some(outcome)).await?;
        Ok(known)
    }

    async fn send(
        &self,
        publish: Publish,
        outcome: Option<oneshot::Sender<Outcome>>,
    ) -> Result<Option<MessageId>, UserError> {
        let (reply, answer) = oneshot::channel();
        self.publishes
            .send(PublishRequest { publish, reply, outcome })
            .await
            .map_err(|_| SessionError::Ended)?;
        answer.await.map_err(|_| SessionError::Ended)?
    }
}
