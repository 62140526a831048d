//! An HTTP answer as it came over the wire.
//!
//! The WebSocket library drops an answer that it dislikes, with the body behind it and the order of the headers. So the answer is
//! read a second time, out of the record, by a reader that takes what it gets: half a head is evidence too. Values that a person
//! must not see in a report are left out here, so that no later step can show them.

use http::HeaderValue;
use mqttscope_model::{Named, WebSocketFacts};

use crate::Spoken;

/// The most bytes of a body that are kept.
pub(super) const BODY: usize = 4096;

/// The most bytes of a head that are kept.
const HEAD: usize = 16 << 10;

/// What stands where something was left out.
const LEFT_OUT: &str = "…";

/// Headers whose values are secrets.
const SECRET: [&str; 3] = ["authorization", "proxy-authorization", "cookie"];

/// Sent values that a server may repeat, and that are not shown.
#[derive(Debug, Default)]
pub(super) struct Hidden(Vec<String>);

impl Hidden {
    /// Shorter ones stand everywhere by chance.
    const SHORTEST: usize = 4;

    /// The same for a value within a query, which is a token seldom and a plain word often.
    const SHORTEST_PART: usize = 6;

    /// The values of the profile's headers, and the query, which often carries a token.
    pub(super) fn of<'a>(
        values: impl Iterator<Item = &'a HeaderValue>,
        query: Option<&str>,
    ) -> Self {
        let values = values.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        // `Bearer <token>`: a server that repeats it may repeat the second word alone.
        let words = values.flat_map(|value| {
            let secret = value.split_once(' ').map(|(_, secret)| secret.to_owned());
            [Some(value), secret].into_iter().flatten().collect::<Vec<_>>()
        });
        let parts = query.unwrap_or_default().split('&').filter_map(|part| part.split_once('='));
        let parts = parts.map(|(_, value)| value.to_owned());
        let parts = parts.filter(|value| value.len() >= Self::SHORTEST_PART);
        let hidden = words.chain(query.map(str::to_owned)).chain(parts);
        let mut hidden: Vec<String> =
            hidden.filter(|value| value.len() >= Self::SHORTEST).collect();
        // The whole before its parts.
        hidden.sort_by_key(|value| std::cmp::Reverse(value.len()));
        Self(hidden)
    }

    fn hide(&self, text: String) -> String {
        self.0.iter().fold(text, |text, hidden| {
            if text.contains(hidden) { text.replace(hidden, LEFT_OUT) } else { text }
        })
    }
}

/// An answer, as far as it came.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: Option<u16>,
    pub(super) status_text: String,
    pub(super) headers: Vec<Named>,
    /// At most [`BODY`] bytes, as text with line breaks.
    pub(super) body: String,
    /// There was more of it.
    pub(super) cut: bool,
}

impl Answer {
    /// Reads `bytes`, the first of a connection; none where they are not HTTP.
    pub(super) fn read(bytes: &[u8], hidden: &Hidden) -> Option<Self> {
        let bytes = trimmed(bytes);
        if Spoken::recognise(bytes) != Some(Spoken::Http) {
            return None;
        }
        let head = bytes.get(..head_end(bytes).unwrap_or(bytes.len())).unwrap_or(bytes);
        let text = String::from_utf8_lossy(head.get(..HEAD).unwrap_or(head));
        let mut lines = text.lines();
        let (status, status_text) = status(lines.next().unwrap_or_default());
        let mut headers = Vec::new();
        for line in lines.take_while(|line| !line.is_empty()) {
            let Some((name, value)) = line.split_once(':') else { continue };
            let (name, value) = (one_line(name), one_line(value.trim()));
            headers.push(Named { value: hidden.hide(shown_value(&name, value)), name });
        }
        let body = Body::of(bytes);
        let status_text = hidden.hide(status_text);
        Some(Self {
            status,
            status_text,
            headers,
            cut: body.is_cut(),
            body: hidden.hide(body.text()),
        })
    }

    /// A header's value; empty where there is none.
    pub(super) fn header(&self, wanted: &str) -> &str {
        let found = self.headers.iter().find(|header| header.name.eq_ignore_ascii_case(wanted));
        found.map_or("", |header| &header.value)
    }

    /// Whether it is a page that a person would read in a browser.
    pub(super) fn is_page(&self) -> bool {
        let kind = self.header("content-type").to_ascii_lowercase();
        kind.contains("html") || (kind.is_empty() && self.body.trim_start().starts_with('<'))
    }

    /// Puts it into the facts.
    pub(super) fn into_facts(self, facts: &mut WebSocketFacts) {
        let subprotocol = self.header("sec-websocket-protocol").to_owned();
        facts.subprotocol = (!subprotocol.is_empty()).then_some(subprotocol);
        facts.status = self.status;
        facts.status_text = self.status_text;
        facts.headers = self.headers;
        // Behind a 101 there are frames, and no body.
        if self.status != Some(101) {
            facts.body = self.body;
            facts.body_cut = self.cut;
        }
    }
}

