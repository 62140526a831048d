//! Damaged files of every format: each is read or refused, nothing falls over. The example `fuzz_importers` does the
//! same by the million.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::corpus::corpus;
use super::mutate::{Dice, damaged};
use super::support::read;

static CORPUS: LazyLock<Vec<(&str, Vec<u8>)>> = LazyLock::new(corpus);

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_files_are_read_or_refused(which in 0usize..17, seed in any::<u64>()) {
        let (name, bytes) = &CORPUS[which];
        let bytes = damaged(bytes, &CORPUS, &mut Dice::new(seed));
        match read(name, &bytes) {
            Ok(found) => {
                let ids: std::collections::BTreeSet<_> =
                    found.profiles.iter().map(|one| &one.profile.id).collect();
                prop_assert_eq!(ids.len(), found.profiles.len());
            }
            Err(error) => {
                let user = mqttscope_model::UserError::from(error);
                let shown = format!("{user:?}");
                prop_assert!(!shown.contains("s3cr3t") && !shown.contains("hunter2"), "{}", shown);
            }
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = read("", &bytes);
    }
}
