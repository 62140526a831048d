//! Connections through real proxies: tinyproxy for HTTP CONNECT, microsocks for SOCKS 5.

use acceptance::process::{Process, program};
use acceptance::{App, Mosquitto, ports, wait};
use mqttscope_model::{
    Endpoint, Profile, ProtocolVersion, Proxy, ProxyServer, Scheme, SecretSlot, TlsRoots,
};
use serde_json::{Value, json};
use tempfile::TempDir;

const USER: &str = "somebody";
const PASSWORD: &str = "hunter2";

/// A proxy on 127.0.0.1; killed when dropped.
struct RealProxy {
    process: Process,
    port: u16,
    _folder: TempDir,
}

impl RealProxy {
    /// tinyproxy that wants the password; `lines` are added to its configuration.
    fn http(lines: &str) -> Self {
        Self::start("tinyproxy", |folder, port| {
            let path = folder.path().join("tinyproxy.conf");
            let text = format!(
                "Port {port}\nListen 127.0.0.1\nTimeout 600\nAllow 127.0.0.1\nBasicAuth {USER} {PASSWORD}\n{lines}"
            );
            std::fs::write(&path, text).expect("the configuration can be written");
            vec!["-d".to_owned(), "-c".to_owned(), path.display().to_string()]
        })
    }

    /// microsocks that wants the password.
    fn socks() -> Self {
        Self::start("microsocks", |_, port| {
            let port = port.to_string();
            let words = ["-i", "127.0.0.1", "-p", &port, "-u", USER, "-P", PASSWORD];
            words.map(str::to_owned).to_vec()
        })
    }

    fn start(name: &str, words: impl Fn(&TempDir, u16) -> Vec<String>) -> Self {
        let folder = TempDir::with_prefix("mqttscope-proxy-").expect("a folder for the proxy");
        // A port may be taken between being found free and being used: then another is tried.
        for _ in 0..5 {
            let [port] = ports::free();
            let mut command = program(name);
            command.args(words(&folder, port));
            let mut process = Process::start(command, &folder.path().join("log"));
            let listens = wait::blocking_until("the proxy to listen", || match process.check() {
                Err(ended) => Ok(Err(ended)),
                Ok(()) if ports::is_served(port) => Ok(Ok(())),
                Ok(()) => Err(process.log()),
            });
            if listens.is_ok() {
                return Self { process, port, _folder: folder };
            }
        }
        panic!("{name} did not start in {}", folder.path().display());
    }

    fn server(&self) -> ProxyServer {
        ProxyServer {
            host: "127.0.0.1".to_owned(),
            port: self.port,
            user_name: USER.to_owned(),
            password: None,
        }
    }

    fn as_http(&self) -> Proxy {
        Proxy::Http { server: self.server() }
    }

    fn as_socks(&self) -> Proxy {
        Proxy::Socks5 { server: self.server() }
    }
}

async fn profile(app: &App, to: Endpoint, proxy: Proxy, password: &str) -> Profile {
    let mut profile =
        app.profile(to, ProtocolVersion::V5, |profile| profile.reconnect.enabled = false).await;
    profile.proxy = proxy;
    app.save(&profile, &[(SecretSlot::ProxyPassword, password)]).await
}

/// Connects, which must fail; gives the error. No error tells the password.
async fn cause(app: &App, profile: &Profile) -> Value {
    app.call("session_connect", json!({ "profile": profile.id })).await;
    let session = {
        app.wait_for_state(profile, "failed").await;
        app.session(profile).await
    };
    assert!(!session.to_string().contains(PASSWORD), "{session}");
    session["state"]["error"]["code"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_scheme_goes_through_both_kinds_of_proxy() {
    let broker = Mosquitto::start();
    let (http, socks) = (RealProxy::http(""), RealProxy::socks());
    let app = App::start().await;
    let authority = broker.certificates().authority.display().to_string();
    for (proxy, real) in [(http.as_http(), &http), (socks.as_socks(), &socks)] {
        for scheme in Scheme::ALL {
            let endpoint = broker.endpoint(scheme);
            let mut profile = profile(&app, endpoint, proxy.clone(), PASSWORD).await;
            profile.tls.roots = TlsRoots::ca_file(authority.clone());
            let profile = app.save(&profile, &[]).await;
            app.connect(&profile).await;
            let session = app.session(&profile).await;
            let stages = session["last_attempt"]["stages"].as_array().cloned().unwrap_or_default();
            let stage = stages.iter().find(|stage| stage["stage"] == "proxy");
            let evidence = stage.expect("the proxy's stage is told")["evidence"].to_string();
            assert!(evidence.contains(&format!("127.0.0.1:{} of the profile", real.port)));
            assert!(!session.to_string().contains(PASSWORD), "{session}");
            app.disconnect(&profile).await;
        }
    }
    // The name went to the proxy, which looked it up.
    assert!(socks.process.log().contains("localhost"), "{}", socks.process.log());
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxys_refusals_have_their_causes() {
    let broker = Mosquitto::start();
    let (http, socks) = (RealProxy::http(""), RealProxy::socks());
    let only_443 = RealProxy::http("ConnectPort 443\n");
    let app = App::start().await;
    let to = broker.endpoint(Scheme::Mqtt);
    let [port] = ports::free();
    let nobody = Endpoint { host: "127.0.0.1".to_owned(), port, ..to.clone() };
    let cases = [
        (&to, http.as_http(), "wrong", "proxy.unauthorised"),
        (&to, socks.as_socks(), "wrong", "proxy.unauthorised"),
        (&nobody, http.as_http(), PASSWORD, "proxy.broker_unreachable"),
        (&nobody, socks.as_socks(), PASSWORD, "proxy.broker_unreachable"),
        (&to, only_443.as_http(), PASSWORD, "proxy.forbidden"),
    ];
    for (endpoint, proxy, password, code) in cases {
        let profile = profile(&app, endpoint.clone(), proxy, password).await;
        assert_eq!(cause(&app, &profile).await, code, "{:?}", profile.proxy);
    }
    let gone = Proxy::Http { server: ProxyServer { port, ..http.server() } };
    let profile = profile(&app, to, gone, PASSWORD).await;
    assert_eq!(cause(&app, &profile).await, "proxy.unreachable");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wrong_kind_of_proxy_is_recognised() {
    let broker = Mosquitto::start();
    let (http, socks) = (RealProxy::http(""), RealProxy::socks());
    let app = App::start().await;
    let to = broker.endpoint(Scheme::Mqtt);
    for (proxy, codes) in [
        (http.as_socks(), ["proxy.not_spoken", "proxy.timed_out"]),
        (socks.as_http(), ["proxy.not_spoken", "proxy.closed"]),
    ] {
        let mut profile = profile(&app, to.clone(), proxy, PASSWORD).await;
        profile.connect_timeout = 2;
        let profile = app.save(&profile, &[]).await;
        let code = cause(&app, &profile).await;
        assert!(codes.iter().any(|expect| code == *expect), "{code}");
    }
    app.stop().await;
}
