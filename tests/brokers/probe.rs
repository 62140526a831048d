//! "What can this broker do?" against real brokers, row by row: what is announced, what is seen, and that nothing stays behind.

use std::collections::BTreeMap;

use acceptance::mosquitto::Setup;
use acceptance::{App, Mosquitto, process, wait};
use mqttscope_model::{
    Capability, CapabilityVerdict, ProbeReport, Profile, ProtocolVersion, Scheme, SecretSlot,
};
use serde_json::json;

const PREFIX: &str = "probe/of/this/test";

/// A word that occurs nowhere by chance.
const PLANTED: &str = "plantedSecretOfThisProbe";

async fn begin(app: &App, profile: &Profile, capabilities: &[Capability]) -> String {
    let options =
        json!({ "prefix": PREFIX, "capabilities": capabilities, "largest_packet": 262_144 });
    let id = app.call("probe_start", json!({ "profile": profile.id, "options": options })).await;
    id.as_str().expect("a probe has a name").to_owned()
}

async fn report(app: &App, probe: &str) -> ProbeReport {
    let report = app.call("probe_report", json!({ "probe": probe })).await;
    serde_json::from_value(report).expect("a table")
}

async fn over(app: &App, probe: &str) -> ProbeReport {
    let patience = std::time::Duration::from_secs(120);
    wait::until_within(patience, "the probe to be over", async || {
        let report = report(app, probe).await;
        if report.finished { Ok(report) } else { Err(format!("{report:?}")) }
    })
    .await
}

async fn probe(app: &App, profile: &Profile, capabilities: &[Capability]) -> ProbeReport {
    let id = begin(app, profile, capabilities).await;
    let report = over(app, &id).await;
    assert_eq!(report.left_behind, Vec::<String>::new());
    assert_eq!(report.left_sessions, Vec::<String>::new());
    report
}

/// The table as `verdict value / announced`, by capability; what changes from run to run is left out.
fn table(report: &ProbeReport) -> BTreeMap<Capability, String> {
    let lines = report.rows.iter().map(|row| {
        let incidental = matches!(row.capability, Capability::Shared | Capability::WillDelay);
        let value = row.value.clone().filter(|_| !incidental).unwrap_or_default();
        let announced = row.announced.clone().unwrap_or_default();
        (row.capability, format!("{:?} {value} / {announced}", row.verdict))
    });
    lines.collect()
}

#[track_caller]
fn check(report: &ProbeReport, expect: &[(Capability, &str)]) {
    let found = table(report);
    let told = report.rows.iter().map(|row| format!("{row:?}")).collect::<Vec<_>>().join("\n");
    assert_eq!(report.error, None, "{told}");
    assert_eq!(found.len(), Capability::ALL.len(), "{told}");
    for (capability, expect) in expect {
        assert_eq!(found[capability], *expect, "{capability:?}\n{told}");
    }
}

