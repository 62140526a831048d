//! The command table: every command of the application, once.
//!
//! One list gives the dispatcher, the shape of each command's arguments and the TypeScript
//! interface `Commands`. A command that is missing on either side does not compile; the price is a
//! macro of forty lines. The commands themselves are methods of [`Engine`], grouped by what they
//! are about.

use std::collections::BTreeMap;

use mqttscope_diagnosis::{DiagnosisId, DiagnosisOptions, Fix, Report};
use mqttscope_exchange::{
    Copied, CopyTarget, ExportOptions, ExportReport, ImportId, ImportPreview, ImportResult,
    ImportUndone, ItemChoice,
};
use mqttscope_model::address::ParsedAddress;
use mqttscope_model::check::Problem;
use mqttscope_model::{
    Bookmark, BrokerState, Colour, DisconnectOptions, ErrorCode, ExportRequest, FindMarks,
    FindRequest, FolderId, MessageId, NodeId, PacketDetail, PacketExport, PacketFilter, PacketFrom,
    PacketPage, PacketsState, PingTime, Preset, PresetId, ProbeId, ProbeOptions, ProbeReport,
    Profile, ProfileId, Publish, ReplyRule, ReplyState, RequestId, RequestRecord, RequestToSend,
    Retention, Secret, SecretEdit, SessionSnapshot, Subscription, SubscriptionState, Towards,
    UserError, ViewFilter,
};
use mqttscope_payload::{PayloadView, ViewKind};
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};
use ts_rs::TS;

