//! Faults of connections that were there: subscriptions that are refused, closes after a packet, takeover, silence, drops at
//! regular intervals, and every code of the broker's DISCONNECT.

use std::path::PathBuf;

use mqttscope_model::{Bytes, ProtocolVersion, Publish, QoS, Scheme, Subscription};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::mqtt::text_property;
use super::{Cure, Fault, at};
use crate::answering::{Answering, Deed, Kind, Packet};
use crate::mosquitto::Setup;
use crate::nginx::to_websocket;
use crate::process::{self, Process};
use crate::{Mosquitto, Nginx};

/// Makes a fault for each code of a DISCONNECT after CONNACK, and lists all faults of the module.
macro_rules! disconnects {
    ([$($other:ident),+ $(,)?] $($name:ident: $code:literal $cause:literal $fix:literal $cure:ident [$($word:literal),+];)+) => {
        $(
            #[doc = concat!("DISCONNECT with ", stringify!($code), ".")]
            pub async fn $name() -> Fault {
                disconnected($code, &[], $cause, $fix).await.cure(Cure::$cure).words(&[$($word),+])
            }
        )+
        super::rows![$($other,)+ $($name),+];
    };
}

disconnects! {
    [
        a_subscription_is_refused,
        a_subscription_is_refused_in_3_1_1,
        a_close_after_subscribe,
        a_close_after_subscribe_on_each_connection,
        subscribe_is_not_answered,
        a_close_after_publish,
        a_close_after_a_retained_publish,
        taken_over_again_and_again,
        taken_over_in_5,
        taken_over_and_told,
        closed_right_after_each_connack,
        a_ping_is_not_answered,
        the_proxy_drops_what_is_silent,
        sent_to_another_server,
    ]
    disconnect_80: 0x80 "session.disconnected" "read_broker_log" Person ["unspecified"];
    disconnect_81: 0x81 "session.disconnected" "read_broker_log" Person ["malformed"];
    disconnect_82: 0x82 "session.disconnected" "read_broker_log" Person ["protocol error"];
    disconnect_83: 0x83 "session.disconnected" "read_broker_log" Person ["implementation specific"];
    disconnect_87: 0x87 "session.disconnected" "ask_for_permission" Person ["not authori"];
    disconnect_89: 0x89 "session.disconnected" "wait_and_retry" Person ["busy"];
    disconnect_8b: 0x8b "session.disconnected" "wait_and_retry" Person ["shutting down"];
    disconnect_8d: 0x8d "session.disconnected" "use_keep_alive" Changes ["keep alive"];
    disconnect_8f: 0x8f "session.disconnected" "read_broker_log" Person ["topic filter"];
    disconnect_90: 0x90 "session.disconnected" "read_broker_log" Person ["topic name"];
    disconnect_93: 0x93 "session.disconnected" "read_broker_log" Person ["receive maximum"];
    disconnect_94: 0x94 "session.disconnected" "read_broker_log" Person ["topic alias"];
    disconnect_95: 0x95 "session.disconnected" "read_broker_log" Person ["too large"];
    disconnect_96: 0x96 "session.disconnected" "wait_and_retry" Person ["message rate"];
    disconnect_97: 0x97 "session.disconnected" "wait_and_retry" Person ["quota"];
    disconnect_98: 0x98 "session.disconnected" "ask_for_permission" Person ["administrative"];
    disconnect_99: 0x99 "session.disconnected" "read_broker_log" Person ["payload format"];
    disconnect_9a: 0x9a "session.disconnected" "read_broker_log" Person ["retain"];
    disconnect_9b: 0x9b "session.disconnected" "read_broker_log" Person ["qos"];
    disconnect_9c: 0x9c "session.disconnected" "ask_for_permission" Person ["another server"];
    disconnect_9d: 0x9d "session.disconnected" "ask_for_permission" Person ["server moved"];
    disconnect_9e: 0x9e "session.disconnected" "read_broker_log" Person ["shared"];
    disconnect_9f: 0x9f "session.disconnected" "wait_and_retry" Person ["rate"];
    disconnect_a0: 0xa0 "session.disconnected" "wait_and_retry" Person ["maximum connect time"];
    disconnect_a1: 0xa1 "session.disconnected" "read_broker_log" Person ["subscription identifiers"];
    disconnect_a2: 0xa2 "session.disconnected" "read_broker_log" Person ["wildcard"];
    disconnect_c3: 0xc3 "session.disconnected" "read_broker_log" Person ["0xc3", "195"];
}

/// A broker that answers as `no` says where it says something, and yes to all else in the words of `level`.
async fn but(
    level: u8,
    no: impl Fn(&Packet) -> Option<Vec<Deed>> + Send + Sync + 'static,
) -> Answering {
    Answering::start(move |packet| no(packet).unwrap_or_else(|| vec![packet.yes(level)])).await
}

