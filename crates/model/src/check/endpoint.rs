//! Where the broker is.

use super::ProblemCode;
use super::found::Found;
use crate::Profile;
use crate::endpoint::DEFAULT_PATH;

pub(super) fn check(found: &mut Found, profile: &Profile) {
    let endpoint = &profile.endpoint;
    found.host("endpoint.host", &endpoint.host);
    found.range("endpoint.port", endpoint.port, 1, u16::MAX, "RFC 6335");
    if !endpoint.scheme.is_websocket() {
        return;
    }
    let path = "endpoint.path";
    let not_in_a_request = |c: char| !c.is_ascii_graphic() || "#\"<>\\^`{|}".contains(c);
    // An empty path is asked for as `/` (RFC 6455, section 3); the oddities tell of it.
    if !endpoint.path.is_empty() && !endpoint.path.starts_with('/') {
        found.error(path, ProblemCode::MissingSlash, DEFAULT_PATH, "RFC 6455");
    } else if endpoint.path.contains(char::is_whitespace) {
        found.error(path, ProblemCode::HasSpace, "", "RFC 3986");
    } else if endpoint.path.contains(not_in_a_request) {
        found.error(path, ProblemCode::InvalidPath, "", "RFC 3986");
    }
    // Servers commonly take request lines of 8,000 bytes (RFC 9112, section 3).
    found.longer(path, endpoint.path.len(), 8_000, "RFC 9112");
}
