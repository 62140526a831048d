//! Topic Names and Topic Filters: the rules, and the one matcher.

/// The longest Topic Name or Topic Filter in bytes of UTF-8 (`[MQTT-1.5.4]`, `[MQTT-4.7.3-3]`).
pub const MAX_BYTES: usize = 65_535;

/// Why a Topic Name or Topic Filter is not valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TopicError {
    /// It has no character.
    #[error("a topic has at least one character [MQTT-4.7.3-1]")]
    Empty,
    /// It is longer than [`MAX_BYTES`].
    #[error("a topic has at most 65,535 bytes in UTF-8, this one has {0} [MQTT-4.7.3-3]")]
    TooLong(usize),
    /// It holds U+0000.
    #[error("a topic must not hold the null character U+0000 [MQTT-4.7.3-2]")]
    Null,
    /// A Topic Name holds `+` or `#`.
    #[error("a Topic Name must not hold the wildcard {0} [MQTT-3.3.2-2]")]
    WildcardInName(char),
    /// `+` stands beside another character of its level.
    #[error("+ must fill a whole level of the Topic Filter [MQTT-4.7.1-2]")]
    PlusNotAlone,
    /// `#` stands beside another character, or not at the end.
    #[error("# must fill the last level of the Topic Filter [MQTT-4.7.1-1]")]
    HashNotLast,
    /// `$share/` without a group, or without a filter after it.
    #[error("a shared subscription is $share/group/filter [MQTT-4.8.2-1]")]
    ShareIncomplete,
}

impl TopicError {
    /// A stable word for the catalogues of the window.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLong(_) => "too_long",
            Self::Null => "null",
            Self::WildcardInName(_) => "wildcard",
            Self::PlusNotAlone => "plus_not_alone",
            Self::HashNotLast => "hash_not_last",
            Self::ShareIncomplete => "share_incomplete",
        }
    }
}

/// Whether `name` can be published to.
pub fn check_name(name: &str) -> Result<(), TopicError> {
    check_common(name)?;
    match name.chars().find(|c| matches!(c, '+' | '#')) {
        Some(wildcard) => Err(TopicError::WildcardInName(wildcard)),
        None => Ok(()),
    }
}

/// Whether `filter` can be subscribed to, shared subscriptions included.
pub fn check_filter(filter: &str) -> Result<(), TopicError> {
    check_common(filter)?;
    let filter = match filter.strip_prefix("$share/") {
        None => filter,
        Some(shared) => {
            let (group, filter) = shared.split_once('/').ok_or(TopicError::ShareIncomplete)?;
            if group.is_empty() || group.contains(['+', '#']) || filter.is_empty() {
                return Err(TopicError::ShareIncomplete);
            }
            filter
        }
    };
    let mut levels = filter.split('/').peekable();
    while let Some(level) = levels.next() {
        if level.contains('+') && level != "+" {
            return Err(TopicError::PlusNotAlone);
        }
        if level.contains('#') && (level != "#" || levels.peek().is_some()) {
            return Err(TopicError::HashNotLast);
        }
    }
    Ok(())
}

/// Whether a message on `name` comes through a subscription to `filter`, both being valid.
///
/// A filter that begins with a wildcard does not match names that begin with `$`
/// (`[MQTT-4.7.2-1]`), and `a/#` matches `a` too (section 4.7.1.2).
pub fn matches(filter: &str, name: &str) -> bool {
    let (mut filter, mut name) = (shared_filter(filter).as_bytes(), name.as_bytes());
    if name.first() == Some(&b'$') && matches!(filter.first(), Some(b'+' | b'#')) {
        return false;
    }
    // Quicker than a look at each byte, and what most filters are.
    if filter == name {
        return true;
    }
    // Byte for byte and without a split into levels: it is asked for each message that comes.
    let mut begins = true;
    loop {
        match (filter, name) {
            ([b'#'] | [b'#', b'/', ..], _) if begins => return true,
            ([b'+', rest @ ..], _) if begins && matches!(rest, [] | [b'/', ..]) => {
                let level = name.iter().position(|byte| *byte == b'/');
                name = level.and_then(|end| name.get(end..)).unwrap_or_default();
                filter = rest;
                begins = false;
            }
            ([first, rest @ ..], [other, more @ ..]) if first == other => {
                begins = *first == b'/';
                (filter, name) = (rest, more);
            }
            ([], []) => return true,
            // "a/#" matches "a" too.
            ([b'/', b'#'] | [b'/', b'#', b'/', ..], []) => return true,
            _ => return false,
        }
    }
}

