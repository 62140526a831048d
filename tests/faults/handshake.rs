//! TLS handshakes that fail for other reasons than the broker's certificate.

crate::tests! {
    handshake:
    only_tls_1_1_is_spoken,
    only_tls_1_2_is_spoken,
    only_tls_1_3_is_spoken,
    no_cipher_is_common,
    a_client_certificate_is_missing_in_tls_1_2,
    a_client_certificate_is_missing_in_tls_1_3,
    the_client_certificate_is_of_another_authority,
    the_client_certificate_has_expired,
    a_client_certificate_is_missing_at_nginx,
    the_client_certificate_is_not_taken_by_nginx,
    the_host_is_not_served_by_nginx,
    a_server_name_is_needed,
    the_server_name_is_wrong,
    the_offered_alpn_is_not_taken,
    alpn_is_needed,
    no_broker_is_behind_the_gateway,
    the_port_is_silent,
    the_port_closes,
    the_port_resets,
}
