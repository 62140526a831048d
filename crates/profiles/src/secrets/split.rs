//! Values that are too long for one entry of a keychain, in several.
//!
//! The Credential Manager of Windows takes 2,560 bytes in UTF-16 for an entry; a private key or a PKCS#12 archive has more.
//! So a longer value lies in parts, under the name with `#1`, `#2` and so on behind it, and the entry of the name itself says how many they are.
//! The price: a process that ends in the middle leaves a part that is overwritten by the next value.

use mqttscope_model::Secret;

use super::keychain::{Keychain, KeychainFault};

/// Begins the entry of a value that lies in parts; the number of parts follows. Nobody types this control character.
const MARK: &str = "\u{1}in parts: ";

/// A keychain whose entries hold at most so many UTF-16 code units.
#[derive(Clone, Debug)]
pub(crate) struct Split<K> {
    keychain: K,
    limit: usize,
}

impl<K: Keychain> Split<K> {
    pub(crate) fn new(keychain: K, limit: usize) -> Self {
        Self { keychain, limit }
    }

    /// How many parts the value of this name lies in now; 0 for one that is whole, or none.
    fn parts(&mut self, name: &str) -> Result<usize, KeychainFault> {
        if self.limit == usize::MAX {
            // Nothing was ever cut here, and asking costs a call.
            return Ok(0);
        }
        let head = self.keychain.get(name)?;
        let count = head.as_ref().and_then(|head| head.expose().strip_prefix(MARK)).map(str::parse);
        match count {
            None => Ok(0),
            Some(Ok(count)) => Ok(count),
            Some(Err(_)) => Err(KeychainFault("an entry in parts is damaged".to_owned())),
        }
    }

    fn remove_parts(&mut self, name: &str, from: usize, to: usize) -> Result<(), KeychainFault> {
        (from..=to).try_for_each(|part| self.keychain.remove(&name_of(name, part)))
    }
}

impl<K: Keychain> Keychain for Split<K> {
    fn get(&mut self, name: &str) -> Result<Option<Secret>, KeychainFault> {
        let count = self.parts(name)?;
        if count == 0 {
            return self.keychain.get(name);
        }
        let mut value = String::new();
        for part in 1..=count {
            let text = self.keychain.get(&name_of(name, part))?;
            let text =
                text.ok_or_else(|| KeychainFault("a part of an entry is gone".to_owned()))?;
            value.push_str(text.expose());
        }
        Ok(Some(Secret::new(value)))
    }

    fn set(&mut self, name: &str, value: &Secret) -> Result<(), KeychainFault> {
        let before = self.parts(name)?;
        let parts = cut(value.expose(), self.limit);
        if let [whole] = parts.as_slice() {
            self.keychain.set(name, &Secret::new(*whole))?;
            return self.remove_parts(name, 1, before);
        }
        for (part, text) in (1..).zip(&parts) {
            self.keychain.set(&name_of(name, part), &Secret::new(*text))?;
        }
        self.keychain.set(name, &Secret::new(format!("{MARK}{}", parts.len())))?;
        self.remove_parts(name, parts.len() + 1, before)
    }

    fn remove(&mut self, name: &str) -> Result<(), KeychainFault> {
        let count = self.parts(name)?;
        self.remove_parts(name, 1, count)?;
        self.keychain.remove(name)
    }
}

fn name_of(name: &str, part: usize) -> String {
    format!("{name}#{part}")
}

/// Pieces of at most `limit` UTF-16 code units; one for an empty text.
fn cut(text: &str, limit: usize) -> Vec<&str> {
    let (mut parts, mut begin, mut length) = (Vec::new(), 0, 0);
    for (at, character) in text.char_indices() {
        if length + character.len_utf16() > limit {
            parts.extend(text.get(begin..at));
            (begin, length) = (at, 0);
        }
        length += character.len_utf16();
    }
    parts.extend(text.get(begin..));
    parts
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[derive(Default)]
    struct Small(BTreeMap<String, Secret>);

    impl Keychain for Small {
        fn get(&mut self, name: &str) -> Result<Option<Secret>, KeychainFault> {
            Ok(self.0.get(name).cloned())
        }

        fn set(&mut self, name: &str, value: &Secret) -> Result<(), KeychainFault> {
            if value.expose().encode_utf16().count() > 16 {
                return Err(KeychainFault("too long".to_owned()));
            }
            self.0.insert(name.to_owned(), value.clone());
            Ok(())
        }

        fn remove(&mut self, name: &str) -> Result<(), KeychainFault> {
            self.0.remove(name);
            Ok(())
        }
    }

    #[test]
    fn a_value_of_any_length_is_kept_and_leaves_nothing_when_it_is_removed() {
        let mut keychain = Split::new(Small::default(), 16);
        let long = "0123456789abcdef".repeat(4);
        for value in [
            "",
            "short",
            "0123456789abcdef",
            "0123456789abcdefg",
            "ä€😀".repeat(20).as_str(),
            &long,
            "x",
        ] {
            let value = Secret::new(value);
            keychain.set("p/key", &value).unwrap();
            assert_eq!(keychain.get("p/key").unwrap(), Some(value));
        }
        assert_eq!(keychain.keychain.0.len(), 1, "a shorter value leaves no parts of a longer one");
        keychain.set("p/key", &Secret::new(long)).unwrap();
        assert_eq!(keychain.keychain.0.len(), 5);
        keychain.remove("p/key").unwrap();
        assert!(keychain.keychain.0.is_empty());
        assert_eq!(keychain.get("p/key").unwrap(), None);
    }

    #[test]
    fn a_part_that_is_gone_is_an_error_and_not_a_shorter_value() {
        let mut keychain = Split::new(Small::default(), 16);
        keychain.set("p/key", &Secret::new("0123456789abcdef".repeat(3))).unwrap();
        keychain.keychain.0.remove("p/key#2");
        assert!(keychain.get("p/key").is_err());
    }
}