async fn disconnected(
    code: u8,
    properties: &[u8],
    cause: &'static str,
    fix: &'static str,
) -> Fault {
    let length = u8::try_from(properties.len()).expect("few properties");
    let disconnect = [&[0xe0, 2 + length, code, length], properties].concat();
    let broker = but(5, move |packet| match packet.kind() {
        Kind::Connect => Some(vec![packet.yes(5), Deed::Send(disconnect.clone()), Deed::Close]),
        _ => None,
    })
    .await;
    fault(broker.port(), "staying", cause, fix).keep(broker)
}

fn fault(port: u16, stage: &'static str, cause: &'static str, fix: &'static str) -> Fault {
    Fault::new(at(Scheme::Mqtt, port), stage, cause, fix)
}

fn wanted(filter: &str) -> Vec<Subscription> {
    vec![Subscription::new(filter, QoS::AtLeastOnce)]
}

/// A diagnosis that subscribes.
fn subscribing(mut fault: Fault, version: ProtocolVersion) -> Fault {
    fault.options = Some(json!({ "subscribe": true }));
    fault.with(|profile| {
        profile.version = version;
        profile.subscriptions = wanted("#");
    })
}

/// Mosquitto with its plugin for permissions; everybody may subscribe below `plant/`.
fn strict() -> (Mosquitto, TempDir) {
    let folder = TempDir::with_prefix("mqttscope-permissions-").expect("a folder");
    let file = folder.path().join("permissions.json");
    std::fs::write(&file, permissions().to_string()).expect("the permissions can be written");
    let lines = vec![
        format!("plugin {}", plugin().display()),
        format!("plugin_opt_config_file {}", file.display()),
    ];
    (Mosquitto::with(&Setup { lines, ..Setup::default() }), folder)
}

fn permissions() -> Value {
    let allowed = json!({ "acltype": "subscribePattern", "topic": "plant/#", "allow": true });
    json!({
        "defaultACLAccess": {
            "publishClientSend": true, "publishClientReceive": true,
            "subscribe": false, "unsubscribe": true,
        },
        "anonymousGroup": "all",
        "groups": [{ "groupname": "all", "roles": [{ "rolename": "plant" }] }],
        "roles": [{ "rolename": "plant", "acls": [allowed] }],
        "clients": [],
    })
}

/// The plugin, wherever this system's packages put libraries.
fn plugin() -> PathBuf {
    let folders =
        ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib", "/usr/lib64"];
    let name = "mosquitto_dynamic_security.so";
    let found = folders.map(|folder| PathBuf::from(folder).join(name));
    found.into_iter().find(|path| path.is_file()).expect("mosquitto comes with its plugin")
}

fn refused_by_mosquitto(version: ProtocolVersion) -> Fault {
    let broker = strict();
    let port = broker.0.port(Scheme::Mqtt);
    let refused = fault(port, "subscribe", "subscribe.refused", "without_subscription");
    subscribing(refused, version)
        .cure(Cure::Connects)
        .words(&["subscribe refused", "subscription", "all subscription requests were denied"])
        .keep(broker)
}

/// Mosquitto refuses a subscription.
pub async fn a_subscription_is_refused() -> Fault {
    refused_by_mosquitto(ProtocolVersion::V5)
}

/// Mosquitto refuses a subscription in 3.1.1, which has one code for it.
pub async fn a_subscription_is_refused_in_3_1_1() -> Fault {
    refused_by_mosquitto(ProtocolVersion::V311)
}

/// A broker that closes on a SUBSCRIBE to everything, as AWS IoT does.
async fn closing_on_everything(level: u8) -> Answering {
    but(level, |packet| {
        let everything = packet.kind() == Kind::Subscribe && packet.holds(b"\x00\x01#");
        everything.then(|| vec![Deed::Close])
    })
    .await
}

/// The broker closes on a subscription in place of refusing it.
pub async fn a_close_after_subscribe() -> Fault {
    let broker = closing_on_everything(5).await;
    let closed = fault(broker.port(), "subscribe", "subscribe.closed", "without_subscription");
    subscribing(closed, ProtocolVersion::V5)
        .cure(Cure::Connects)
        .words(&["after subscribe"])
        .keep(broker)
}

/// Like [`a_close_after_subscribe`], seen by an ordinary session that connects again and again.
pub async fn a_close_after_subscribe_on_each_connection() -> Fault {
    let broker = closing_on_everything(4).await;
    fault(broker.port(), "staying", "subscribe.closed", "without_subscription")
        .with(|profile| {
            profile.version = ProtocolVersion::V311;
            profile.subscriptions = wanted("#");
        })
        .losses(3)
        .cure(Cure::Connects)
        .words(&["after subscribe"])
        .keep(broker)
}

/// The broker does not answer SUBSCRIBE.
pub async fn subscribe_is_not_answered() -> Fault {
    let broker = but(5, |packet| (packet.kind() == Kind::Subscribe).then(Vec::new)).await;
    let silent = fault(broker.port(), "subscribe", "subscribe.unanswered", "read_broker_log");
    subscribing(silent, ProtocolVersion::V5).words(&["suback"]).keep(broker)
}

