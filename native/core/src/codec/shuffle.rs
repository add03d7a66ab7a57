//! Byte shuffle and bit shuffle, as blosc and numcodecs define them.

/// Byte `b` of every element goes to plane `b`. Bytes behind the last whole element stay where they are.
pub fn shuffle(input: &[u8], output: &mut [u8], element: usize) {
    let count = input.len() / element;
    match element {
        0 | 1 => output.copy_from_slice(input),
        2 => split_2(input, output, count),
        4 => split_4(input, output, count),
        8 => split_8(input, output, count),
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
        2 => join_pairs(input, output, count),
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

/// Elements that are looked at once a plane, while they are in the processor's nearest memory.
const BLOCK: usize = 4096;

/// Planes of elements that are words: written so that the compiler takes many elements at a time.
macro_rules! splitter {
    ($name:ident, $word:ty, $size:literal) => {
        fn $name(input: &[u8], output: &mut [u8], count: usize) {
            for (block, elements) in input[..$size * count].chunks($size * BLOCK).enumerate() {
                for b in 0..$size {
                    let first = b * count + block * BLOCK;
                    let plane = &mut output[first..first + elements.len() / $size];
                    let words = elements.as_chunks::<$size>().0.iter().map(|&bytes| <$word>::from_le_bytes(bytes));
                    plane.iter_mut().zip(words).for_each(|(byte, word)| *byte = (word >> (8 * b)) as u8);
                }
            }
            output[$size * count..].copy_from_slice(&input[$size * count..]);
        }
    };
}

splitter!(split_2, u16, 2);
splitter!(split_4, u32, 4);
splitter!(split_8, u64, 8);

/// `join` of two planes.
fn join_pairs(input: &[u8], output: &mut [u8], count: usize) {
    let (first, rest) = input.split_at(count);
    let (second, rest) = rest.split_at(count);
    for ((element, first), second) in output.as_chunks_mut::<2>().0.iter_mut().zip(first).zip(second) {
        *element = [*first, *second];
    }
    output[2 * count..].copy_from_slice(rest);
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
