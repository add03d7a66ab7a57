//! One LZ4 block, bare or behind numcodecs' four-byte size.
use lz4_flex::block::{DecompressError, compress_into, decompress_into};

use super::failure::{Failure, Outcome};

/// Decode a bare block.
pub fn decode_block(input: &[u8], output: &mut [u8]) -> Outcome<usize> {
    decompress_into(input, output).map_err(|error| match error {
        DecompressError::OutputTooSmall { .. } => Failure::Surplus,
        _ => Failure::Corrupt,
    })
}

/// numcodecs lz4: uint32 LE decoded size, then one block.
pub fn decode_sized(input: &[u8], output: &mut [u8]) -> Outcome<usize> {
    let (size, block) = input.split_first_chunk::<4>().ok_or(Failure::Corrupt)?;
    let size = u32::from_le_bytes(*size) as usize;
    let output = output.get_mut(..size).ok_or(Failure::Surplus)?;
    match decode_block(block, output) {
        Ok(count) if count == size => Ok(count),
        _ => Err(Failure::Corrupt),
    }
}

/// A bare block. `Surplus` where the output is too small.
pub fn encode_block(input: &[u8], output: &mut [u8]) -> Outcome<usize> {
    compress_into(input, output).map_err(|_| Failure::Surplus)
}
