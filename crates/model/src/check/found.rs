//! The problems so far, and the rules that several fields share.

use super::host::{self, HostFault};
use super::{BINARY, MAX_FIELD, MAX_HEADER, Problem, ProblemCode, STRINGS, Weight};
use crate::preset::Words;
use crate::topic::TopicError;
use crate::{SecretName, TypedBytes, UserProperty};

/// The problems so far.
pub(super) struct Found(pub(super) Vec<Problem>);

impl Found {
    pub(super) fn error(
        &mut self,
        field: &str,
        code: ProblemCode,
        limit: impl ToString,
        source: &str,
    ) {
        self.add(field, Weight::Error, code, &limit.to_string(), source);
    }

    pub(super) fn warn(
        &mut self,
        field: &str,
        code: ProblemCode,
        limit: impl ToString,
        source: &str,
    ) {
        self.add(field, Weight::Warning, code, &limit.to_string(), source);
    }

    fn add(&mut self, field: &str, weight: Weight, code: ProblemCode, limit: &str, source: &str) {
        let (field, limit, source) = (field.to_owned(), limit.to_owned(), source.to_owned());
        self.0.push(Problem { field, weight, code, limit, source, reason: None });
    }

    pub(super) fn longer(&mut self, field: &str, length: usize, limit: usize, source: &str) {
        if length > limit {
            self.error(field, ProblemCode::TooLong, limit, source);
        }
    }

    /// The rules of a UTF-8 Encoded String (MQTT 5.0, section 1.5.4).
    pub(super) fn string(&mut self, field: &str, text: &str) {
        self.longer(field, text.len(), MAX_FIELD, STRINGS);
        if text.contains('\0') {
            self.error(field, ProblemCode::NullCharacter, "", "MQTT-1.5.4-2");
        } else if text.contains(char::is_control) {
            self.warn(field, ProblemCode::ControlCharacter, "", STRINGS);
        }
    }

    pub(super) fn required_path(&mut self, field: &str, path: &str) {
        if path.trim().is_empty() {
            self.error(field, ProblemCode::Required, "", "");
        } else if path.contains('\0') {
            self.error(field, ProblemCode::NullCharacter, "", "");
        }
    }

    pub(super) fn range<T: PartialOrd + ToString>(
        &mut self,
        field: &str,
        value: T,
        low: T,
        high: T,
        source: &str,
    ) {
        if value < low || value > high {
            let limit = format!("{}..{}", low.to_string(), high.to_string());
            self.error(field, ProblemCode::OutOfRange, limit, source);
        }
    }

    pub(super) fn topic(&mut self, field: &str, error: TopicError) {
        let (code, limit, source) = match error {
            TopicError::Empty => (ProblemCode::Required, "", "MQTT-4.7.3-1"),
            TopicError::TooLong(_) => (ProblemCode::TooLong, "65535", "MQTT-4.7.3-3"),
            TopicError::Null => (ProblemCode::NullCharacter, "", "MQTT-4.7.3-2"),
            TopicError::WildcardInName(_) => (ProblemCode::Wildcard, "", "MQTT-3.3.2-2"),
            TopicError::PlusNotAlone => (ProblemCode::PlusNotAlone, "", "MQTT-4.7.1-2"),
            TopicError::HashNotLast => (ProblemCode::HashNotLast, "", "MQTT-4.7.1-1"),
            TopicError::ShareIncomplete => {
                (ProblemCode::ShareIncomplete, "$share/group/filter", "MQTT-4.8.2-1")
            }
        };
        self.error(field, code, limit, source);
    }

    /// A host name or an address.
    pub(super) fn host(&mut self, field: &str, text: &str) {
        let name = "RFC 1123";
        let Err(fault) = host::check(text) else { return };
        match fault {
            HostFault::Empty => self.error(field, ProblemCode::Required, "", ""),
            HostFault::Scheme => self.error(field, ProblemCode::HasScheme, "", ""),
            HostFault::Brackets => self.error(field, ProblemCode::HasBrackets, "", "RFC 4291"),
            HostFault::UserName => self.error(field, ProblemCode::HasUserName, "", ""),
            HostFault::Path => self.error(field, ProblemCode::HasPath, "", ""),
            HostFault::Port => self.error(field, ProblemCode::HasPort, "", ""),
            HostFault::Space => self.error(field, ProblemCode::HasSpace, "", name),
            HostFault::NotAscii => {
                let ascii = host::to_ascii(text).unwrap_or_default();
                self.error(field, ProblemCode::NotAscii, ascii, "RFC 5891");
            }
            HostFault::TooLong => {
                self.error(field, ProblemCode::TooLong, host::MAX_NAME, "RFC 1035");
            }
            HostFault::Invalid => self.error(field, ProblemCode::InvalidHost, "", name),
        }
    }

    /// Typed bytes that go into a Binary Data field of a packet (MQTT 5.0, section 1.5.6).
    pub(super) fn typed(&mut self, field: &str, typed: &TypedBytes) -> Option<Vec<u8>> {
        match typed.bytes() {
            Ok(bytes) => {
                self.longer(field, bytes.len(), MAX_FIELD, BINARY);
                Some(bytes)
            }
            Err(error) => {
                self.error(field, ProblemCode::NotInFormat, error.format(), "");
                None
            }
        }
    }

    /// Names and values of User Properties in the list at `field`.
    pub(super) fn user_properties(&mut self, field: &str, properties: &[UserProperty]) {
        for (index, property) in properties.iter().enumerate() {
            self.string(&format!("{field}.{index}.name"), &property.name);
            self.string(&format!("{field}.{index}.value"), &property.value);
        }
    }

    /// A secret that the keychain should hold and does not yet.
    pub(super) fn stored(&mut self, field: &str, secret: Option<&SecretName>, source: &str) {
        if secret.is_none() {
            self.error(field, ProblemCode::Required, "", source);
        }
    }

    /// A token of HTTP (RFC 9110, section 5.6.2).
    pub(super) fn token(&mut self, field: &str, text: &str, source: &str) {
        let is_mark = |b: u8| b"!#$%&'*+-.^_`|~".contains(&b);
        if text.is_empty() {
            self.error(field, ProblemCode::Required, "", source);
        } else if !text.bytes().all(|b| b.is_ascii_alphanumeric() || is_mark(b)) {
            self.error(field, ProblemCode::NotToken, "", source);
        }
    }

    /// The value of an HTTP header (RFC 9110, section 5.5).
    pub(super) fn header_value(&mut self, field: &str, text: &str) {
        if text.contains(|c: char| c.is_ascii_control() && c != '\t') {
            self.error(field, ProblemCode::InvalidHeaderValue, "", "RFC 9110, 5.5");
        }
        self.longer(field, text.len(), MAX_HEADER, "");
    }

    /// What a provider demands, with its reason.
    pub(super) fn provider(&mut self, field: String, weight: Weight, reason: Words, source: &str) {
        let (limit, source, code) = (String::new(), source.to_owned(), ProblemCode::ProviderRule);
        self.0.push(Problem { field, weight, code, limit, source, reason: Some(reason) });
    }
}
