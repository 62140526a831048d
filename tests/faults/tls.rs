//! Brokers' certificates that are not accepted.

crate::tests! {
    tls:
    the_authority_is_unknown,
    the_authority_is_unknown_and_shown,
    another_authority_is_trusted,
    an_authority_of_the_same_name_has_another_key,
    it_signs_itself,
    it_signs_itself_and_another_of_its_name_is_trusted,
    it_signs_itself_and_is_given_as_its_own_authority,
    an_authority_is_used_as_the_server,
    the_intermediate_is_not_sent,
    it_is_for_another_name,
    it_is_for_a_name_and_the_address_is_used,
    it_is_for_all_hosts_of_another_domain,
    it_is_for_clients,
    it_names_no_host,
    it_is_of_version_1,
    it_has_expired,
    it_is_not_valid_yet,
    its_intermediate_has_expired,
    its_key_is_of_1024_bits,
    its_authoritys_key_is_of_1024_bits,
    it_is_signed_with_sha_1,
    another_certificate_is_pinned,
}