/// Where the head ends, with its empty line. A line may end without a carriage return (RFC 9112, section 2.2).
pub(super) fn head_end(bytes: &[u8]) -> Option<usize> {
    let mut from = 0;
    while let Some(rest) = bytes.get(from..) {
        let line = rest.iter().position(|byte| *byte == b'\n')?;
        from += line + 1;
        match bytes.get(from..) {
            Some([b'\n', ..]) => return Some(from + 1),
            Some([b'\r', b'\n', ..]) => return Some(from + 2),
            _ => {}
        }
    }
    None
}

/// Whether a part of the answer that would be kept may still come.
pub(super) fn goes_on(bytes: &[u8]) -> bool {
    let body = Body::of(trimmed(bytes));
    !body.whole && body.bytes.len() <= BODY
}

/// Without the empty lines that may stand before a status line (RFC 9112, section 2.2).
fn trimmed(bytes: &[u8]) -> &[u8] {
    let start = bytes.iter().position(|byte| !matches!(byte, b'\r' | b'\n'));
    bytes.get(start.unwrap_or(bytes.len())..).unwrap_or_default()
}

/// `HTTP/1.1 404 Not Found`
fn status(line: &str) -> (Option<u16>, String) {
    let mut words = line.splitn(3, ' ');
    let _version = words.next();
    let status = words.next().and_then(|word| word.parse().ok());
    (status, words.next().map(one_line).unwrap_or_default())
}

