//! Packed samples: most significant bit first, each row padded to a byte (TIFF 6.0, FillOrder 1).
use super::failure::{Failure, Outcome};

pub struct Packing {
    pub bits: usize,
    pub row_samples: usize,
    pub signed: bool,
    /// Bytes of one widened sample: 1, 2 or 4.
    pub element: usize,
}

/// Widen whole rows, as many as the output holds. `Corrupt` where the input is too short for them.
pub fn unpack(input: &[u8], output: &mut [u8], packing: &Packing) -> Outcome<usize> {
    let Packing { bits, row_samples, element, .. } = *packing;
    if !(1..=31).contains(&bits) || row_samples == 0 || ![1, 2, 4].contains(&element) || bits > 8 * element {
        return Err(Failure::BadArgument);
    }
    let row_bytes = row_samples.checked_mul(bits).ok_or(Failure::BadArgument)?.div_ceil(8);
    let rows = output.len() / element / row_samples;
    if input.len() / row_bytes < rows {
        return Err(Failure::Corrupt);
    }
    for (row, target) in input.chunks_exact(row_bytes).zip(output.chunks_exact_mut(row_samples * element)) {
        unpack_row(row, target, packing);
    }
    Ok(rows * row_samples * element)
}

fn unpack_row(row: &[u8], target: &mut [u8], packing: &Packing) {
    let shift = 32 - packing.bits as u32;
    let (mut held, mut count) = (0u64, 0);
    let mut bytes = row.iter();
    for sample in target.chunks_exact_mut(packing.element) {
        while count < packing.bits {
            held = (held << 8) | u64::from(bytes.next().copied().unwrap_or(0));
            count += 8;
        }
        count -= packing.bits;
        let top = ((held >> count) as u32) << shift;
        let value = if packing.signed { ((top as i32) >> shift) as u32 } else { top >> shift };
        match sample.len() {
            1 => sample[0] = value as u8,
            2 => sample.copy_from_slice(&(value as u16).to_ne_bytes()),
            _ => sample.copy_from_slice(&value.to_ne_bytes()),
        }
    }
}
