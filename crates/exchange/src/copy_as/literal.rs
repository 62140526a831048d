//! Text and bytes as literals of each language, so that no value can become code.

use std::fmt::Write as _;

use mqttscope_model::{RetainHandling, Subscription, Will, WillPayload};

/// A string literal in double quotes. JSON's escapes mean the same in Python, JavaScript, Go, Java and C#.
pub(super) fn text(value: &str) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "\"\"".to_owned())
}

/// A string literal of Rust.
pub(super) fn rust(value: &str) -> String {
    format!("{value:?}")
}

/// One word of a POSIX shell: as it is where nothing in it means something, else in single quotes.
pub(super) fn shell(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+,=".contains(c);
    if !value.is_empty() && value.chars().all(plain) {
        return value.to_owned();
    }
    format!("'{}'", value.replace('\'', r"'\''"))
}

/// A literal of bytes of Python.
pub(super) fn python_bytes(bytes: &[u8]) -> String {
    let mut text = String::from("b\"");
    for &byte in bytes {
        match byte {
            b'"' | b'\\' => _ = write!(text, "\\{}", char::from(byte)),
            b' '..=b'~' => text.push(char::from(byte)),
            _ => _ = write!(text, "\\x{byte:02x}"),
        }
    }
    text + "\""
}

/// The bytes as numbers with commas between them.
pub(super) fn numbers(bytes: &[u8]) -> String {
    bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(", ")
}

/// The payload of a Will Message, as far as it does not lie in a file.
pub(super) fn will_bytes(will: &Will) -> Vec<u8> {
    match &will.payload {
        WillPayload::Typed { typed } => typed.bytes().unwrap_or_default(),
        WillPayload::File { .. } => Vec::new(),
    }
}

/// The payload as text, where it is text.
pub(super) fn will_text(will: &Will) -> Option<String> {
    match &will.payload {
        WillPayload::Typed { typed } => String::from_utf8(typed.bytes().ok()?).ok(),
        WillPayload::File { .. } => None,
    }
}

/// A text with each line behind `indent`; empty lines stay empty.
pub(super) fn indented(text: &str, indent: &str) -> String {
    let each =
        |line: &str| if line.is_empty() { "\n".to_owned() } else { format!("{indent}{line}\n") };
    text.lines().map(each).collect()
}

/// Retain Handling as a number.
pub(super) fn retain_handling(wanted: &Subscription) -> u8 {
    match wanted.retain_handling {
        RetainHandling::Send => 0,
        RetainHandling::SendIfNew => 1,
        RetainHandling::DoNotSend => 2,
    }
}

/// Whether a SUBSCRIBE of its own is needed, since its properties hold for all filters of one.
pub(super) fn has_properties(wanted: &Subscription) -> bool {
    wanted.identifier.is_some() || !wanted.user_properties.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_of_the_shell_stays_one_word() {
        assert_eq!(shell("a/b-c"), "a/b-c");
        assert_eq!(shell(""), "''");
        assert_eq!(shell("$share/g/#"), "'$share/g/#'");
        assert_eq!(shell("it's $HOME; `x`\n"), "'it'\\''s $HOME; `x`\n'");
    }

    #[test]
    fn quotes_never_end_a_literal_early() {
        assert_eq!(text("a\"b\\\n"), r#""a\"b\\\n""#);
        assert_eq!(python_bytes(b"a\"\\\xff\0"), "b\"a\\\"\\\\\\xff\\x00\"");
        assert_eq!(rust("a\"\u{7}"), "\"a\\\"\\u{7}\"");
    }
}
