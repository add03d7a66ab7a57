//! The usual chain in one call: decompress, byte order, predictor, into the caller's memory.
use super::decompress::{Limits, decompress};
use super::failure::{Failure, Outcome};
use super::predictor::{swap_bytes, undo_differences, undo_float, undo_planes};

/// What `TileCoding` of `src/native/codec-types.ts` says.
pub struct Tile {
    pub compression: u32,
    pub element: usize,
    pub swap: bool,
    /// TIFF's numbers: 1 none, 2 horizontal differences, 3 floating point; and 4, byte planes (shuffle) of each row.
    pub predictor: u32,
    pub row_samples: usize,
    pub samples_per_pixel: usize,
    pub limits: Limits,
}

/// Decode; gives the bytes decoded. Fewer than `needed` leave the output undefined.
pub fn decode(input: &[u8], output: &mut [u8], tile: &Tile) -> Outcome<usize> {
    let count = decode_encoded(input, output, tile)?;
    if count >= tile.limits.needed {
        tile.undo(&mut output[..tile.limits.needed]);
    }
    Ok(count)
}

/// Decode as far as `undo`, which is left to the caller.
pub fn decode_encoded(input: &[u8], output: &mut [u8], tile: &Tile) -> Outcome<usize> {
    if tile.limits.needed > output.len() || ![1, 2, 4, 8].contains(&tile.element) || !predictor_fits(tile) {
        return Err(Failure::BadArgument);
    }
    decompress(tile.compression, input, output, tile.limits)
}

impl Tile {
    /// Undo byte order and predictor of whole rows.
    pub fn undo(&self, rows: &mut [u8]) {
        if self.predictor == 4 {
            undo_planes(rows, self.element, self.row_samples);
        }
        if self.swap && self.predictor != 3 {
            swap_bytes(rows, self.element);
        }
        match self.predictor {
            2 => undo_differences(rows, self.element, self.row_samples, self.samples_per_pixel),
            3 => undo_float(rows, self.element, self.row_samples, self.samples_per_pixel),
            _ => {}
        }
    }
}

fn predictor_fits(tile: &Tile) -> bool {
    let row = tile.row_samples.checked_mul(tile.element).unwrap_or(0);
    match tile.predictor {
        1 => true,
        2..=4 => {
            let pixels = tile.samples_per_pixel >= 1 && tile.row_samples % tile.samples_per_pixel == 0;
            row > 0 && pixels && tile.limits.needed % row == 0 && (tile.predictor != 3 || tile.element > 1)
        }
        _ => false,
    }
}
