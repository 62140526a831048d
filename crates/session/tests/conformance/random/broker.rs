//! A broker that keeps to the rules and judges each packet of the client: its session, what it has sent and what was answered.

use std::collections::HashSet;
use std::sync::Arc;

use mqttscope_model::ProtocolVersion;
use mqttscope_session::Recorder as _;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::aliases::{self, Aliases, topic_of};
use super::answers::{Answer, OF_DISCONNECT, pick, short};
use super::manners::Manners;
use crate::support::LONG;
use crate::support::recorder::Memory;
use crate::support::scripted::{
    CONNECT, DISCONNECT, PINGREQ, PUBACK, PUBCOMP, PUBLISH, PUBREC, PUBREL, Packet, SUBSCRIBE,
    UNSUBSCRIBE, connack, packet,
};

/// Messages that the broker has on their way at most, and the identifiers that it takes for them.
const MOST: usize = 12;

/// How often the client has its turn before nothing more is expected of it.
const TURNS: usize = 40;

/// How far a message to the client is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Sent,
    Recorded,
    Released,
}

/// A message to the client.
#[derive(Clone, Debug)]
struct Message {
    id: u16,
    qos: u8,
    number: String,
    topic: String,
    stage: Stage,
}

#[derive(Debug)]
pub struct Broker {
    manners: Manners,
    listener: TcpListener,
    recorder: Arc<Memory>,
    stream: Option<TcpStream>,
    unread: Vec<u8>,
    /// Whether CONNACK said that the session is there.
    present: bool,
    /// Whether the session is kept for the next connection.
    keeps: bool,
    /// What the client waits for.
    waiting: Vec<Answer>,
    /// The client's identifiers in use on this connection.
    in_use: HashSet<u16>,
    /// Those of PUBLISH, which Receive Maximum limits.
    window: HashSet<u16>,
    /// The session: messages to the client, oldest first.
    messages: Vec<Message>,
    sent: u32,
    aliases: Aliases,
}

impl Broker {
    pub async fn start(manners: Manners, recorder: Arc<Memory>) -> Self {
        Self {
            manners,
            listener: TcpListener::bind("127.0.0.1:0").await.unwrap(),
            recorder,
            stream: None,
            unread: Vec::new(),
            present: false,
            keeps: false,
            waiting: Vec::new(),
            in_use: HashSet::new(),
            window: HashSet::new(),
            messages: Vec::new(),
            sent: 0,
            aliases: Aliases::default(),
        }
    }

    pub fn port(&self) -> u16 {
        self.listener.local_addr().unwrap().port()
    }

    /// Whether nothing is on its way.
    pub fn rests(&self) -> bool {
        self.stream.is_some()
            && self.waiting.is_empty()
            && self.messages.is_empty()
            && self.in_use.is_empty()
    }

    /// Waits until there is a connection, and takes it.
    pub async fn connection(&mut self) {
        while self.stream.is_none() {
            let next = timeout(LONG, self.listener.accept()).await;
            let (stream, _) = next.expect("the session does not connect again").unwrap();
            stream.set_nodelay(true).unwrap();
            self.stream = Some(stream);
            self.unread.clear();
            self.waiting.clear();
            self.in_use.clear();
            self.window.clear();
            self.aliases.clear();
            let Some(connect) = self.first().await else { continue };
            assert_eq!(connect.first, CONNECT);
            // The name of 3.1 is two letters longer.
            let flags = if self.manners.version == ProtocolVersion::V31 { 9 } else { 7 };
            let clean = connect.body[flags] & 2 != 0;
            assert_eq!(clean, self.manners.clean_start);
            self.present = self.keeps && !clean;
            if !self.present {
                self.messages.clear();
            }
            self.keeps = true;
            let properties = self.manners.says();
            self.write(&connack(self.manners.version, self.present, 0, &properties)).await;
            self.send_again().await;
        }
    }

    /// The first packet of a connection; none where it ends before.
    async fn first(&mut self) -> Option<Packet> {
        loop {
            if let Some(packet) = self.next_packet() {
                return Some(packet);
            }
            let stream = self.stream.as_ref()?;
            timeout(LONG, stream.readable()).await.expect("no CONNECT came").unwrap();
            self.read();
        }
    }

    /// What is not acknowledged goes out again `[MQTT-4.4.0-1]`.
    async fn send_again(&mut self) {
        for message in self.messages.clone() {
            match message.stage {
                Stage::Sent => {
                    let topic = (message.topic.as_str(), None);
                    self.write(&self.message(&message, topic, 0x08)).await;
                }
                Stage::Released => self.write(&short(PUBREL, message.id)).await,
                Stage::Recorded => (),
            }
        }
    }

