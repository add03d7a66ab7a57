//! TIFF LZW (TIFF 6.0 §13), and the older bit order that some writers of 1988 used.
//!
//! Short strings are held in the table itself, in one word each; long ones are copied from where they stand in the output.
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
    /// Add what fits of the next eight bytes behind the `count` bits that are held, of which no others are set.
    fn push(held: u64, count: u32, next: [u8; 8]) -> u64;
    fn code(held: u64, width: u32) -> usize;
    fn drop(held: u64, width: u32) -> u64;
}

struct Msb;

impl Order for Msb {
    const EARLY: usize = 1;
    #[inline(always)]
    fn push(held: u64, count: u32, next: [u8; 8]) -> u64 {
        held | (u64::from_be_bytes(next) >> count)
    }
    #[inline(always)]
    fn code(held: u64, width: u32) -> usize {
        (held >> (64 - width)) as usize
    }
    #[inline(always)]
    fn drop(held: u64, width: u32) -> u64 {
        held << width
    }
}

struct Lsb;

impl Order for Lsb {
    const EARLY: usize = 0;
    #[inline(always)]
    fn push(held: u64, count: u32, next: [u8; 8]) -> u64 {
        held | (u64::from_le_bytes(next) << count)
    }
    #[inline(always)]
    fn code(held: u64, width: u32) -> usize {
        (held & ((1 << width) - 1)) as usize
    }
    #[inline(always)]
    fn drop(held: u64, width: u32) -> u64 {
        held >> width
    }
}

/// Bits not yet used, at the end of the word that the order reads from.
struct Bits<'a> {
    input: &'a [u8],
    at: usize,
    held: u64,
    /// At most 63; bits held beyond these are those of the next bytes, and pushed again.
    count: u32,
}

impl Bits<'_> {
    /// Hold 56 bits or more, or all that are left.
    #[inline(always)]
    fn refill<O: Order>(&mut self) {
        if let Some(next) = self.input.get(self.at..).and_then(|rest| rest.first_chunk()) {
            self.held = O::push(self.held, self.count, *next);
            self.at += ((63 - self.count) / 8) as usize;
            self.count |= 56;
        } else {
            self.refill_last::<O>();
        }
    }

    #[cold]
    fn refill_last<O: Order>(&mut self) {
        while self.count < 56
            && let Some(&byte) = self.input.get(self.at)
        {
            self.held = O::push(self.held, self.count, [byte, 0, 0, 0, 0, 0, 0, 0]);
            self.at += 1;
            self.count += 8;
        }
    }

    #[inline(always)]
    fn take<O: Order>(&mut self, width: u32) {
        self.held = O::drop(self.held, width);
        self.count -= width;
    }
}

/// A string of the table in one word: its first seven bytes, and its length, or eight where it is longer. Zero for the
/// codes that are no string.
type Head = u64;

/// The longest string that its head holds.
const SHORT: usize = 7;

#[inline(always)]
fn head_length(head: Head) -> usize {
    (head >> 56) as usize
}

/// The string and one byte more.
#[inline(always)]
fn extend(head: Head, byte: u8) -> Head {
    let length = head_length(head);
    let more = if length < SHORT { u64::from(byte) << (8 * length) } else { 0 };
    head + more + if length <= SHORT { 1 << 56 } else { 0 }
}

/// Place in the output and length of a string.
#[derive(Clone, Copy)]
struct Place {
    at: u32,
    length: u32,
}

struct Table {
    heads: [Head; CODES],
    /// Where each string stands in the output.
    places: [Place; CODES],
    /// The code that is defined next.
    free: usize,
    width: u32,
}

impl Table {
    fn new() -> Self {
        let heads = std::array::from_fn(|code| if code < CLEAR { code as u64 | 1 << 56 } else { 0 });
        Self { heads, places: [Place { at: 0, length: 0 }; CODES], free: FIRST, width: 9 }
    }

