use mqttscope_model::ScramHash::{self, Sha1, Sha256, Sha512};

use super::*;

/// Hash, client nonce, server-first, client-final, server-final.
type Vector = (ScramHash, &'static str, &'static str, &'static str, &'static str);

/// RFC 5802, section 5; RFC 7677, section 3; and the latter's values with SHA-512, computed with Python's hashlib.
const VECTORS: [Vector; 3] = [
    (
        Sha1,
        "fyko+d2lbbFgONRv9qkxdawL",
        "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
        "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
        "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=",
    ),
    (
        Sha256,
        "rOprNGfwEbeRWgbNEkqO",
        "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
        "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
    ),
    (
        Sha512,
        "rOprNGfwEbeRWgbNEkqO",
        "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=gMGXRcevScNtxZ6/8lQYpGtnsNAc3mGcmNomv+xnoOMw+3R2xNJdMNnzMlTN8PPC6wdp6dybEmDYXYTxwnYPJQ==",
        "v=ZQnYEgWQMFmmsM8aQMF0nDDCy/AgCzkwk8CmMZYcMg0vSVlKDanekLtifDSeVGT4+5ZxXnJq199RVG2rR7N7Zw==",
    ),
];

fn pencil() -> Credentials {
    Credentials::prepare("user", &Secret::new("pencil")).unwrap()
}

fn exchange((hash, nonce, ..): Vector) -> Exchange {
    Exchange::new(hash, pencil(), nonce.to_owned())
}

#[test]
fn the_examples_of_the_rfcs_come_out_for_every_hash() {
    for vector in VECTORS {
        let (_, nonce, first, last, signature) = vector;
        let mut exchange = exchange(vector);
        assert_eq!(exchange.client_first(), format!("n,,n=user,r={nonce}"));
        assert_eq!(exchange.step(first.as_bytes()), Ok(Some(last.to_owned())));
        assert_eq!(exchange.step(signature.as_bytes()), Ok(None));
        assert_eq!(exchange.finish(None), Ok(()));
        assert_eq!(exchange.step(b""), Err(ScramError::OutOfOrder));
    }
}

#[test]
fn a_signature_beside_the_yes_is_checked_and_none_is_not_enough() {
    let (_, _, first, _, signature) = VECTORS[1];
    let begun = || {
        let mut exchange = exchange(VECTORS[1]);
        exchange.step(first.as_bytes()).unwrap();
        exchange
    };
    assert_eq!(begun().finish(Some(signature.as_bytes())), Ok(()));
    assert_eq!(begun().finish(None), Err(ScramError::NotProven));
    let other = VECTORS[2].4.as_bytes();
    assert_eq!(begun().finish(Some(other)), Err(ScramError::WrongSignature));
    let empty = begun().finish(Some(b"v="));
    assert_eq!(empty, Err(ScramError::WrongSignature));
    let refused = Err(ScramError::Refused("invalid-proof".to_owned()));
    assert_eq!(begun().finish(Some(b"e=invalid-proof")), refused);
    // A yes before any challenge proves nothing either, whatever stands beside it.
    let mut early = exchange(VECTORS[1]);
    assert_eq!(early.finish(Some(signature.as_bytes())), Err(ScramError::NotProven));
}

#[test]
fn a_nonce_must_be_ours_with_more_behind_it() {
    for nonce in ["rOprNGfwEbeRWgbNEkqO", "ROprNGfwEbeRWgbNEkqOx", "x", ""] {
        let first = format!("r={nonce},s=QSXCR+Q6sek8bf92,i=4096");
        let answer = exchange(VECTORS[1]).step(first.as_bytes());
        assert_eq!(answer, Err(ScramError::ForeignNonce), "{nonce}");
    }
}

#[test]
fn what_went_wrong_once_is_not_made_right_by_a_yes() {
    let (_, _, first, _, signature) = VECTORS[1];
    let mut exchange = exchange(VECTORS[1]);
    exchange.step(first.as_bytes()).unwrap();
    assert_eq!(exchange.step(b"v=AAAA"), Err(ScramError::WrongSignature));
    assert_eq!(exchange.finish(None), Err(ScramError::NotProven));
    assert_eq!(exchange.finish(Some(signature.as_bytes())), Err(ScramError::NotProven));
}

#[test]
fn names_are_escaped_and_both_are_prepared() {
    let user = |name: &str| {
        let credentials = Credentials::prepare(name, &Secret::new("p"))?;
        Ok::<_, Unprepared>(credentials.user)
    };
    assert_eq!(user("a=b,c").as_deref(), Ok("a=3Db=2Cc"));
    // RFC 4013, section 3: a soft hyphen vanishes, a Roman numeral is taken apart.
    assert_eq!(user("I\u{ad}X").as_deref(), Ok("IX"));
    assert_eq!(user("\u{2168}").as_deref(), Ok("IX"));
    assert_eq!(user("\u{7}"), Err(Unprepared::UserName));
    assert_eq!(user("\u{ad}"), Err(Unprepared::UserName));
    let bidi = Credentials::prepare("user", &Secret::new("\u{627}1"));
    assert_eq!(bidi.unwrap_err(), Unprepared::Password);
}

#[test]
fn nothing_of_a_secret_is_shown() {
    let mut exchange = exchange(VECTORS[0]);
    exchange.step(VECTORS[0].2.as_bytes()).unwrap();
    let shown = format!("{exchange:?} {:?}", pencil());
    assert!(!shown.contains("pencil") && !shown.contains("Key"), "{shown}");
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    /// Whatever a server says, and however little it differs from the truth, it is not believed.
    #[test]
    fn no_other_bytes_than_the_right_ones_prove_a_server(
        first in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..80),
        at in 0_usize..46,
        flip in 1_u8..=255,
    ) {
        let (_, _, good, _, signature) = VECTORS[1];
        let mut begun = exchange(VECTORS[1]);
        proptest::prop_assert!(begun.step(&first).is_err());
        proptest::prop_assert!(begun.finish(Some(signature.as_bytes())).is_err());
        let mut begun = exchange(VECTORS[1]);
        begun.step(good.as_bytes()).unwrap();
        let mut last = signature.as_bytes().to_vec();
        last[at] ^= flip;
        proptest::prop_assert!(begun.finish(Some(&last)).is_err());
    }
}
