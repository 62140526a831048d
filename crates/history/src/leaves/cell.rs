//! The form of a page: its cells, and the columns of the row in each.

/// A page of rows.
pub(crate) struct Leaf<'a> {
    page: &'a [u8],
    /// The longest row that lies in one page.
    longest: usize,
}

/// A row as it lies in its page.
pub(crate) struct Cell<'a> {
    /// Its id.
    pub(crate) id: u64,
    /// `None` where it continues on other pages.
    record: Option<&'a [u8]>,
}

impl<'a> Leaf<'a> {
    pub(super) fn of(page: &'a [u8], reserved: usize) -> Option<Self> {
        const LEAF: u8 = 13;
        // "Let X be U-35. If the payload size P is less than or equal to X then the entire payload is stored."
        let longest = page.len().checked_sub(reserved + 35)?;
        (page.first() == Some(&LEAF)).then_some(Self { page, longest })
    }

    /// All bytes, those between the rows included.
    pub(crate) fn bytes(&self) -> &'a [u8] {
        self.page
    }

    /// Whether every row lies in this page to its end. False also where a row is not understood.
    pub(crate) fn has_all_of_its_rows(&self) -> bool {
        let whole = |at| {
            let length = self.page.get(at..).and_then(varint).map(|(length, _)| length);
            length.is_some_and(|length| length <= self.longest as u64)
        };
        pointers(self.page, 8).is_some_and(|mut pointers| pointers.all(whole))
    }

    /// The rows with rising ids; `None` in the place of one that is not understood.
    pub(crate) fn cells(&self) -> impl Iterator<Item = Option<Cell<'a>>> + use<'a> {
        let (page, longest) = (self.page, self.longest);
        let pointers = pointers(page, 8);
        let broken = pointers.is_none().then_some(None);
        let cells = pointers.into_iter().flatten().map(move |at| {
            let (length, rest) = varint(page.get(at..)?)?;
            let (id, rest) = varint(rest)?;
            let length = usize::try_from(length).ok()?;
            let record = if length <= longest { Some(rest.get(..length)?) } else { None };
            Some(Cell { id, record })
        });
        broken.into_iter().chain(cells)
    }
}

impl<'a> Cell<'a> {
    /// Payload and encoded properties; `None` where they must be read as a row.
    pub(crate) fn content(&self) -> Option<(&'a [u8], &'a [u8])> {
        let record = self.record?;
        let (header, _) = varint(record)?;
        let (header, mut body) = record.split_at_checked(usize::try_from(header).ok()?)?;
        let (_, mut types) = varint(header)?;
        // id, ts, topic_id, flags
        for _ in 0..4 {
            let (kind, rest) = varint(types)?;
            body = body.get(number_length(kind)?..)?;
            types = rest;
        }
        let (payload, types) = varint(types)?;
        let (payload, body) = body.split_at_checked(blob_length(payload)?)?;
        let (properties, types) = varint(types)?;
        let properties = match properties {
            NULL => &[],
            kind => body.get(..blob_length(kind)?)?,
        };
        types.is_empty().then_some((payload, properties))
    }

    /// Whether it continues on other pages.
    pub(crate) fn is_elsewhere(&self) -> bool {
        self.record.is_none()
    }
}

const NULL: u64 = 0;

/// Bytes of a number of this serial type.
fn number_length(kind: u64) -> Option<usize> {
    match kind {
        NULL | 8 | 9 => Some(0),
        1..=4 => usize::try_from(kind).ok(),
        5 => Some(6),
        6 => Some(8),
        _ => None,
    }
}

/// Bytes of a BLOB of this serial type.
fn blob_length(kind: u64) -> Option<usize> {
    let twice = kind.checked_sub(12).filter(|twice| twice.is_multiple_of(2))?;
    usize::try_from(twice / 2).ok()
}

/// Where the cells of a page begin, in the order of their keys, behind a header of so many bytes.
pub(super) fn pointers(page: &[u8], header: usize) -> Option<impl Iterator<Item = usize>> {
    let count = usize::from(u16::from_be_bytes(*page.get(3..)?.first_chunk()?));
    let (pointers, _) = page.get(header..)?.get(..2 * count)?.as_chunks::<2>();
    Some(pointers.iter().map(|pointer| usize::from(u16::from_be_bytes(*pointer))))
}

/// A number of one to nine bytes, and what follows it.
pub(super) fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0;
    for (at, byte) in bytes.iter().enumerate().take(8) {
        value = value << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((value, bytes.get(at + 1..)?));
        }
    }
    Some((value << 8 | u64::from(*bytes.get(8)?), bytes.get(9..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_one_to_nine_bytes() {
        for (bytes, expect) in [
            (&[0x00_u8][..], 0),
            (&[0x7f], 127),
            (&[0x81, 0x00], 128),
            (&[0xff, 0x7f], 16_383),
            (&[0xff; 9], u64::MAX),
            (&[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01], 1),
        ] {
            let with_rest = [bytes, &[42]].concat();
            assert_eq!(varint(&with_rest), Some((expect, &[42][..])), "{bytes:?}");
            assert_eq!(varint(&bytes[..bytes.len() - 1]), None);
        }
    }

    #[test]
    fn what_is_no_row_of_messages_has_no_content() {
        let content = |record: &[u8]| {
            let cell = Cell { id: 1, record: Some(record) };
            cell.content().map(|(payload, properties)| (payload.to_vec(), properties.to_vec()))
        };
        // id is the key, so NULL here; ts 5, topic 1, flags 0.
        let whole = [7, 0, 1, 9, 8, 16, 14, 5, b'h', b'i', b'p'];
        assert_eq!(content(&whole), Some((b"hi".to_vec(), b"p".to_vec())));
        let without = [7, 0, 1, 9, 8, 16, 0, 5, b'h', b'i'];
        assert_eq!(content(&without), Some((b"hi".to_vec(), Vec::new())));
        assert_eq!(content(&whole[..10]), None, "it ends too early");
        assert_eq!(content(&[7, 0, 1, 9, 8, 17, 0, 5, b'h', b'i']), None, "a text");
        assert_eq!(content(&[6, 0, 1, 9, 8, 16, 5, b'h', b'i']), None, "a column is missing");
        assert_eq!(content(&[8, 0, 1, 9, 8, 16, 0, 0, 5, b'h', b'i']), None, "one too many");
    }

    #[test]
    fn a_page_that_points_out_of_itself_is_not_understood() {
        let mut page = vec![0; 512];
        page[0] = 13;
        page[4] = 1;
        page[8] = 0xff;
        let leaf = Leaf::of(&page, 0).unwrap();
        assert!(leaf.cells().map(|cell| cell.is_none()).eq([true]));
        assert!(!leaf.has_all_of_its_rows());
        page[3] = 0xff;
        let leaf = Leaf::of(&page, 0).unwrap();
        assert!(!leaf.has_all_of_its_rows());
        assert!(leaf.cells().map(|cell| cell.is_none()).eq([true]));
    }
}
