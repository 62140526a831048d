//! Web servers and proxies before a broker.

use acceptance::App;
use acceptance::faults::{Fault, at, meet};
use acceptance::scripted::{Scripted, Step};
use mqttscope_model::Scheme;

crate::tests! { http:
    the_path_is_unknown,
    the_path_is_a_page,
    a_chat_listens_on_the_path,
    the_path_is_closed_with_words,
    a_captive_portal,
    a_redirect_to_a_login_page,
    a_redirect_to_https,
    a_redirect_to_another_path,
    the_gateway_wants_a_login,
    the_gateway_forbids_it,
    a_proxy_on_the_way_wants_a_login,
    the_upgrade_is_not_passed_on,
    the_server_wants_an_upgrade,
    the_gateway_finds_no_broker,
    the_gateway_finds_a_broker_that_hangs_up,
    the_service_is_unavailable,
    the_gateway_waits_in_vain,
    the_server_breaks,
    no_subprotocol_is_named,
    another_subprotocol_is_named,
    a_web_server_on_the_mqtt_port,
    a_web_server_with_tls_on_the_mqtts_port,
    ws_to_a_mqtt_port,
    ws_to_a_mqtt_port_with_consent,
    ws_to_a_port_of_nginx_with_tls,
    ws_to_a_port_of_mosquitto_with_tls,
    wss_to_a_port_in_clear,
    garbage_after_the_request,
    a_close_after_the_request,
    silence_after_the_request,
    ssh_on_the_ws_port,
}

/// What a hostile web server may send: markup, control characters, bytes that are no text, more than is kept.
fn hostile() -> Vec<u8> {
    let mut body = b"<script>alert(1)</script>\x00\x07\x1b[2J\xff\xfe\xc3\x28 ".to_vec();
    body.extend("\u{202e}rtl ".bytes());
    body.extend(std::iter::repeat_n(b'x', 6_000));
    let head = format!(
        "HTTP/1.1 403 Forbidden\r\nServer: <b>plant</b>\r\nX-Empty:\r\n\
         Set-Cookie: session=plantedCookieValue; Path=/\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.into_bytes(), body].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hostile_answer_is_kept_as_text_up_to_its_limit() {
    let server = Scripted::start(vec![Step::ReadConnect, Step::Send(hostile()), Step::Close]).await;
    let app = App::start().await;
    let fault = Fault::new(
        at(Scheme::Ws, server.port()),
        "web_socket",
        "websocket.forbidden",
        "ask_for_permission",
    );
    let (_, report) = meet(&app, &fault).await;
    assert_eq!(report["diagnosis"]["causes"][0]["code"], fault.cause, "{report:#}");
    let seen = &report["account"]["facts"]["websocket"];
    assert_eq!(seen["status"], 403, "{seen:#}");
    let body = seen["body"].as_str().expect("a text");
    assert!(body.starts_with("<script>alert(1)</script>"), "{body:?}");
    assert!(body.contains('\u{fffd}'), "bytes that are no text are marked as such: {body:?}");
    let kept = body.matches('x').count();
    assert!((3_900..=4_096).contains(&kept), "{kept} of 4,096 bytes");
    assert_eq!(seen["body_cut"], true, "{seen:#}");
    let headers = seen["headers"].as_array().expect("headers");
    let value = |name: &str| {
        let mut named = headers.iter();
        named.find(|header| header["name"].as_str().is_some_and(|n| n.eq_ignore_ascii_case(name)))
    };
    assert_eq!(value("server").expect("the server")["value"], "<b>plant</b>");
    assert!(value("set-cookie").is_some(), "{headers:?}");
    assert!(!report.to_string().contains("plantedCookieValue"), "{report:#}");
    app.stop().await;
}