    fn clear(&mut self) {
        (self.free, self.width) = (FIRST, 9);
    }

    #[inline(always)]
    fn define(&mut self, previous: Previous, byte: u8) {
        let code = self.free & (CODES - 1);
        self.heads[code] = extend(previous.head, byte);
        self.places[code] = Place { at: previous.at as u32, length: previous.length as u32 + 1 };
        self.free += 1;
    }

    /// Codes that can be defined before their width changes.
    fn room<O: Order>(&self) -> usize {
        ((1 << self.width) - O::EARLY).saturating_sub(self.free)
    }
}

/// The string before.
#[derive(Clone, Copy)]
struct Previous {
    head: Head,
    at: usize,
    length: usize,
}

/// Codes that are read without a look at the input's end and the codes' width: as many as 56 bits hold.
const BURST: usize = 4;

fn run<O: Order>(input: &[u8], output: &mut [u8]) -> Outcome<usize> {
    if u32::try_from(output.len()).is_err() {
        return Err(Failure::Unsupported);
    }
    let mut bits = Bits { input, at: 0, held: 0, count: 0 };
    let mut table = Table::new();
    let mut previous = Previous { head: 0, at: 0, length: 0 };
    let mut at = 0;
    while at < output.len() {
        if previous.length > 0 && table.room::<O>() > BURST && output.len() - at >= BURST * (SHORT + 1) {
            at = burst::<O>(&mut bits, &mut table, &mut previous, output, at);
        }
        bits.refill::<O>();
        if bits.count < table.width {
            break;
        }
        let code = O::code(bits.held, table.width);
        bits.take::<O>(table.width);
        if code == END {
            break;
        }
        if code == CLEAR {
            table.clear();
            previous.length = 0;
            continue;
        }
        let defines = previous.length > 0 && table.free < CODES;
        if defines && code == table.free {
            // The string that this very code defines: the previous one and its first byte.
            table.define(previous, previous.head as u8);
        } else if code >= table.free {
            return Err(Failure::Corrupt);
        } else if defines {
            table.define(previous, table.heads[code] as u8);
        }
        if table.room::<O>() == 0 && table.width < 12 {
            table.width += 1;
        }
        let head = table.heads[code];
        let place = if code < CLEAR { Place { at: 0, length: 1 } } else { table.places[code] };
        let length = write(output, at, head, place);
        previous = Previous { head, at, length };
        at += length;
    }
    Ok(at)
}

/// Decode short strings, the most of all, until something else comes up; gives the new end of the output.
#[inline(always)]
fn burst<O: Order>(bits: &mut Bits, table: &mut Table, previous: &mut Previous, output: &mut [u8], from: usize) -> usize {
    let mut at = from;
    while table.room::<O>() > BURST && output.len() - at >= BURST * (SHORT + 1) {
        bits.refill::<O>();
        if bits.count < 56 {
            break;
        }
        for _ in 0..BURST {
            let code = O::code(bits.held, table.width) & (CODES - 1);
            let head = table.heads[code];
            let length = head_length(head);
            // No string, a long one, or one that is not there yet.
            if length.wrapping_sub(1) >= SHORT || code >= table.free {
                return at;
            }
            bits.take::<O>(table.width);
            table.define(*previous, head as u8);
            // The bytes behind the string are overwritten by the next.
            output[at..at + 8].copy_from_slice(&head.to_le_bytes());
            *previous = Previous { head, at, length };
            at += length;
        }
    }
    at
}

/// Put a string at `to`, or as much of it as fits; gives how much.
#[inline(always)]
fn write(output: &mut [u8], to: usize, head: Head, place: Place) -> usize {
    const WIDE: usize = 16;
    let (from, length) = (place.at as usize, place.length as usize);
    if head_length(head) <= SHORT {
        let length = length.min(output.len() - to);
        output[to..to + length].copy_from_slice(&head.to_le_bytes()[..length]);
        return length;
    }
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
