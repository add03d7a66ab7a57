//! zlib (RFC 1950) and gzip (RFC 1952) through libdeflate.
use std::cell::RefCell;

use libdeflater::{CompressionLvl, Compressor, DecompressionError, Decompressor};

use super::decompress::Limits;
use super::failure::{Failure, Outcome};
use super::scratch::with_scratch;

#[derive(Clone, Copy)]
pub enum Wrapper {
    Zlib,
    Gzip,
}

/// How far behind the end of a full buffer the last bytes written may lie: libdeflate gives up before it copies a stored
/// block (RFC 1951 §3.2.4: at most 65,535 bytes) or a match (258) that does not fit whole.
const SLACK: usize = 65_535 + 258;

thread_local! {
    static DECOMPRESSOR: RefCell<Decompressor> = RefCell::new(Decompressor::new());
}

/// Inflate; stops early where only the head of the output is needed. One gzip member is read.
pub fn inflate(wrapper: Wrapper, input: &[u8], output: &mut [u8], limits: Limits) -> Outcome<usize> {
    let limit = if limits.needed < output.len() { output.len().min(limits.needed.saturating_add(SLACK)) } else { output.len() };
    match run(wrapper, input, &mut output[..limit]) {
        Ok(count) => Ok(count),
        Err(DecompressionError::BadData) => Err(Failure::Corrupt),
        Err(DecompressionError::InsufficientSpace) if limit < output.len() => Ok(limits.needed),
        Err(DecompressionError::InsufficientSpace) if !limits.surplus => Err(Failure::Surplus),
        Err(DecompressionError::InsufficientSpace) => head(wrapper, input, output),
    }
}

/// The first bytes of a stream that holds more: decoded with room behind them, so that all of them are written.
fn head(wrapper: Wrapper, input: &[u8], output: &mut [u8]) -> Outcome<usize> {
    with_scratch(output.len() + SLACK, |scratch| {
        match run(wrapper, input, scratch) {
            Err(DecompressionError::BadData) => return Err(Failure::Corrupt),
            Ok(_) | Err(DecompressionError::InsufficientSpace) => {}
        }
        output.copy_from_slice(&scratch[..output.len()]);
        Ok(output.len())
    })
}

fn run(wrapper: Wrapper, input: &[u8], output: &mut [u8]) -> Result<usize, DecompressionError> {
    DECOMPRESSOR.with(|cell| {
        let mut decompressor = cell.borrow_mut();
        match wrapper {
            Wrapper::Zlib => decompressor.zlib_decompress(input, output),
            Wrapper::Gzip => decompressor.gzip_decompress(input, output),
        }
    })
}

/// One gzip member at level 0 to 12; time 0 and no name, so the same bytes for the same input. `Surplus` where the output
/// is too small.
pub fn encode_gzip(input: &[u8], output: &mut [u8], level: i32) -> Outcome<usize> {
    let level = CompressionLvl::new(level).map_err(|_| Failure::BadArgument)?;
    Compressor::new(level).gzip_compress(input, output).map_err(|_| Failure::Surplus)
}
