//! Whether bytes are JSON as RFC 8259 has it, and if not, where they cease to be.
//!
//! One pass, one byte of memory for each open bracket, no recursion.

use crate::FaultCode;

/// Where and why it is no JSON.
type Failure = (usize, FaultCode);

/// What may come next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expect {
    Value,
    /// After `[`.
    ValueOrClose,
    Key,
    /// After `{`.
    KeyOrClose,
    Colon,
    /// After a value inside a bracket.
    CommaOrClose,
    /// After the outermost value.
    End,
}

/// Checks `bytes`, which are UTF-8.
pub(super) fn check(bytes: &[u8]) -> Result<(), Failure> {
    if bytes.starts_with(b"\xef\xbb\xbf") {
        return Err((0, FaultCode::ByteOrderMark));
    }
    let mut scan = Scan { bytes, at: 0, open: Vec::new(), expect: Expect::Value };
    loop {
        scan.skip(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
        match scan.peek() {
            Some(byte) => scan.token(byte)?,
            None if scan.expect == Expect::End => return Ok(()),
            None if scan.expect == Expect::Value && scan.open.is_empty() => {
                return Err((0, FaultCode::Empty));
            }
            None => return Err((scan.at, FaultCode::UnexpectedEnd)),
        }
    }
}

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The brackets that are open, as written.
    open: Vec<u8>,
    expect: Expect,
}

impl Scan<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip(&mut self, belongs: impl Fn(u8) -> bool) -> usize {
        let begin = self.at;
        while self.peek().is_some_and(&belongs) {
            self.at += 1;
        }
        self.at - begin
    }

    fn fail<T>(&self, code: FaultCode) -> Result<T, Failure> {
        Err((self.at, code))
    }

    fn token(&mut self, byte: u8) -> Result<(), Failure> {
        match (self.expect, byte) {
            (Expect::ValueOrClose | Expect::CommaOrClose, b']') if self.is_in(b'[') => self.close(),
            (Expect::KeyOrClose | Expect::CommaOrClose, b'}') if self.is_in(b'{') => self.close(),
            (Expect::Value | Expect::ValueOrClose, _) => return self.value(byte),
            (Expect::Key | Expect::KeyOrClose, b'"') => {
                self.string()?;
                self.expect = Expect::Colon;
            }
            (Expect::Colon, b':') => {
                self.at += 1;
                self.expect = Expect::Value;
            }
            (Expect::CommaOrClose, b',') => {
                self.at += 1;
                self.expect = if self.is_in(b'{') { Expect::Key } else { Expect::Value };
            }
            (Expect::Key | Expect::KeyOrClose, _) => return self.fail(FaultCode::KeyExpected),
            (Expect::Colon, _) => return self.fail(FaultCode::ColonExpected),
            (Expect::CommaOrClose, _) => return self.fail(FaultCode::CommaExpected),
            (Expect::End, _) => return self.fail(FaultCode::Trailing),
        }
        Ok(())
    }

    fn is_in(&self, bracket: u8) -> bool {
        self.open.last() == Some(&bracket)
    }

    fn close(&mut self) {
        self.at += 1;
        self.open.pop();
        self.after_value();
    }

    fn after_value(&mut self) {
        self.expect = if self.open.is_empty() { Expect::End } else { Expect::CommaOrClose };
    }

    fn value(&mut self, byte: u8) -> Result<(), Failure> {
        match byte {
            b'{' | b'[' => {
                self.at += 1;
                self.open.push(byte);
                self.expect = if byte == b'{' { Expect::KeyOrClose } else { Expect::ValueOrClose };
                return Ok(());
            }
            b'"' => self.string()?,
            b'-' | b'0'..=b'9' => self.number()?,
            b'a'..=b'z' | b'A'..=b'Z' => self.word()?,
            b'+' | b'.' => return self.fail(FaultCode::BadNumber),
            _ => return self.fail(FaultCode::ValueExpected),
        }
        self.after_value();
        Ok(())
    }

    fn string(&mut self) -> Result<(), Failure> {
        self.at += 1;
        loop {
            self.skip(|byte| !matches!(byte, b'"' | b'\\' | 0..=0x1f));
            match self.peek() {
                None => return self.fail(FaultCode::UnexpectedEnd),
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => self.escape()?,
                Some(_) => return self.fail(FaultCode::ControlCharacter),
            }
        }
    }

    fn escape(&mut self) -> Result<(), Failure> {
        let begin = self.at;
        self.at += 1;
        match self.peek() {
            None => return self.fail(FaultCode::UnexpectedEnd),
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 1,
            Some(b'u') => {
                self.at += 1;
                for _ in 0..4 {
                    match self.peek() {
                        None => return self.fail(FaultCode::UnexpectedEnd),
                        Some(byte) if byte.is_ascii_hexdigit() => self.at += 1,
                        Some(_) => return Err((begin, FaultCode::BadEscape)),
                    }
                }
            }
            Some(_) => return Err((begin, FaultCode::BadEscape)),
        }
        Ok(())
    }

    fn number(&mut self) -> Result<(), Failure> {
        let begin = self.at;
        let bad = Err((begin, FaultCode::BadNumber));
        self.skip_one(b"-");
        let leading_zero = self.peek() == Some(b'0');
        let digits = self.digits();
        if digits == 0 || (leading_zero && digits > 1) {
            return bad;
        }
        if self.skip_one(b".") && self.digits() == 0 {
            return bad;
        }
        if self.skip_one(b"eE") {
            self.skip_one(b"+-");
            if self.digits() == 0 {
                return bad;
            }
        }
        match self.peek() {
            Some(b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'.' | b'+' | b'-' | b'_') => bad,
            _ => Ok(()),
        }
    }

    fn digits(&mut self) -> usize {
        self.skip(|byte| byte.is_ascii_digit())
    }

    fn skip_one(&mut self, of: &[u8]) -> bool {
        let found = self.peek().is_some_and(|byte| of.contains(&byte));
        self.at += usize::from(found);
        found
    }

    fn word(&mut self) -> Result<(), Failure> {
        let begin = self.at;
        self.skip(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        match self.bytes.get(begin..self.at) {
            Some(b"true" | b"false" | b"null") => Ok(()),
            _ => Err((begin, FaultCode::BadWord)),
        }
    }
}
