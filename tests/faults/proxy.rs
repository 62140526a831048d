//! Proxies that refuse, fail, or are none.

crate::tests! {
    proxy:
    the_http_proxy_wants_credentials,
    the_http_proxy_takes_no_such_password,
    the_http_proxy_forbids_the_port,
    the_http_proxy_cannot_reach_the_broker,
    the_http_proxy_is_not_there,
    the_http_proxy_is_a_broker,
    the_http_proxy_is_silent,
    the_socks_proxy_wants_credentials,
    the_socks_proxy_takes_no_such_password,
    the_socks_proxy_cannot_reach_the_broker,
    the_socks_proxy_is_not_there,
    the_socks_proxy_speaks_http,
    the_http_proxy_speaks_socks,
    the_http_proxy_says_503,
    the_http_proxy_is_a_web_server,
    the_socks_proxy_forbids_it,
    the_socks_proxy_is_a_web_server,
}