fn one_line(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

/// A header's value as it may be shown: of a cookie that is set the name and the attributes.
fn shown_value(name: &str, value: String) -> String {
    if SECRET.iter().any(|secret| name.eq_ignore_ascii_case(secret)) {
        return LEFT_OUT.to_owned();
    }
    if !name.eq_ignore_ascii_case("set-cookie") {
        return value;
    }
    let (cookie, attributes) = value.split_once(';').unwrap_or((&value, ""));
    let name = cookie.split_once('=').map_or("", |(name, _)| name);
    let end = if attributes.is_empty() { "" } else { ";" };
    format!("{name}={LEFT_OUT}{end}{attributes}")
}

/// What stands behind the head.
struct Body {
    /// Its bytes, without the borders of chunks.
    bytes: Vec<u8>,
    /// All of it is there.
    whole: bool,
    /// It has a length, or chunks that say where it ends.
    measured: bool,
}

impl Body {
    fn of(bytes: &[u8]) -> Self {
        let Some(end) = head_end(bytes) else {
            return Self { bytes: Vec::new(), whole: false, measured: false };
        };
        let (head, rest) = bytes.split_at(end.min(bytes.len()));
        let head = String::from_utf8_lossy(head).to_ascii_lowercase();
        let (status, _) = status(head.lines().next().unwrap_or_default());
        let header = |wanted: &str| {
            let mut headers = head.lines().skip(1).filter_map(|line| line.split_once(':'));
            headers.find(|(name, _)| *name == wanted).map(|(_, value)| value.trim().to_owned())
        };
        // RFC 9112, section 6.3.
        if matches!(status, Some(100..=199 | 204 | 304)) {
            return Self { bytes: Vec::new(), whole: true, measured: true };
        }
        if header("transfer-encoding").is_some_and(|coding| coding.contains("chunked")) {
            let (bytes, whole) = without_chunks(rest);
            return Self { bytes, whole, measured: true };
        }
        let length = header("content-length").and_then(|length| length.parse::<usize>().ok());
        match length {
            Some(length) => {
                let whole = rest.len() >= length;
                let bytes = rest.get(..length).unwrap_or(rest).to_vec();
                Self { bytes, whole, measured: true }
            }
            None => Self { bytes: rest.to_vec(), whole: false, measured: false },
        }
    }

    fn is_cut(&self) -> bool {
        self.bytes.len() > BODY || (self.measured && !self.whole)
    }

    fn text(&self) -> String {
        let kept = self.bytes.get(..BODY).unwrap_or(&self.bytes);
        let text = String::from_utf8_lossy(kept);
        // The cut may have gone through a character.
        let text = if self.is_cut() { text.trim_end_matches('\u{fffd}') } else { &text };
        text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
    }
}

/// The content of chunks (RFC 9112, section 7.1), and whether the last one is there.
fn without_chunks(mut rest: &[u8]) -> (Vec<u8>, bool) {
    let mut content = Vec::new();
    loop {
        let Some(line) = rest.iter().position(|byte| *byte == b'\n') else {
            return (content, false);
        };
        let (size, after) = rest.split_at(line + 1);
        let size = String::from_utf8_lossy(size);
        let size = size.split(';').next().unwrap_or_default().trim();
        let Ok(size) = usize::from_str_radix(size, 16) else { return (content, false) };
        if size == 0 {
            return (content, true);
        }
        let Some((chunk, next)) = after.split_at_checked(size) else {
            content.extend_from_slice(after);
            return (content, false);
        };
        content.extend_from_slice(chunk);
        rest = next.strip_prefix(b"\r\n").or(next.strip_prefix(b"\n")).unwrap_or(next);
    }
}

#[cfg(test)]
mod unit {
    use proptest::prelude::*;

    use super::*;

    fn read(bytes: &[u8]) -> Answer {
        Answer::read(bytes, &Hidden::default()).unwrap()
    }

    #[test]
    fn headers_keep_their_order_and_their_writing() {
        let bytes =
            b"HTTP/1.1 404 Not Found\r\nServer: nginx/1.22\r\nX-b: 1\r\nx-A: 2\r\nX-b:3\r\n\r\n";
        let answer = read(bytes);
        assert_eq!((answer.status, answer.status_text.as_str()), (Some(404), "Not Found"));
        let headers: Vec<_> =
            answer.headers.iter().map(|header| (&header.name[..], &header.value[..])).collect();
        assert_eq!(headers, [("Server", "nginx/1.22"), ("X-b", "1"), ("x-A", "2"), ("X-b", "3")]);
    }

    #[test]
    fn bare_line_feeds_half_heads_and_odd_status_lines_are_read_too() {
        let answer = read(b"\r\nHTTP/1.0 200\nServer: x\n\n<html>");
        assert_eq!((answer.status, answer.status_text.as_str()), (Some(200), ""));
        assert_eq!((answer.header("server"), answer.body.as_str()), ("x", "<html>"));
        assert_eq!(read(b"HTTP/1.1 302 Found\r\nLocation: /lo").header("location"), "/lo");
        assert_eq!(read(b"HTTP/1.1 abc\r\n\r\n").status, None);
        assert_eq!(Answer::read(b"SSH-2.0-x\r\n\r\n", &Hidden::default()), None);
    }

    #[test]
    fn secrets_are_left_out() {
        let answer = read(
            b"HTTP/1.1 200 OK\r\nSet-Cookie: sid=hunter2; Path=/; HttpOnly\r\nset-cookie: hunter2\r\nCookie: a=hunter2\r\n\
            Authorization: Basic hunter2\r\nProxy-Authorization: hunter2\r\n\r\n",
        );
        assert!(!format!("{answer:?}").contains("hunter2"));
        assert_eq!(answer.header("set-cookie"), "sid=…; Path=/; HttpOnly");
        let value = HeaderValue::from_static("Bearer hunter2");
        let hidden = Hidden::of([&value].into_iter(), Some("token=hunter3"));
        let bytes = b"HTTP/1.1 302 Found\r\nLocation: /login?token=hunter3&x\r\nX: Bearer hunter2\r\n\r\nyou sent hunter2, hunter3";
        let answer = Answer::read(bytes, &hidden).unwrap();
        assert_eq!(answer.header("location"), "/login?…&x");
        assert_eq!((answer.header("x"), answer.body.as_str()), ("…", "you sent …, …"));
    }

    #[test]
    fn a_body_ends_where_its_length_or_its_last_chunk_says() {
        let sized = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello and more";
        assert_eq!((read(sized).body.as_str(), read(sized).cut), ("hello", false));
        let short = b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello";
        assert!(read(short).cut && goes_on(short));
        let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n6\r\n world\r\n0\r\n\r\n";
        assert_eq!((read(chunked).body.as_str(), read(chunked).cut), ("hello world", false));
        assert!(!goes_on(chunked) && !goes_on(sized));
        let cut = &chunked[..chunked.len() - 10];
        assert_eq!((read(cut).body.as_str(), read(cut).cut), ("hello wo", true));
        let open = b"HTTP/1.1 200 OK\r\n\r\nhello";
        assert!(goes_on(open) && !read(open).cut);
        assert!(!goes_on(b"HTTP/1.1 304 Not Modified\r\n\r\n"));
    }

    #[test]
    fn four_kibibytes_of_a_body_are_kept_and_no_half_character() {
        let mut bytes = b"HTTP/1.1 200 OK\r\n\r\na".to_vec();
        bytes.extend("ü".repeat(4000).bytes());
        let answer = read(&bytes);
        assert!(answer.cut && !goes_on(&bytes));
        assert_eq!(answer.body.len(), 4095);
        assert!(answer.body.ends_with('ü'));
        assert_eq!(read(b"HTTP/1.1 200 OK\r\n\r\na\x1b[31m\tb\r\nc").body, "a[31m\tb\nc");
    }

    #[test]
    fn a_page_is_told_from_other_answers() {
        assert!(read(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n").is_page());
        assert!(read(b"HTTP/1.1 200 OK\r\n\r\n <!doctype html>").is_page());
        assert!(!read(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n<").is_page());
    }

    proptest! {
        #[test]
        fn any_bytes_can_be_read(bytes in prop::collection::vec(any::<u8>(), 0..300), chunked: bool) {
            let coding = if chunked { "Transfer-Encoding: chunked\r\n\r\n" } else { "" };
            let answer = [b"HTTP/1.1 200 OK\r\n", coding.as_bytes(), &bytes].concat();
            prop_assert!(read(&answer).body.len() <= 3 * BODY);
            let _ended = (goes_on(&answer), goes_on(&bytes), head_end(&bytes));
        }
    }
}
