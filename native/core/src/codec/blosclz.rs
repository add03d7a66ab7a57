//! BloscLZ, the codec that c-blosc carries itself: an LZ77 of control bytes, matches of three bytes and more.
use super::failure::{Failure, Outcome};

/// The farthest distance of the short form; the long form counts from here.
const NEAR: usize = 8191;

/// Decode one stream; it must fill the output exactly, which is what blosc needs.
pub fn decode(input: &[u8], output: &mut [u8]) -> Outcome<usize> {
    let mut reader = Reader { input, at: 0 };
    let mut to = 0;
    // The first control byte is always a literal run; its high bits hold the level.
    let mut control = reader.byte()? & 31;
    loop {
        if control < 32 {
            let run = reader.take(usize::from(control) + 1)?;
            output.get_mut(to..to + run.len()).ok_or(Failure::Surplus)?.copy_from_slice(run);
            to += run.len();
        } else {
            let (length, distance) = reader.match_of(control)?;
            let end = to + length;
            if end > output.len() {
                return Err(Failure::Surplus);
            }
            let from = to.checked_sub(distance).ok_or(Failure::Corrupt)?;
            if distance >= length {
                output.copy_within(from..from + length, to);
            } else {
                for i in 0..length {
                    output[to + i] = output[from + i];
                }
            }
            to = end;
        }
        if reader.at == input.len() {
            return Ok(to);
        }
        control = reader.byte()?;
    }
}

struct Reader<'a> {
    input: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Outcome<u8> {
        let byte = *self.input.get(self.at).ok_or(Failure::Corrupt)?;
        self.at += 1;
        Ok(byte)
    }

    fn take(&mut self, length: usize) -> Outcome<&'a [u8]> {
        let bytes = self.input.get(self.at..self.at + length).ok_or(Failure::Corrupt)?;
        self.at += length;
        Ok(bytes)
    }

    /// Length and distance of the match that the control byte begins: three bits of length, five of distance, then the
    /// length goes on while bytes are 255, then eight bits of distance; all ones mean 16 bits more.
    fn match_of(&mut self, control: u8) -> Outcome<(usize, usize)> {
        let mut length = usize::from(control >> 5) - 1;
        if length == 6 {
            loop {
                let more = self.byte()?;
                length += usize::from(more);
                if more != 255 {
                    break;
                }
            }
        }
        let high = usize::from(control & 31) << 8;
        let low = usize::from(self.byte()?);
        let distance = if low == 255 && high == 31 << 8 {
            let far = (usize::from(self.byte()?) << 8) + usize::from(self.byte()?);
            far + NEAR + 1
        } else {
            high + low + 1
        };
        Ok((length + 3, distance))
    }
}
