//! A long run of random legal behaviour of a broker, with each version: late and reordered answers with any Reason Code, messages of every
//! QoS, Topic Aliases both ways, pings, loss at any byte, sessions kept and lost, DISCONNECT, a small Receive Maximum; while the client publishes and subscribes and the recorder
//! commits late.
//!
//! Whatever comes, the session never takes the broker for one that breaks rules, uses no Packet Identifier twice and loses none,
//! acknowledges nothing before its commit, and holds all that the broker holds for delivered, QoS 2 once. The model of the broker
//! (`broker`) judges each packet where it comes; the rest is judged when everything has come to rest.
//!
//! `RANDOM_BROKER_CASES=20000 cargo test -p mqttscope-session --test conformance random` runs more cases than the usual ones.

mod aliases;
mod answers;
mod broker;
mod manners;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use mqttscope_model::properties::Property;
use mqttscope_model::{Bytes, Direction, ErrorCode, ProtocolVersion, QoS, SessionState, UserError};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tokio::task::JoinHandle;

use crate::support::recorder::Memory;
use crate::support::{LONG, Running, open_with, profile, publish, subscription};
use aliases::topic_of;
use broker::Broker;
use manners::{Manners, manners};

/// How many cases run where nobody asks for more.
const CASES: u32 = 150;

/// Messages that are published at the end, which need each identifier of the window several times.
const AFTERWARDS: usize = 100;

/// Something that happens.
#[derive(Clone, Debug)]
enum Step {
    /// The broker answers one of the packets that wait for it, with a code of the answer's.
    Answer { which: u8, code: u8 },
    /// The broker sends a message.
    Send { qos: u8, alias: u8 },
    /// The broker sends PUBREL for one of the messages whose PUBREC came.
    Release { which: u8 },
    /// The recorder commits so many of what it has not committed.
    Commit { count: u8 },
    /// The client publishes to one of three topics, with an alias by hand where it may.
    Publish { qos: u8, topic: u8, alias: u8 },
    /// Nothing happens until the client sends a PINGREQ, where it soon will.
    Idle,
    /// The client subscribes.
    Subscribe { filter: u8 },
    /// The client ends a subscription.
    Unsubscribe { filter: u8 },
    /// The connection breaks within the broker's next packet, and the broker keeps the session or loses it.
    Cut { within: u8, reset: bool, keeps: bool },
    /// The broker sends DISCONNECT and closes.
    Disconnect { code: u8, keeps: bool },
}

fn step() -> impl Strategy<Value = Step> {
    let any_qos = 0..3_u8;
    prop_oneof![
        8 => (any::<u8>(), any::<u8>()).prop_map(|(which, code)| Step::Answer { which, code }),
        6 => (any_qos.clone(), any::<u8>()).prop_map(|(qos, alias)| Step::Send { qos, alias }),
        4 => any::<u8>().prop_map(|which| Step::Release { which }),
        5 => (1..4_u8).prop_map(|count| Step::Commit { count }),
        8 => (any_qos, 0..3_u8, any::<u8>())
            .prop_map(|(qos, topic, alias)| Step::Publish { qos, topic, alias }),
        1 => Just(Step::Idle),
        2 => (0..4_u8).prop_map(|filter| Step::Subscribe { filter }),
        1 => (0..4_u8).prop_map(|filter| Step::Unsubscribe { filter }),
        2 => (any::<u8>(), any::<bool>(), prop::bool::weighted(0.8))
            .prop_map(|(within, reset, keeps)| Step::Cut { within, reset, keeps }),
        1 => (any::<u8>(), prop::bool::weighted(0.8))
            .prop_map(|(code, keeps)| Step::Disconnect { code, keeps }),
    ]
}

