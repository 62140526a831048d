//! The options of mosquitto's clients (2.0), each into its place in a profile. What says how messages are printed or
//! which one is published is no connection and is left out without a word.

use mqttscope_model::address;
use mqttscope_model::{
    ProtocolVersion, Proxy, ProxyServer, QoS, Scheme, SecretSlot, Subscription, TlsVersion,
    TypedBytes, UserProperty, Will, WillPayload,
};

use super::names::{ASIDE, SECRET_WITHOUT_COUNTERPART, SWITCHES, WITHOUT_COUNTERPART};
use super::properties;
use crate::error::{ImportError, ImportFault, Place};
use crate::found::NoteCode;
use crate::import::draft::Draft;
use crate::import::url;

/// A word of a command line. There is no `Debug`: it may be a password.
#[derive(Clone)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) line: usize,
}

/// What SUBSCRIBE says of all filters.
#[derive(Default)]
pub(super) struct Subscribe {
    retain_as_published: bool,
    pub(super) identifier: Option<u32>,
    pub(super) user_properties: Vec<UserProperty>,
}

/// What is known once all options are read.
#[derive(Default)]
pub(super) struct Open {
    topics: Vec<String>,
    qos: QoS,
    port: Option<u16>,
    tls: bool,
    websocket: bool,
    keeps_session: bool,
    expiry: Option<u32>,
    files: [String; 2],
    pub(super) will: Option<Will>,
    will_topic: bool,
    /// What the subscriptions have in common.
    pub(super) subscribe: Subscribe,
}

/// The profile that a list of options describes.
pub(super) fn profile(words: &[Word], subscribes: bool) -> Result<Draft, ImportError> {
    let mut draft = Draft::new("mosquitto", "");
    draft.profile.version = ProtocolVersion::V311;
    draft.profile.endpoint.host = "localhost".to_owned();
    let mut open = Open::default();
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        let mut value = || {
            rest.next().map(|next| next.text.as_str()).ok_or_else(|| {
                let fault = ImportFault::Shape("a value behind the option");
                ImportError::new(Place::Line { line: word.line, column: 0 }, fault)
            })
        };
        let name = word.text.as_str();
        if name == "-D" || name == "--property" {
            let (packet, property) = (value()?, value()?);
            // A User Property is a name and a value.
            let first = value()?;
            let second = if property == "user-property" { value()? } else { "" };
            properties::read(&mut draft, &mut open, packet, property, (first, second));
        } else if !connection(&mut draft, &mut open, name, &mut value)?
            && !security(&mut draft, &mut open, name, &mut value)?
        {
            aside(&mut draft, name, &mut value)?;
        }
    }
    close(&mut draft, open, subscribes);
    Ok(draft)
}

type Next<'a, 'b> = dyn FnMut() -> Result<&'a str, ImportError> + 'b;

/// Who, where and how. False where the option is another one.
fn connection<'a>(
    draft: &mut Draft,
    open: &mut Open,
    name: &str,
    value: &mut Next<'a, '_>,
) -> Result<bool, ImportError> {
    let profile = &mut draft.profile;
    match name {
        "-h" | "--host" => value()?.clone_into(&mut profile.endpoint.host),
        "-p" | "--port" => open.port = number(draft, name, value()?),
        "-i" | "--id" => value()?.clone_into(&mut profile.client_id),
        "-I" | "--id-prefix" => profile.client_id = format!("{}{{{{random}}}}", value()?),
        "-u" | "--username" => value()?.clone_into(&mut profile.user_name),
        "-P" | "--pw" => password(draft, name, value()?),
        "-L" | "--url" => read_url(draft, open, value()?),
        "-t" | "--topic" => open.topics.push(value()?.to_owned()),
        "-q" | "--qos" => open.qos = qos(draft, name, value()?),
        "-k" | "--keepalive" => {
            let seconds = number(draft, name, value()?);
            draft.profile.keep_alive = seconds.unwrap_or(draft.profile.keep_alive);
        }
        "--retain-as-published" => open.subscribe.retain_as_published = true,
        "-c" | "--disable-clean-session" => open.keeps_session = true,
        "-x" | "--session-expiry-interval" => {
            let text = value()?;
            open.expiry = if matches!(text, "-1" | "∞") {
                Some(u32::MAX)
            } else {
                number(draft, name, text)
            };
        }
        "-V" | "--protocol-version" => version(draft, name, value()?),
        "--ws" => open.websocket = true,
        "--proxy" => proxy(draft, value()?),
        "--will-topic" => {
            open.will_topic = true;
            value()?.clone_into(&mut will(open).topic);
        }
        "--will-payload" => {
            will(open).payload = WillPayload::Typed { typed: TypedBytes::text(value()?) };
        }
        "--will-qos" => will(open).qos = qos(draft, name, value()?),
        "--will-retain" => will(open).retain = true,
        _ => return Ok(false),
    }
    Ok(true)
}

