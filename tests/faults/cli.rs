//! In a terminal the same is said as in the window: `mqttscope-cli diagnose --json` beside the engine's report.

use acceptance::faults::{self, Fault};
use acceptance::mosquitto::Setup;
use acceptance::{App, Mosquitto, cli};
use mqttscope_model::{Endpoint, Scheme};

/// The address as a person would type it.
fn address(endpoint: &Endpoint) -> String {
    let Endpoint { scheme, host, port, path } = endpoint;
    let path = if scheme.is_websocket() { path } else { "" };
    format!("{}://{host}:{port}{path}", scheme.as_str())
}

/// Meets a fault with both, and holds what they say against each other.
async fn agree(fault: Fault) {
    let app = App::start().await;
    let (profile, report) = faults::meet(&app, &fault).await;
    let (_, stored) = fault
        .secrets
        .first()
        .cloned()
        .unwrap_or_else(|| (mqttscope_model::SecretSlot::Password, String::new()));
    let mut arguments = vec![address(&profile.endpoint)];
    if !profile.user_name.is_empty() {
        let named = ["--user", &profile.user_name, "--password-env", "FAULT_PASSWORD"];
        arguments.extend(named.map(str::to_owned));
    }
    let secret = stored.clone();
    let told = tokio::task::spawn_blocking(move || {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        cli::diagnose(&arguments, &[("FAULT_PASSWORD", &secret)])
    })
    .await
    .expect("it is run");
    let (document, said) = (&told.document, &report["diagnosis"]);
    let place = format!("{document:#}\n{report:#}");
    assert_eq!(told.status, 1, "{place}");
    assert_eq!(document["verdict"], "failed", "{place}");
    assert_eq!(document["code"], fault.cause, "{place}");
    assert_eq!(document["code"], said["causes"][0]["code"], "{place}");
    assert_eq!(document["cause"], said["causes"][0]["message"], "{place}");
    assert_eq!(document["stage"], said["stage"], "{place}");
    assert_eq!(document["fixes"][0]["code"], said["fixes"][0]["code"], "{place}");
    assert_eq!(document["fixes"][0]["message"], said["fixes"][0]["message"], "{place}");
    assert!(stored.is_empty() || !told.text.contains(&stored), "a secret is told; {place}");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_port_is_told_alike() {
    agree(faults::tcp::nothing_listens().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_path_is_told_alike() {
    agree(faults::http::the_path_is_unknown().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_told_alike() {
    agree(faults::mqtt::a_wrong_password().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_can_be_used_is_told_with_status_0() {
    let broker = Mosquitto::with(&Setup::default());
    let authority = broker.certificates().authority.display().to_string();
    for scheme in [Scheme::Mqtt, Scheme::Mqtts, Scheme::Ws, Scheme::Wss] {
        let (address, authority) = (address(&broker.endpoint(scheme)), authority.clone());
        let told = tokio::task::spawn_blocking(move || {
            let mut arguments = vec![address.as_str()];
            if scheme.is_tls() {
                arguments.extend(["--ca", &authority]);
            }
            cli::diagnose(&arguments, &[])
        })
        .await
        .expect("it is run");
        let document = &told.document;
        assert_eq!((told.status, &document["verdict"]), (0, &"ok".into()), "{document:#}");
        assert!(document["code"].is_null() && document["stage"].is_null(), "{document:#}");
    }
}
