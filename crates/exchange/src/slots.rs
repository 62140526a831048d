//! Where a secret's place is in a profile, as the path of a field.

use mqttscope_model::SecretSlot;

/// The path of the field, as problems and differences name it.
pub fn slot_path(slot: &SecretSlot) -> String {
    match slot {
        SecretSlot::Password => "password",
        SecretSlot::PrivateKey => "tls.client_certificate.key",
        SecretSlot::Pkcs12 => "tls.client_certificate.archive",
        SecretSlot::KeyPassphrase => "tls.client_certificate.passphrase",
        SecretSlot::ProxyPassword => "proxy.server.password",
        SecretSlot::AuthenticationData => "authentication.data",
        SecretSlot::Header(name) => return format!("websocket.headers.{name}"),
    }
    .to_owned()
}