/// TLS. False where the option is another one.
fn security<'a>(
    draft: &mut Draft,
    open: &mut Open,
    name: &str,
    value: &mut Next<'a, '_>,
) -> Result<bool, ImportError> {
    let [certificate, key] = &mut open.files;
    match name {
        "--cafile" => {
            open.tls = true;
            draft.trust_file(value()?);
        }
        "--cert" => value()?.clone_into(certificate),
        "--key" => value()?.clone_into(key),
        "--insecure" => {
            // It skips the name only; here there is one switch for the whole verification.
            draft.profile.tls.verify = false;
            draft.note(name, "", NoteCode::NotUsable);
        }
        "--tls-use-os-certs" => open.tls = true,
        "--tls-alpn" => draft.profile.tls.alpn = vec![value()?.to_owned()],
        "--tls-version" => {
            let text = value()?;
            let tls = &mut draft.profile.tls;
            match text {
                "tlsv1.2" => tls.max_version = TlsVersion::V12,
                "tlsv1.3" => tls.min_version = TlsVersion::V13,
                _ => draft.note(name, text, NoteCode::NotUsable),
            }
        }
        _ => return Ok(false),
    }
    Ok(true)
}

fn aside<'a>(draft: &mut Draft, name: &str, value: &mut Next<'a, '_>) -> Result<(), ImportError> {
    if SWITCHES.contains(&name) {
        return Ok(());
    }
    if ASIDE.contains(&name) {
        value()?;
    } else if SECRET_WITHOUT_COUNTERPART.contains(&name) {
        value()?;
        draft.note(name, "", NoteCode::NoCounterpart);
    } else if WITHOUT_COUNTERPART.contains(&name) {
        let value = value()?;
        draft.note(name, value, NoteCode::NoCounterpart);
    } else if name.starts_with('-') {
        // What follows may be a value that was written without a space: `-Psecret`.
        let end = if name.starts_with("--") {
            name.find('=')
        } else {
            name.char_indices().nth(2).map(|(at, _)| at)
        };
        let shown = end.and_then(|end| name.get(..end)).unwrap_or(name);
        draft.note(shown, "", NoteCode::NoCounterpart);
    }
    // A word without a dash is behind an unknown option, or a redirection; it may be a secret.
    Ok(())
}

fn close(draft: &mut Draft, open: Open, subscribes: bool) {
    let [certificate, key] = &open.files;
    draft.client_files(("--cert", certificate), ("--key", key));
    let profile = &mut draft.profile;
    let tls = open.tls || profile.endpoint.scheme.is_tls() || open.port == Some(8883);
    profile.endpoint.scheme = match (open.websocket, tls) {
        (false, false) => Scheme::Mqtt,
        (false, true) => Scheme::Mqtts,
        (true, false) => Scheme::Ws,
        (true, true) => Scheme::Wss,
    };
    profile.endpoint.port = open.port.unwrap_or(profile.endpoint.scheme.default_port());
    profile.clean_start = !open.keeps_session;
    // With -c its clients keep the session for ever unless -x says otherwise.
    let kept = (open.keeps_session && profile.version == ProtocolVersion::V5).then_some(u32::MAX);
    profile.session_expiry = open.expiry.or(kept).unwrap_or(profile.session_expiry);
    if open.will_topic {
        profile.will = open.will;
    } else if open.will.is_some() {
        draft.note("--will-payload", "", NoteCode::NotUsable);
    }
    if subscribes {
        // One for all filters, as its clients have it; on a connection of 3.1.1 they are not sent.
        let Subscribe { retain_as_published, identifier, user_properties } = open.subscribe;
        for topic in &open.topics {
            let user_properties = user_properties.clone();
            let plain = Subscription::new(topic, open.qos);
            let wanted = Subscription { retain_as_published, identifier, user_properties, ..plain };
            draft.subscribe_with("-t", wanted);
        }
    }
    let profile = &mut draft.profile;
    let key = format!("{}\n{}\n{}", profile.endpoint, profile.user_name, profile.client_id);
    profile.id = Draft::new("mosquitto", &key).profile.id;
    profile.name.clone_from(&profile.endpoint.host);
}

