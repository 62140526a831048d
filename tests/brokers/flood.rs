//! A broker that floods: everything is stored in order, and the session stays at hand meanwhile.

use acceptance::App;
use acceptance::scripted::{Scripted, Step};
use mqttscope_model::{Endpoint, ProtocolVersion, Scheme};
use serde_json::json;

const MESSAGES: usize = 200_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_is_stored_in_order_and_the_session_ends_when_told() {
    let mut flood = Vec::new();
    for number in 0..MESSAGES {
        flood.extend_from_slice(&[0x30, 12, 0, 1, b't', 0]);
        flood.extend_from_slice(format!("{number:08}").as_bytes());
    }
    let connack = Step::Send(vec![0x20, 3, 0, 0, 0]);
    let broker = Scripted::start(vec![Step::ReadConnect, connack, Step::Send(flood)]).await;
    let app = App::start().await;
    let endpoint = Endpoint {
        scheme: Scheme::Mqtt,
        host: "127.0.0.1".into(),
        port: broker.port(),
        path: "/mqtt".into(),
    };
    let profile = app.profile(endpoint, ProtocolVersion::V5, |_| ()).await;
    app.connect(&profile).await;
    acceptance::wait::until("the flood to be stored", async || {
        let stats = app.call("history_stats", json!({ "profile": profile.id })).await;
        if stats["messages"] == MESSAGES { Ok(()) } else { Err(stats) }
    })
    .await;
    for first in (0..MESSAGES).step_by(500) {
        let from = json!({ "kind": "place", "place": first });
        let page = json!({ "profile": profile.id, "view": null, "from": from, "count": 500 });
        let page = app.call("history_page", page).await;
        for (at, row) in page["rows"].as_array().expect("rows").iter().enumerate() {
            assert_eq!(row["preview"], format!("{:08}", first + at));
        }
    }
    app.disconnect(&profile).await;
    app.stop().await;
}
