//! Connections that were there: subscriptions, closes, takeover, silence, DISCONNECT.

use acceptance::faults::{Fault, meet, session as faults};
use acceptance::{App, Mosquitto, wait};
use mqttscope_model::{Profile, ProtocolVersion, Scheme};
use serde_json::json;

crate::tests! { session:
    a_subscription_is_refused,
    a_subscription_is_refused_in_3_1_1,
    a_close_after_subscribe,
    a_close_after_subscribe_on_each_connection,
    subscribe_is_not_answered,
    a_close_after_publish,
    a_close_after_a_retained_publish,
    taken_over_again_and_again,
    taken_over_in_5,
    taken_over_and_told,
    closed_right_after_each_connack,
    a_ping_is_not_answered,
    the_proxy_drops_what_is_silent,
    sent_to_another_server,
    disconnect_80,
    disconnect_81,
    disconnect_82,
    disconnect_83,
    disconnect_87,
    disconnect_89,
    disconnect_8b,
    disconnect_8d,
    disconnect_8f,
    disconnect_90,
    disconnect_93,
    disconnect_94,
    disconnect_95,
    disconnect_96,
    disconnect_97,
    disconnect_98,
    disconnect_99,
    disconnect_9a,
    disconnect_9b,
    disconnect_9c,
    disconnect_9d,
    disconnect_9e,
    disconnect_9f,
    disconnect_a0,
    disconnect_a1,
    disconnect_a2,
    disconnect_c3,
}

/// Meets a fault, applies the first fix, and watches two pings of the connection that comes of it.
async fn mended_stays(fault: Fault) {
    let app = App::start().await;
    let (profile, report) = meet(&app, &fault).await;
    let first = &report["diagnosis"]["fixes"][0];
    assert_eq!(first["code"], fault.fix, "{report:#}");
    let arguments = json!({ "profile": profile, "fix": first });
    let mended = app.call("fix_apply", arguments).await;
    let mut mended: Profile = serde_json::from_value(mended).expect("a profile");
    mended.keep_alive = mended.keep_alive.min(2);
    app.disconnect(&profile).await;
    let mended = app.save(&mended, &[]).await;
    app.connect(&mended).await;
    let began = app.session(&mended).await["state"].clone();
    wait::until("two pings to be answered", async || {
        let report = app.call("session_report", json!({ "profile": mended.id })).await;
        let pings =
            report["account"]["facts"]["staying"]["pings_us"].as_array().map_or(0, Vec::len);
        if pings >= 2 { Ok(()) } else { Err(report.to_string()) }
    })
    .await;
    assert_eq!(app.session(&mended).await["state"], began, "it is the same connection");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_another_identifier_the_rival_does_no_harm() {
    mended_stays(faults::taken_over_again_and_again().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_shorter_keep_alive_the_proxy_lets_the_connection_be() {
    mended_stays(faults::the_proxy_drops_what_is_silent().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_was_restarted_once_is_blamed_for_nothing() {
    let mut broker = Mosquitto::start();
    let app = App::start().await;
    for version in [ProtocolVersion::V311, ProtocolVersion::V5] {
        let profile = app
            .profile(broker.endpoint(Scheme::Mqtt), version, |profile| {
                profile.reconnect.first_delay_ms = 100;
                profile.reconnect.max_delay_ms = 100;
            })
            .await;
        app.connect(&profile).await;
        broker.stop();
        app.wait_for_state(&profile, "waiting").await;
        broker.resume();
        let again = wait::until("the report of the second connection", async || {
            let report = app.call("session_report", json!({ "profile": profile.id })).await;
            let lost = report["account"]["past"].as_array().map_or(0, Vec::len);
            let there = report["diagnosis"]["verdict"] == "ok" && lost == 1;
            if there { Ok(report) } else { Err(report.to_string()) }
        })
        .await;
        assert_eq!(again["diagnosis"]["causes"], json!([]), "{version}: {again:#}");
        app.disconnect(&profile).await;
        let done = app.call("session_report", json!({ "profile": profile.id })).await;
        assert_ne!(done["diagnosis"]["verdict"], "failed", "{version}: {done:#}");
    }
    app.stop().await;
}