/// All retained messages of a broker, as its own client sees them.
fn retained(port: u16) -> String {
    let output = process::program("mosquitto_sub")
        .args(["-h", "127.0.0.1", "-p", &port.to_string(), "-t", &format!("{PREFIX}/#")])
        .args(["--retained-only", "-W", "1", "-v"])
        .output()
        .expect("mosquitto_sub can be run");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_without_limits_can_do_everything_and_nothing_stays_behind() {
    use Capability::*;
    let broker = Mosquitto::start();
    let app = App::start().await;
    let profile = app.profile(broker.endpoint(Scheme::Mqtt), ProtocolVersion::V5, |_| ()).await;
    // The user's own session goes on meanwhile, and hears nothing but what is below the prefix.
    app.connect(&profile).await;
    let report = probe(&app, &profile, &Capability::ALL).await;
    check(
        &report,
        &[
            (Mqtt31, "Yes  / "),
            (Mqtt311, "Yes  / "),
            (Mqtt50, "Yes  / "),
            (MaximumQos, "Yes 2 / "),
            (Retained, "Yes  / "),
            (Wildcards, "Yes + # / "),
            (Shared, "Yes  / "),
            (SubscriptionIdentifiers, "Yes  / "),
            (TopicAlias, "Yes 10 / 10"),
            (PacketSize, "Yes 262144 / "),
            (ClientIdLength, "Yes 65535 / "),
            (ClientIdCharacters, "Yes ␣ / + # ü 中 😀 $ / "),
            (ClientIdEmpty, "Yes 3.1.1, 5.0 / "),
            (MessageExpiry, "Yes  / "),
            (WillDelay, "Yes  / "),
            (SessionExpiry, "Yes 3 / 3 / "),
        ],
    );
    assert!(report.broker.as_ref().is_some_and(|name| name.contains("mosquitto")), "{report:?}");
    app.wait_for_state(&profile, "connected").await;
    assert_eq!(app.session(&profile).await["traffic"]["reconnects"], 0);
    let taken_over = format!("Client {} already connected", profile.client_id);
    assert!(!broker.log().contains(&taken_over), "the user's session was taken over");
    assert_eq!(retained(broker.port(Scheme::Mqtt)), "");

    let app = app.restart().await;
    let kept = app.call("probes_list", json!({})).await;
    assert_eq!(kept, json!([report]), "a table outlives the application");
    app.call("probe_delete", json!({ "probe": report.id })).await;
    assert_eq!(app.call("probes_list", json!({})).await, json!([]));
    let gone = app.refused("probe_report", json!({ "probe": report.id })).await;
    assert_eq!(gone.code.as_str(), "probe.not_found");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_are_announced_and_kept_to() {
    use Capability::*;
    let lines = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect();
    let broker = Mosquitto::with(&Setup {
        lines: lines(&[
            "retain_available false",
            "max_packet_size 20000",
            "allow_zero_length_clientid false",
        ]),
        listener_lines: lines(&["max_qos 1", "max_topic_alias 0"]),
        ..Setup::default()
    });
    let app = App::start().await;
    let profile = app.profile(broker.endpoint(Scheme::Mqtt), ProtocolVersion::V5, |_| ()).await;
    let report = probe(&app, &profile, &Capability::ALL).await;
    check(
        &report,
        &[
            (MaximumQos, "Limited 1 / 1"),
            (Retained, "No  / no"),
            (TopicAlias, "No  / 0"),
            (PacketSize, "Limited 20000 / 20000"),
            (ClientIdEmpty, "No  / "),
            (Wildcards, "Yes + # / "),
            (SessionExpiry, "Yes 3 / 3 / "),
        ],
    );
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_was_chosen_is_tried_and_a_version_that_is_needed_is_found() {
    let broker = Mosquitto::start();
    let app = App::start().await;
    let profile =
        app.profile(broker.endpoint(Scheme::Wss), ProtocolVersion::V311, trusting(&broker)).await;
    let report = probe(&app, &profile, &[Capability::Mqtt311, Capability::TopicAlias]).await;
    check(
        &report,
        &[
            (Capability::Mqtt31, "Skipped  / "),
            (Capability::Mqtt311, "Yes  / "),
            (Capability::Mqtt50, "Skipped  / "),
            (Capability::TopicAlias, "Yes 10 / 10"),
            (Capability::WillDelay, "Skipped  / "),
        ],
    );
    app.stop().await;
}

/// A profile that trusts the broker's authority.
fn trusting(broker: &Mosquitto) -> impl FnOnce(&mut Profile) {
    let authority = broker.certificates().authority.display().to_string();
    move |profile| {
        profile.tls.roots = mqttscope_model::TlsRoots::ca_file(authority);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_ends_it_after_three_and_is_nowhere_in_the_table() {
    let setup = Setup { users: vec![("anna", "right")], ..Setup::default() };
    let broker = Mosquitto::with(&setup);
    let app = App::start().await;
    let profile = app
        .profile(broker.endpoint(Scheme::Mqtt), ProtocolVersion::V5, |profile| {
            profile.user_name = "anna".into();
        })
        .await;
    let profile = app.save(&profile, &[(SecretSlot::Password, PLANTED)]).await;
    let id = begin(&app, &profile, &Capability::ALL).await;
    let report = over(&app, &id).await;
    let error = report.error.clone().expect("an error");
    assert_eq!(error.code.as_str(), "mqtt.not_authorised");
    assert_eq!(broker.log().matches("not authorised").count(), 3, "{}", broker.log());
    assert!(report.rows.iter().all(|row| row.verdict == CapabilityVerdict::Unknown), "{report:?}");
    let file = app.folder().join(format!("data/probes/{id}.json"));
    let kept = std::fs::read_to_string(file).expect("the table is kept");
    assert!(!kept.contains(PLANTED) && !format!("{report:?}").contains(PLANTED));

    let profile = app.save(&profile, &[(SecretSlot::Password, "right")]).await;
    let report = probe(&app, &profile, &[Capability::Mqtt50, Capability::MaximumQos]).await;
    check(&report, &[(Capability::MaximumQos, "Yes 2 / ")]);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn want_of_permission_is_not_taken_for_want_of_ability() {
    use Capability::*;
    let rules = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(rules.path(), "topic readwrite elsewhere/#\n").expect("the rules");
    let lines = vec![format!("acl_file {}", rules.path().display())];
    let broker = Mosquitto::with(&Setup { lines, ..Setup::default() });
    let app = App::start().await;
    let profile = app.profile(broker.endpoint(Scheme::Mqtt), ProtocolVersion::V5, |_| ()).await;
    let report = probe(&app, &profile, &Capability::ALL).await;
    check(
        &report,
        &[
            (Mqtt50, "Yes  / "),
            (Retained, "Unknown  / "),
            (SessionExpiry, "Unknown  / "),
            (ClientIdEmpty, "Yes 3.1.1, 5.0 / "),
        ],
    );
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_there_is_said_once_and_the_rest_is_not_tried() {
    let app = App::start().await;
    let endpoint = mqttscope_model::Endpoint {
        scheme: Scheme::Mqtt,
        host: "127.0.0.1".into(),
        port: acceptance::ports::free::<1>()[0],
        path: "/mqtt".into(),
    };
    let profile = app.profile(endpoint, ProtocolVersion::V5, |_| ()).await;
    let report = probe(&app, &profile, &Capability::ALL).await;
    assert_eq!(report.error.expect("an error").code.as_str(), "tcp.refused");
    assert_eq!(report.rows.len(), Capability::ALL.len());
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_probe_ends_at_once_cleans_up_and_keeps_what_it_found() {
    let broker = Mosquitto::start();
    let app = App::start().await;
    let profile = app.profile(broker.endpoint(Scheme::Mqtt), ProtocolVersion::V5, |_| ()).await;
    let id = begin(&app, &profile, &Capability::ALL).await;
    wait::until("a question that waits", async || {
        let report = report(&app, &id).await;
        if report.trying == Some(Capability::WillDelay) {
            Ok(())
        } else {
            Err(format!("{report:?}"))
        }
    })
    .await;
    app.call("probe_cancel", json!({ "probe": id })).await;
    let report = over(&app, &id).await;
    assert!(report.cancelled && report.left_behind.is_empty() && report.left_sessions.is_empty());
    let found = table(&report);
    assert_eq!(found[&Capability::Retained], "Yes  / ");
    assert_eq!(found[&Capability::SessionExpiry], "Skipped  / ");
    assert_eq!(retained(broker.port(Scheme::Mqtt)), "");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prefix_that_is_no_topic_name_is_refused_before_anything_is_sent() {
    let broker = Mosquitto::start();
    let app = App::start().await;
    let profile = app.profile(broker.endpoint(Scheme::Mqtt), ProtocolVersion::V5, |_| ()).await;
    for prefix in ["", "a/#", "+"] {
        let options =
            json!({ "prefix": prefix, "capabilities": ["mqtt50"], "largest_packet": 1024 });
        let arguments = json!({ "profile": profile.id, "options": options });
        let error = app.refused("probe_start", arguments).await;
        assert_eq!(error.code.as_str(), "topic.name_invalid", "{prefix}");
    }
    assert_eq!(app.call("probes_list", json!({})).await, json!([]));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_built_in_broker_shows_what_it_can_do() {
    use Capability::*;
    let app = App::start().await;
    let local = app.call("try_local", json!({ "name": "Local broker" })).await;
    let list = app.call("profiles_list", json!({})).await;
    let profiles = list["profiles"].as_array().expect("a list");
    let found = profiles.iter().find(|profile| profile["id"] == local).expect("the profile");
    let profile: Profile = serde_json::from_value(found.clone()).expect("a profile");
    let report = probe(&app, &profile, &Capability::ALL).await;
    check(
        &report,
        &[
            (Mqtt31, "Yes  / "),
            (Mqtt311, "Yes  / "),
            (Mqtt50, "Yes  / "),
            (MaximumQos, "Yes 2 / "),
            (Retained, "Yes  / "),
            (Wildcards, "Yes + # / "),
            (Shared, "Yes  / "),
            (SubscriptionIdentifiers, "Yes  / "),
            (TopicAlias, "Yes 65535 / 65535"),
            (PacketSize, "Yes 262144 / 268435455"),
            (ClientIdLength, "Yes 65535 / "),
            (ClientIdCharacters, "Yes ␣ / + # ü 中 😀 $ / "),
            (ClientIdEmpty, "Yes 3.1.1, 5.0 / "),
            (MessageExpiry, "Yes  / "),
            (WillDelay, "Yes  / "),
            (SessionExpiry, "Yes 3 / 3 / 60 s"),
        ],
    );
    app.stop().await;
}