    fn message(&self, message: &Message, topic: (&str, Option<u16>), dup: u8) -> Vec<u8> {
        let Message { id, qos, number, .. } = message;
        let first = PUBLISH | dup | qos << 1;
        aliases::publish(self.manners.version, topic, (first, *id), number.as_bytes())
    }

    /// Lets the client have its turns, and takes what it sends.
    pub async fn look(&mut self) {
        for _ in 0..TURNS {
            tokio::task::yield_now().await;
            self.read();
            while let Some(packet) = self.next_packet() {
                self.take(&packet).await;
            }
        }
    }

    /// Takes the bytes that are there; at the end of the stream the connection is gone.
    fn read(&mut self) {
        let mut bytes = [0; 4096];
        while let Some(stream) = &self.stream {
            match stream.try_read(&mut bytes) {
                Ok(0) => self.stream = None,
                Ok(count) => self.unread.extend_from_slice(&bytes[..count]),
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return,
                Err(_) => self.stream = None,
            }
        }
    }

    fn next_packet(&mut self) -> Option<Packet> {
        let (mut length, mut at) = (0, 1);
        loop {
            let byte = *self.unread.get(at)?;
            length |= usize::from(byte & 0x7f) << (7 * (at - 1));
            at += 1;
            if byte & 0x80 == 0 {
                break;
            }
        }
        let body = self.unread.get(at..at + length)?.to_vec();
        let first = self.unread[0];
        self.unread.drain(..at + length);
        Some(Packet { first, body })
    }

    async fn write(&mut self, bytes: &[u8]) {
        if let Some(stream) = &mut self.stream
            && stream.write_all(bytes).await.is_err()
        {
            self.stream = None;
        }
    }

    /// Judges a packet of the client.
    async fn take(&mut self, packet: &Packet) {
        match packet.first & 0xf0 {
            PUBLISH => self.take_publish(packet),
            PUBACK => self.acknowledged(packet, 1),
            PUBREC => self.acknowledged(packet, 2),
            PUBCOMP => {
                let at = self.messages.iter().position(|m| m.id == packet.id());
                let message = self.messages.remove(at.expect("PUBCOMP of nothing"));
                assert_eq!(message.stage, Stage::Released, "{packet:02x?}");
            }
            0x60 => {
                let (id, answer) = (packet.id(), Answer::Pubcomp(packet.id()));
                assert_eq!(packet.first, PUBREL);
                assert!(!self.waiting.contains(&answer), "PUBREL {id} comes twice");
                self.in_use.insert(id);
                self.waiting.push(answer);
            }
            SUBSCRIBE => {
                let filters = self.filters(packet, 1);
                self.uses(packet.id());
                self.waiting.push(Answer::Suback(packet.id(), filters));
            }
            UNSUBSCRIBE => {
                let filters = self.filters(packet, 0);
                self.uses(packet.id());
                self.waiting.push(Answer::Unsuback(packet.id(), filters));
            }
            PINGREQ => self.waiting.push(Answer::Pong),
            DISCONNECT => panic!("a broker that keeps to the rules is told {:02x?}", packet.body),
            _ => panic!("{packet:02x?}"),
        }
    }

    fn take_publish(&mut self, packet: &Packet) {
        let (qos, dup) = (packet.first >> 1 & 3, packet.first & 0x08 != 0);
        assert!(qos < 3 && (qos > 0 || !dup), "{packet:02x?}");
        let (version, maximum) = (self.manners.version, self.manners.aliases.1);
        let (topic, payload) = self.aliases.read(version, packet, maximum);
        assert_eq!(topic.as_bytes(), payload, "it came to another topic: {packet:02x?}");
        if qos == 0 {
            return;
        }
        let id = packet.publish_id();
        self.uses(id);
        assert!(self.present || !dup, "{id} is sent again in a new session");
        self.window.insert(id);
        if self.manners.version == ProtocolVersion::V5
            && let Some(maximum) = self.manners.receive_maximum
        {
            assert!(self.window.len() <= usize::from(maximum), "beyond Receive Maximum");
        }
        self.waiting.push(if qos == 1 { Answer::Puback(id) } else { Answer::Pubrec(id) });
    }

    fn uses(&mut self, id: u16) {
        assert_ne!(id, 0, "no identifier");
        assert!(self.in_use.insert(id), "the identifier {id} is in use: {self:?}");
    }

    /// How many filters a packet has, each with `options` bytes behind it.
    fn filters(&self, packet: &Packet, options: usize) -> usize {
        let properties = self.manners.version == ProtocolVersion::V5;
        let mut at = if properties { 3 + usize::from(packet.body[2]) } else { 2 };
        let mut count = 0;
        while at < packet.body.len() {
            let length = u16::from_be_bytes([packet.body[at], packet.body[at + 1]]);
            at += 2 + usize::from(length) + options;
            count += 1;
        }
        count
    }

