//! Reads the fields of a packet one after the other.

use crate::packet::Malformed;
use crate::property::Properties;

/// What is left to read.
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn bytes(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(Malformed)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(crate) fn byte(&mut self) -> Result<u8, Malformed> {
        self.bytes(1)?.first().copied().ok_or(Malformed)
    }

    pub(crate) fn two(&mut self) -> Result<u16, Malformed> {
        Ok(u16::from_be_bytes(self.bytes(2)?.try_into().map_err(|_| Malformed)?))
    }

    pub(crate) fn four(&mut self) -> Result<u32, Malformed> {
        Ok(u32::from_be_bytes(self.bytes(4)?.try_into().map_err(|_| Malformed)?))
    }

    /// A Variable Byte Integer.
    pub(crate) fn variable(&mut self) -> Result<u32, Malformed> {
        let mut value = 0;
        for place in 0..4 {
            let byte = self.byte()?;
            value |= u32::from(byte & 0x7F) << (7 * place);
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Malformed)
    }

    pub(crate) fn data(&mut self) -> Result<&'a [u8], Malformed> {
        let length = self.two()?;
        self.bytes(usize::from(length))
    }

    pub(crate) fn text(&mut self) -> Result<String, Malformed> {
        Ok(String::from_utf8_lossy(self.data()?).into_owned())
    }

    /// The properties where the packet has them, else none.
    pub(crate) fn properties_where(&mut self, has: bool) -> Result<Properties, Malformed> {
        if !has {
            return Ok(Properties::default());
        }
        let length = usize::try_from(self.variable()?).map_err(|_| Malformed)?;
        Properties::read(self.bytes(length)?)
    }
}
