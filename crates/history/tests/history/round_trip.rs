//! Proves with random messages that whatever was appended is there after any number of restarts,
//! byte for byte and in order, whichever page is asked for.

use mqttscope_model::{Direction, Message, QoS};
use proptest::prelude::*;

use crate::common::{open, place, settle};

fn qos() -> impl Strategy<Value = QoS> {
    prop_oneof![Just(QoS::AtMostOnce), Just(QoS::AtLeastOnce), Just(QoS::ExactlyOnce)]
}

fn payload() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        9 => prop::collection::vec(any::<u8>(), 0..400),
        1 => prop::collection::vec(any::<u8>(), 7_900..20_000),
    ]
}

prop_compose! {
    fn message()(
        time_us in any::<i64>(),
        is_sent in any::<bool>(),
        topic in prop_oneof!["[a-c]{1,2}", any::<String>()],
        (qos, retain, dup) in (qos(), any::<bool>(), any::<bool>()),
        payload in payload(),
        properties in prop::collection::vec(any::<u8>(), 0..20),
    ) -> Message {
        let direction = if is_sent { Direction::Sent } else { Direction::Received };
        Message { time_us, direction, topic, qos, retain, dup, payload, properties }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn everything_appended_comes_back(
        runs in prop::collection::vec(prop::collection::vec(message(), 0..40), 1..4),
        first in 0_u64..100,
        count in 0_u32..100,
    ) {
        let (_folder, path) = place();
        let mut expected: Vec<Message> = Vec::new();
        for run in runs {
            let history = open(&path);
            for message in run {
                let id = history.append(message.clone()).unwrap();
                prop_assert_eq!(id.0, expected.len() as u64 + 1);
                let earliest = expected.last().map_or(i64::MIN, |last| last.time_us);
                expected.push(Message { time_us: message.time_us.max(earliest), ..message });
            }
            settle(&history);
            let page = history.page(first, count).unwrap();
            let until = expected.len().min(first as usize + count as usize);
            let wanted = expected.get(first as usize..until).unwrap_or_default();
            prop_assert_eq!(page.total, expected.len() as u64);
            prop_assert_eq!(page.rows.len(), wanted.len());
            for ((row, message), index) in page.rows.iter().zip(wanted).zip(first..) {
                prop_assert_eq!((row.index, row.id.0), (index, index + 1));
                prop_assert_eq!(row.time_us, message.time_us);
                prop_assert_eq!(row.direction, message.direction);
                prop_assert_eq!(&*row.topic, message.topic.as_str());
                prop_assert_eq!((row.qos, row.retain, row.dup), (message.qos, message.retain, message.dup));
                prop_assert_eq!(row.size, message.payload.len() as u64);
                prop_assert_eq!(&row.preview[..], &message.payload[..message.payload.len().min(256)]);
                prop_assert_eq!(row.outcome.is_some(), message.direction == Direction::Sent);
                prop_assert_eq!(&history.payload(row.id).unwrap(), &message.payload);
                prop_assert_eq!(history.message(row.id).unwrap().properties, message.properties.clone());
            }
            history.close().unwrap();
        }
    }
}
