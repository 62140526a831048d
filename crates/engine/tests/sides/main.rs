//! Two histories are compared through the command door: what is recorded, what comes, and what goes meanwhile.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the functions around the tests are tests too"
)]

mod app;

use app::{ALL, App, message, now_us};
use mqttscope_model::ProtocolVersion;
use serde_json::{Value, json};

/// When the first message was recorded.
const BEGIN: u64 = 1_700_000_000_000_000;

fn at(ms: u64, topic: &str, payload: &str) -> Value {
    message(BEGIN + ms * 1_000, topic, payload)
}

fn kinds(rows: &[Value]) -> Vec<(&str, &str)> {
    rows.iter().map(|row| (row["topic"].as_str().unwrap(), row["kind"].as_str().unwrap())).collect()
}

/// One message of each kind.
async fn one_of_each(app: &App) -> Value {
    let left = [
        at(0, "same", "1"),
        at(1_000, "late", "1"),
        at(2_000, "different", "1"),
        at(3_000, "only/left", "1"),
    ];
    let right = [
        at(100, "same", "1"),
        at(1_501, "late", "1"),
        at(2_010, "different", "2"),
        at(3_500, "only/right", "1"),
    ];
    app.bring(&app.left, &left).await;
    app.bring(&app.right, &right).await;
    let sides = app.open(json!({})).await;
    app.decided(&sides, 8).await;
    sides
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_recorded_is_compared_and_paged_by_kind() {
    let app = App::start().await;
    let sides = one_of_each(&app).await;
    let state = app.until(&sides, |state| state["behind"] == 0).await;
    let counts = json!({ "same": 1, "late": 1, "different": 1, "missing_left": 1, "missing_right": 1, "waiting": 0 });
    assert_eq!((&state["counts"], &state["let_go"]), (&counts, &json!(0)));
    assert_eq!((&state["left"]["complete"], &state["left"]["found"]), (&json!(true), &json!(4)));
    assert_eq!((&state["properties"], &state["fault"]), (&json!(true), &Value::Null));
    let rows = app.rows(&sides, &ALL).await;
    let expect = [
        ("same", "same"),
        ("late", "late"),
        ("different", "different"),
        ("only/left", "missing_right"),
        ("only/right", "missing_left"),
    ];
    assert_eq!(kinds(&rows), expect);
    let different = &rows[2];
    assert_eq!((&different["index"], &different["difference"]), (&json!(2), &json!("payload")));
    assert_eq!(different["time_us"], BEGIN + 2_000_000);
    let told = |side: &Value| {
        (side["id"].clone(), side["time_us"].clone(), side["content"]["preview"].clone())
    };
    assert_eq!(told(&different["left"]), (json!(3), json!(BEGIN + 2_000_000), json!("1")));
    assert_eq!(told(&different["right"]), (json!(3), json!(BEGIN + 2_010_000), json!("2")));
    assert_eq!(rows[3]["right"], Value::Null);
    // Some kinds are a list of their own.
    let lonely = ["missing_left", "missing_right"];
    let page = app.page(&sides, &lonely, json!({ "kind": "end" }), 1).await;
    assert_eq!(
        (&page["first"], &page["total"], &page["anchor"]),
        (&json!(1), &json!(2), &Value::Null)
    );
    assert_eq!(page["rows"][0]["topic"], "only/right");
    let from = json!({ "kind": "row", "time_us": different["time_us"], "number": different["number"], "before": 1 });
    let page = app.page(&sides, &ALL, from.clone(), 2).await;
    assert_eq!(
        (&page["anchor"], kinds(page["rows"].as_array().unwrap())),
        (&json!(2), expect[1..3].to_vec())
    );
    let page = app.page(&sides, &lonely, from, 9).await;
    assert_eq!(
        (&page["anchor"], kinds(page["rows"].as_array().unwrap())),
        (&json!(0), expect[3..].to_vec())
    );
    assert_eq!(app.page(&sides, &[], json!({ "kind": "end" }), 9).await["total"], 0);
    app.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_waits_in_a_row_and_is_missing_though_nothing_more_comes() {
    let app = App::start().await;
    app.bring(&app.left, &[at(0, "a", "1")]).await;
    app.bring(&app.right, &[at(1, "a", "1")]).await;
    let sides = app.open(json!({ "late_ms": 50, "wait_ms": 200 })).await;
    app.decided(&sides, 2).await;
    let time = now_us();
    app.bring(&app.left, &[message(time, "b", "1")]).await;
    app.until(&sides, |state| state["compared"] == 3).await;
    let state = app.decided(&sides, 3).await;
    let now = now_us();
    assert!(now - time >= 450_000, "{} µs were not waited out", now - time);
    assert_eq!(
        (&state["counts"]["same"], &state["counts"]["missing_right"]),
        (&json!(1), &json!(1))
    );
    app.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_waits_finds_its_like_when_that_comes() {
    let app = App::start().await;
    let sides = app.open(json!({ "late_ms": 60_000, "wait_ms": 60_000 })).await;
    let time = now_us();
    app.bring(&app.right, &[message(time, "b", "1")]).await;
    app.until(&sides, |state| state["counts"]["waiting"] == 1).await;
    let rows = app.rows(&sides, &["waiting"]).await;
    assert_eq!(
        (&rows[0]["left"], &rows[0]["right"]["content"]["preview"]),
        (&Value::Null, &json!("1"))
    );
    app.bring(&app.left, &[message(time + 9, "b", "1")]).await;
    let state = app.decided(&sides, 2).await;
    assert_eq!(state["counts"]["same"], 1);
    let row = &app.rows(&sides, &["same"]).await[0];
    assert_eq!((&row["number"], &row["time_us"]), (&rows[0]["number"], &json!(time)));
    assert_eq!(row["left"]["time_us"], time + 9);
    app.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn properties_are_compared_between_two_sessions_of_mqtt_5() {
    let user = |value: &str| json!({ "name": "user_property", "value": ["k", value] });
    let with = |properties: Value| {
        let mut message = at(0, "t", "1");
        message["properties"] = properties;
        message
    };
    let left = with(json!([user("a"), { "name": "content_type", "value": "text/plain" }]));
    // The broker's own properties, and another order of different ones, are no difference.
    let same = with(json!([
        { "name": "content_type", "value": "text/plain" }, user("a"),
        { "name": "subscription_identifier", "value": 7 },
    ]));
    let other = with(json!([user("b"), { "name": "content_type", "value": "text/plain" }]));
    for (right, version, kind, difference) in [
        (&same, ProtocolVersion::V5, "same", Value::Null),
        (&other, ProtocolVersion::V5, "different", json!("properties")),
        (&other, ProtocolVersion::V311, "same", Value::Null),
    ] {
        let app = App::of(ProtocolVersion::V5, version).await;
        app.bring(&app.left, std::slice::from_ref(&left)).await;
        app.bring(&app.right, std::slice::from_ref(right)).await;
        let sides = app.open(json!({})).await;
        let state = app.decided(&sides, 2).await;
        assert_eq!(state["properties"], version == ProtocolVersion::V5);
        let rows = app.rows(&sides, &ALL).await;
        assert_eq!((&rows[0]["kind"], &rows[0]["difference"]), (&json!(kind), &difference));
        app.engine.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_the_filter_lets_through_since_a_time_is_compared() {
    let app = App::start().await;
    let some = |from: u64| (from..from + 10).map(|n| at(n * 1_000, "t/a", &n.to_string()));
    app.bring(&app.left, &some(0).chain([at(20_000, "t/b", "x")]).collect::<Vec<_>>()).await;
    app.bring(&app.right, &some(0).collect::<Vec<_>>()).await;
    let since = BEGIN + 4_000_000;
    let sides = app.open(json!({ "filter": { "topics": ["+/a"] }, "since_us": since })).await;
    assert_eq!(app.decided(&sides, 12).await["counts"]["same"], 6);
    // The filter's own beginning is later.
    let later = json!({ "from_us": since + 3_000_000 });
    let sides = app.open(json!({ "filter": later, "since_us": since })).await;
    let state = app.decided(&sides, 7).await;
    assert_eq!(
        (&state["counts"]["same"], &state["counts"]["missing_right"]),
        (&json!(3), &json!(1))
    );
    let found = json!({ "payload": [{ "kind": "text", "text": "8", "case_sensitive": true }] });
    let sides = app.open(json!({ "filter": found })).await;
    assert_eq!(app.decided(&sides, 2).await["counts"]["same"], 1);
    app.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_makes_no_sense_is_refused_with_its_cause() {
    let app = App::start().await;
    for (late_ms, wait_ms) in [(0, 0), (200, 100), (0, 3_600_001)] {
        let asked = app.asked(json!({ "late_ms": late_ms, "wait_ms": wait_ms }));
        let refused = app.refused("sides_open", asked).await;
        assert_eq!(refused.code.as_str(), "sides.times");
        assert_eq!(refused.details["wait_ms"], wait_ms.to_string());
        assert!(!refused.hint.is_empty());
    }
    let refused =
        app.refused("sides_open", app.asked(json!({ "filter": { "topics": ["a/#/b"] } }))).await;
    assert_eq!(refused.code.as_str(), "filter.invalid");
    let mut asked = app.asked(json!({}));
    asked["pair"]["right"] = json!(app.left);
    let refused = app.refused("sides_open", asked.clone()).await;
    assert_eq!(refused.code.as_str(), "sides.same_profile");
    asked["pair"]["right"] = json!("nobody");
    assert_eq!(app.refused("sides_open", asked).await.code.as_str(), "profile.not_found");
    app.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_that_is_cleared_leaves_its_rows_without_what_they_held() {
    let app = App::start().await;
    let sides = one_of_each(&app).await;
    app.call("history_clear", json!({ "profile": app.left })).await;
    let rows = app.rows(&sides, &ALL).await;
    assert_eq!(rows.len(), 5);
    let gone = &rows[2]["left"];
    assert_eq!((&gone["content"], &gone["id"]), (&Value::Null, &json!(3)));
    assert_eq!(rows[2]["right"]["content"]["preview"], "2");
    assert_eq!(rows[3]["topic"], "only/left");
    // What comes after is compared, also what is older than all before.
    app.bring(&app.left, &[message(BEGIN - 1_000_000, "new", "1")]).await;
    app.bring(&app.right, &[at(9_000, "newer", "1")]).await;
    let state = app.decided(&sides, 10).await;
    assert_eq!(state["counts"]["missing_right"], 2);
    let rows = app.rows(&sides, &ALL).await;
    assert_eq!((&rows[0]["topic"], &rows[6]["topic"]), (&json!("new"), &json!("newer")));
    app.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_limits_remove_stays_compared_and_what_comes_then_is_compared() {
    let app = App::start().await;
    let some = |numbers: std::ops::Range<u64>| -> Vec<Value> {
        numbers.map(|n| at(n * 10, "t", &n.to_string())).collect()
    };
    app.bring(&app.left, &some(0..3_000)).await;
    app.bring(&app.right, &some(1..3_000)).await;
    let sides = app.open(json!({})).await;
    app.decided(&sides, 5_999).await;
    app.limit(&app.left, 500).await;

    app.bring(&app.left, &some(3_000..3_100)).await;
    app.bring(&app.right, &some(3_000..3_099)).await;
    let state = app.decided(&sides, 6_198).await;
    let counts = json!({ "same": 3_098, "late": 0, "different": 0, "missing_left": 0, "missing_right": 2, "waiting": 0 });
    assert_eq!((&state["counts"], &state["fault"]), (&counts, &Value::Null));
    let rows = app.rows(&sides, &["missing_right"]).await;
    let left = |row: usize| {
        let message = &rows[row]["left"];
        (message["id"].clone(), message["content"]["preview"].clone())
    };
    // The first is gone with what it held, and is not taken for another one.
    assert_eq!((left(0), left(1)), ((json!(1), Value::Null), (json!(3_100), json!("3099"))));
    app.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comparison_ends_when_it_is_closed_or_a_profile_of_it_is_deleted() {
    let app = App::start().await;
    let closed = one_of_each(&app).await;
    app.call("sides_close", json!({ "sides": closed })).await;
    app.call("sides_close", json!({ "sides": closed })).await;
    let deleted = app.open(json!({})).await;
    app.call("profiles_delete", json!({ "ids": [app.right] })).await;
    for sides in [closed, deleted] {
        let gone = app.refused("sides_state", json!({ "sides": sides })).await;
        assert_eq!(gone.code.as_str(), "sides.gone");
        let end = json!({ "kind": "end" });
        let args = json!({ "sides": sides, "kinds": ALL, "from": end, "count": 9 });
        assert_eq!(app.refused("sides_page", args).await.code.as_str(), "sides.gone");
    }
    app.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_four_are_kept() {
    let app = App::start().await;
    let mut all = Vec::new();
    for _ in 0..5 {
        all.push(app.open(json!({})).await);
    }
    let gone = app.refused("sides_state", json!({ "sides": all[0] })).await;
    assert_eq!(gone.code.as_str(), "sides.gone");
    for sides in &all[1..] {
        app.decided(sides, 0).await;
    }
    app.engine.stop().await;
}
