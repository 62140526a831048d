//! A page is what sorting all rows and picking the kinds would give, whatever happened to the rows before.

use proptest::prelude::*;

use super::*;

const KINDS_OF_ALL: [SidesKind; KINDS] = [
    SidesKind::Same,
    SidesKind::Late,
    SidesKind::Different,
    SidesKind::MissingLeft,
    SidesKind::MissingRight,
    SidesKind::Waiting,
];

fn message(id: u64, time_us: i64) -> Message {
    Message { id: MessageId(id), time_us, topic: "t".into(), content: 0, properties: 0 }
}

fn begin(rows: &mut Rows, number: u64, time_us: i64, side: Side) -> RowKey {
    let row = RowKey { time_us, number };
    rows.apply(Change::Begun { row, side, message: message(number, time_us) });
    row
}

/// What is expected of the rows, as a plain list that is sorted.
#[derive(Default)]
struct Naive(Vec<(RowKey, SidesKind)>);

impl Naive {
    fn piece(
        &self,
        kinds: &[SidesKind],
        from: SidesFrom,
        count: u32,
    ) -> (u64, u64, Option<u64>, Vec<RowKey>) {
        let of_kind = self.0.iter().filter(|(_, kind)| kinds.contains(kind));
        let all: Vec<RowKey> = of_kind.map(|(key, _)| *key).collect();
        let total = all.len() as u64;
        let (first, anchor) = match from {
            SidesFrom::Place { place } => (place.min(total), None),
            SidesFrom::End => (total.saturating_sub(count.into()), None),
            SidesFrom::Row { time_us, number, before } => {
                let anchor = all.iter().filter(|key| **key < RowKey { time_us, number }).count();
                ((anchor as u64).saturating_sub(before.into()), Some(anchor as u64))
            }
        };
        let rows = all.into_iter().skip(first as usize).take(count as usize).collect();
        (first, total, anchor, rows)
    }
}

/// Begins rows at these times and gives them kinds, in this order.
fn filled(what: &[(i64, u8)]) -> (Rows, Naive) {
    let (mut rows, mut naive) = (Rows::new(u64::MAX), Naive::default());
    for (at, (time_us, kind)) in what.iter().enumerate() {
        let (kind, number) = (KINDS_OF_ALL[usize::from(*kind)], 2 * at as u64 + 1);
        let side = if kind == SidesKind::MissingLeft { Side::Right } else { Side::Left };
        let row = begin(&mut rows, number, *time_us, side);
        let mut key = row;
        let verdict = match kind {
            SidesKind::Same => Verdict::Same,
            SidesKind::Late => Verdict::Late,
            SidesKind::Different => Verdict::Payload,
            SidesKind::MissingLeft | SidesKind::MissingRight => {
                rows.apply(Change::Missing { row });
                naive.0.push((key, kind));
                continue;
            }
            SidesKind::Waiting => {
                naive.0.push((key, kind));
                continue;
            }
        };
        if at % 2 == 0 {
            // The other one comes later and is older: the row goes back to its time.
            let older = message(number, *time_us - 3);
            key.time_us -= 3;
            rows.apply(Change::Joined { row, side: side.other(), message: older, verdict });
        } else {
            let other = begin(&mut rows, number + 1, *time_us + 2, side.other());
            rows.apply(Change::Merged { one: other, other: row, verdict });
        }
        naive.0.push((key, kind));
    }
    naive.0.sort_by_key(|(key, _)| *key);
    (rows, naive)
}

fn same(rows: &Rows, naive: &Naive, kinds: &[SidesKind], from: SidesFrom, count: u32) {
    let Piece { first, total, anchor, rows } = rows.piece(kinds, from, count);
    let keys: Vec<RowKey> = rows.iter().map(Stored::key).collect();
    assert_eq!((first, total, anchor, keys), naive.piece(kinds, from, count), "{kinds:?} {from:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn every_page_of_every_combination_of_kinds_is_that_of_a_sorted_list(
        what in prop::collection::vec((0..1_000_i64, 0..6_u8), 0..1_500),
        (place, time_us, number) in (0..2_200_u64, -10..1_010_i64, 0..4_000_u64),
        (before, count) in (0..40_u32, 0..60_u32),
    ) {
        let (rows, naive) = filled(&what);
        for chosen in 0..1 << KINDS {
            let kinds: Vec<SidesKind> = (0..KINDS)
                .filter(|kind| chosen >> kind & 1 == 1)
                .map(|kind| KINDS_OF_ALL[kind])
                .collect();
            same(&rows, &naive, &kinds, SidesFrom::Place { place }, count);
            same(&rows, &naive, &kinds, SidesFrom::End, count);
            same(&rows, &naive, &kinds, SidesFrom::Row { time_us, number, before }, count);
        }
        let counts = rows.counts();
        let counted = [counts.same, counts.late, counts.different, counts.missing_left, counts.missing_right, counts.waiting];
        for (count, kind) in counted.into_iter().zip(KINDS_OF_ALL) {
            prop_assert_eq!(count, naive.0.iter().filter(|(_, of)| *of == kind).count() as u64);
        }
    }
}

#[test]
fn a_row_knows_both_messages_and_their_times_whichever_came_first() {
    let mut rows = Rows::new(10);
    let row = begin(&mut rows, 1, 100, Side::Right);
    let left = message(7, 140);
    rows.apply(Change::Joined { row, side: Side::Left, message: left, verdict: Verdict::Late });
    let row = begin(&mut rows, 2, 100, Side::Right);
    let left = message(8, 60);
    rows.apply(Change::Joined {
        row,
        side: Side::Left,
        message: left,
        verdict: Verdict::Properties,
    });
    let piece = rows.piece(&KINDS_OF_ALL, SidesFrom::End, 10);
    let told: Vec<_> = piece
        .rows
        .iter()
        .map(|row| (row.key().time_us, row.message(Side::Left), row.message(Side::Right)))
        .collect();
    let id = MessageId;
    let expect = [
        (60, Some((id(8), 60)), Some((id(2), 100))),
        (100, Some((id(7), 140)), Some((id(1), 100))),
    ];
    assert_eq!(told, expect);
    let differences: Vec<_> = piece.rows.iter().map(Stored::difference).collect();
    assert_eq!(differences, [Some(SidesDifference::Properties), None]);
}

#[test]
fn the_oldest_verdicts_go_first_and_what_waits_stays() {
    let limit = 4 * BLOCK as u64;
    let mut rows = Rows::new(limit);
    let count = 3 * limit;
    for number in 0..count {
        let row = begin(&mut rows, number + 1, number as i64, Side::Left);
        if number % 10 != 0 || number >= limit {
            rows.apply(Change::Missing { row });
        }
    }
    let counts = rows.counts();
    let waiting = limit.div_ceil(10);
    assert_eq!(counts.waiting, waiting);
    let kept = counts.waiting + counts.missing_right;
    assert!(kept <= limit && kept > limit - BLOCK as u64, "{kept} of {limit}");
    assert_eq!(rows.let_go(), count - kept);
    let oldest = rows.piece(&[SidesKind::MissingRight], SidesFrom::Place { place: 0 }, 1);
    let first = oldest.rows[0].key().time_us as u64;
    assert_eq!(first, count - counts.missing_right, "those that are kept are the newest");
    // What is gone is not changed any more.
    rows.apply(Change::Missing { row: RowKey { time_us: 1, number: 2 } });
    assert_eq!(rows.let_go(), count - kept);
}

#[test]
fn a_row_takes_what_is_said_of_it() {
    assert_eq!(size_of::<Stored>(), 56);
}
