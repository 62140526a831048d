//! How large a packet will be, before it is made: a broker ends the connection over one that is larger than its Maximum Packet
//! Size (`[MQTT-3.1.2-24]`, `[MQTT-3.2.2-15]`), and the library before it does. The price is that the layout of three packets is
//! known here too.

use mqttscope_model::{ConnackInfo, ProtocolVersion, Publish, QoS, Subscription};

use crate::error::Limit;

/// The largest packet of the protocol: Remaining Length and the longest fixed header (MQTT 5.0, section 2.1.4).
const LARGEST: u64 = 268_435_455 + 5;

/// The largest packet that may be sent on a connection, and who says so.
pub(crate) fn limit(connack: &ConnackInfo) -> (u64, Limit) {
    match connack.maximum_packet_size.map(u64::from) {
        Some(limit) if limit < LARGEST => (limit, Limit::Broker),
        _ => (LARGEST, Limit::Protocol),
    }
}

/// A PUBLISH with properties of so many bytes (section 3.3).
pub(crate) fn publish(publish: &Publish, encoded: u64, version: ProtocolVersion) -> u64 {
    let identifier = if publish.qos == QoS::AtMostOnce { 0 } else { 2 };
    let (topic, payload) = (publish.topic.len() as u64, publish.payload.0.len() as u64);
    packet(2 + topic + identifier + list(encoded, version) + payload)
}

/// A SUBSCRIBE for these, which share their Subscription Identifier and User Properties (section 3.8).
pub(crate) fn subscribe(wanted: &[Subscription], version: ProtocolVersion) -> u64 {
    let properties = wanted.first().map_or(0, |first| {
        let identifier = first.identifier.map_or(0, |identifier| 1 + integer(identifier.into()));
        let pairs = first.user_properties.iter();
        let pairs = pairs.map(|pair| 5 + pair.name.len() as u64 + pair.value.len() as u64);
        identifier + pairs.sum::<u64>()
    });
    let filters = wanted.iter().map(|wanted| 2 + wanted.filter.len() as u64 + 1);
    packet(2 + list(properties, version) + filters.sum::<u64>())
}

/// An UNSUBSCRIBE for these (section 3.10).
pub(crate) fn unsubscribe(filters: &[String], version: ProtocolVersion) -> u64 {
    let filters = filters.iter().map(|filter| 2 + filter.len() as u64);
    packet(2 + list(0, version) + filters.sum::<u64>())
}

/// A packet with its fixed header.
fn packet(remaining: u64) -> u64 {
    1 + integer(remaining) + remaining
}

/// A list of properties with its length; MQTT 5 alone has one.
fn list(encoded: u64, version: ProtocolVersion) -> u64 {
    if version == ProtocolVersion::V5 { integer(encoded) + encoded } else { 0 }
}

/// The bytes of a Variable Byte Integer (section 1.5.5).
fn integer(value: u64) -> u64 {
    match value {
        0..=127 => 1,
        128..=16_383 => 2,
        16_384..=2_097_151 => 3,
        _ => 4,
    }
}

#[cfg(test)]
mod tests {
    use mqttscope_model::UserProperty;

    use super::*;

    const V311: ProtocolVersion = ProtocolVersion::V311;
    const V5: ProtocolVersion = ProtocolVersion::V5;

    #[test]
    fn a_publish_is_as_large_as_on_the_wire() {
        let cases = [
            (0, 0, QoS::AtMostOnce, V311, 5),
            (0, 0, QoS::AtLeastOnce, V5, 8),
            (124, 0, QoS::AtMostOnce, V311, 129),
            (125, 0, QoS::AtMostOnce, V311, 131),
            (0, 123, QoS::AtMostOnce, V5, 129),
            (0, 127, QoS::AtMostOnce, V5, 134),
            (0, 128, QoS::AtMostOnce, V5, 136),
        ];
        for (payload, encoded, qos, version, size) in cases {
            let payload = mqttscope_model::Bytes(vec![0; payload]);
            let topic = "t".to_owned();
            let message = Publish { topic, payload, qos, retain: false, properties: Vec::new() };
            assert_eq!(publish(&message, encoded, version), size);
        }
    }

    #[test]
    fn a_subscribe_and_an_unsubscribe_are_as_large_as_on_the_wire() {
        let plain = Subscription::new("a/b", QoS::AtLeastOnce);
        // 82 08 0001 0003 612f62 01
        assert_eq!(subscribe(std::slice::from_ref(&plain), V311), 10);
        assert_eq!(subscribe(&[plain.clone(), plain.clone()], V5), 17);
        let user_properties = vec![UserProperty { name: "n".to_owned(), value: String::new() }];
        let said = Subscription { identifier: Some(128), user_properties, ..plain };
        assert_eq!(subscribe(&[said], V5), 11 + 3 + 6);
        assert_eq!(unsubscribe(&["a/b".to_owned()], V311), 9);
        assert_eq!(unsubscribe(&["a/b".to_owned(), "c".to_owned()], V5), 13);
    }

    #[test]
    fn the_brokers_limit_counts_where_it_is_lower_than_the_protocols() {
        let says = |maximum| ConnackInfo { maximum_packet_size: maximum, ..Default::default() };
        assert_eq!(limit(&says(Some(100))), (100, Limit::Broker));
        for says in [says(None), says(Some(u32::MAX))] {
            assert_eq!(limit(&says), (LARGEST, Limit::Protocol));
        }
    }
}