#[test]
fn no_legal_broker_brings_the_session_out_of_step() {
    let asked = std::env::var("RANDOM_BROKER_CASES").ok().and_then(|cases| cases.parse().ok());
    let cases = asked.unwrap_or(CASES);
    let config =
        Config { cases, max_shrink_iters: 300, failure_persistence: None, ..Config::default() };
    let steps = prop::collection::vec(step(), 5..60);
    let run = TestRunner::new(config).run(&(manners(), steps), |(manners, steps)| {
        // The driver looks for bytes at each turn, so that what was sent is there when it is asked for.
        let mut builder = tokio::runtime::Builder::new_current_thread();
        let runtime = builder.event_interval(1).enable_all().build().unwrap();
        runtime.block_on(case(manners, &steps));
        Ok(())
    });
    if let Err(error) = run {
        panic!("{error}");
    }
}

/// A client, its broker, and what the client was asked to do.
struct Driver {
    running: Arc<Running>,
    broker: Broker,
    requests: Vec<JoinHandle<()>>,
    causes: Arc<Mutex<Vec<UserError>>>,
    committed: u64,
    manners: Manners,
    /// What was published last with each alias by hand.
    aliases: BTreeMap<u16, String>,
    /// It was waited for a PINGREQ.
    has_idled: bool,
}

async fn case(manners: Manners, steps: &[Step]) {
    let recorder = Memory::on_demand();
    let broker = Broker::start(manners, Arc::clone(&recorder)).await;
    let mut profile = profile(broker.port(), manners.version);
    profile.clean_start = manners.clean_start;
    profile.session_expiry = if manners.clean_start { 0 } else { 600 };
    profile.automatic_topic_alias = manners.automatic;
    profile.connect_properties.topic_alias_maximum = Some(manners.aliases.0);
    if manners.pings && manners.version != ProtocolVersion::V5 {
        profile.keep_alive = 1;
    }
    let running = Arc::new(open_with(&profile, recorder, Default::default()));
    let causes = Arc::new(Mutex::new(Vec::new()));
    let impatient = tokio::spawn(go_on(Arc::clone(&running), Arc::clone(&causes)));
    let mut driver = Driver {
        running,
        broker,
        requests: Vec::new(),
        causes,
        committed: 0,
        manners,
        aliases: BTreeMap::new(),
        has_idled: false,
    };
    for step in steps {
        driver.broker.connection().await;
        driver.step(step).await;
        driver.broker.look().await;
    }
    driver.come_to_rest().await;
    driver.publish_afterwards().await;
    driver.judge();
    impatient.abort();
}

/// Connects again at once whatever ended a connection, and notes what it was.
async fn go_on(running: Arc<Running>, causes: Arc<Mutex<Vec<UserError>>>) {
    let mut snapshot = running.session.snapshot();
    while snapshot.changed().await.is_ok() {
        let state = snapshot.borrow_and_update().state.clone();
        if let SessionState::Waiting { error, .. } | SessionState::Failed { error } = state {
            causes.lock().unwrap().push(error);
            running.session.reconnect_now();
        }
    }
}

impl Driver {
    async fn step(&mut self, step: &Step) {
        match *step {
            Step::Answer { which, code } => self.broker.answer(which, code).await,
            Step::Send { qos, alias } => self.broker.publish(qos, alias).await,
            Step::Release { which } => self.broker.release(which).await,
            Step::Commit { count } => self.commit(u64::from(count)).await,
            Step::Publish { qos, topic, alias } => self.publish(qos, topic, alias).await,
            Step::Idle if self.manners.pings && !self.has_idled => {
                self.has_idled = true;
                self.broker.idle().await;
            }
            Step::Idle => (),
            Step::Subscribe { filter } => self.subscribe(filter, true),
            Step::Unsubscribe { filter } => self.subscribe(filter, false),
            Step::Cut { within, reset, keeps } => self.broker.cut(within, reset, keeps).await,
            Step::Disconnect { code, keeps } => self.broker.disconnect(code, keeps).await,
        }
    }

    /// Commits `count` more messages, after the broker has seen what was acknowledged without them.
    async fn commit(&mut self, count: u64) {
        self.broker.look().await;
        let recorded = self.running.recorder.look(|recorded| recorded.messages.len() as u64);
        self.committed = recorded.min(self.committed + count);
        self.running.recorder.commit(self.committed);
    }

