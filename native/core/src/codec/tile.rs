//! The usual chain in one call: decompress, byte order, predictor, into the caller's memory.
use super::decompress::{Limits, decompress};
use super::failure::{Failure, Outcome};
use super::predictor::{swap_bytes, undo_differences, undo_float};

/// What `TileCoding` of `src/native/codec-types.ts` says.
pub struct Tile {
    pub compression: u32,
    pub element: usize,
    pub swap: bool,
    /// TIFF's numbers: 1 none, 2 horizontal differences, 3 floating point.
    pub predictor: u32,
    pub row_samples: usize,
    pub samples_per_pixel: usize,
    pub limits: Limits,
}

/// Decode; gives the bytes decoded. Fewer than `needed` leave the output undefined.
pub fn decode(input: &[u8], output: &mut [u8], tile: &Tile) -> Outcome<usize> {
    let needed = tile.limits.needed;
    if needed > output.len() || ![1, 2, 4, 8].contains(&tile.element) || !predictor_fits(tile) {
        return Err(Failure::BadArgument);
    }
    let count = decompress(tile.compression, input, output, tile.limits)?;
    if count < needed {
        return Ok(count);
    }
    let samples = &mut output[..needed];
    if tile.swap && tile.predictor != 3 {
        swap_bytes(samples, tile.element);
    }
    match tile.predictor {
        2 => undo_differences(samples, tile.element, tile.row_samples, tile.samples_per_pixel),
        3 => undo_float(samples, tile.element, tile.row_samples, tile.samples_per_pixel),
        _ => {}
    }
    Ok(count)
}

fn predictor_fits(tile: &Tile) -> bool {
    let row = tile.row_samples.checked_mul(tile.element).unwrap_or(0);
    match tile.predictor {
        1 => true,
        2 | 3 => {
            let pixels = tile.samples_per_pixel >= 1 && tile.row_samples % tile.samples_per_pixel == 0;
            row > 0 && pixels && tile.limits.needed % row == 0 && (tile.predictor == 2 || tile.element > 1)
        }
        _ => false,
    }
}
