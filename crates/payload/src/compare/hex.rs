//! Which bytes differ.
//!
//! What both have in common at the beginning and at the end is left aside. Of the middle, bytes are held
//! against each other by place where there are equally many, and aligned where there are few; else the middle is one run.

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::{HexDifference, HexRun, MAX_DIFFERENCES, common};

/// Bytes of both that are aligned.
const ALIGNED: usize = 4_096;

/// Compares two byte strings.
pub fn bytes(before: &[u8], after: &[u8]) -> HexDifference {
    let (head, tail) = common(before, after);
    let old = before.get(head..before.len() - tail).unwrap_or_default();
    let new = after.get(head..after.len() - tail).unwrap_or_default();
    let mut told = HexDifference::default();
    if old.len() == new.len() {
        by_place(old, new, head, &mut told);
    } else if old.len() + new.len() <= ALIGNED {
        for op in capture_diff_slices(Algorithm::Myers, old, new) {
            if !matches!(op, DiffOp::Equal { .. }) {
                let (old, new) = (op.old_range(), op.new_range());
                tell(&mut told, (head + old.start, old.len()), (head + new.start, new.len()));
            }
        }
    } else {
        tell(&mut told, (head, old.len()), (head, new.len()));
    }
    told
}

fn by_place(old: &[u8], new: &[u8], head: usize, told: &mut HexDifference) {
    let mut at = head;
    let mut run = 0;
    for (one, other) in old.iter().zip(new) {
        if one == other {
            if run > 0 {
                tell(told, (at - run, run), (at - run, run));
                run = 0;
            }
        } else {
            run += 1;
        }
        at += 1;
    }
    if run > 0 {
        tell(told, (at - run, run), (at - run, run));
    }
}

fn tell(told: &mut HexDifference, old: (usize, usize), new: (usize, usize)) {
    told.bytes += old.1.max(new.1) as u64;
    if told.runs.len() >= MAX_DIFFERENCES {
        told.more += 1;
        return;
    }
    told.runs.push(HexRun {
        before: old.0 as u64,
        before_length: old.1 as u64,
        after: new.0 as u64,
        after_length: new.1 as u64,
    });
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(before: &[u8], after: &[u8], expect: &[(u64, u64, u64, u64)]) {
        let found = bytes(before, after);
        let runs: Vec<_> = found
            .runs
            .iter()
            .map(|run| (run.before, run.before_length, run.after, run.after_length))
            .collect();
        assert_eq!(runs, expect);
    }

    #[test]
    fn runs_that_differ_are_told_with_their_places() {
        check(b"abc", b"abc", &[]);
        check(b"", b"ab", &[(0, 0, 0, 2)]);
        check(b"abcdef", b"aXcdYZ", &[(1, 1, 1, 1), (4, 2, 4, 2)]);
        check(b"abcdef", b"abXYcdef", &[(2, 0, 2, 2)]);
        check(b"abcdef", b"aef", &[(1, 3, 1, 0)]);
    }

    #[test]
    fn large_payloads_with_little_in_common_are_one_run() {
        let (one, other) = (vec![1; 1 << 20], vec![2; 1 << 19]);
        check(&one, &other, &[(0, 1 << 20, 0, 1 << 19)]);
        let every_other: Vec<u8> = (0..40_000_u32).map(|n| u8::from(n % 2 == 0)).collect();
        let found = bytes(&vec![0; 40_000], &every_other);
        assert_eq!((found.runs.len(), found.more, found.bytes), (5_000, 15_000, 20_000));
    }

    proptest! {
        #[test]
        fn the_runs_turn_one_into_the_other(
            one in prop::collection::vec(0..4_u8, 0..50), other in prop::collection::vec(0..4_u8, 0..50)
        ) {
            let (mut made, mut at) = (Vec::<u8>::new(), 0);
            for run in bytes(&one, &other).runs {
                made.extend(&one[at..run.before as usize]);
                prop_assert_eq!(made.len() as u64, run.after);
                made.extend(&other[run.after as usize..(run.after + run.after_length) as usize]);
                at = (run.before + run.before_length) as usize;
            }
            made.extend(&one[at..]);
            prop_assert_eq!(made, other);
        }
    }
}
