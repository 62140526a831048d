//! The end that the user wants: what is on its way comes to its end, DISCONNECT goes out, the broker closes.
//!
//! Each step has its deadline. The library's own would leave DISCONNECT out when it passes.

use std::time::Duration;

use mqttscope_model::{ConnackInfo, DisconnectOptions, SessionState};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout};

use super::connection::Connection;
use super::{Actor, Next};
use crate::dial::Progress;
use crate::handle::Request;
use crate::parting;
use crate::{Options, SessionError};

/// How long a disconnect waits for messages that are on their way.
const DRAIN: Duration = Duration::from_secs(1);

/// How long it then waits until DISCONNECT is written.
const WRITE: Duration = Duration::from_secs(2);

/// How long the broker has to close the stream after DISCONNECT.
const LINGER: Duration = Duration::from_millis(500);

/// A disconnect under way.
pub(super) struct Closing {
    replies: Vec<oneshot::Sender<Result<(), SessionError>>>,
    /// What DISCONNECT says.
    says: DisconnectOptions,
    pub(super) deadline: Instant,
    /// DISCONNECT goes out before anything else now.
    at_once: bool,
    /// DISCONNECT is written.
    pub(super) said: bool,
    /// The session's handle is gone.
    pub(super) end: bool,
}

impl Actor {
    /// A request came, or the handle is gone.
    pub(super) fn asked(
        &mut self,
        request: Option<Request>,
        connection: &mut Connection,
    ) -> Option<Next> {
        let (says, reply, end) = match request {
            Some(Request::Disconnect(says, reply)) => {
                let connack = connection.live.as_ref().map(|live| &live.connack);
                if let Err(error) = self.may_say(&says, connack) {
                    let _caller_may_be_gone = reply.send(Err(error));
                    return None;
                }
                (*says, Some(reply), false)
            }
            None => (DisconnectOptions::default(), None, true),
            Some(request) => {
                self.request(request, connection.live.as_ref());
                return None;
            }
        };
        if connection.live.is_none() {
            self.note_ours(connection);
            self.ledger.cancelled();
            let attempt = self.ledger.attempt();
            self.view.change(|snapshot| {
                snapshot.state = SessionState::Disconnected;
                snapshot.last_attempt = attempt;
            });
            if let Some(reply) = reply {
                let _caller_may_be_gone = reply.send(Ok(()));
            }
            return Some(if end { Next::End } else { Next::Rest });
        }
        let requests = &connection.requests;
        let closing = connection.closing.get_or_insert_with(|| {
            requests.disconnect(&says);
            let deadline = Instant::now() + DRAIN;
            let replies = Vec::new();
            Closing { replies, says, deadline, at_once: false, said: false, end: false }
        });
        closing.replies.extend(reply);
        closing.end |= end;
        None
    }

    /// Whether DISCONNECT may say this here.
    pub(super) fn may_say(
        &self,
        says: &DisconnectOptions,
        connack: Option<&ConnackInfo>,
    ) -> Result<(), SessionError> {
        let Options { version, session_expiry, .. } = *self.options;
        parting::check(says, version, session_expiry, connack)
    }

    /// A disconnect takes too long.
    pub(super) fn overdue(&mut self, connection: &mut Connection) -> Option<Next> {
        let closing = connection.closing.as_mut()?;
        if closing.at_once {
            return Some(self.closed(connection));
        }
        closing.at_once = true;
        closing.deadline = Instant::now() + WRITE;
        connection.requests.disconnect_now(&closing.says);
        None
    }

    /// The user's disconnect is done.
    pub(super) fn closed(&mut self, connection: &mut Connection) -> Next {
        self.note_ours(connection);
        self.forget_connection();
        self.view.state(SessionState::Disconnected);
        let Some(closing) = connection.closing.take() else {
            return Next::Rest;
        };
        for reply in closing.replies {
            let _caller_may_be_gone = reply.send(Ok(()));
        }
        if closing.end { Next::End } else { Next::Rest }
    }
}

/// Says goodbye on the stream that the library let go of: ends our side in every layer, then reads until the broker has closed its own.
pub(super) async fn farewell(progress: &mut mpsc::UnboundedReceiver<Progress>) {
    while let Ok(told) = progress.try_recv() {
        let Progress::Returned(mut stream) = told else {
            continue;
        };
        let goodbye = async {
            stream.shutdown().await?;
            let mut unread = [0; 4 * 1024];
            while stream.read(&mut unread).await? > 0 {}
            std::io::Result::Ok(())
        };
        let _it_ends_either_way = timeout(LINGER, goodbye).await;
    }
}
