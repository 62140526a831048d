//! An application that is killed while a broker sends at QoS 1: what the broker holds as acknowledged is in the
//! history once the session goes on, whole and in order.

use std::process::Command;
use std::time::Duration;

use acceptance::bench::Child;
use acceptance::bench::crash::{Plan, run, victim};
use acceptance::mosquitto::Setup;
use acceptance::{App, Mosquitto, mosquitto, wait};
use mqttscope_model::{ProtocolVersion, QoS, Scheme};
use serde_json::json;

const PLACE: &str = "MQTTSCOPE_TEST_VICTIM";

#[test]
#[ignore = "the victim of the tests below, which start it in a process of its own"]
fn live_until_killed() {
    let Ok(place) = std::env::var(PLACE) else { return };
    let mut words = place.split('\n');
    let mut next = || words.next().expect("folder, port and version");
    let (folder, port, version) = (next(), next().parse().expect("a port"), next());
    victim(folder.as_ref(), port, version).expect("the victim lives until it is killed");
}

#[test]
fn a_kill_loses_nothing_that_the_broker_has_acknowledged() {
    for version in ["5.0", "3.1.1"] {
        let life = Duration::from_secs(1);
        let plan = Plan { kills: 3, life, pace: 5_000, version, seed: 5 };
        let remains = run(&plan, |folder, port| {
            let executable = std::env::current_exe()?;
            Child::start(
                Command::new(executable)
                    .args(["--exact", "killed_and_resumed::live_until_killed", "--ignored"])
                    .arg("--nocapture")
                    .env(PLACE, format!("{}\n{port}\n{version}", folder.display())),
            )
        })
        .expect("the plan can be followed");
        assert!(remains.published > 0, "{version}: {remains:?}");
        assert!(remains.is_whole() && remains.out_of_order == 0, "{version}: {remains:?}");
    }
}

/// mosquitto 2.0 sends what has waited for a session beyond the Receive Maximum that it was told.
#[tokio::test(flavor = "multi_thread")]
async fn what_waited_for_a_session_comes_over_one_connection_however_little_is_taken_at_once() {
    const WAITING: u32 = 5_000;
    let broker = Mosquitto::with(&Setup {
        lines: vec!["max_queued_messages 0".to_owned()],
        ..Setup::default()
    });
    let app = App::start().await;
    let profile = app
        .profile(broker.endpoint(Scheme::Mqtt), ProtocolVersion::V5, |profile| {
            profile.clean_start = false;
            profile.session_expiry = 600;
            profile.connect_properties.receive_maximum = Some(10);
        })
        .await;
    app.connect(&profile).await;
    app.subscribe(&profile, "queue", QoS::AtLeastOnce).await;
    app.disconnect(&profile).await;
    mosquitto::publish_often(broker.port(Scheme::Mqtt), "queue", "x", WAITING as usize);

    app.connect(&profile).await;
    wait::until("all that waited to come", async || {
        let stats = app.call("history_stats", json!({ "profile": profile.id })).await;
        if stats["messages"] == WAITING { Ok(()) } else { Err(stats.to_string()) }
    })
    .await;
    let session = app.session(&profile).await;
    assert_eq!(session["traffic"]["reconnects"], 0, "{session}");
    assert_eq!(session["resumed"]["received_again"], 0, "{session}");
    app.stop().await;
}
