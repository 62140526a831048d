//! When a connection is made again: pure functions of what happened.
//!
//! Three kinds of causes are told apart. Most heal by themselves (a broker restarts, a network comes back). Some
//! point to a wrong setting as long as the connection never worked, and to the world once it did (a name that is
//! not found). And some are the broker's own decision about this client, which asking again does not change.
//! The price is that a broker which refuses for a moment only is not asked again without the user.

use std::time::Duration;

use mqttscope_model::{ErrorCode, Reconnect, UserError};

/// A connection that lasted this long makes the next delay the first one again. A shorter one does not,
/// or a broker that closes right after CONNACK would be asked without end at the shortest delay.
pub(crate) const STABLE: Duration = Duration::from_secs(10);

/// Whether a cause goes away without anybody doing anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Healing {
    /// It may.
    ByItself,
    /// It may, where the same settings have worked before.
    WhereItWorked,
    /// It does not.
    Never,
}

/// How a cause heals.
pub(crate) fn healing(error: &UserError) -> Healing {
    use ErrorCode as E;
    match error.code {
        E::MqttNotAuthorised
        | E::MqttClientIdRefused
        | E::MqttVersionRefused
        | E::MqttRefused
        | E::MqttTakenOver
        | E::MqttPacketTooLarge
        | E::MqttAuthenticationFailed
        | E::MqttServerNotAuthentic
        | E::MqttAuthenticationUnsupported
        | E::SecretMissing
        | E::ProxyInvalid
        | E::ProxyUnauthorised
        | E::ProxyForbidden
        | E::TlsPassphraseWrong
        | E::TlsEncryptionUnsupported
        | E::TlsVersionsInvalid
        | E::TlsPinInvalid
        | E::TlsNotPinned
        | E::WebSocketHeaderInvalid
        | E::HistoryFailed
        | E::HistoryDiskFull
        | E::Internal => Healing::Never,
        E::ProfileInvalid
        | E::NameNotFound
        | E::MqttMalformed
        | E::MqttProtocolError
        | E::WillFileUnreadable
        | E::WillFileTooLarge
        | E::ProxyRefused
        | E::ProxyNotSpoken
        | E::TlsArchiveInvalid
        | E::TlsKeyLogUnusable
        | E::TlsFileUnreadable
        | E::TlsFileInvalid
        | E::TlsKeyEncrypted
        | E::TlsKeyMismatch
        | E::TlsServerNameInvalid
        | E::TlsNotSpoken
        | E::TlsUnknownIssuer
        | E::TlsWrongName
        | E::TlsCertificateExpired
        | E::TlsCertificateNotYetValid
        | E::TlsCertificateInvalid
        | E::TlsClientCertificateRequired
        | E::TlsClientCertificateRejected
        | E::TlsVersionUnsupported
        | E::TlsAlpnRefused
        | E::TlsServerNameRefused
        | E::WebSocketPathNotFound
        | E::WebSocketUnauthorised
        | E::WebSocketRedirected
        | E::WebSocketSubprotocol
        | E::WebSocketNotSpoken => Healing::WhereItWorked,
        _ => Healing::ByItself,
    }
}

/// What follows a failed attempt or a lost connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Attempt number `attempt` in a row, after this delay.
    Retry { attempt: u32, after: Duration },
    /// The user decides.
    GiveUp,
}

/// The attempts in a row, from the user's wish to connect or from the last stable connection.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Series {
    attempts: u32,
    delays: u32,
    worked: bool,
}

impl Series {
    /// An attempt starts; its number, from 1.
    pub(crate) fn attempt(&mut self) -> u32 {
        self.attempts = self.attempts.saturating_add(1);
        self.attempts
    }

    /// CONNACK said yes.
    pub(crate) fn connected(&mut self) {
        self.worked = true;
    }

    /// A connection that lasted this long has ended.
    pub(crate) fn lost(&mut self, lasted: Duration) {
        if lasted >= STABLE {
            self.attempts = 0;
            self.delays = 0;
        }
    }

    /// What follows now. `random` is evenly drawn from 0 to 1.
    pub(crate) fn next(&mut self, rules: &Reconnect, error: &UserError, random: f64) -> Verdict {
        let heals = match healing(error) {
            Healing::ByItself => true,
            Healing::WhereItWorked => self.worked,
            Healing::Never => false,
        };
        let exhausted = rules.max_attempts.is_some_and(|most| self.attempts >= most);
        if !rules.enabled || !heals || exhausted {
            return Verdict::GiveUp;
        }
        let after = delay(rules, self.delays, random);
        self.delays = self.delays.saturating_add(1);
        Verdict::Retry { attempt: self.attempts.saturating_add(1), after }
    }
}

