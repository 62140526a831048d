//! Bytes that a person types or a file holds, such as the payload of a Will Message.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use ts_rs::TS;

/// Any bytes. In JSON they are `{"text": ".."}` where they are UTF-8 and `{"base64": ".."}` where
/// they are not, so that a profile file stays readable and no byte is ever changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Bytes(pub Vec<u8>);

#[derive(Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
#[ts(rename = "Bytes")]
enum Written {
    Text(String),
    Base64(String),
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match std::str::from_utf8(&self.0) {
            Ok(text) => Written::Text(text.to_owned()),
            Err(_) => Written::Base64(STANDARD.encode(&self.0)),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Written::deserialize(deserializer)? {
            Written::Text(text) => Ok(Self(text.into_bytes())),
            Written::Base64(text) => {
                STANDARD.decode(text).map(Self).map_err(serde::de::Error::custom)
            }
        }
    }
}

impl TS for Bytes {
    type WithoutGenerics = Self;
    type OptionInnerType = Self;

    fn name(cfg: &ts_rs::Config) -> String {
        Written::name(cfg)
    }
    fn inline(cfg: &ts_rs::Config) -> String {
        Written::inline(cfg)
    }
    fn decl(cfg: &ts_rs::Config) -> String {
        Written::decl(cfg)
    }
    fn decl_concrete(cfg: &ts_rs::Config) -> String {
        Written::decl_concrete(cfg)
    }
    fn output_path() -> Option<std::path::PathBuf> {
        Written::output_path()
    }
}

impl From<&str> for Bytes {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_readable_and_other_bytes_survive() {
        assert_eq!(serde_json::to_string(&Bytes::from("on")).unwrap(), r#"{"text":"on"}"#);
        let bytes = Bytes(vec![0xff, 0x00]);
        let json = serde_json::to_string(&bytes).unwrap();
        assert_eq!(json, r#"{"base64":"/wA="}"#);
        assert_eq!(serde_json::from_str::<Bytes>(&json).unwrap(), bytes);
    }
}
