//! Byte shuffle and bit shuffle, as blosc and numcodecs define them.

/// Byte `b` of every element goes to plane `b`. Bytes behind the last whole element stay where they are.
pub fn shuffle(input: &[u8], output: &mut [u8], element: usize) {
    let count = input.len() / element;
    match element {
        0 | 1 => output.copy_from_slice(input),
        2 => split::<2>(input, output, count),
        4 => split::<4>(input, output, count),
        8 => split::<8>(input, output, count),
        _ => {
            for b in 0..element {
                for i in 0..count {
                    output[b * count + i] = input[i * element + b];
                }
            }
            output[count * element..].copy_from_slice(&input[count * element..]);
        }
    }
}

/// The inverse of `shuffle`.
pub fn unshuffle(input: &[u8], output: &mut [u8], element: usize) {
    let count = input.len() / element.max(1);
    match element {
        0 | 1 => output.copy_from_slice(input),
        2 => join::<2>(input, output, count),
        4 => join::<4>(input, output, count),
        8 => join::<8>(input, output, count),
        _ => {
            for b in 0..element {
                for i in 0..count {
                    output[i * element + b] = input[b * count + i];
                }
            }
            output[count * element..].copy_from_slice(&input[count * element..]);
        }
    }
}

fn split<const N: usize>(input: &[u8], output: &mut [u8], count: usize) {
    let (planes, rest) = output.split_at_mut(count * N);
    if count > 0 {
        for (b, plane) in planes.chunks_exact_mut(count).enumerate() {
            for (target, element) in plane.iter_mut().zip(input.chunks_exact(N)) {
                *target = element[b];
            }
        }
    }
    rest.copy_from_slice(&input[count * N..]);
}

fn join<const N: usize>(input: &[u8], output: &mut [u8], count: usize) {
    let planes: [&[u8]; N] = std::array::from_fn(|b| &input[b * count..(b + 1) * count]);
    for (i, element) in output.chunks_exact_mut(N).enumerate().take(count) {
        for b in 0..N {
            element[b] = planes[b][i];
        }
    }
    output[count * N..].copy_from_slice(&input[count * N..]);
}

/// Bit `k` of byte `b` of every element goes to row `8 b + k`, element `i` at bit `i`. blosc leaves a block alone whose
/// number of elements is no multiple of eight.
pub fn bit_shuffle(input: &[u8], output: &mut [u8], element: usize) {
    let count = input.len() / element;
    if count % 8 != 0 {
        return output.copy_from_slice(input);
    }
    let row = count / 8;
    for b in 0..element {
        for i in 0..row {
            let mut word = 0;
            for j in 0..8 {
                word |= u64::from(input[(8 * i + j) * element + b]) << (8 * j);
            }
            let bits = transpose(word);
            for k in 0..8 {
                output[(8 * b + k) * row + i] = (bits >> (8 * k)) as u8;
            }
        }
    }
    output[count * element..].copy_from_slice(&input[count * element..]);
}

/// The inverse of `bit_shuffle`.
pub fn bit_unshuffle(input: &[u8], output: &mut [u8], element: usize) {
    let count = input.len() / element;
    if count % 8 != 0 {
        return output.copy_from_slice(input);
    }
    let row = count / 8;
    for b in 0..element {
        for i in 0..row {
            let mut word = 0;
            for k in 0..8 {
                word |= u64::from(input[(8 * b + k) * row + i]) << (8 * k);
            }
            let bytes = transpose(word);
            for j in 0..8 {
                output[(8 * i + j) * element + b] = (bytes >> (8 * j)) as u8;
            }
        }
    }
    output[count * element..].copy_from_slice(&input[count * element..]);
}

/// Transpose an 8 × 8 bit matrix: bit `k` of byte `j` becomes bit `j` of byte `k`. Its own inverse.
fn transpose(mut word: u64) -> u64 {
    let mut swap = |shift: u32, mask: u64| {
        let different = (word ^ (word >> shift)) & mask;
        word ^= different ^ (different << shift);
    };
    swap(7, 0x00aa_00aa_00aa_00aa);
    swap(14, 0x0000_cccc_0000_cccc);
    swap(28, 0x0000_0000_f0f0_f0f0);
    word
}
