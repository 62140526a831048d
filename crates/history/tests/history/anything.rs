//! Proves with random steps that index, file, views and bookmarks agree whatever happens in whatever order.

use std::collections::{BTreeMap, BTreeSet};

use mqttscope_history::{History, View};
use mqttscope_model::{Message, MessageId};
use proptest::prelude::*;

use crate::common::{open, place, received, settle, wait_until};
use crate::retention::{at_most, check_whole, counted, finish, ids, view_ids, view_of};

/// One step of a random history.
#[derive(Clone, Debug)]
enum Step {
    Append(Vec<u8>),
    Retain(u64),
    ClearView(u8),
    ClearAll,
    Bookmark(usize),
    Unbookmark(usize),
    Compact,
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => prop::collection::vec(0_u8..4, 1..60).prop_map(Step::Append),
        3 => (0_u64..80).prop_map(Step::Retain),
        2 => (0_u8..4).prop_map(Step::ClearView),
        1 => Just(Step::ClearAll),
        3 => any::<usize>().prop_map(Step::Bookmark),
        1 => any::<usize>().prop_map(Step::Unbookmark),
        1 => Just(Step::Compact),
        1 => Just(Step::Reopen),
    ]
}

/// What a history should be: the topics of its messages, and which are marked.
#[derive(Default)]
struct Expected {
    messages: BTreeMap<u64, u8>,
    marked: BTreeSet<u64>,
    most: Option<u64>,
}

impl Expected {
    fn retain(&mut self) {
        let Some(most) = self.most else { return };
        let spared: BTreeSet<u64> =
            self.marked.iter().rev().take(most as usize / 8).copied().collect();
        let mut excess = (self.messages.len() as u64).saturating_sub(most);
        self.messages.retain(|id, _| {
            let goes = excess > 0 && !spared.contains(id);
            excess -= u64::from(goes);
            !goes
        });
        self.marked.retain(|id| self.messages.contains_key(id));
    }
}

fn check(history: &History, view: &View, expected: &Expected) {
    settle(history);
    let wanted: Vec<u64> = expected.messages.keys().copied().collect();
    wait_until("index and file have it", || ids(history) == wanted);
    let of_view = expected.messages.iter().filter(|(_, topic)| **topic == 1);
    let of_view: Vec<u64> = of_view.map(|(id, _)| *id).collect();
    wait_until("the view has it", || {
        view.progress().borrow().complete && view_ids(view) == of_view
    });
    let marked: Vec<u64> = history.bookmarks().iter().map(|mark| mark.id.0).collect();
    assert_eq!(marked, expected.marked.iter().copied().collect::<Vec<_>>());
    for (row, (id, topic)) in history.page(0, u32::MAX).unwrap().rows.iter().zip(&expected.messages)
    {
        assert_eq!((row.id.0, row.topic.as_ref()), (*id, format!("t/{topic}").as_str()));
        assert_eq!(history.message(row.id).unwrap().index, row.index);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn index_file_views_and_bookmarks_agree_after_anything(
        steps in prop::collection::vec(step(), 1..25),
    ) {
        let (_folder, path) = place();
        let mut history = open(&path);
        let mut view = view_of(&history, "t/1");
        let mut expected = Expected::default();
        for step in steps {
            match step {
                Step::Append(topics) => for topic in topics {
                    let message: Message = received(&format!("t/{topic}"), vec![7; 300]);
                    let id = history.append(message).unwrap();
                    expected.messages.insert(id.0, topic);
                },
                Step::Retain(most) => {
                    expected.most = Some(most);
                    history.set_retention(at_most(most)).unwrap();
                }
                Step::ClearView(topic) => {
                    check(&history, &view, &expected);
                    let cleared = view_of(&history, &format!("t/{topic}"));
                    finish(&history.clear_view(&cleared).unwrap());
                    expected.messages.retain(|_, of| *of != topic);
                    expected.marked.retain(|id| expected.messages.contains_key(id));
                }
                Step::ClearAll => {
                    history.clear().unwrap();
                    expected.messages.clear();
                    expected.marked.clear();
                }
                Step::Bookmark(at) => if !expected.messages.is_empty() {
                    let at = at % expected.messages.len();
                    let id = *expected.messages.keys().nth(at).unwrap();
                    history.set_bookmark(MessageId(id), "note").unwrap();
                    expected.marked.insert(id);
                },
                Step::Unbookmark(at) => if let Some(id) = expected.marked.iter().nth(at % 5).copied() {
                    history.remove_bookmark(MessageId(id)).unwrap();
                    expected.marked.remove(&id);
                },
                Step::Compact => drop(finish(&history.compact().unwrap())),
                Step::Reopen => {
                    drop(view);
                    history.close().unwrap();
                    drop(history);
                    history = open(&path);
                    view = view_of(&history, "t/1");
                    if let Some(most) = expected.most {
                        history.set_retention(at_most(most)).unwrap();
                    }
                }
            }
            expected.retain();
            check(&history, &view, &expected);
        }
        drop(view);
        history.close().unwrap();
        check_whole(&path);
        prop_assert_eq!(counted(&path, "bookmark"), expected.marked.len() as u64);
    }
}
