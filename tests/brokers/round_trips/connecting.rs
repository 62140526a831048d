//! Each property of CONNECT by itself, with messages that go both ways under it; and a session that is kept, and discarded.

use acceptance::App;
use mqttscope_model::{Profile, ProtocolVersion, QoS, UserProperty};

use super::{VERSIONS, brokers, came, message, publish};

/// What CONNECT says, and how a profile says it.
type Change = (&'static str, Box<dyn Fn(&mut Profile)>);

#[tokio::test(flavor = "multi_thread")]
async fn every_property_of_connect_is_understood() {
    let app = App::start().await;
    let pair = |name: &str| UserProperty { name: name.to_owned(), value: "1".to_owned() };
    let changes: [Change; 10] = [
        ("nothing", Box::new(|_| ())),
        ("Keep Alive 0", Box::new(|profile| profile.keep_alive = 0)),
        ("Session Expiry", Box::new(|profile| profile.session_expiry = 60)),
        (
            "Receive Maximum",
            Box::new(|profile| {
                profile.connect_properties.receive_maximum = Some(1);
            }),
        ),
        (
            "Maximum Packet Size",
            Box::new(|profile| {
                profile.connect_properties.maximum_packet_size = Some(2_000);
            }),
        ),
        (
            "Topic Alias Maximum",
            Box::new(|profile| {
                profile.connect_properties.topic_alias_maximum = Some(10);
            }),
        ),
        (
            "Request Response Information",
            Box::new(|profile| {
                profile.connect_properties.request_response_information = Some(true);
            }),
        ),
        (
            "Request Problem Information",
            Box::new(|profile| {
                profile.connect_properties.request_problem_information = Some(false);
            }),
        ),
        (
            "User Properties",
            Box::new(move |profile| {
                profile.connect_properties.user_properties = vec![pair("a"), pair("a")];
            }),
        ),
        ("no Client Identifier", Box::new(|profile| profile.client_id = String::new())),
    ];
    for broker in brokers(&app).await {
        for (what, change) in &changes {
            let what = format!("{} {what}", broker.name);
            let profile = app
                .profile(broker.endpoint.clone(), ProtocolVersion::V5, |profile| change(profile))
                .await;
            app.connect(&profile).await;
            app.subscribe(&profile, "connect/#", QoS::ExactlyOnce).await;
            // More messages than a small Receive Maximum lets through at once, and twice on a topic, for an alias.
            for n in 0..4 {
                publish(&app, &profile, &message("connect/x", n % 3, false, "eA==", &[])).await;
            }
            let came = came(&app, &profile, "connect/", 4).await;
            assert_eq!(came.len(), 4, "{what}");
            app.disconnect(&profile).await;
        }
        // Clean Start off and the expiry: the session is there again, and gone after Clean Start.
        for version in VERSIONS {
            let mut profile = app
                .profile(broker.endpoint.clone(), version, |profile| {
                    profile.clean_start = false;
                    profile.session_expiry = 60;
                })
                .await;
            for present in [false, true] {
                app.connect(&profile).await;
                let state = app.wait_for_state(&profile, "connected").await;
                let what = format!("{} {version}: {state}", broker.name);
                assert_eq!(state["connack"]["session_present"], present, "{what}");
                app.disconnect(&profile).await;
            }
            profile.clean_start = true;
            let profile = app.save(&profile, &[]).await;
            app.connect(&profile).await;
            let state = app.wait_for_state(&profile, "connected").await;
            assert_eq!(state["connack"]["session_present"], false, "{} {version}", broker.name);
            app.disconnect(&profile).await;
        }
    }
    app.stop().await;
}