use crate::Engine;
use crate::api::{
    AppInfo, Cleared, Compared, FindId, FindStep, HistoryStats, HistoryUsage, Job, JobId,
    MessageDetail, MessageRef, Page, PageFrom, PresetList, ProfileList, Settings, SidesFrom,
    SidesId, SidesKind, SidesOpened, SidesOptions, SidesPage, SidesPair, SidesState, ViewId,
    ViewOpened, ViewState, WayToCompare,
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
        ) -> Result<Box<RawValue>, UserError> {
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
    /// What is wrong with a profile, field by field, as it would be with these secrets.
    profile_check { profile: Profile, secrets: Vec<SecretEdit> } -> Vec<Problem>;
    /// Saves a profile. A profile with errors is refused and nothing changes.
    profile_save { profile: Profile, secrets: Vec<SecretEdit> } -> Profile;
    /// Saves a copy under `name` beside the original, secrets included.
    profile_duplicate { id: ProfileId, name: String } -> Profile;
    /// Gives profiles a colour, or takes it from them.
    profiles_colour { ids: Vec<ProfileId>, colour: Option<Colour> } -> ();
    /// Sets profiles aside, with their secrets and histories; `profiles_restore` takes them back until the application ends.
    profiles_delete { ids: Vec<ProfileId> } -> ();
    /// Takes back `profiles_delete`.
    profiles_restore { ids: Vec<ProfileId> } -> Vec<Profile>;
    /// Adds a folder at the end of another one, or of the top.
    folder_add { name: String, parent: Option<FolderId> } -> FolderId;
    /// Changes a folder's name and colour.
    folder_edit { id: FolderId, name: String, colour: Option<Colour> } -> ();
    /// Removes a folder; what lay in it takes its place.
    folder_remove { id: FolderId } -> ();
    /// Puts profiles and folders into a folder (none: the top), before something in it or at its end.
    nodes_move { nodes: Vec<NodeId>, folder: Option<FolderId>, before: Option<NodeId> } -> ();
    /// All presets.
    presets_list {} -> PresetList;
    /// The profile with a preset filled in; it is not saved. Answers to questions for secrets are not passed.
    preset_apply { preset: PresetId, answers: BTreeMap<String, String>, profile: Profile } -> Profile;
    /// Keeps a profile's settings, without name, identifiers and secrets, as a preset of one's own.
    preset_save { name: String, profile: Profile } -> Preset;
    /// Removes a preset of one's own.
    preset_delete { id: PresetId } -> ();
    /// Writes profiles to a file.
    export_save { path: String, options: ExportOptions } -> ExportReport;
    /// A profile as a command line, an address or code; never with a secret.
    copy_as { profile: ProfileId, target: CopyTarget } -> Copied;
    /// Reads a file that profiles may be in. Nothing is changed.
    import_file { path: String } -> ImportPreview;
    /// Reads a text that profiles may be in. Nothing is changed.
    import_text { text: Secret } -> ImportPreview;
    /// Opens the encrypted secrets of an import.
    import_unlock { import: ImportId, passphrase: Secret } -> ImportPreview;
    /// Brings profiles in, all of them or none. Items without a choice are left out.
    import_run { import: ImportId, choices: Vec<ItemChoice>, messages: bool } -> ImportResult;
    /// Forgets an import that was not run, or ends one that runs; what it did is taken back.
    import_cancel { import: ImportId } -> ();
    /// Takes a whole import back, but for profiles that were changed since. Works until the application ends.
    import_undo { import: ImportId } -> ImportUndone;
    /// A fresh Client Identifier that every broker takes.
    client_id_new {} -> String;
    /// Reads a whole address such as `wss://user@host:8084/mqtt`.
    address_parse { text: String } -> ParsedAddress;

    /// A snapshot for every profile, connected or not.
    sessions_list {} -> Vec<SessionSnapshot>;
    /// Starts to connect; how it goes arrives as events.
    session_connect { profile: ProfileId } -> ();
    /// Ends a session with DISCONNECT (without options: normally), or cancels an attempt in any stage.
    session_disconnect { profile: ProfileId, options: Option<DisconnectOptions> } -> ();
    /// Makes the next attempt now instead of waiting.
    session_reconnect_now { profile: ProfileId } -> ();
    /// Authenticates anew over the running connection (MQTT 5.0, section 4.12.1).
    session_reauthenticate { profile: ProfileId } -> ();
    /// The account of a session's current or last attempt, judged; none where there was none.
    session_report { profile: ProfileId } -> Option<Report>;
    /// Begins a diagnosis of a profile, saved or not, beside whatever runs. It goes on as events tell.
    diagnosis_start { profile: Profile, secrets: Vec<SecretEdit>, options: DiagnosisOptions } -> DiagnosisId;
    /// The account of a diagnosis so far.
    diagnosis_report { diagnosis: DiagnosisId } -> Report;
    /// Ends a diagnosis, wherever it is. Its report stays.
    diagnosis_cancel { diagnosis: DiagnosisId } -> ();
    /// The profile as a fix would make it; it is not saved.
    fix_apply { profile: Profile, fix: Fix } -> Profile;
    /// Writes certificates to a file, one after the other, in PEM.
    certificates_save { path: String, pem: Vec<String> } -> ();
    /// Saves subscriptions in the profile, and makes them at once where the session is connected. One whose filter is there
    /// already is changed; `instead_of` is the filter of one that the first of them takes the place of.
    session_subscribe { profile: ProfileId, subscriptions: Vec<Subscription>, instead_of: Option<String> } -> Vec<SubscriptionState>;
    /// Takes subscriptions out of the profile and the session.
    session_unsubscribe { profile: ProfileId, filters: Vec<String> } -> ();
    /// Records a message, unless recording is stopped, and hands it to the connection; its outcome is shown on its row.
    session_publish { profile: ProfileId, publish: Publish } -> Option<MessageId>;
    /// The same with the payload from a file; the one of `publish` must be empty.
    session_publish_file { profile: ProfileId, publish: Publish, path: String } -> Option<MessageId>;
    /// How many bytes a file to publish has now.
    publish_file_size { path: String } -> u64;

    /// Sends a request and waits for its answers, as events tell.
    request_send { profile: ProfileId, request: RequestToSend } -> RequestId;
    /// The last requests of a session, the newest first.
    requests_list { profile: ProfileId } -> Vec<RequestRecord>;
    /// Waits for no answer any longer.
    request_cancel { request: RequestId } -> ();
    /// Saves the rules that answer requests in the profile; they hold at once where the session is connected.
    replies_save { profile: ProfileId, rules: Vec<ReplyRule> } -> ();
    /// What the rules have done, in their order.
    replies_state { profile: ProfileId } -> Vec<ReplyState>;
    /// What a rule would answer to a message; it is not sent.
    reply_preview { rule: ReplyRule, message: MessageRef } -> Publish;

    /// What a session's timeline of packets holds.
    packets_state { profile: ProfileId } -> PacketsState;
    /// Begins or stops to take packets down. Off until it is switched on again, or the application ends.
    packets_record { profile: ProfileId, on: bool } -> ();
    /// At most 500 lines of the timeline.
    packets_page { profile: ProfileId, filter: PacketFilter, from: PacketFrom, count: u32 } -> PacketPage;
    /// One packet with its fields; secrets are masked.
    packet_detail { profile: ProfileId, number: u64 } -> PacketDetail;
    /// The last pings, the oldest first, 500 at most.
    packets_pings { profile: ProfileId } -> Vec<PingTime>;
    /// Forgets the packets of a timeline.
    packets_clear { profile: ProfileId } -> ();
    /// Writes packets to a file; a job.
    packets_export { profile: ProfileId, path: String, export: PacketExport } -> JobId;

    /// Begins to find out what a profile's broker can do, on connections of its own. It goes on as events tell.
    probe_start { profile: ProfileId, options: ProbeOptions } -> ProbeId;
    /// A probe's table, of one that runs or was kept.
    probe_report { probe: ProbeId } -> ProbeReport;
    /// Ends a probe soon, and cleans up.
    probe_cancel { probe: ProbeId } -> ();
    /// The tables that are kept, the newest first.
    probes_list {} -> Vec<ProbeReport>;
    /// Removes a table.
    probe_delete { probe: ProbeId } -> ();

    /// Records a message of some history again and hands it to a connection, byte for byte and with its properties.
    message_publish_again { message: MessageRef, to: ProfileId } -> Option<MessageId>;

    /// How much a history holds.
    history_stats { profile: ProfileId } -> HistoryStats;
    /// What a history takes, and its limits.
    history_usage { profile: ProfileId } -> HistoryUsage;
    /// Saves the limits of a history in its profile, and begins to hold them.
    history_limit { profile: ProfileId, retention: Retention } -> ();
    /// Begins or stops to keep what is received and sent. Receiving and sending go on.
    history_record { profile: ProfileId, on: bool } -> ();
    /// At most 500 rows of a history, or of a view of it.
    history_page { profile: ProfileId, view: Option<ViewId>, from: PageFrom, count: u32 } -> Page;
    /// Everything about one message but its payload.
    history_message { profile: ProfileId, id: MessageId } -> MessageDetail;
    /// The message before another one with the same Topic Name.
    message_previous { profile: ProfileId, id: MessageId } -> Option<MessageId>;
    /// What differs between two payloads.
    messages_compare { before: MessageRef, after: MessageRef, way: WayToCompare } -> Compared;
    /// Removes all messages of a history.
    history_clear { profile: ProfileId } -> Cleared;
    /// Topic Names in use that go on from what was typed, then those that hold it.
    topics_complete { profile: ProfileId, typed: String, limit: u32 } -> Vec<String>;
    /// A piece of a payload as text of some kind, `limit` characters at most.
    payload_view { profile: ProfileId, id: MessageId, kind: ViewKind, offset: u64, limit: u32 } -> PayloadView;

    /// Begins a view: it is searched newest first and follows what comes, until it is closed.
    view_open { profile: ProfileId, filter: ViewFilter } -> ViewOpened;
    /// How far a view is.
    view_state { view: ViewId } -> ViewState;
    /// Stops searching what was there; what was found stays, and what comes is followed.
    view_halt { view: ViewId } -> ();
    /// Closes a view and the searches within it.
    view_close { view: ViewId } -> ();
    /// Removes exactly the messages that a complete view shows; a job.
    view_clear { view: ViewId } -> JobId;
    /// Begins to look for something within a history, or within a view of it.
    find_open { profile: ProfileId, view: Option<ViewId>, request: FindRequest } -> FindId;
    /// The nearest match on one side of a message, or of the end where none is named.
    find_step { find: FindId, from: Option<MessageId>, towards: Towards } -> FindStep;
    /// Where the matches lie, in so many equal parts (at most 4,096).
    find_marks { find: FindId, parts: u32 } -> FindMarks;
    /// Ends a search, also one whose step still runs.
    find_close { find: FindId } -> ();

    /// Begins to compare what came on one session with what came on another. It follows both until it is closed.
    sides_open { pair: SidesPair, options: SidesOptions } -> SidesOpened;
    /// How far a comparison is.
    sides_state { sides: SidesId } -> SidesState;
    /// At most 500 rows of a comparison, of these kinds.
    sides_page { sides: SidesId, kinds: Vec<SidesKind>, from: SidesFrom, count: u32 } -> SidesPage;
    /// Ends a comparison.
    sides_close { sides: SidesId } -> ();

    /// The bookmarks of a history, in the order of their messages.
    bookmarks_list { profile: ProfileId } -> Vec<Bookmark>;
    /// Marks a message, or changes the note of one that is marked.
    bookmark_set { profile: ProfileId, id: MessageId, note: String } -> ();
    /// Takes a mark and its note away.
    bookmark_remove { profile: ProfileId, id: MessageId } -> ();

    /// Writes messages to a file; a job.
    history_export { profile: ProfileId, path: String, request: ExportRequest } -> JobId;
    /// Brings the messages of a file of JSON Lines in; a job.
    history_import { profile: ProfileId, path: String } -> JobId;
    /// Gives the free space of a history back to the disk; a job.
    history_compact { profile: ProfileId } -> JobId;
    /// The jobs that run, and the last that are over.
    jobs_list {} -> Vec<Job>;
    /// Ends a job soon. What an export wrote is removed; what the others did stays done.
    job_cancel { job: JobId } -> ();

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

fn write<T: serde::Serialize>(name: &str, result: &T) -> Result<Box<RawValue>, UserError> {
    to_raw_value(result).map_err(|error| {
        let message = format!("The result of {name} could not be written: {error}");
        UserError::new(ErrorCode::Internal, message)
    })
}
