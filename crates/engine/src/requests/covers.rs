//! Whether one subscription brings everything that another one would.

/// Whether every message that would come through `narrow` comes through `wide`, both being valid filters.
///
/// A shared subscription brings only a part of what matches it, so it covers nothing but itself, and nothing else covers it.
pub(super) fn covers(wide: &str, narrow: &str) -> bool {
    if wide == narrow {
        return true;
    }
    let is_shared = |filter: &str| filter.starts_with("$share/");
    // [MQTT-4.7.2-1]: a wildcard in front matches no name that begins with `$`.
    let hidden = wide.starts_with(['+', '#']) && narrow.starts_with('$');
    if is_shared(wide) || is_shared(narrow) || hidden {
        return false;
    }
    let mut narrow = narrow.split('/');
    for level in wide.split('/') {
        let other = narrow.next();
        match (level, other) {
            ("#", _) => return true,
            ("+", Some(other)) if other != "#" => {}
            (level, Some(other)) if level == other => {}
            _ => return false,
        }
    }
    narrow.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::covers;

    #[test]
    fn a_filter_covers_what_lies_in_it_whole() {
        let cases = [
            ("a/b", "a/b", true),
            ("a/#", "a/b", true),
            ("a/#", "a", true),
            ("a/#", "a/+/c/#", true),
            ("a/+", "a/b", true),
            ("a/+", "a/+", true),
            ("a/+", "a/#", false),
            ("a/+", "a/b/c", false),
            ("a/b", "a/+", false),
            ("a", "a/#", false),
            ("#", "a/b", true),
            ("#", "+/b", true),
            ("#", "$SYS/x", false),
            ("+/x", "$SYS/x", false),
            ("$SYS/#", "$SYS/x", true),
            ("$share/g/a/#", "a/b", false),
            ("#", "$share/g/a", false),
            ("$share/g/a", "$share/g/a", true),
        ];
        for (wide, narrow, expect) in cases {
            assert_eq!(covers(wide, narrow), expect, "{wide} over {narrow}");
        }
    }
}