    /// PUBACK or PUBREC came: it must be for a message that is on its way, and was stored before.
    fn acknowledged(&mut self, packet: &Packet, qos: u8) {
        let wanted = |m: &Message| m.id == packet.id() && m.qos == qos && m.stage == Stage::Sent;
        let at = self.messages.iter().position(wanted);
        let at = at.unwrap_or_else(|| panic!("{packet:02x?} is for nothing: {self:?}"));
        let message = &mut self.messages[at];
        let committed = *self.recorder.committed().borrow();
        let stored = self.recorder.look(|recorded| {
            let all = recorded.messages.iter().zip(1..);
            all.filter(|(m, _)| m.payload == message.number.as_bytes())
                .any(|(_, id)| id <= committed)
        });
        assert!(stored, "{} is acknowledged and not stored", message.number);
        if qos == 1 {
            self.messages.remove(at);
        } else {
            message.stage = Stage::Recorded;
        }
    }

    /// Answers one of the packets that wait.
    pub async fn answer(&mut self, which: u8, code: u8) {
        if !self.waiting.is_empty() {
            let at = usize::from(which) % self.waiting.len();
            let answer = self.waiting.remove(at);
            let (bytes, refused) = answer.bytes(self.manners.version, code);
            match answer {
                Answer::Pong => (),
                Answer::Pubrec(_) if !refused => (),
                Answer::Puback(id)
                | Answer::Pubrec(id)
                | Answer::Pubcomp(id)
                | Answer::Suback(id, _)
                | Answer::Unsuback(id, _) => {
                    self.in_use.remove(&id);
                    self.window.remove(&id);
                }
            }
            self.write(&bytes).await;
        }
    }

    /// Answers all with yes, and releases all.
    pub async fn answer_all(&mut self) {
        self.look().await;
        for _ in 0..self.waiting.len() {
            self.answer(0, 0).await;
        }
        for _ in 0..self.messages.len() {
            self.release(0).await;
        }
    }

    /// Sends a message. `alias` chooses the Topic Alias that it has, if it has one.
    pub async fn publish(&mut self, qos: u8, alias: u8) {
        if self.messages.len() < MOST {
            let free = |id: &u16| !self.messages.iter().any(|message| message.id == *id);
            // Identifiers come again soon.
            let mut ids = (0..).map(|n| (self.sent + n) as u16 % (2 * MOST as u16) + 1);
            let id = ids.find(free).unwrap();
            self.sent += 1;
            let (number, topic) = (self.sent.to_string(), topic_of(self.sent));
            let (name, alias) = self.aliases.put(&topic, self.manners.aliases.0, alias);
            let message = Message { id, qos, number, topic, stage: Stage::Sent };
            let bytes = self.message(&message, (name.as_str(), alias), 0);
            if qos > 0 {
                self.messages.push(message);
            }
            self.write(&bytes).await;
        }
    }

    /// Sends PUBREL for one of the messages whose PUBREC came.
    pub async fn release(&mut self, which: u8) {
        let recorded = self.messages.iter_mut().filter(|m| m.stage == Stage::Recorded);
        let mut recorded: Vec<_> = recorded.collect();
        if !recorded.is_empty() {
            let at = usize::from(which) % recorded.len();
            recorded[at].stage = Stage::Released;
            let id = recorded[at].id;
            self.write(&short(PUBREL, id)).await;
        }
    }

    /// Waits for whatever comes, which is a PINGREQ where nothing else does.
    pub async fn idle(&mut self) {
        if let Some(stream) = &self.stream {
            timeout(LONG, stream.readable()).await.expect("no PINGREQ came").unwrap();
            self.look().await;
        }
    }

    /// Breaks the connection within the next packet.
    pub async fn cut(&mut self, within: u8, reset: bool, keeps: bool) {
        let bytes = match self.waiting.first() {
            Some(answer) => answer.bytes(self.manners.version, 0).0,
            None => aliases::publish(self.manners.version, ("down", None), (PUBLISH, 0), b"cut"),
        };
        self.write(&bytes[..usize::from(within) % bytes.len()]).await;
        if let Some(stream) = self.stream.take().filter(|_| reset) {
            let _gone_already = stream.set_zero_linger();
        }
        self.keeps = keeps;
    }

    /// Sends DISCONNECT, which only a broker of MQTT 5 may, and closes.
    pub async fn disconnect(&mut self, code: u8, keeps: bool) {
        if self.manners.version == ProtocolVersion::V5 {
            let code = pick(&OF_DISCONNECT, code);
            self.write(&packet(DISCONNECT, &[code, 0])).await;
        }
        self.stream = None;
        self.keeps = keeps;
    }
}
