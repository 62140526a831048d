//! Faults of web servers and proxies before a broker: nginx with mosquitto's WebSocket listener behind it, and servers
//! that nginx cannot be made to be.

use std::net::{Ipv4Addr, TcpListener};

use mqttscope_model::{Scheme, TlsRoots};

use super::{Cure, Fault, at, rows};
use crate::chat::{Chat, Frame};
use crate::mosquitto::Setup;
use crate::nginx::to_websocket;
use crate::scripted::{Scripted, Step};
use crate::{Certificates, Mosquitto, Nginx};

rows![
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
];

/// A broker with nginx before it, which passes `/mqtt` on and treats everything else as `lines` say.
fn behind(lines: &str) -> (Mosquitto, Nginx) {
    let broker = Mosquitto::start();
    let pass = to_websocket(broker.port(Scheme::Ws));
    let nginx = Nginx::plain(&format!("location = /mqtt {{ {pass} }}\n{lines}"));
    (broker, nginx)
}

/// nginx with TLS before a broker.
fn behind_tls() -> (Mosquitto, Nginx) {
    let broker = Mosquitto::start();
    let pass = to_websocket(broker.port(Scheme::Ws));
    let lines = format!("location = /mqtt {{ {pass} }}");
    let nginx = Nginx::tls(broker.certificates(), &lines);
    (broker, nginx)
}

fn authority(certificates: &Certificates) -> TlsRoots {
    TlsRoots::ca_file(certificates.authority.display().to_string())
}

/// A fault of nginx alone, whose `/mqtt` does what `lines` say.
fn answered(lines: &str, cause: &'static str, fix: &'static str) -> Fault {
    let nginx = Nginx::plain(&format!("location / {{ {lines} }}"));
    Fault::new(nginx.endpoint(Scheme::Ws, "/mqtt"), "web_socket", cause, fix).keep(nginx)
}

/// A server that follows `script` on a port where WebSocket is expected.
async fn scripted(script: Vec<Step>, cause: &'static str, fix: &'static str) -> Fault {
    let server = Scripted::start(script).await;
    Fault::new(at(Scheme::Ws, server.port()), "web_socket", cause, fix)
        .with(|profile| profile.connect_timeout = 2)
        .keep(server)
}

fn answer(text: &str) -> Vec<Step> {
    vec![Step::ReadConnect, Step::Send(text.as_bytes().to_vec()), Step::Close]
}

/// The path that the profile names is not the broker's.
pub async fn the_path_is_unknown() -> Fault {
    let servers = behind("");
    let endpoint = servers.1.endpoint(Scheme::Ws, "/socket");
    Fault::new(endpoint, "web_socket", "websocket.path_not_found", "use_path")
        .cure(Cure::Connects)
        .words(&["404", "path"])
        .keep(servers)
}

/// The path is a page of the web site beside the broker.
pub async fn the_path_is_a_page() -> Fault {
    let servers = behind("location / { default_type text/html; return 200 '<h1>Plant 4</h1>'; }");
    let endpoint = servers.1.endpoint(Scheme::Ws, "/");
    Fault::new(endpoint, "web_socket", "websocket.web_page", "use_path")
        .cure(Cure::Connects)
        .words(&["200", "web page"])
        .keep(servers)
}

/// A chat of the same web site listens on the path.
pub async fn a_chat_listens_on_the_path() -> Fault {
    let chat = Chat::start(Frame::Text("{\"hello\":\"everybody\"}")).await;
    let servers = behind(&format!("location = /chat {{ {} }}", to_websocket(chat.port())));
    let endpoint = servers.1.endpoint(Scheme::Ws, "/chat");
    Fault::new(endpoint, "mqtt", "mqtt.malformed", "use_path")
        .cure(Cure::Connects)
        .words(&["text frame", "not mqtt", "path"])
        .keep((servers, chat))
}

/// Another WebSocket of the same web site closes with a code and its reason.
pub async fn the_path_is_closed_with_words() -> Fault {
    let chat = Chat::start(Frame::Close(1008, "members only")).await;
    let servers = behind(&format!("location = /chat {{ {} }}", to_websocket(chat.port())));
    let endpoint = servers.1.endpoint(Scheme::Ws, "/chat");
    Fault::new(endpoint, "mqtt", "mqtt.closed_before_connack", "use_version")
        .cure(Cure::Changes)
        .words(&["1008", "members only"])
        .keep((servers, chat))
}

/// A network's login page answers in place of the broker.
pub async fn a_captive_portal() -> Fault {
    let page = "default_type text/html; \
                return 200 '<html><title>Guest Wi-Fi</title><form>Log in</form></html>';";
    answered(page, "websocket.web_page", "log_in_to_network").words(&["200", "web page", "portal"])
}

/// A gateway sends whoever is not logged in to its login page.
pub async fn a_redirect_to_a_login_page() -> Fault {
    answered("return 302 /login?next=/mqtt;", "websocket.redirected", "log_in_to_network")
        .words(&["302", "redirect"])
}

