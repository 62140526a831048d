//! What it costs a connection that works to be watched.
//!
//! The record cannot be switched off, so that no attempt is without one, and a switch for this bench would be a path that
//! nobody uses. So there are two figures of the same run. The first repeats the record's work with the account of each
//! connection, outside of it: the certificates are read again, the facts are copied at each stage, and told. That over the rest
//! of the connect time is what the record adds; it leaves out what only happens inside, like a cache that went cold. The
//! second bounds it from above: bare sockets in this process make the same connection by turns with ours, with the same TLS
//! library, and the difference holds everything that we do more than that: record, name lookup in a thread, race over
//! addresses, own verifier, tasks, MQTT library.

use std::error::Error;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use acceptance::App;
use acceptance::faults::certificates::Lab;
use acceptance::faults::lab::Served;
use acceptance::faults::named;
use mqttscope_model::{
    Account, ConnectStage, Profile, ProtocolVersion, Scheme, StageRecord, TlsRoots,
};
use rustls::client::Resumption;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::json;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::record;

/// How often each of the two connects.
const ROUNDS: usize = 100;

/// Both halves wait so long before each connection, so that both find the machine in the same state.
const PAUSE: Duration = Duration::from_millis(20);

/// The medians of both for a scheme.
pub(crate) struct Cost {
    /// The scheme.
    pub(crate) scheme: Scheme,
    /// Ours, watched.
    pub(crate) watched: Duration,
    /// Bare sockets.
    pub(crate) bare: Duration,
    /// The record's work alone.
    pub(crate) record: Duration,
}

impl Cost {
    /// What the record adds, in percent of the connection without it.
    pub(crate) fn percent(&self) -> f64 {
        let without = self.watched.saturating_sub(self.record);
        self.record.as_secs_f64() / without.as_secs_f64() * 100.0
    }

    /// How much longer ours takes, in percent of the bare connection; negative where it takes less.
    pub(crate) fn over_bare(&self) -> f64 {
        (self.watched.as_secs_f64() / self.bare.as_secs_f64() - 1.0) * 100.0
    }
}

/// Measures all that have no web server between them and the broker.
pub(crate) async fn measure() -> Result<Vec<Cost>, Box<dyn Error>> {
    let lab = Lab::new();
    let files = lab.server();
    let lines = [format!("certfile {}", files.certificate()), format!("keyfile {}", files.key())];
    let (plain, tls) = (Served::mosquitto("", &[]), Served::mosquitto("", &lines));
    let app = App::without_broker().await;
    let authority = lab.authority().files.certificate();
    let mut costs = Vec::new();
    for (scheme, port) in [(Scheme::Mqtt, plain.port()), (Scheme::Mqtts, tls.port())] {
        let connector = scheme.is_tls().then(|| connector(&authority)).transpose()?;
        let profile = app
            .profile(named(scheme, "localhost", port), ProtocolVersion::V5, |profile| {
                profile.tls.roots = TlsRoots::ca_file(authority.clone());
            })
            .await;
        let (mut watched, mut bare, mut records) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            tokio::time::sleep(PAUSE).await;
            let (took, account) = ours(&app, &profile).await?;
            watched.push(took);
            tokio::time::sleep(PAUSE).await;
            bare.push(by_hand(port, connector.as_ref()).await?);
            tokio::time::sleep(PAUSE).await;
            records.push(record::repeat(&account)?);
        }
        let (watched, bare, record) = (median(watched), median(bare), median(records));
        costs.push(Cost { scheme, watched, bare, record });
    }
    app.stop().await;
    Ok(costs)
}

/// From the name lookup to the CONNACK by the session's record, with that record.
async fn ours(app: &App, profile: &Profile) -> Result<(Duration, Account), Box<dyn Error>> {
    app.call("session_connect", json!({ "profile": profile.id })).await;
    app.wait_for_state(profile, "connected").await;
    let mut report = app.call("session_report", json!({ "profile": profile.id })).await;
    let account: Account = serde_json::from_value(report["account"].take())?;
    app.disconnect(profile).await;
    let stage =
        |stage| account.attempt.stages.iter().find(|record: &&StageRecord| record.stage == stage);
    let ends = stage(ConnectStage::Name).zip(stage(ConnectStage::Mqtt));
    let (name, mqtt) = ends.ok_or("a connection has both stages")?;
    Ok((Duration::from_micros(mqtt.began_us + mqtt.took_us - name.began_us), account))
}

/// The same with nothing but sockets.
async fn by_hand(port: u16, tls: Option<&TlsConnector>) -> Result<Duration, Box<dyn Error>> {
    let begin = Instant::now();
    let mut addresses = tokio::net::lookup_host(("localhost", port)).await?;
    let address = addresses.find(|address| address.ip() == Ipv4Addr::LOCALHOST).ok_or("no IPv4")?;
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    match tls {
        None => hello(stream, begin).await,
        Some(tls) => {
            let name = ServerName::try_from("localhost")?;
            hello(tls.connect(name, stream).await?, begin).await
        }
    }
}

/// CONNECT and CONNACK of MQTT 5; gives the time since `begin`.
async fn hello(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    begin: Instant,
) -> Result<Duration, Box<dyn Error>> {
    let identifier = b"mqttscope-bare-sockets";
    let mut connect = vec![0x10, 13 + identifier.len() as u8, 0, 4];
    connect.extend_from_slice(b"MQTT");
    // Version 5, Clean Start, Keep Alive 60 s, no properties.
    connect.extend_from_slice(&[5, 2, 0, 60, 0, 0, identifier.len() as u8]);
    connect.extend_from_slice(identifier);
    stream.write_all(&connect).await?;
    stream.flush().await?;
    let mut header = [0; 4];
    stream.read_exact(&mut header).await?;
    if header[0] != 0x20 || header[3] != 0 {
        return Err(format!("no CONNACK that says yes: {header:?}").into());
    }
    let took = begin.elapsed();
    stream.write_all(&[0xe0, 0]).await?;
    stream.shutdown().await?;
    Ok(took)
}

fn connector(authority: &str) -> Result<TlsConnector, Box<dyn Error>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(authority)?)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    // Ours makes a new handshake each time too.
    config.resumption = Resumption::disabled();
    Ok(TlsConnector::from(Arc::new(config)))
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
