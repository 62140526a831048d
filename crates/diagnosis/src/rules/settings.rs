//! Faults of the profile itself: nothing was sent.

use mqttscope_model::{
    ArchiveSource, CertificateSource, ClientCertificate, ErrorCode, KeySource, TlsRoots,
};
use serde_json::json;

use super::{Case, Found};
use crate::{CauseCode as C, FixCode};

pub(super) fn causes(case: &Case<'_>) -> Vec<Found> {
    use ErrorCode as E;
    let found = match case.error.code {
        E::TlsFileUnreadable
        | E::TlsFileInvalid
        | E::TlsArchiveInvalid
        | E::TlsEncryptionUnsupported
        | E::TlsKeyLogUnusable
        | E::WillFileUnreadable
        | E::WillFileTooLarge => file(case),
        E::TlsKeyEncrypted => passphrase(case, C::KeyEncrypted),
        E::TlsPassphraseWrong => passphrase(case, C::PassphraseWrong),
        E::TlsKeyMismatch => case
            .found(C::KeyMismatch)
            .with("key", case.detail("key"))
            .with("certificate", case.detail("certificate"))
            .fix(case.fixes.field(FixCode::ChooseFile, "tls.client_certificate"))
            .fix(case.fixes.field(FixCode::ChooseClientCertificate, "tls.client_certificate")),
        E::TlsRootsMissing => case
            .found(C::RootsMissing)
            .with("reason", case.detail("reason"))
            .fix(case.fixes.choose_ca()),
        E::SecretMissing | E::SecretUnavailable => secret(case),
        other => match field_of(other) {
            Some(field) => invalid(case, field),
            None => return Vec::new(),
        },
    };
    vec![found]
}

/// The field that an error speaks of.
fn field_of(code: ErrorCode) -> Option<&'static str> {
    use ErrorCode as E;
    Some(match code {
        E::ProfileInvalid | E::ProfileBroken | E::ProfileNotFound => "endpoint",
        E::AddressInvalid => "endpoint.host",
        E::ProxyInvalid => "proxy",
        E::TlsVersionsInvalid => "tls.min_version",
        E::TlsPinInvalid => "tls.roots",
        E::TlsServerNameInvalid => "tls.server_name",
        E::TlsAlpnInvalid => "tls.alpn",
        E::WebSocketPathInvalid => "endpoint.path",
        E::WebSocketHeaderInvalid => "websocket.headers",
        E::TopicFilterInvalid => "subscriptions",
        E::TopicNameInvalid => "will.topic",
        _ => return None,
    })
}

fn invalid(case: &Case<'_>, field: &str) -> Found {
    let fixes = &case.fixes;
    let named = case.detail("field");
    let field = if named.is_empty() { field } else { named };
    let found = case.found_for_error(C::SettingsInvalid).with("field", field);
    let found = match case.error.code {
        ErrorCode::TlsVersionsInvalid => found.fix(fixes.allow_tls_versions()),
        ErrorCode::WebSocketPathInvalid => found.fix(fixes.use_path(crate::fixes::USUAL_PATH)),
        ErrorCode::TlsServerNameInvalid if !case.profile.tls.server_name.is_empty() => {
            let details = [("field", field), ("value", "\"\"")];
            found.fix(fixes.set(FixCode::MendField, &details, &[("tls.server_name", json!(""))]))
        }
        ErrorCode::TlsAlpnInvalid => found.fix(fixes.without_alpn()),
        ErrorCode::ProxyInvalid => {
            found.fix(fixes.field(FixCode::CheckProxy, "proxy")).fix(fixes.without_proxy())
        }
        _ => found,
    };
    found.fix(fixes.field(FixCode::MendField, field))
}

fn file(case: &Case<'_>) -> Found {
    let file = case.detail("file");
    let field = match case.error.code {
        ErrorCode::TlsKeyLogUnusable => "tls.key_log_file",
        ErrorCode::WillFileUnreadable | ErrorCode::WillFileTooLarge => "will.payload",
        _ if is_of_roots(case, file) => "tls.roots",
        _ => "tls.client_certificate",
    };
    let found = case.found_for_error(C::FileUnusable).with("file", file);
    let found = found.fix(case.fixes.field(FixCode::ChooseFile, field));
    match case.error.code {
        ErrorCode::TlsKeyLogUnusable => {
            let details = [("field", field), ("value", "\"\"")];
            let without = [("tls.key_log_file", json!(""))];
            found.fix(case.fixes.set(FixCode::MendField, &details, &without))
        }
        ErrorCode::WillFileUnreadable | ErrorCode::WillFileTooLarge => {
            found.fix(case.fixes.without_will())
        }
        _ => found,
    }
}

fn is_of_roots(case: &Case<'_>, file: &str) -> bool {
    let own = match &case.profile.tls.client_certificate {
        Some(ClientCertificate::Pem { certificate, key, .. }) => {
            matches!(certificate, CertificateSource::File { path } if path == file)
                || matches!(key, KeySource::File { path } if path == file)
        }
        Some(ClientCertificate::Pkcs12 { archive, .. }) => {
            matches!(archive, ArchiveSource::File { path } if path == file)
        }
        None => false,
    };
    match &case.profile.tls.roots {
        TlsRoots::CaFiles { paths } => paths.iter().any(|path| path == file) || !own,
        TlsRoots::CaPem { .. } => case.profile.tls.client_certificate.is_none(),
        TlsRoots::System | TlsRoots::Pinned { .. } => false,
    }
}

fn passphrase(case: &Case<'_>, code: C) -> Found {
    case.found(code)
        .with("file", case.detail("file"))
        .fix(case.fixes.field(FixCode::GivePassphrase, "tls.client_certificate"))
        .fix(case.fixes.field(FixCode::ChooseClientCertificate, "tls.client_certificate"))
}

fn secret(case: &Case<'_>) -> Found {
    let slot = case.detail("secret");
    let field = match slot {
        "private_key" | "pkcs12" | "key_passphrase" => "tls.client_certificate",
        "proxy_password" => "proxy",
        "authentication_data" => "authentication",
        header if header.starts_with("header:") => "websocket.headers",
        _ => "password",
    };
    case.found_for_error(C::SecretMissing)
        .with("secret", slot)
        .fix(case.fixes.field(FixCode::GiveSecret, field))
}