/// The will, begun if it is not there yet.
fn will(open: &mut Open) -> &mut Will {
    properties::begun(&mut open.will)
}

/// A number; what is none is noted.
fn number<T: std::str::FromStr>(draft: &mut Draft, name: &str, text: &str) -> Option<T> {
    let number = text.parse().ok();
    if number.is_none() {
        draft.note(name, text, NoteCode::NotUsable);
    }
    number
}

fn qos(draft: &mut Draft, name: &str, text: &str) -> QoS {
    let number = text.parse::<u8>().ok().and_then(|number| QoS::try_from(number).ok());
    number.unwrap_or_else(|| {
        draft.note(name, text, NoteCode::NotUsable);
        QoS::AtMostOnce
    })
}

fn version(draft: &mut Draft, name: &str, text: &str) {
    draft.profile.version = match text {
        "mqttv31" | "31" => ProtocolVersion::V31,
        "mqttv311" | "311" => ProtocolVersion::V311,
        "mqttv5" | "5" => ProtocolVersion::V5,
        _ => {
            draft.note(name, text, NoteCode::NotUsable);
            ProtocolVersion::V311
        }
    };
}

/// Keeps a password, unless it is the name of a variable that only the shell of its time knew.
fn password(draft: &mut Draft, name: &str, text: &str) {
    let inner = text.strip_prefix('$').or_else(|| text.strip_prefix('%'));
    let is_name = |c: char| c.is_ascii_alphanumeric() || "_{}%".contains(c);
    if inner.is_some_and(|inner| inner.len() > 1 && inner.chars().all(is_name)) {
        draft.note(name, "", NoteCode::SecretLeftOut);
    } else {
        draft.secret(SecretSlot::Password, text);
    }
}

/// `mqtt(s)://[user[:password]@]host[:port]/topic`: what stands where a path does is the topic.
fn read_url(draft: &mut Draft, open: &mut Open, text: &str) {
    let place = text.find("://").map_or(0, |at| at + 3);
    let (start, rest) = text.split_at_checked(place).unwrap_or(("", text));
    let (authority, topic) = rest.split_once('/').unwrap_or((rest, ""));
    let Ok(parsed) = address::parse(&format!("{start}{authority}")) else {
        draft.note("-L", "", NoteCode::NotUsable);
        return;
    };
    draft.profile.endpoint = url::endpoint(&parsed);
    open.port = parsed.port.or(open.port);
    open.websocket |= draft.profile.endpoint.scheme.is_websocket();
    if let Some(user) = parsed.user_name {
        draft.profile.user_name = user;
    }
    if let Some(text) = parsed.password {
        password(draft, "-L", &text);
    }
    if !topic.is_empty() {
        open.topics.push(topic.to_owned());
    }
}

/// `socks5h://[user[:password]@]host[:port]`.
fn proxy(draft: &mut Draft, text: &str) {
    let rest = text.strip_prefix("socks5h://").or_else(|| text.strip_prefix("socks5://"));
    let parsed = rest.and_then(|rest| address::parse(&format!("mqtt://{rest}")).ok());
    let Some(parsed) = parsed else {
        draft.note("--proxy", "", NoteCode::NotUsable);
        return;
    };
    let server = ProxyServer {
        host: parsed.host,
        port: parsed.port.unwrap_or(1080),
        user_name: parsed.user_name.unwrap_or_default(),
        password: None,
    };
    draft.profile.proxy = Proxy::Socks5 { server };
    draft.secret(SecretSlot::ProxyPassword, parsed.password.as_deref().unwrap_or_default());
}