/// The filter of a shared subscription without `$share/group/`.
fn shared_filter(filter: &str) -> &str {
    filter
        .strip_prefix("$share/")
        .and_then(|shared| shared.split_once('/'))
        .map_or(filter, |(_group, filter)| filter)
}

fn check_common(topic: &str) -> Result<(), TopicError> {
    match topic.len() {
        0 => Err(TopicError::Empty),
        n if n > MAX_BYTES => Err(TopicError::TooLong(n)),
        _ if topic.contains('\0') => Err(TopicError::Null),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Level by level, as the specification tells it.
    fn matches_by_level(filter: &str, name: &str) -> bool {
        let filter = shared_filter(filter);
        if name.starts_with('$') && filter.starts_with(['+', '#']) {
            return false;
        }
        let mut names = name.split('/');
        for level in filter.split('/') {
            if level == "#" {
                return true;
            }
            match names.next() {
                Some(name) if level == "+" || level == name => {}
                _ => return false,
            }
        }
        names.next().is_none()
    }

    proptest! {
        #[test]
        fn matching_is_that_of_the_levels(
            filter in "(\\$share/g/)?[a+#/$é]{0,7}", name in "[a+#/$é]{0,7}"
        ) {
            prop_assert_eq!(matches(&filter, &name), matches_by_level(&filter, &name));
        }
    }

    #[test]
    fn filters_match_as_the_specification_says() {
        let cases = [
            ("sport/tennis/#", "sport/tennis", true),
            ("sport/tennis/#", "sport/tennis/player1/ranking", true),
            ("#", "a/b", true),
            ("#", "$SYS/uptime", false),
            ("+/monitor", "$SYS/monitor", false),
            ("$SYS/#", "$SYS/uptime", true),
            ("+", "a/b", false),
            ("+/+", "/finance", true),
            ("/+", "/finance", true),
            ("+", "/finance", false),
            ("a/+/c", "a//c", true),
            ("a", "a/", false),
            ("$share/g/a/+", "a/b", true),
            ("$share/g/#", "$SYS/x", false),
        ];
        for (filter, name, expect) in cases {
            assert_eq!(matches(filter, name), expect, "{filter} on {name}");
        }
    }

    #[test]
    fn bad_names_and_filters_say_which_rule_they_break() {
        assert_eq!(check_name(""), Err(TopicError::Empty));
        assert_eq!(check_name("a\0"), Err(TopicError::Null));
        assert_eq!(check_name("a/#"), Err(TopicError::WildcardInName('#')));
        assert_eq!(check_name(&"x".repeat(65_536)), Err(TopicError::TooLong(65_536)));
        assert_eq!(check_name(&"x".repeat(65_535)), Ok(()));
        assert_eq!(check_filter("a/b+"), Err(TopicError::PlusNotAlone));
        assert_eq!(check_filter("#/a"), Err(TopicError::HashNotLast));
        assert_eq!(check_filter("a#"), Err(TopicError::HashNotLast));
        assert_eq!(check_filter("$share/g"), Err(TopicError::ShareIncomplete));
        assert_eq!(check_filter("$share//a"), Err(TopicError::ShareIncomplete));
        assert_eq!(check_filter("$share/g/a/#"), Ok(()));
    }
}
