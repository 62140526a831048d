//! What brokers and proxies say, made safe for a terminal.
//!
//! Evidence holds what came from the network. A terminal takes some of it for commands, so every control character
//! and every mark that turns the direction of writing is shown as its number.

/// A text without anything that a terminal or a reader could take for more than text. Line breaks become spaces.
pub(crate) fn line(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\t' => clean.push(' '),
            '\r' => {}
            hidden if is_hidden(hidden) => clean.extend(hidden.escape_unicode()),
            shown => clean.push(shown),
        }
    }
    clean
}

/// The text of a JSON document with the same characters written as `\\u` escapes: it says the same.
pub(crate) fn json(document: &str) -> String {
    let mut clean = String::with_capacity(document.len());
    for character in document.chars() {
        match character {
            hidden if hidden != '\n' && is_hidden(hidden) => {
                clean += &format!("\\u{:04x}", u32::from(hidden));
            }
            shown => clean.push(shown),
        }
    }
    clean
}

/// All of them lie in the plane that four digits name.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_comes_from_the_network_commands_the_terminal() {
        assert_eq!(line("SSH-2.0\r\n\u{1b}[2J\u{7}"), "SSH-2.0 \\u{1b}[2J\\u{7}");
        assert_eq!(line("a\u{202e}b\u{9b}c"), "a\\u{202e}b\\u{9b}c");
        assert_eq!(line("拒绝 – ü"), "拒绝 – ü");
    }

    #[test]
    fn a_json_document_says_the_same_without_them() {
        let value = serde_json::json!({ "seen": "a\u{1b}b\u{9b}c\u{202e}d\u{7f}" });
        let text = json(&serde_json::to_string_pretty(&value).unwrap());
        assert!(!text.contains(|c| c != '\n' && is_hidden(c)), "{text:?}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
    }
}
