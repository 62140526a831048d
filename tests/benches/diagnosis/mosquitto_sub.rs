//! What `mosquitto_sub -d` says.

use std::process::Stdio;
use std::time::Duration;

use acceptance::faults::Fault;
use acceptance::process;
use mqttscope_model::{
    AddressFamily, ArchiveSource, CertificateSource, ClientCertificate, KeySource, Profile,
    ProtocolVersion, Proxy, SecretSlot, TlsRoots, TlsVersion, WillPayload,
};
use tokio::io::AsyncReadExt as _;
use tokio::process::Command;

use super::{PATIENCE, Told};

/// Meets the fault with the options that say the same as the profile.
pub(crate) async fn meet(fault: &Fault) -> Told {
    let words = match arguments(fault) {
        Ok(words) => words,
        Err(why) => return Told::NotComparable(why),
    };
    // It keeps back what it says to a pipe, and would take it along when its time is over.
    let mut program = Command::from(process::program("stdbuf"));
    program.args(["-oL", "mosquitto_sub"]).args(words);
    let said = run(&mut program, PATIENCE).await;
    // It may be let in and thrown out later; then what it says of that counts.
    let told = said.to_lowercase();
    if told.contains("received connack (0)") && !fault.words.iter().any(|word| told.contains(word))
    {
        let stays = !told.contains("error") && !told.contains("disconnect");
        if stays && fault.losses == 0 && fault.options.is_none() {
            return Told::Connected;
        }
    }
    Told::Said(said)
}

/// Runs a client until it ends or its time is over; gives what it said, and how it ended.
pub(crate) async fn run(command: &mut Command, patience: Duration) -> String {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => return format!("could not be started: {error}"),
    };
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let streams = (child.stdout.take(), child.stderr.take());
    let (Some(mut stdout), Some(mut stderr)) = streams else { return String::new() };
    let work = async { tokio::join!(stdout.read_to_end(&mut out), stderr.read_to_end(&mut err)) };
    let ended = tokio::time::timeout(patience, work).await.is_ok();
    if !ended {
        _ = child.start_kill();
    }
    let status = child.wait().await;
    let how = match status {
        Ok(status) if ended => format!("[{status}]"),
        _ => format!("[went on for {} s]", patience.as_secs()),
    };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    format!("{}\n{}\n{how}", text(&out), text(&err)).trim().to_owned()
}

/// The options, or what it has none for.
fn arguments(fault: &Fault) -> Result<Vec<String>, &'static str> {
    let profile = &fault.profile;
    if fault.publish.is_some() {
        return Err("does not publish");
    }
    if profile.endpoint.scheme.is_websocket() {
        return Err("no WebSocket");
    }
    if profile.address_family != AddressFamily::Any {
        return Err("no choice of the address family");
    }
    if profile.authentication.is_some() {
        return Err("no enhanced authentication");
    }
    let version = match profile.version {
        ProtocolVersion::V31 => "mqttv31",
        ProtocolVersion::V311 => "mqttv311",
        ProtocolVersion::V5 => "mqttv5",
    };
    let mut words = Words::default();
    words.pair("-h", &profile.endpoint.host);
    words.pair("-p", &profile.endpoint.port.to_string());
    words.pair("-V", version);
    words.pair("-i", &profile.client_id);
    words.pair("-k", &profile.keep_alive.max(5).to_string());
    words.alone("-d");
    if !profile.clean_start {
        words.alone("-c");
    }
    if !profile.user_name.is_empty() {
        words.pair("-u", &profile.user_name);
    }
    let secret = |slot: &SecretSlot| {
        fault.secrets.iter().find(|(known, _)| known == slot).map(|(_, value)| value.as_str())
    };
    if let Some(password) = secret(&SecretSlot::Password) {
        words.pair("-P", password);
    }
    if profile.subscriptions.is_empty() {
        words.pair("-t", "mqttscope/bench");
    }
    for subscription in &profile.subscriptions {
        words.pair("-t", &subscription.filter);
    }
    match &profile.proxy {
        Proxy::None => {}
        Proxy::Socks5 { server } => {
            let login = match secret(&SecretSlot::ProxyPassword) {
                Some(password) => format!("{}:{password}@", server.user_name),
                None => String::new(),
            };
            let url = format!("socks5h://{login}{}:{}", server.host, server.port);
            words.pair("--proxy", &url);
        }
        Proxy::Http { .. } | Proxy::System => return Err("no HTTP proxy"),
    }
    will(profile, &mut words)?;
    if profile.endpoint.scheme.is_tls() {
        tls(profile, &mut words)?;
    }
    Ok(words.0)
}

fn will(profile: &Profile, words: &mut Words) -> Result<(), &'static str> {
    let Some(will) = &profile.will else { return Ok(()) };
    let WillPayload::Typed { typed } = &will.payload else { return Err("no file as a Will") };
    words.pair("--will-topic", &will.topic);
    words.pair("--will-payload", &typed.text);
    words.pair("--will-qos", &(will.qos as u8).to_string());
    if will.retain {
        words.alone("--will-retain");
    }
    if will.properties != Default::default() {
        return Err("no such property of the Will");
    }
    Ok(())
}

fn tls(profile: &Profile, words: &mut Words) -> Result<(), &'static str> {
    let tls = &profile.tls;
    match &tls.roots {
        TlsRoots::System => words.alone("--tls-use-os-certs"),
        TlsRoots::CaFiles { paths } => words.pair("--cafile", paths.first().map_or("", |p| p)),
        TlsRoots::CaPem { .. } => return Err("no authority but a file"),
        TlsRoots::Pinned { .. } => return Err("no pinning"),
    }
    if !tls.server_name.is_empty() {
        return Err("no server name but the host");
    }
    if !tls.verify {
        words.alone("--insecure");
    }
    if tls.min_version == TlsVersion::V13 {
        words.pair("--tls-version", "tlsv1.3");
    }
    match tls.alpn.as_slice() {
        [] => {}
        [name, ..] => words.pair("--tls-alpn", name),
    }
    match &tls.client_certificate {
        None => Ok(()),
        Some(ClientCertificate::Pem {
            certificate: CertificateSource::File { path },
            key: KeySource::File { path: key },
            ..
        }) => {
            words.pair("--cert", path);
            words.pair("--key", key);
            Ok(())
        }
        Some(ClientCertificate::Pkcs12 { archive: ArchiveSource::File { .. }, .. }) => {
            Err("no PKCS#12")
        }
        Some(_) => Err("no certificate but a file"),
    }
}

#[derive(Default)]
struct Words(Vec<String>);

impl Words {
    fn alone(&mut self, option: &str) {
        self.0.push(option.to_owned());
    }

    fn pair(&mut self, option: &str, value: &str) {
        self.0.extend([option.to_owned(), value.to_owned()]);
    }
}
