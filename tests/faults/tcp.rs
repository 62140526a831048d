//! Name lookup, TCP, and what listens there.

crate::tests! {
    tcp:
    the_name_is_unknown,
    the_name_is_local,
    the_broker_is_not_at_an_address_of_the_wanted_family,
    nothing_listens,
    the_packets_are_dropped,
    there_is_no_way_to_the_host,
    tls_is_begun_on_a_plain_port,
    mqtt_is_begun_in_clear_on_a_tls_port,
    wss_is_begun_on_a_ws_port,
    mqtt_is_begun_on_a_ws_port,
    ssh_listens_where_mqtt_was_expected,
    ssh_listens_where_mqtts_was_expected,
    a_mail_server_listens,
    a_mail_server_listens_where_mqtts_was_expected,
    amqp_listens,
    a_redis_listens,
    a_database_listens,
}
