//! Web servers, gateways and proxies in HTTP.

use mqttscope_model::ConnectStage as S;
use mqttscope_model::ErrorCode as E;
use mqttscope_model::Scheme::{Mqtt, Ws, Wss};

use super::Row;
use crate::tests::given::{Given, certificate, given};

pub(super) fn http() -> Vec<Row> {
    let body = |text: &'static str| {
        move |facts: &mut mqttscope_model::Facts| {
            facts.websocket.as_mut().unwrap().body = text.to_owned();
        }
    };
    let no_certificate = body("<h1>400 Bad Request</h1>No required SSL certificate was sent");
    let speaks_tls = body("Reason: You're speaking plain HTTP to an SSL-enabled server port.");
    let asked = |g: Given| g.tls(|tls| tls.client_certificate_asked = true);
    let own = |g: Given| {
        asked(g).tls(|tls| tls.client_certificate = Some(certificate("device", "Plant CA")))
    };
    let at = |code| given(Ws, S::WebSocket, code);
    let moved = |to: &str| at(E::WebSocketRedirected).http(302, &[("Location", to)]);
    vec![
        (
            at(E::WebSocketPathNotFound).http(404, &[]).path("/x"),
            &["websocket.path_not_found"],
            "use_path",
        ),
        (at(E::WebSocketPathNotFound).http(404, &[]), &["websocket.path_not_found"], "use_path"),
        (moved("/new"), &["websocket.redirected"], "use_path"),
        (moved("https://broker.example/mqtt"), &["websocket.redirected"], "use_scheme"),
        (
            moved("/login?next=/mqtt"),
            &["websocket.redirected", "websocket.web_page"],
            "log_in_to_network",
        ),
        (
            moved("https://portal.hotel.example/"),
            &["websocket.redirected", "websocket.web_page"],
            "log_in_to_network",
        ),
        (
            moved("http://other.example/mqtt"),
            &["websocket.redirected", "websocket.web_page"],
            "use_host",
        ),
        (at(E::WebSocketNotUpgraded).http(200, &[]).path("/"), &["websocket.web_page"], "use_path"),
        (at(E::WebSocketNotUpgraded).http(200, &[]), &["websocket.web_page"], "log_in_to_network"),
        (
            at(E::WebSocketNotUpgraded).http(400, &[]),
            &["websocket.upgrade_not_passed"],
            "configure_gateway",
        ),
        (
            at(E::WebSocketNotUpgraded).http(426, &[]),
            &["websocket.upgrade_not_passed"],
            "configure_gateway",
        ),
        (
            at(E::WebSocketUnauthorised).http(401, &[]),
            &["websocket.unauthorised"],
            "give_http_credentials",
        ),
        (
            at(E::WebSocketUnauthorised).http(407, &[]),
            &["websocket.unauthorised"],
            "proxy_credentials",
        ),
        (
            at(E::WebSocketUnauthorised).http(403, &[]),
            &["websocket.forbidden"],
            "ask_for_permission",
        ),
        (
            asked(at(E::WebSocketNotUpgraded)).http(400, &[]).facts(no_certificate),
            &["tls.client_certificate_required"],
            "choose_client_certificate",
        ),
        (
            own(at(E::WebSocketNotUpgraded)).http(400, &[]).facts(no_certificate),
            &["tls.client_certificate_rejected"],
            "choose_client_certificate",
        ),
        (
            asked(at(E::WebSocketUnauthorised)).http(403, &[]),
            &["websocket.forbidden", "tls.client_certificate_required"],
            "ask_for_permission",
        ),
        (
            asked(at(E::WebSocketUnauthorised)).http(401, &[]),
            &["websocket.unauthorised", "tls.client_certificate_required"],
            "give_http_credentials",
        ),
        (
            at(E::WebSocketNotUpgraded).http(400, &[]).facts(speaks_tls),
            &["port.wants_tls"],
            "use_scheme",
        ),
        (
            at(E::WebSocketGatewayFailed).http(502, &[]),
            &["websocket.gateway_failed"],
            "check_broker_runs",
        ),
        (at(E::WebSocketRefused).http(500, &[]), &["websocket.refused"], "configure_gateway"),
        (at(E::WebSocketRefused).http(429, &[]), &["websocket.refused"], "wait_and_retry"),
        (
            at(E::WebSocketSubprotocol).http(101, &[]),
            &["websocket.subprotocol"],
            "accept_without_subprotocol",
        ),
        (
            at(E::WebSocketSubprotocol).detail("answered", "mqttv3.1"),
            &["websocket.subprotocol"],
            "use_version",
        ),
        (
            at(E::WebSocketSubprotocol).detail("answered", "chat"),
            &["websocket.subprotocol"],
            "configure_gateway",
        ),
        (
            at(E::WebSocketNotSpoken).first_bytes(b"\x20\x02\0\0", Some("MQTT")),
            &["port.is_mqtt"],
            "use_scheme",
        ),
        (
            at(E::WebSocketNotSpoken)
                .detail("spoken", "something else")
                .first_bytes(b"\x13\x37", None),
            &["port.is_other"],
            "use_port",
        ),
        (at(E::WebSocketTlsWanted), &["port.wants_tls"], "use_scheme"),
        (at(E::WebSocketRefused).http(511, &[]), &["websocket.web_page"], "log_in_to_network"),
        (
            at(E::WebSocketClosed),
            &["port.is_mqtt", "websocket.failed", "port.wants_tls"],
            "use_scheme",
        ),
        (
            at(E::WebSocketClosed).at("h", 443),
            &["port.wants_tls", "websocket.failed"],
            "use_scheme",
        ),
        (at(E::WebSocketClosed).speaks(Wss), &["port.wants_tls"], "use_scheme"),
        (at(E::WebSocketClosed).speaks(Mqtt), &["port.is_mqtt"], "use_scheme"),
        (at(E::WebSocketTimedOut), &["websocket.failed", "port.is_silent"], "try_other_schemes"),
        (at(E::WebSocketFailed), &["websocket.failed"], "try_other_schemes"),
        (
            at(E::WebSocketFailed).http(404, &[]).path("/x"),
            &["websocket.path_not_found"],
            "use_path",
        ),
        (at(E::WebSocketFailed).http(200, &[]), &["websocket.web_page"], "log_in_to_network"),
        (
            at(E::WebSocketTimedOut).http(502, &[]),
            &["websocket.gateway_failed"],
            "check_broker_runs",
        ),
        (at(E::WebSocketFailed).http(101, &[]), &["websocket.failed"], "try_other_schemes"),
    ]
}
