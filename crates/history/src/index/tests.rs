use super::block::BLOCK_ROWS;
use super::*;

fn index_of(rows: impl IntoIterator<Item = (u64, i64)>) -> Index {
    let mut index = Index::default();
    index.learn([(1, "t".into())]);
    for (id, time_us) in rows {
        let flags = Flags::from_bits(i64::from(id % 2 == 0)).unwrap();
        index.push(&Entry { id: MessageId(id), time_us, topic: 1, length: id as u32, flags });
    }
    index
}

fn ids(rows: &[Located]) -> Vec<u64> {
    rows.iter().map(|row| row.id.0).collect()
}

#[test]
fn rows_are_found_by_place_and_by_id_across_blocks() {
    let count = 2 * BLOCK_ROWS as u64 + 10;
    let index = index_of((0..count).map(|n| (n + 7, n as i64)));
    assert_eq!(index.total(), count);
    assert_eq!(index.blocks.len(), 3);
    let edge = BLOCK_ROWS as u64;
    assert_eq!(ids(&index.slice(edge - 2, 4)), [edge + 5, edge + 6, edge + 7, edge + 8]);
    assert_eq!(ids(&index.slice(count - 1, 500)), [count + 6]);
    assert!(index.slice(count, 10).is_empty());
    assert!(index.slice(u64::MAX, 10).is_empty());
    assert_eq!(index.position(MessageId(6)), None);
    assert_eq!(index.position(MessageId(7)), Some(0));
    assert_eq!(index.position(MessageId(edge + 7)), Some(edge));
    assert_eq!(index.position(MessageId(count + 7)), None);
    assert_eq!(
        (index.first_id(), index.last_id()),
        (Some(MessageId(7)), Some(MessageId(count + 6)))
    );
    assert_eq!(index.outline().received + index.outline().sent, count);
}

#[test]
fn gaps_in_the_ids_leave_no_gap_in_the_places() {
    let index = index_of([(3, 0), (4, 1), (10, 2), (11, 3), (40, 4)]);
    assert_eq!(ids(&index.slice(0, 9)), [3, 4, 10, 11, 40]);
    assert_eq!(ids(&index.slice(1, 3)), [4, 10, 11]);
    let places: Vec<_> = index.slice(0, 9).iter().map(|row| row.index).collect();
    assert_eq!(places, [0, 1, 2, 3, 4]);
    assert_eq!(index.position(MessageId(5)), None);
    assert_eq!(index.position(MessageId(11)), Some(3));
}

#[test]
fn a_time_leads_to_the_first_row_that_is_not_older() {
    let day = 86_400_000_000;
    let index = index_of([(1, 0), (2, 5_000), (3, 5_000), (4, 60 * day), (5, 61 * day)]);
    assert_eq!(index.at_or_after(-1), 0);
    assert_eq!(index.at_or_after(5_000), 1);
    assert_eq!(index.at_or_after(day), 3);
    assert_eq!(index.at_or_after(61 * day), 4);
    assert_eq!(index.at_or_after(62 * day), 5);
}

#[test]
fn an_empty_index_has_no_rows() {
    let index = Index::default();
    assert_eq!((index.total(), index.first_id(), index.last_id()), (0, None, None));
    assert!(index.slice(0, 10).is_empty());
    assert_eq!(index.at_or_after(0), 0);
}

#[test]
fn what_is_removed_leaves_no_gap_in_the_places() {
    let count = 2 * BLOCK_ROWS as u64 + 10;
    let mut index = index_of((0..count).map(|n| (n + 1, n as i64)));
    let edge = BLOCK_ROWS as u64;
    assert!(index.remove(&[1..101, 200..201, edge - 1..edge + 3]).is_empty());
    assert_eq!(index.total(), count - 105);
    assert_eq!(index.outline().received + index.outline().sent, count - 105);
    assert_eq!(index.first_id(), Some(MessageId(101)));
    assert_eq!(ids(&index.slice(98, 2)), [199, 201]);
    assert_eq!(ids(&index.slice(edge - 104, 3)), [edge - 2, edge + 3, edge + 4]);
    assert_eq!(index.position(MessageId(200)), None);
    assert_eq!(index.position(MessageId(count)), Some(count - 106));
    assert_eq!(index.count_before(MessageId(201)), 99);
    assert!(index.slice(0, u32::MAX).iter().zip(0..).all(|(row, n)| row.index == n));
    let bytes: u64 = index.slice(0, u32::MAX).iter().map(|row| u64::from(row.length)).sum();
    assert_eq!(index.outline().payload_bytes, bytes);
    assert_eq!(index.remove(std::slice::from_ref(&(0..count + 1))), [1]);
    assert_eq!((index.total(), index.first_id(), index.last_id()), (0, None, None));
    assert_eq!(index.orphans(), [1]);
}

#[test]
fn the_oldest_are_told_without_the_spared_and_in_portions() {
    let index = index_of((1..=100).map(|n| (n, n as i64)));
    let portion = Portion { rows: 5, bytes: u64::MAX };
    let going = index.oldest(portion, 100, &BTreeSet::from([2, 3]));
    assert_eq!(going, Going { ranges: vec![1..2, 4..8], rows: 5, bytes: 23 });
    let going = index.oldest(Portion { rows: 9, bytes: 2 }, 100, &BTreeSet::new());
    assert_eq!(going.ranges, [Range { start: 1, end: 3 }]);
    assert_eq!(index.oldest(portion, 2, &BTreeSet::from([1])).ranges, [Range { start: 2, end: 3 }]);
    let (going, looked_at) = index.among(&[7, 8, 500], portion);
    assert_eq!((going.ranges, looked_at), ([Range { start: 7, end: 9 }].into(), 3));
}
