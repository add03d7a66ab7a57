//! blosc1 frames: a 16-byte header, block offsets, blocks of one or more compressed streams, each shuffled.
//!
//! Header: format version, codec's version, flags, element size, then decoded size, block size and frame size (uint32 LE).
use super::decompress::Limits;
use super::failure::{Failure, Outcome};
use super::inflate::{Wrapper, inflate};
use super::scratch::with_scratch;
use super::shuffle::{bit_shuffle, bit_unshuffle, shuffle, unshuffle};
use super::{blosclz, lz4, zstd};

const HEADER: usize = 16;
const FLAG_SHUFFLE: u8 = 1;
const FLAG_STORED: u8 = 2;
const FLAG_BIT_SHUFFLE: u8 = 4;
const FLAG_NOT_SPLIT: u8 = 16;
/// c-blosc splits a block into one stream a byte plane only up to this element size …
const MOST_SPLITS: usize = 16;
/// … and where a plane has at least this many bytes.
const LEAST_PLANE: usize = 128;
/// 256 KiB decodes within a core's second-level cache, and compresses nearly as well as one large block.
const BLOCK: usize = 256 << 10;

struct Frame<'a> {
    bytes: &'a [u8],
    flags: u8,
    element: usize,
    size: usize,
    block: usize,
}

/// Decode a frame. Where only the head of the output is needed, the blocks behind it are left out.
pub fn decode(input: &[u8], output: &mut [u8], limits: Limits) -> Outcome<usize> {
    let frame = parse(input)?;
    if frame.size > output.len() {
        return Err(Failure::Surplus);
    }
    let output = &mut output[..frame.size];
    if frame.flags & FLAG_STORED != 0 {
        output.copy_from_slice(input.get(HEADER..HEADER + frame.size).ok_or(Failure::Corrupt)?);
        return Ok(frame.size);
    }
    for (index, block) in output.chunks_mut(frame.block).enumerate() {
        if index * frame.block >= limits.needed {
            break;
        }
        decode_block(&frame, index, block)?;
    }
    Ok(frame.size)
}

fn parse(input: &[u8]) -> Outcome<Frame<'_>> {
    let header = input.first_chunk::<HEADER>().ok_or(Failure::Corrupt)?;
    let word = |at: usize| u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]) as usize;
    let [version, _, flags, element, ..] = *header;
    if version > 2 {
        return Err(Failure::Unsupported); // blosc2
    }
    let (size, block, stored) = (word(4), word(8), word(12));
    if version == 0 || stored > input.len() || stored < HEADER || (size > 0 && block == 0) || element == 0 {
        return Err(Failure::Corrupt);
    }
    Ok(Frame { bytes: &input[..stored], flags, element: usize::from(element), size, block: block.max(1) })
}

fn decode_block(frame: &Frame<'_>, index: usize, output: &mut [u8]) -> Outcome<()> {
    let place = word_at(frame.bytes, HEADER + 4 * index)?;
    let whole = output.len() == frame.block;
    let plane = frame.block / frame.element;
    let split = frame.flags & FLAG_NOT_SPLIT == 0 && whole && frame.element <= MOST_SPLITS && plane >= LEAST_PLANE;
    let streams = if split { frame.element } else { 1 };
    if output.len() % streams != 0 {
        return Err(Failure::Corrupt);
    }
    if frame.flags & (FLAG_SHUFFLE | FLAG_BIT_SHUFFLE) == 0 || (frame.flags & FLAG_BIT_SHUFFLE == 0 && frame.element == 1) {
        return decode_streams(frame, place, output, streams);
    }
    with_scratch(output.len(), |scratch| {
        decode_streams(frame, place, scratch, streams)?;
        if frame.flags & FLAG_BIT_SHUFFLE != 0 {
            bit_unshuffle(scratch, output, frame.element);
        } else {
            unshuffle(scratch, output, frame.element);
        }
        Ok(())
    })
}

fn decode_streams(frame: &Frame<'_>, mut place: usize, output: &mut [u8], streams: usize) -> Outcome<()> {
    for stream in output.chunks_exact_mut(output.len() / streams) {
        let length = word_at(frame.bytes, place)?;
        let start = place.checked_add(4).ok_or(Failure::Corrupt)?;
        let end = start.checked_add(length).ok_or(Failure::Corrupt)?;
        let bytes = frame.bytes.get(start..end).ok_or(Failure::Corrupt)?;
        if length == stream.len() {
            stream.copy_from_slice(bytes); // stored: compression did not pay
        } else if decode_stream(frame.flags >> 5, bytes, stream)? != stream.len() {
            return Err(Failure::Corrupt);
        }
        place = end;
    }
    Ok(())
}

fn decode_stream(codec: u8, bytes: &[u8], stream: &mut [u8]) -> Outcome<usize> {
    let limits = Limits { needed: stream.len(), surplus: false };
    let outcome = match codec {
        0 => blosclz::decode(bytes, stream),
        1 => lz4::decode_block(bytes, stream), // lz4hc too
        3 => inflate(Wrapper::Zlib, bytes, stream, limits),
        4 => zstd::decode(bytes, stream, limits),
        _ => return Err(Failure::Unsupported), // snappy
    };
    outcome.map_err(|_| Failure::Corrupt)
}

fn word_at(bytes: &[u8], at: usize) -> Outcome<usize> {
    let end = at.checked_add(4).ok_or(Failure::Corrupt)?;
    let word = bytes.get(at..end).and_then(|word| word.first_chunk::<4>()).ok_or(Failure::Corrupt)?;
    Ok(u32::from_le_bytes(*word) as usize)
}

