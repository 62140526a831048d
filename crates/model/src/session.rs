//! A session as the window sees it: states, subscriptions and traffic.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    Attempt, ConnackInfo, ConnectInfo, ConnectStage, ProfileId, QoS, ReasonCode, Subscription,
    TlsInfo, UserError, UserProperty,
};

/// Where a session stands. A refusal, a lost connection and a cancellation look different.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum SessionState {
    /// Not connected, by the user's wish or because nothing was started yet.
    Disconnected,
    /// An attempt is under way.
    Connecting {
        /// The stage that the attempt is in.
        stage: ConnectStage,
        /// Which attempt in a row this is, from 1.
        attempt: u32,
    },
    /// CONNACK came and said yes.
    Connected {
        /// Milliseconds since the Unix epoch when the CONNACK came.
        since_ms: i64,
        /// Milliseconds from the start of the attempt to the CONNACK.
        took_ms: u64,
        /// The address that answered, `ip:port`.
        address: String,
        /// What TLS agreed on, for mqtts and wss.
        tls: Option<TlsInfo>,
        /// What the broker's CONNACK said.
        connack: ConnackInfo,
    },
    /// The connection was lost or could not be made; another attempt follows.
    Waiting {
        /// Milliseconds since the Unix epoch at which the next attempt starts.
        until_ms: i64,
        /// The number of the next attempt in a row.
        attempt: u32,
        /// What ended the last one.
        error: UserError,
    },
    /// The attempts are over; only the user starts again.
    Failed {
        /// The cause.
        error: UserError,
    },
}

/// Everything the window shows of a session except its messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SessionSnapshot {
    /// The profile that runs.
    pub profile: ProfileId,
    /// Where it stands.
    pub state: SessionState,
    /// What the session's CONNECT asks for; none where there was no session yet. The profile may have changed since.
    pub connect: Option<ConnectInfo>,
    /// The stages of the current or last attempt.
    pub last_attempt: Option<Attempt>,
    /// The subscriptions, in the order in which they were added.
    pub subscriptions: Vec<SubscriptionState>,
    /// What moved over the connection.
    pub traffic: Traffic,
    /// QoS 1 and 2 messages on their way.
    pub in_flight: InFlight,
    /// What came of going on with a session that the broker had kept; none on a connection that began a new one.
    pub resumed: Option<Resumed>,
}

/// QoS 1 and 2 messages on their way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct InFlight {
    /// Sent, and not acknowledged to the end.
    pub sent: u32,
    /// How many of those there may be: the broker's Receive Maximum or our own limit, whichever is lower.
    pub sent_limit: u32,
    /// Waiting here because that many are on their way.
    pub sent_waiting: u32,
    /// Received, and not acknowledged to the end.
    pub received: u32,
    /// How many the broker may send at once: our Receive Maximum.
    pub received_limit: u32,
    /// The most that there were at once on this connection. More than the limit is the broker's breach `[MQTT-3.3.4-9]`.
    pub received_most: u32,
}

/// What came of going on with a session that the broker had kept (Session Present).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Resumed {
    /// PUBLISH and PUBREL packets that we sent again `[MQTT-4.4.0-1]`.
    pub sent_again: u32,
    /// PUBLISH packets with DUP that the broker sent again.
    pub received_again: u32,
    /// Messages without RETAIN that came within a second of the CONNACK. A broker says of none whether it had waited.
    pub received_first: u32,
}

/// How a session is ended. With 3.1 and 3.1.1 DISCONNECT says nothing, so there is only the first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct DisconnectOptions {
    /// The Reason Code: 0x00, 0x04 (with Will Message), or an error from 0x80 on that a client may send
    /// (MQTT 5.0, table 3-10).
    pub reason: ReasonCode,
    /// Session Expiry Interval in seconds. Not above 0 where CONNECT's was 0 (MQTT 5.0, section 3.14.2.2.2).
    #[serde(default)]
    pub session_expiry: Option<u32>,
    /// Reason String; empty sends none.
    #[serde(default)]
    pub reason_string: String,
    /// User Properties.
    #[serde(default)]
    pub user_properties: Vec<UserProperty>,
}

/// A subscription and what the broker answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SubscriptionState {
    /// What was asked for.
    pub wanted: Subscription,
    /// What became of it.
    #[serde(flatten)]
    pub answer: FilterState,
    /// The broker's words in its SUBACK; they are for all filters of one SUBSCRIBE.
    pub reason_string: Option<String>,
    /// Messages that came through it since the session was opened. One that came through several counts for each.
    pub received: u64,
    /// Messages over the last second.
    pub received_per_second: u32,
}

impl SubscriptionState {
    /// A subscription through which nothing has come.
    pub fn new(wanted: Subscription, answer: FilterState) -> Self {
        Self { wanted, answer, reason_string: None, received: 0, received_per_second: 0 }
    }
}

/// What became of one Topic Filter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum FilterState {
    /// Switched off; it is not made.
    Off,
    /// To be made when the session is connected.
    Waiting,
    /// SUBSCRIBE was sent, SUBACK has not come.
    Pending,
    /// The broker keeps the subscription.
    Granted {
        /// The QoS that the broker grants, which may be lower than asked.
        granted: QoS,
    },
    /// The broker refused this filter.
    Refused {
        /// The Reason Code of the SUBACK (3.1.1: 0x80).
        reason: ReasonCode,
    },
}

/// Counters of a session since it was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Traffic {
    /// PUBLISH packets received.
    pub received: u64,
    /// PUBLISH packets sent.
    pub sent: u64,
    /// Of those received, how many were not kept, because the recording was stopped.
    pub not_recorded: u64,
    /// Bytes of the payloads received.
    pub bytes_received: u64,
    /// Bytes of the payloads sent, each counted when its outcome is known (QoS 0: when it is written).
    pub bytes_sent: u64,
    /// Received per second, over the last second.
    pub received_per_second: u32,
    /// Sent per second, over the last second.
    pub sent_per_second: u32,
    /// Connections made again after a loss.
    pub reconnects: u32,
    /// Messages received that wait to be stored.
    pub queued: u32,
    /// Reading from the socket rests because the store cannot keep up.
    pub held_back: bool,
    /// How long reading has rested for the store in all, in milliseconds.
    pub held_back_ms: u64,
    /// The longest time in microseconds from the socket to the commit that was seen over the last second. A message that
    /// still waits for its commit counts with its wait so far. None where nothing was stored and nothing waits.
    pub store_delay_us: Option<u32>,
}