    /// The payload is the topic, for the broker to compare.
    async fn publish(&mut self, qos: u8, topic: u8, which: u8) {
        let topic = format!("up/{topic}");
        let mut message = publish(&topic, topic.as_bytes(), QoS::try_from(qos).unwrap());
        let alias = u16::from(which) % (self.manners.aliases.1 + 1);
        if alias > 0 && !self.manners.automatic {
            message.properties = vec![Property::TopicAlias(alias)];
            if which >= 0x80
                && let Some(set) = self.aliases.get(&alias)
            {
                message.payload = Bytes::from(set.as_str());
                message.topic = String::new();
            } else {
                self.aliases.insert(alias, topic);
            }
        }
        // Refused where there is no connection at the moment, or the alias was set on an earlier one.
        let _recorded_or_not = self.running.session.publish(message).await;
    }

    fn subscribe(&mut self, filter: u8, make: bool) {
        let running = Arc::clone(&self.running);
        let filter = format!("filter/{filter}");
        self.requests.push(tokio::spawn(async move {
            // Its answer may be a refusal or a loss, but there must be one.
            if make {
                let wanted = vec![subscription(&filter, QoS::ExactlyOnce)];
                let _any = running.session.subscribe(wanted).await;
            } else {
                let _any = running.session.unsubscribe(vec![filter]).await;
            }
        }));
    }

    /// The broker answers all with yes, and everything is committed, until nothing is on its way.
    async fn come_to_rest(&mut self) {
        let begun = Instant::now();
        while !self.rests() {
            assert!(begun.elapsed() < LONG, "it does not come to rest: {:?}", self.broker);
            self.broker.connection().await;
            self.broker.answer_all().await;
            self.commit(u64::MAX / 2).await;
            self.broker.look().await;
        }
    }

    fn rests(&self) -> bool {
        let connected = matches!(
            self.running.session.snapshot().borrow().state,
            SessionState::Connected { .. }
        );
        connected
            && self.broker.rests()
            && self.requests.iter().all(JoinHandle::is_finished)
            && self.running.recorder.look(|recorded| {
                let sent = recorded.messages.iter().filter(|m| m.direction == Direction::Sent);
                sent.count() == recorded.outcomes.len()
            })
    }

    async fn publish_afterwards(&mut self) {
        for n in 0..AFTERWARDS {
            let qos = if n % 2 == 0 { QoS::AtLeastOnce } else { QoS::ExactlyOnce };
            let message = publish("afterwards", b"afterwards", qos);
            self.running.session.publish(message).await.expect("there is a connection");
        }
        self.come_to_rest().await;
    }

    fn judge(&self) {
        for cause in self.causes.lock().unwrap().iter() {
            let blames = [
                ErrorCode::MqttProtocolError,
                ErrorCode::MqttMalformed,
                ErrorCode::Internal,
                ErrorCode::MqttTimedOut,
            ];
            assert!(!blames.contains(&cause.code), "a legal broker is blamed: {cause:?}");
        }
        self.running.recorder.look(|recorded| {
            let mut outcomes = BTreeMap::<_, u32>::new();
            for (id, _) in &recorded.outcomes {
                *outcomes.entry(id.0).or_default() += 1;
            }
            assert!(outcomes.values().all(|count| *count == 1), "an outcome is told twice");
            let mut came = BTreeMap::<_, u32>::new();
            for message in recorded.received() {
                if let Ok(number) = String::from_utf8_lossy(&message.payload).parse() {
                    assert_eq!(message.topic, topic_of(number), "it came on another topic");
                }
                if message.qos == QoS::ExactlyOnce {
                    *came.entry(message.payload.clone()).or_default() += 1;
                }
            }
            let twice: Vec<_> = came.iter().filter(|(_, count)| **count > 1).collect();
            assert!(twice.is_empty(), "recorded twice at QoS 2: {twice:?}");
        });
    }
}
