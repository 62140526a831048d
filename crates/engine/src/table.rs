//! The command table: every command of the application, once.
//!
//! One list gives the dispatcher, the shape of each command's arguments and the TypeScript
//! interface `Commands`. A command that is missing on either side does not compile; the price is a
//! macro of forty lines. The commands themselves are methods of [`Engine`], grouped by what they
//! are about.

use std::collections::BTreeMap;

use mqttscope_model::address::ParsedAddress;
use mqttscope_model::check::Problem;
use mqttscope_model::{
    BrokerState, ErrorCode, MessageId, Profile, ProfileId, Publish, SessionSnapshot, Subscription,
    SubscriptionState, UserError,
};
use mqttscope_payload::{PayloadView, ViewKind};
use serde::de::DeserializeOwned;
use serde_json::Value;
use ts_rs::TS;

use crate::Engine;
use crate::api::{
    AppInfo, Cleared, HistoryStats, MessageDetail, Page, PasswordChange, ProfileList, Settings,
};

macro_rules! commands {
    ($($(#[doc = $doc:literal])+ $name:ident { $($arg:ident: $type:ty),* } -> $result:ty;)+) => {
        /// The arguments of each command, as one object.
        #[expect(non_camel_case_types, reason = "each is named for its command")]
        mod args {
            use super::*;
            $(
                #[derive(serde::Deserialize, TS)]
                #[serde(deny_unknown_fields)]
                pub(super) struct $name { $(pub(super) $arg: $type),* }
            )+
        }

        /// Runs the command `name`. Unknown names and arguments of another shape are refused with
        /// [`ErrorCode::CommandUnknown`] before anything happens.
        pub(crate) async fn dispatch(
            engine: &Engine,
            name: &str,
            args: Value,
        ) -> Result<Value, UserError> {
            match name {
                $(stringify!($name) => {
                    let args::$name { $($arg),* } = read(name, args)?;
                    let result: $result = engine.$name($($arg),*).await?;
                    write(name, &result)
                })+
                _ => Err(UserError::new(
                    ErrorCode::CommandUnknown,
                    format!("There is no command {name}."),
                )),
            }
        }

        /// Tells `visit` each command: documentation, name, arguments and result.
        pub(crate) fn describe(visit: &mut impl CommandVisitor) {
            $(visit.command::<args::$name, $result>(&[$($doc),+], stringify!($name));)+
        }
    };
}

/// Is told the commands by [`describe`].
pub(crate) trait CommandVisitor {
    /// One command with the types of its arguments and its result.
    fn command<A: TS + 'static, R: TS + 'static>(&mut self, docs: &[&str], name: &str);
}

commands! {
    /// Version, folders, and where secrets are kept.
    app_info {} -> AppInfo;
    /// The settings of the window.
    settings_get {} -> Settings;
    /// Replaces the settings of the window.
    settings_set { settings: Settings } -> ();

    /// All profiles, and the files that could not be read as one.
    profiles_list {} -> ProfileList;
    /// A profile with defaults and fresh identifiers; it is not saved.
    profile_new {} -> Profile;
    /// What is wrong with a profile, field by field.
    profile_check { profile: Profile } -> Vec<Problem>;
    /// Saves a profile. A profile with errors is refused and nothing changes.
    profile_save { profile: Profile, password: PasswordChange } -> Profile;
    /// Saves a copy under `name`, password included.
    profile_duplicate { id: ProfileId, name: String } -> Profile;
    /// Sets a profile aside, with its password and its history; `profile_restore` takes it back until the application ends.
    profile_delete { id: ProfileId } -> ();
    /// Takes back `profile_delete`.
    profile_restore { id: ProfileId } -> Profile;
    /// A fresh Client Identifier that every broker takes.
    client_id_new {} -> String;
    /// Reads a whole address such as `wss://user@host:8084/mqtt`.
    address_parse { text: String } -> ParsedAddress;

    /// A snapshot for every profile, connected or not.
    sessions_list {} -> Vec<SessionSnapshot>;
    /// Starts to connect; how it goes arrives as events.
    session_connect { profile: ProfileId } -> ();
    /// Ends a session with DISCONNECT, or cancels an attempt in any stage.
    session_disconnect { profile: ProfileId } -> ();
    /// Makes the next attempt now instead of waiting.
    session_reconnect_now { profile: ProfileId } -> ();
    /// Saves subscriptions in the profile, and makes them at once where the session is connected.
    session_subscribe { profile: ProfileId, subscriptions: Vec<Subscription> } -> Vec<SubscriptionState>;
    /// Takes subscriptions out of the profile and the session.
    session_unsubscribe { profile: ProfileId, filters: Vec<String> } -> ();
    /// Records a message and hands it to the connection; its outcome is shown on its row.
    session_publish { profile: ProfileId, publish: Publish } -> MessageId;

    /// How much a history holds.
    history_stats { profile: ProfileId } -> HistoryStats;
    /// At most 500 rows from the index `first` on.
    history_page { profile: ProfileId, first: u64, count: u32 } -> Page;
    /// Everything about one message but its payload.
    history_message { profile: ProfileId, id: MessageId } -> MessageDetail;
    /// Removes all messages of a history.
    history_clear { profile: ProfileId } -> Cleared;
    /// A piece of a payload as text of some kind, `limit` characters at most.
    payload_view { profile: ProfileId, id: MessageId, kind: ViewKind, offset: u64, limit: u32 } -> PayloadView;

    /// Starts the local broker.
    broker_start {} -> ();
    /// Stops the local broker; its clients are disconnected.
    broker_stop {} -> ();
    /// The local broker's state.
    broker_state {} -> BrokerState;
    /// Starts the local broker, makes (as `name`) or finds its profile, connects, and subscribes to `#`.
    try_local { name: String } -> ProfileId;
}

fn read<T: DeserializeOwned>(name: &str, args: Value) -> Result<T, UserError> {
    // serde's text may quote a value, and a value may be a password: only the place is told.
    serde_json::from_value(args).map_err(|error| {
        UserError::new(
            ErrorCode::CommandUnknown,
            format!("The arguments of {name} have another shape than this version expects."),
        )
        .detail("kind", format!("{:?}", error.classify()))
    })
}

fn write<T: serde::Serialize>(name: &str, result: &T) -> Result<Value, UserError> {
    serde_json::to_value(result).map_err(|error| UserError {
        code: ErrorCode::Internal,
        message: format!("The result of {name} could not be written: {error}"),
        hint: String::new(),
        details: BTreeMap::new(),
    })
}
