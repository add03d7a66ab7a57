//! TIFF LZW (TIFF 6.0 §13), and the older bit order that some writers of 1988 used.
//!
//! Every string of the table stands in the output already: a code is the place and length of its last use plus one byte.
use super::failure::{Failure, Outcome};

const CLEAR: usize = 256;
const END: usize = 257;
const FIRST: usize = 258;
const CODES: usize = 4096;

/// Decode until the output is full or the stream ends; gives the number of bytes written.
pub fn decode(input: &[u8], output: &mut [u8]) -> Outcome<usize> {
    // A stream begins with CLEAR: 256 in nine bits is 0x80 0x0. most significant bit first, 0x00 0x.1 the other way.
    if let [0, second, ..] = input
        && second & 1 == 1
    {
        return run::<Lsb>(input, output);
    }
    run::<Msb>(input, output)
}

/// Where the codes' bits lie, and at which table size codes grow by a bit.
trait Order {
    /// TIFF 6.0 §13 switches one code early; the older order does not.
    const EARLY: usize;
    fn push(held: u64, bits: u32, byte: u8) -> u64;
    fn code(held: u64, bits: u32, width: u32) -> usize;
    fn drop(held: u64, width: u32) -> u64;
    /// Put eight bytes at once where the buffer holds none.
    fn load(bytes: [u8; 8]) -> u64;
}

struct Msb;

impl Order for Msb {
    const EARLY: usize = 1;
    #[inline(always)]
    fn push(held: u64, bits: u32, byte: u8) -> u64 {
        held | (u64::from(byte) << (56 - bits))
    }
    #[inline(always)]
    fn code(held: u64, _bits: u32, width: u32) -> usize {
        (held >> (64 - width)) as usize
    }
    #[inline(always)]
    fn drop(held: u64, width: u32) -> u64 {
        held << width
    }
    #[inline(always)]
    fn load(bytes: [u8; 8]) -> u64 {
        u64::from_be_bytes(bytes)
    }
}

struct Lsb;

impl Order for Lsb {
    const EARLY: usize = 0;
    #[inline(always)]
    fn push(held: u64, bits: u32, byte: u8) -> u64 {
        held | (u64::from(byte) << bits)
    }
    #[inline(always)]
    fn code(held: u64, _bits: u32, width: u32) -> usize {
        (held & ((1 << width) - 1)) as usize
    }
    #[inline(always)]
    fn drop(held: u64, width: u32) -> u64 {
        held >> width
    }
    #[inline(always)]
    fn load(bytes: [u8; 8]) -> u64 {
        u64::from_le_bytes(bytes)
    }
}

/// Bits not yet used, at the end of the word that the order reads from.
struct Bits<'a> {
    input: &'a [u8],
    at: usize,
    held: u64,
    count: u32,
}

impl Bits<'_> {
    /// The next code, or None where the input ends.
    #[inline(always)]
    fn next<O: Order>(&mut self, width: u32) -> Option<usize> {
        if self.count < width {
            self.refill::<O>();
            if self.count < width {
                return None;
            }
        }
        let code = O::code(self.held, self.count, width);
        self.held = O::drop(self.held, width);
        self.count -= width;
        Some(code)
    }

    #[inline(always)]
    fn refill<O: Order>(&mut self) {
        if self.count == 0
            && let Some(bytes) = self.input.get(self.at..self.at + 8)
        {
            self.held = O::load(bytes.try_into().unwrap_or([0; 8]));
            self.count = 64;
            self.at += 8;
            return;
        }
        while self.count <= 56
            && let Some(&byte) = self.input.get(self.at)
        {
            self.held = O::push(self.held, self.count, byte);
            self.count += 8;
            self.at += 1;
        }
    }
}

fn run<O: Order>(input: &[u8], output: &mut [u8]) -> Outcome<usize> {
    let mut bits = Bits { input, at: 0, held: 0, count: 0 };
    // (place of the string in the output, its length)
    let mut table = [(0u32, 0u32); CODES];
    if u32::try_from(output.len()).is_err() {
        return Err(Failure::Unsupported);
    }
    let mut free = FIRST;
    let mut width = 9;
    let mut previous: Option<(usize, usize)> = None;
    let mut at = 0;
    while at < output.len() {
        let Some(code) = bits.next::<O>(width) else { break };
        if code == CLEAR {
            (free, width, previous) = (FIRST, 9, None);
            continue;
        }
        if code == END {
            break;
        }
        let length = if code < 256 {
            output[at] = code as u8;
            1
        } else {
            let (place, length) = if code < free {
                table[code]
            } else if code == free && let Some((place, length)) = previous {
                // The string that this very code defines: the previous one and its first byte, which follows it.
                (place as u32, length as u32 + 1)
            } else {
                return Err(Failure::Corrupt);
            };
            copy(output, place as usize, at, length as usize)
        };
        if let Some((place, previous_length)) = previous
            && free < CODES
        {
            table[free] = (place as u32, previous_length as u32 + 1);
            free += 1;
            if free + O::EARLY >= 1 << width && width < 12 {
                width += 1;
            }
        }
        previous = Some((at, length));
        at += length;
    }
    Ok(at)
}

/// Repeat `length` bytes from `from` at `to` (further on), or as many as fit; gives how many.
#[inline(always)]
fn copy(output: &mut [u8], from: usize, to: usize, length: usize) -> usize {
    const WIDE: usize = 16;
    if length <= WIDE && to + WIDE <= output.len() && from + length <= to {
        // Bytes behind `length` are overwritten by the next string.
        output.copy_within(from..from + WIDE, to);
        return length;
    }
    let length = length.min(output.len() - to);
    if from + length <= to {
        output.copy_within(from..from + length, to);
    } else {
        for i in 0..length {
            output[to + i] = output[from + i];
        }
    }
    length
}
