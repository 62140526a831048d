//! The proxy.

use super::ProblemCode;
use super::found::Found;
use crate::{Proxy, ProxyServer};

/// The longest user name or password of SOCKS 5 in bytes (RFC 1929, section 2).
pub(super) const MAX_SOCKS: usize = 255;

pub(super) fn check(found: &mut Found, proxy: &Proxy) {
    let server = match proxy {
        Proxy::None | Proxy::System => return,
        Proxy::Http { server } => {
            let (field, name) = ("proxy.server.user_name", &server.user_name);
            // Basic puts a colon between user name and password.
            if name.contains(':') {
                found.error(field, ProblemCode::HasColon, "", "RFC 7617");
            }
            if name.contains(char::is_control) {
                found.error(field, ProblemCode::InvalidHeaderValue, "", "RFC 7617");
            }
            found.longer(field, name.len(), super::MAX_HEADER, "");
            server
        }
        Proxy::Socks5 { server } => {
            found.longer("proxy.server.user_name", server.user_name.len(), MAX_SOCKS, "RFC 1929");
            server
        }
    };
    check_server(found, server);
}

fn check_server(found: &mut Found, server: &ProxyServer) {
    found.host("proxy.server.host", &server.host);
    found.range("proxy.server.port", server.port, 1, u16::MAX, "RFC 6335");
    if server.password.is_some() && server.user_name.is_empty() {
        found.error("proxy.server.user_name", ProblemCode::Required, "", "");
    }
}