/// The web server wants https.
pub async fn a_redirect_to_https() -> Fault {
    let (broker, secure) = behind_tls();
    let to = format!("return 301 https://localhost:{}$request_uri;", secure.port());
    let roots = authority(broker.certificates());
    answered(&to, "websocket.redirected", "use_scheme")
        .with(|profile| profile.tls.roots = roots)
        .cure(Cure::Connects)
        .words(&["301", "redirect"])
        .keep((broker, secure))
}

/// The broker has moved to another path.
pub async fn a_redirect_to_another_path() -> Fault {
    let servers = behind("location = /ws { return 308 /mqtt; }");
    let endpoint = servers.1.endpoint(Scheme::Ws, "/ws");
    Fault::new(endpoint, "web_socket", "websocket.redirected", "use_path")
        .cure(Cure::Connects)
        .words(&["308", "redirect"])
        .keep(servers)
}

/// The gateway wants a login of its own.
pub async fn the_gateway_wants_a_login() -> Fault {
    let lines = "auth_basic \"plant\"; auth_basic_user_file /dev/null;";
    answered(lines, "websocket.unauthorised", "give_http_credentials").words(&["401", "unauthori"])
}

/// The gateway forbids it.
pub async fn the_gateway_forbids_it() -> Fault {
    answered("deny all;", "websocket.forbidden", "ask_for_permission").words(&["403", "forbidden"])
}

/// A proxy that nobody named stands on the way and wants a login.
pub async fn a_proxy_on_the_way_wants_a_login() -> Fault {
    answered("return 407;", "websocket.unauthorised", "proxy_credentials").words(&["407", "proxy"])
}

/// A proxy takes the upgrade out of the request, and the broker says that it got none.
pub async fn the_upgrade_is_not_passed_on() -> Fault {
    let broker = Scripted::start(answer(
        "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 12\r\n\
         Sec-WebSocket-Version: 13\r\n\r\nBad Request\n",
    ))
    .await;
    let pass = format!("proxy_pass http://127.0.0.1:{};", broker.port());
    answered(&pass, "websocket.upgrade_not_passed", "configure_gateway")
        .words(&["400", "upgrade"])
        .keep(broker)
}

/// Like [`the_upgrade_is_not_passed_on`] with the status that HTTP has for it (RFC 9110, section 15.5.22).
pub async fn the_server_wants_an_upgrade() -> Fault {
    let text = "HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                Content-Length: 0\r\n\r\n";
    scripted(answer(text), "websocket.upgrade_not_passed", "configure_gateway")
        .await
        .words(&["426", "upgrade"])
}

/// Nothing listens where the gateway expects the broker.
pub async fn the_gateway_finds_no_broker() -> Fault {
    let dead = super::lab::Deaf::start();
    let pass = to_websocket(dead.port());
    answered(&pass, "websocket.gateway_failed", "check_broker_runs")
        .words(&["502", "gateway"])
        .keep(dead)
}

/// nginx does not pass the upgrade on, and mosquitto closes at once on a request without one: to the client that is 502.
pub async fn the_gateway_finds_a_broker_that_hangs_up() -> Fault {
    let broker = Mosquitto::start();
    let pass = format!("proxy_pass http://127.0.0.1:{};", broker.port(Scheme::Ws));
    answered(&pass, "websocket.gateway_failed", "check_broker_runs")
        .words(&["502", "gateway"])
        .keep(broker)
}

/// The gateway has taken the broker out of service.
pub async fn the_service_is_unavailable() -> Fault {
    answered("return 503;", "websocket.gateway_failed", "check_broker_runs")
        .words(&["503", "unavailable"])
}

/// The broker behind the gateway takes the connection and says nothing.
pub async fn the_gateway_waits_in_vain() -> Fault {
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let port = silent.local_addr().expect("a bound socket has an address").port();
    let pass = format!("proxy_read_timeout 1s; {}", to_websocket(port));
    answered(&pass, "websocket.gateway_failed", "check_broker_runs")
        .words(&["504", "gateway"])
        .keep(silent)
}

/// The web server breaks on the request.
pub async fn the_server_breaks() -> Fault {
    answered("return 500;", "websocket.refused", "configure_gateway").words(&["500"])
}

/// The gateway drops the broker's subprotocol.
pub async fn no_subprotocol_is_named() -> Fault {
    let broker = Mosquitto::start();
    let pass = to_websocket(broker.port(Scheme::Ws));
    let lines = format!("{pass} proxy_hide_header Sec-WebSocket-Protocol;");
    answered(&lines, "websocket.subprotocol", "accept_without_subprotocol")
        .cure(Cure::Connects)
        .words(&["subprotocol", "sub protocol"])
        .keep(broker)
}

/// The gateway names a subprotocol that was not asked for.
pub async fn another_subprotocol_is_named() -> Fault {
    let broker = Mosquitto::start();
    let pass = to_websocket(broker.port(Scheme::Ws));
    let lines = format!(
        "{pass} proxy_hide_header Sec-WebSocket-Protocol; \
         add_header Sec-WebSocket-Protocol chat always;"
    );
    answered(&lines, "websocket.subprotocol", "configure_gateway")
        .words(&["subprotocol", "sub protocol"])
        .keep(broker)
}

