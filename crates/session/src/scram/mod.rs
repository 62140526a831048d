//! The client's side of SCRAM-SHA-1, -256 and -512 (RFC 5802, RFC 7677): a pure state machine.
//!
//! It is given the nonce, makes messages of messages, and knows nothing of MQTT, so that the RFCs' own examples are its
//! tests. There is no channel binding: RFC 5802 ties it to TLS channels that a broker behind a proxy does not see, and MQTT names
//! only the methods without it. The hashes are `ring`'s, which TLS has brought along. The crate `rsasl` does all this too and
//! was left out: it draws its nonce itself, takes any number of iterations, and brings a second set of hashes
//! and a framework of callbacks for what is two messages here. The price is that this code has to be right.

mod exchange;
mod hash;
mod message;

pub(crate) use exchange::{Credentials, Exchange, Unprepared};
pub(crate) use message::server_error;

/// The fewest iterations that are accepted (RFC 5802, section 5.1; RFC 7677, section 4): fewer would let whoever listens try
/// passwords too fast.
pub(crate) const FEWEST_ITERATIONS: u32 = 4_096;

/// The most iterations that are accepted: a second or two of work, in which the session answers nobody. More would let
/// a server keep the client busy.
pub(crate) const MOST_ITERATIONS: u32 = 1_000_000;

/// Why an exchange did not come to its end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ScramError {
    /// The server's message does not follow RFC 5802, section 7.
    #[error("the server's message is not valid: {0}")]
    Malformed(&'static str),
    /// The server demands an extension.
    #[error("the server demands an extension of SCRAM")]
    Extension,
    /// The server's nonce does not begin with ours: its message belongs to another exchange.
    #[error("the server's nonce does not continue the client's")]
    ForeignNonce,
    /// Too few iterations.
    #[error("the server asks for {0} iterations, and fewer than {FEWEST_ITERATIONS} are not safe")]
    TooFewIterations(u32),
    /// Too many iterations.
    #[error("the server asks for more than {MOST_ITERATIONS} iterations")]
    TooManyIterations,
    /// The server says no: its `e=` (RFC 5802, section 7).
    #[error("the server says {0}")]
    Refused(String),
    /// The server does not know the password, or is another one.
    #[error("the server's signature is wrong")]
    WrongSignature,
    /// The server said yes without a signature.
    #[error("the server sent no signature")]
    NotProven,
    /// A message that the exchange has no place for.
    #[error("the server sent more than the exchange has messages")]
    OutOfOrder,
}