/// Which codec compresses the blocks; the values are the frame's codec numbers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    Lz4 = 1,
    Zstd = 4,
}

impl Codec {
    /// By the frame's number.
    pub fn from_code(code: u32) -> Option<Self> {
        [Codec::Lz4, Codec::Zstd].into_iter().find(|&codec| codec as u32 == code)
    }
}

/// How elements are reordered before compression.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Filter {
    None,
    Bytes,
    Bits,
}

impl Filter {
    /// 0 none, 1 bytes, 2 bits.
    pub fn from_code(code: u32) -> Option<Self> {
        [Filter::None, Filter::Bytes, Filter::Bits].get(code as usize).copied()
    }
}

pub struct Encoding {
    pub codec: Codec,
    /// blosc's 0 to 9; 0 stores.
    pub level: u32,
    pub filter: Filter,
    pub element: usize,
}

/// Encode one frame; the same bytes for the same input. `output` must hold the input and 16 bytes more.
pub fn encode(input: &[u8], output: &mut [u8], encoding: &Encoding) -> Outcome<usize> {
    if !(1..=255).contains(&encoding.element) || input.len() > i32::MAX as usize - HEADER {
        return Err(Failure::BadArgument);
    }
    let stored = HEADER + input.len();
    let output = output.get_mut(..stored).ok_or(Failure::BadArgument)?;
    let group = 8 * encoding.element;
    let block = (BLOCK / group * group).max(group).min(input.len().max(1));
    let compressed = if encoding.level == 0 || input.is_empty() { Err(Failure::Surplus) } else { encode_blocks(input, output, block, encoding) };
    let filter = match encoding.filter {
        Filter::None => 0,
        Filter::Bytes => FLAG_SHUFFLE,
        Filter::Bits => FLAG_BIT_SHUFFLE,
    };
    let flags = filter | FLAG_NOT_SPLIT | ((encoding.codec as u8) << 5);
    match compressed {
        Ok(length) => {
            write_header(output, flags, encoding.element, [input.len(), block, length]);
            Ok(length)
        }
        Err(_) => {
            output[HEADER..].copy_from_slice(input);
            write_header(output, flags | FLAG_STORED, encoding.element, [input.len(), block, stored]);
            Ok(stored)
        }
    }
}

fn write_header(output: &mut [u8], flags: u8, element: usize, words: [usize; 3]) {
    output[..4].copy_from_slice(&[2, 1, flags, element as u8]);
    for (i, word) in words.into_iter().enumerate() {
        output[4 + 4 * i..8 + 4 * i].copy_from_slice(&(word as u32).to_le_bytes());
    }
}

/// Offsets and blocks behind the header; `Surplus` where that is no shorter than storing.
fn encode_blocks(input: &[u8], output: &mut [u8], block: usize, encoding: &Encoding) -> Outcome<usize> {
    let count = input.len().div_ceil(block);
    let mut at = HEADER + 4 * count;
    for (index, bytes) in input.chunks(block).enumerate() {
        let place = HEADER + 4 * index;
        output.get_mut(place..place + 4).ok_or(Failure::Surplus)?.copy_from_slice(&(at as u32).to_le_bytes());
        let target = output.get_mut(at..).ok_or(Failure::Surplus)?;
        at += filter_and_encode(bytes, target, encoding)?;
    }
    Ok(at)
}

fn filter_and_encode(bytes: &[u8], target: &mut [u8], encoding: &Encoding) -> Outcome<usize> {
    match encoding.filter {
        Filter::None => encode_stream(bytes, target, encoding),
        Filter::Bytes if encoding.element == 1 => encode_stream(bytes, target, encoding),
        Filter::Bytes => with_scratch(bytes.len(), |scratch| {
            shuffle(bytes, scratch, encoding.element);
            encode_stream(scratch, target, encoding)
        }),
        Filter::Bits => with_scratch(bytes.len(), |scratch| {
            bit_shuffle(bytes, scratch, encoding.element);
            encode_stream(scratch, target, encoding)
        }),
    }
}

/// One stream: its size, then the compressed bytes, or the bytes themselves where those are no longer.
fn encode_stream(bytes: &[u8], target: &mut [u8], encoding: &Encoding) -> Outcome<usize> {
    let (size, rest) = target.split_first_chunk_mut::<4>().ok_or(Failure::Surplus)?;
    let room = rest.len().min(bytes.len() - 1);
    let length = match compress(bytes, &mut rest[..room], encoding) {
        Some(length) => length,
        None => {
            rest.get_mut(..bytes.len()).ok_or(Failure::Surplus)?.copy_from_slice(bytes);
            bytes.len()
        }
    };
    *size = (length as u32).to_le_bytes();
    Ok(4 + length)
}

/// None where the result does not fit.
fn compress(bytes: &[u8], target: &mut [u8], encoding: &Encoding) -> Option<usize> {
    match encoding.codec {
        Codec::Zstd => zstd::encode(bytes, target, zstd_level(encoding.level)).ok(),
        Codec::Lz4 => {
            // The encoder wants room for the worst case, whatever the outcome.
            let mut whole = vec![0; lz4_flex::block::get_maximum_output_size(bytes.len())];
            let length = lz4::encode_block(bytes, &mut whole).ok()?;
            target.get_mut(..length)?.copy_from_slice(&whole[..length]);
            Some(length)
        }
    }
}

/// c-blosc's scale: 1, 3, 5 … 15 for levels 1 to 8, the strongest for 9.
fn zstd_level(level: u32) -> i32 {
    if level >= 9 { zstd_safe::max_c_level() } else { 2 * level as i32 - 1 }
}
