//! One compressed stream into one output, whatever the codec.
use super::failure::{Failure, Outcome};
use super::inflate::{Wrapper, inflate};
use super::{blosc, lz4, lzw, packbits, zstd};

/// How much of the output matters.
#[derive(Clone, Copy)]
pub struct Limits {
    /// Only this many bytes from the start must be right; a decoder may stop there.
    pub needed: usize,
    /// A stream that holds more than the output is cut instead of refused.
    pub surplus: bool,
}

/// The numbers of `Compression` in `src/native/codec-types.ts`. Gives the bytes decoded: fewer than the output where the
/// stream is shorter.
pub fn decompress(compression: u32, input: &[u8], output: &mut [u8], limits: Limits) -> Outcome<usize> {
    match compression {
        0 => copy(input, output, limits),
        1 => inflate(Wrapper::Zlib, input, output, limits),
        2 => inflate(Wrapper::Gzip, input, output, limits),
        3 => zstd::decode(input, output, limits),
        4 => lzw::decode(input, &mut output[..limits.needed]),
        5 => packbits::decode(input, &mut output[..limits.needed]),
        6 => lz4::decode_sized(input, output),
        7 => blosc::decode(input, output, limits),
        _ => Err(Failure::Unsupported),
    }
}

fn copy(input: &[u8], output: &mut [u8], limits: Limits) -> Outcome<usize> {
    if input.len() > output.len() && !limits.surplus {
        return Err(Failure::Surplus);
    }
    let length = input.len().min(output.len());
    output[..length].copy_from_slice(&input[..length]);
    Ok(length)
}
