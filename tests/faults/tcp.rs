//! Name lookup, TCP, and what listens there.

crate::tests! { tcp: nothing_listens, the_packets_are_dropped, the_name_is_unknown }
