//! Settings and files that are known to be wrong before a byte is sent.

crate::tests! {
    settings:
    the_key_does_not_match,
    the_key_is_encrypted,
    the_passphrase_is_wrong,
    the_archive_is_encrypted,
    the_archives_passphrase_is_wrong,
    the_authoritys_file_is_not_there,
    the_authoritys_file_holds_something_else,
    the_clients_certificate_file_is_not_there,
    the_clients_key_file_holds_something_else,
}