/// The delay after `before` earlier delays: doubled each time up to the largest, then strayed by the jitter.
pub(crate) fn delay(rules: &Reconnect, before: u32, random: f64) -> Duration {
    let first = u64::from(rules.first_delay_ms);
    let doubled = 2_u64.checked_pow(before).map_or(u64::MAX, |factor| first.saturating_mul(factor));
    let plain = Duration::from_millis(doubled.min(u64::from(rules.max_delay_ms)));
    let stray = f64::from(rules.jitter_percent.min(100)) / 100.0;
    plain.mul_f64((1.0 + stray * (2.0 * random.clamp(0.0, 1.0) - 1.0)).max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> Reconnect {
        Reconnect {
            enabled: true,
            first_delay_ms: 100,
            max_delay_ms: 1_000,
            jitter_percent: 0,
            max_attempts: None,
        }
    }

    fn lost() -> UserError {
        UserError::new(ErrorCode::MqttConnectionLost, "lost")
    }

    #[test]
    fn delays_double_up_to_the_largest() {
        let delays: Vec<_> = (0..6).map(|n| delay(&rules(), n, 0.5).as_millis()).collect();
        assert_eq!(delays, [100, 200, 400, 800, 1_000, 1_000]);
        assert_eq!(delay(&rules(), u32::MAX, 0.5).as_millis(), 1_000);
    }

    #[test]
    fn jitter_strays_evenly_both_ways_and_never_below_zero() {
        let rules = Reconnect { jitter_percent: 20, ..rules() };
        assert_eq!(delay(&rules, 0, 0.0).as_millis(), 80);
        assert_eq!(delay(&rules, 0, 1.0).as_millis(), 120);
        let all = Reconnect { jitter_percent: 100, ..rules };
        assert_eq!(delay(&all, 0, 0.0).as_millis(), 0);
        assert_eq!(delay(&all, 0, 1.0).as_millis(), 200);
    }

    #[test]
    fn attempts_are_counted_until_the_most_and_begin_again_after_a_stable_connection() {
        let rules = Reconnect { max_attempts: Some(2), ..rules() };
        let mut series = Series::default();
        assert_eq!(series.attempt(), 1);
        let after = Duration::from_millis(100);
        assert_eq!(series.next(&rules, &lost(), 0.5), Verdict::Retry { attempt: 2, after });
        assert_eq!(series.attempt(), 2);
        assert_eq!(series.next(&rules, &lost(), 0.5), Verdict::GiveUp);
        series.connected();
        series.lost(STABLE);
        assert_eq!(series.next(&rules, &lost(), 0.5), Verdict::Retry { attempt: 1, after });
    }

    #[test]
    fn a_short_connection_does_not_reset_the_delay() {
        let mut series = Series::default();
        series.attempt();
        series.next(&rules(), &lost(), 0.5);
        series.connected();
        series.lost(STABLE / 2);
        let after = Duration::from_millis(200);
        assert_eq!(series.next(&rules(), &lost(), 0.5), Verdict::Retry { attempt: 2, after });
    }

    #[test]
    fn what_cannot_heal_is_not_tried_again() {
        let name = UserError::new(ErrorCode::NameNotFound, "");
        let password = UserError::new(ErrorCode::MqttNotAuthorised, "");
        let mut series = Series::default();
        series.attempt();
        assert_eq!(series.next(&rules(), &name, 0.5), Verdict::GiveUp);
        assert_eq!(series.next(&rules(), &password, 0.5), Verdict::GiveUp);
        series.connected();
        assert!(matches!(series.next(&rules(), &name, 0.5), Verdict::Retry { .. }));
        assert_eq!(series.next(&rules(), &password, 0.5), Verdict::GiveUp);
    }

    #[test]
    fn a_setting_that_is_wrong_or_a_server_that_is_another_does_not_heal_even_where_it_worked() {
        use ErrorCode as E;
        let codes = [
            E::ProxyUnauthorised,
            E::ProxyForbidden,
            E::TlsNotPinned,
            E::TlsPassphraseWrong,
            E::SecretMissing,
            E::MqttServerNotAuthentic,
            E::MqttAuthenticationFailed,
            E::MqttAuthenticationUnsupported,
        ];
        for code in codes {
            assert_eq!(healing(&UserError::new(code, "")), Healing::Never, "{code:?}");
        }
        let codes = [E::WillFileUnreadable, E::WillFileTooLarge, E::TlsArchiveInvalid];
        for code in codes {
            assert_eq!(healing(&UserError::new(code, "")), Healing::WhereItWorked, "{code:?}");
        }
        for code in [E::ProxyUnreachable, E::ProxyBrokerUnreachable, E::ProxyTimedOut] {
            assert_eq!(healing(&UserError::new(code, "")), Healing::ByItself, "{code:?}");
        }
    }

    #[test]
    fn switched_off_means_no_attempt() {
        let rules = Reconnect { enabled: false, ..rules() };
        assert_eq!(Series::default().next(&rules, &lost(), 0.5), Verdict::GiveUp);
    }
}
