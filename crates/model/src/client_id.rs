//! Client Identifiers that are made anew for each connection that a person starts.

/// What stands for a placeholder. Given from outside, so that the rule stays a function of its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placeholders {
    /// For `{{random}}`: eight letters or digits.
    pub random: String,
    /// For `{{hostname}}`: this machine's name.
    pub hostname: String,
    /// For `{{time}}`: seconds since the Unix epoch.
    pub time: u64,
}

/// The placeholders that [`expand`] knows.
pub const NAMES: [&str; 3] = ["random", "hostname", "time"];

/// Whether a text holds a placeholder.
pub fn is_template(text: &str) -> bool {
    NAMES.iter().any(|name| text.contains(&format!("{{{{{name}}}}}")))
}

/// Whether a text makes another Client Identifier each time it is expanded on one machine.
pub fn changes(text: &str) -> bool {
    ["{{random}}", "{{time}}"].iter().any(|placeholder| text.contains(placeholder))
}

/// Puts values in the place of `{{random}}`, `{{hostname}}` and `{{time}}`. Anything else in braces stays as it is.
pub fn expand(text: &str, values: &Placeholders) -> String {
    text.replace("{{random}}", &values.random)
        .replace("{{hostname}}", &values.hostname)
        .replace("{{time}}", &values.time.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_replaced_and_other_braces_stay() {
        let values = Placeholders {
            random: "k3v9x2ab".to_owned(),
            hostname: "bench".to_owned(),
            time: 1_700_000_000,
        };
        let text = "{{hostname}}-{{random}}-{{time}}-{{x}}-{random}";
        assert_eq!(expand(text, &values), "bench-k3v9x2ab-1700000000-{{x}}-{random}");
        assert!(is_template(text));
        assert!(!is_template("{{x}}-{random}"));
        assert!(changes(text) && !changes("{{hostname}}-1"));
    }
}