async fn closing_on_publish(retain: bool, fix: &'static str) -> Fault {
    let broker = but(4, |packet| (packet.kind() == Kind::Publish).then(|| vec![Deed::Close])).await;
    let mut fault = fault(broker.port(), "staying", "publish.closed", fix)
        .with(|profile| profile.version = ProtocolVersion::V311)
        .words(&["after publish"])
        .keep(broker);
    fault.publish = Some(Publish {
        topic: "not/allowed".to_owned(),
        payload: Bytes(b"x".to_vec()),
        qos: QoS::AtLeastOnce,
        retain,
        properties: Vec::new(),
    });
    fault
}

/// The broker closes on a PUBLISH, as 3.1.1 leaves it no other way (`[MQTT-3.3.5-2]`).
pub async fn a_close_after_publish() -> Fault {
    closing_on_publish(false, "ask_for_permission").await
}

/// The broker closes on a retained PUBLISH.
pub async fn a_close_after_a_retained_publish() -> Fault {
    closing_on_publish(true, "ask_for_permission").await
}

/// Mosquitto, and another device with the same Client Identifier that always comes back.
fn with_a_rival(version: ProtocolVersion) -> Fault {
    let broker = Mosquitto::start();
    let folder = TempDir::with_prefix("mqttscope-rival-").expect("a folder");
    let port = broker.port(Scheme::Mqtt).to_string();
    let fault =
        fault(broker.port(Scheme::Mqtt), "staying", "session.taken_over", "use_other_client_id")
            .with(|profile| profile.version = version)
            .cure(Cure::Connects)
            .words(&["taken over", "same client", "identifier"]);
    let mut command = process::program("mosquitto_sub");
    let name = fault.profile.client_id.clone();
    command.args(["-h", "127.0.0.1", "-p", &port, "-V", "311", "-t", "x", "-i", &name]);
    let rival = Process::start(command, &folder.path().join("rival.log"));
    // In this order they end: the rival would else write of a broker that is gone.
    fault.keep((rival, broker, folder))
}

/// Another client uses the same identifier; before 5.0 the broker only closes, again and again.
pub async fn taken_over_again_and_again() -> Fault {
    with_a_rival(ProtocolVersion::V311).losses(3)
}

/// Like [`taken_over_again_and_again`] in 5.0: mosquitto 2.0 does not send the Reason Code that there is for it.
pub async fn taken_over_in_5() -> Fault {
    with_a_rival(ProtocolVersion::V5).losses(3)
}

/// Another client uses the same identifier, and the broker says so.
pub async fn taken_over_and_told() -> Fault {
    let broker = but(5, |packet| {
        // The length before it: an identifier that only begins alike is another one.
        let same = packet.kind() == Kind::Connect && packet.holds(b"\x00\x0fmqttscope-fault");
        let told = Deed::Send(vec![0xe0, 2, 0x8e, 0]);
        same.then(|| vec![packet.yes(5), told, Deed::Close])
    })
    .await;
    fault(broker.port(), "staying", "session.taken_over", "use_other_client_id")
        .cure(Cure::Connects)
        .words(&["taken over"])
        .keep(broker)
}

/// The broker closes right after each CONNACK, as one does whose plugin fails; a rival would look alike.
pub async fn closed_right_after_each_connack() -> Fault {
    let broker =
        but(4, |packet| (packet.kind() == Kind::Connect).then(|| vec![packet.yes(4), Deed::Close]))
            .await;
    fault(broker.port(), "staying", "session.taken_over", "use_other_client_id")
        .with(|profile| profile.version = ProtocolVersion::V311)
        .losses(3)
        .or("session.connection_lost")
        .cure(Cure::Changes)
        .words(&["after connack", "closes"])
        .keep(broker)
}

/// The broker does not answer PINGREQ.
pub async fn a_ping_is_not_answered() -> Fault {
    let broker = but(5, |packet| (packet.kind() == Kind::Ping).then(Vec::new)).await;
    fault(broker.port(), "staying", "session.ping_unanswered", "read_broker_log")
        .with(|profile| profile.keep_alive = 1)
        .words(&["ping", "keepalive", "keep alive"])
        .keep(broker)
}

/// A proxy drops connections that are silent for three seconds, and the Keep Alive is longer.
pub async fn the_proxy_drops_what_is_silent() -> Fault {
    let broker = Mosquitto::start();
    let pass = to_websocket(broker.port(Scheme::Ws));
    let nginx = Nginx::plain(&format!("location / {{ proxy_read_timeout 3s; {pass} }}"));
    let endpoint = nginx.endpoint(Scheme::Ws, "/mqtt");
    Fault::new(endpoint, "staying", "session.regular_drops", "use_keep_alive")
        .with(|profile| profile.keep_alive = 60)
        .losses(3)
        .cure(Cure::Connects)
        .words(&["interval", "keep alive", "keepalive"])
        .keep((nginx, broker))
}

/// The broker ends the connection and names another server.
pub async fn sent_to_another_server() -> Fault {
    let other = Mosquitto::start();
    let reference = format!("localhost:{}", other.port(Scheme::Mqtt));
    let properties = text_property(0x1c, &reference);
    disconnected(0x9d, &properties, "session.disconnected", "use_host")
        .await
        .cure(Cure::Connects)
        .words(&["server moved"])
        .keep(other)
}
