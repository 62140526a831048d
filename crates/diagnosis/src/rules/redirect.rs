//! A redirect in place of an upgrade: the broker's new place, a login page, or a network's portal.

use super::{Case, Found};
use crate::fixes::place_of;
use crate::{CauseCode as C, FixCode as F};

/// Words in the path or host of a page that wants a login.
const LOGIN: [&str; 9] =
    ["login", "signin", "sign-in", "sign_in", "auth", "sso", "portal", "captive", "wifi"];

pub(super) fn causes(case: &Case<'_>) -> Vec<Found> {
    let said = location(case);
    // Its query often carries a token.
    let shown = super::shown_path(&said).to_owned();
    let redirected = case
        .found(C::Redirected)
        .with("status", super::websocket::status(case))
        .with("location", shown.clone());
    let place = place_of(&said);
    let is_login = LOGIN.iter().any(|word| shown.to_ascii_lowercase().contains(word));
    let goes = place.as_ref().and_then(|place| case.fixes.go_to(place));
    let host = &case.profile.endpoint.host;
    let elsewhere = place
        .as_ref()
        .and_then(|place| place.host.as_deref())
        .is_some_and(|other| !other.eq_ignore_ascii_case(host));
    if !is_login && !elsewhere {
        return vec![redirected.fix(goes).fix(case.fixes.advice(F::ConfigureGateway))];
    }
    let page = super::websocket::web_page(case).fix(case.fixes.advice(F::LogInToNetwork));
    if is_login {
        let redirected = redirected
            .fix(case.fixes.advice(F::LogInToNetwork))
            .fix(case.fixes.field(F::GiveHttpCredentials, "websocket.headers"))
            .fix(case.fixes.advice(F::ConfigureGateway));
        return vec![redirected, page];
    }
    let redirected = redirected.fix(goes).fix(case.fixes.advice(F::ConfigureGateway));
    vec![redirected, page]
}

fn location(case: &Case<'_>) -> String {
    let headers = case.facts.websocket.as_ref().map(|facts| facts.headers.as_slice());
    let headers = headers.unwrap_or_default();
    let found = headers.iter().find(|header| header.name.eq_ignore_ascii_case("location"));
    found.map_or_else(|| case.detail("location").to_owned(), |header| header.value.clone())
}