/// MQTT is spoken to a web server.
pub async fn a_web_server_on_the_mqtt_port() -> Fault {
    let servers = behind("");
    let endpoint = servers.1.endpoint(Scheme::Mqtt, "/mqtt");
    Fault::new(endpoint, "mqtt", "port.is_http", "use_scheme")
        .cure(Cure::Connects)
        .words(&["http", "web server"])
        .keep(servers)
}

/// MQTT over TLS is spoken to a web server.
pub async fn a_web_server_with_tls_on_the_mqtts_port() -> Fault {
    let servers = behind_tls();
    let roots = authority(servers.0.certificates());
    Fault::new(servers.1.endpoint(Scheme::Mqtts, "/mqtt"), "mqtt", "port.is_http", "use_scheme")
        .with(|profile| profile.tls.roots = roots)
        .cure(Cure::Connects)
        .words(&["http", "web server"])
        .keep(servers)
}

/// WebSocket is spoken to a broker's MQTT port. Mosquitto closes without a word, which other servers do too.
pub async fn ws_to_a_mqtt_port() -> Fault {
    let broker = Mosquitto::start();
    let endpoint = at(Scheme::Ws, broker.port(Scheme::Mqtt));
    Fault::new(endpoint, "web_socket", "port.is_mqtt", "use_scheme")
        .cure(Cure::Connects)
        .words(&["mqtt port", "not speak websocket", "not a web server"])
        .keep(broker)
}

/// Like [`ws_to_a_mqtt_port`], where a person has let the other schemes be tried.
pub async fn ws_to_a_mqtt_port_with_consent() -> Fault {
    let mut fault = ws_to_a_mqtt_port().await;
    fault.options = Some(serde_json::json!({ "other_schemes": true }));
    fault
}

/// WebSocket without TLS is spoken to nginx's port with TLS.
pub async fn ws_to_a_port_of_nginx_with_tls() -> Fault {
    let servers = behind_tls();
    let roots = authority(servers.0.certificates());
    let endpoint = servers.1.endpoint(Scheme::Ws, "/mqtt");
    Fault::new(endpoint, "web_socket", "port.wants_tls", "use_scheme")
        .with(|profile| profile.tls.roots = roots)
        .cure(Cure::Connects)
        .words(&["https", "tls", "ssl"])
        .keep(servers)
}

/// WebSocket without TLS is spoken to mosquitto's port with TLS.
pub async fn ws_to_a_port_of_mosquitto_with_tls() -> Fault {
    let broker = Mosquitto::with(&Setup::default());
    let roots = authority(broker.certificates());
    let endpoint = broker.endpoint(Scheme::Wss);
    let endpoint = mqttscope_model::Endpoint { scheme: Scheme::Ws, ..endpoint };
    let mut fault = Fault::new(endpoint, "web_socket", "port.wants_tls", "use_scheme")
        .with(|profile| profile.tls.roots = roots)
        .cure(Cure::Connects)
        .words(&["tls", "ssl"])
        .keep(broker);
    fault.options = Some(serde_json::json!({ "other_schemes": true }));
    fault
}

/// WebSocket with TLS is spoken to a port without.
pub async fn wss_to_a_port_in_clear() -> Fault {
    let servers = behind("");
    Fault::new(servers.1.endpoint(Scheme::Wss, "/mqtt"), "tls", "port.is_plain", "use_scheme")
        .cure(Cure::Connects)
        .words(&["not speak tls", "without tls", "wrong version number", "packet length"])
        .keep(servers)
}

/// Nothing that is known answers the request.
pub async fn garbage_after_the_request() -> Fault {
    let bytes = vec![0x13, 0x37, 0xff, 0x00, 0xfe, 0x7f, 0x99, 0x03];
    let script = vec![Step::ReadConnect, Step::Send(bytes), Step::Close];
    scripted(script, "port.is_other", "use_port")
        .await
        .cure(Cure::Changes)
        .words(&["not speak http", "not http"])
}

/// The server closes on the request: a broker's MQTT port most often, and nobody can know from this alone.
pub async fn a_close_after_the_request() -> Fault {
    let script = vec![Step::ReadConnect, Step::Close];
    scripted(script, "port.is_mqtt", "use_scheme")
        .await
        .cure(Cure::Changes)
        .words(&["closed", "hang up"])
}

/// The server does not answer the request.
pub async fn silence_after_the_request() -> Fault {
    scripted(vec![Step::ReadConnect], "port.is_silent", "try_other_schemes")
        .await
        .or("websocket.failed")
        .words(&["timed out", "no answer"])
}

/// The port is SSH's.
pub async fn ssh_on_the_ws_port() -> Fault {
    let banner = b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n".to_vec();
    scripted(vec![Step::Send(banner)], "port.is_other", "use_port")
        .await
        .cure(Cure::Changes)
        .words(&["ssh"])
}
