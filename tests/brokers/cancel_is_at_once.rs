//! Cancel works at once, also while the other side says nothing: in the TLS handshake, in the
//! WebSocket handshake, and while the CONNACK is awaited.

use std::time::{Duration, Instant};

use acceptance::scripted::{Scripted, Step};
use acceptance::{App, wait};
use mqttscope_model::{Endpoint, ProtocolVersion, Scheme};
use serde_json::json;

/// Far below every stage's own limit.
const AT_ONCE: Duration = Duration::from_secs(2);

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_ends_at_once_in_whichever_stage_it_is() {
    let app = App::start().await;
    for (scheme, stage) in
        [(Scheme::Mqtt, "mqtt"), (Scheme::Mqtts, "tls"), (Scheme::Ws, "web_socket")]
    {
        let broker = Scripted::start(vec![Step::Silence(Duration::from_secs(60))]).await;
        let endpoint = Endpoint {
            scheme,
            host: "127.0.0.1".to_owned(),
            port: broker.port(),
            path: "/mqtt".to_owned(),
        };
        let profile = app
            .profile(endpoint, ProtocolVersion::V5, |profile| profile.connect_timeout = 60)
            .await;
        app.call("session_connect", json!({ "profile": profile.id })).await;
        wait::until(&format!("the stage {stage}"), async || {
            let state = app.session(&profile).await["state"].clone();
            if state["stage"] == stage { Ok(()) } else { Err(state) }
        })
        .await;

        let begin = Instant::now();
        app.disconnect(&profile).await;
        assert!(begin.elapsed() < AT_ONCE, "{scheme:?} took {:?}", begin.elapsed());
        let attempt = app.session(&profile).await["last_attempt"].clone();
        let last = attempt["stages"].as_array().and_then(|stages| stages.last().cloned());
        assert_eq!(last.expect("a stage")["verdict"], "cancelled", "{attempt}");
    }
    app.stop().await;
}
