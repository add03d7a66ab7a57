//! TIFF predictors: horizontal differences (TIFF 6.0 §14) and floating point (Technical Note 3), and byte order.
use super::scratch::with_scratch;

/// Reverse the bytes of every element.
pub fn swap_bytes(bytes: &mut [u8], element: usize) {
    match element {
        2 => bytes.chunks_exact_mut(2).for_each(|b| b.swap(0, 1)),
        4 => bytes.chunks_exact_mut(4).for_each(|b| b.reverse()),
        8 => bytes.chunks_exact_mut(8).for_each(|b| b.reverse()),
        _ => {}
    }
}

macro_rules! sum_rows {
    ($name:ident, $type:ty, $size:literal) => {
        fn $name(row: &mut [u8], stride: usize) {
            match stride {
                1 => sum::<1>(row),
                2 => sum::<2>(row),
                3 => sum::<3>(row),
                4 => sum::<4>(row),
                _ => {
                    for i in stride * $size..row.len() - row.len() % $size {
                        if i % $size == 0 {
                            let add = |at: usize, row: &[u8]| <$type>::from_ne_bytes(std::array::from_fn(|b| row[at + b]));
                            let value = add(i, row).wrapping_add(add(i - stride * $size, row));
                            row[i..i + $size].copy_from_slice(&value.to_ne_bytes());
                        }
                    }
                }
            }
            fn sum<const N: usize>(row: &mut [u8]) {
                let mut sums = [0 as $type; N];
                for pixel in row.chunks_exact_mut($size * N) {
                    for (sum, sample) in sums.iter_mut().zip(pixel.chunks_exact_mut($size)) {
                        *sum = sum.wrapping_add(<$type>::from_ne_bytes(std::array::from_fn(|b| sample[b])));
                        sample.copy_from_slice(&sum.to_ne_bytes());
                    }
                }
            }
        }
    };
}

sum_rows!(sum_8, u8, 1);
sum_rows!(sum_16, u16, 2);
sum_rows!(sum_32, u32, 4);
sum_rows!(sum_64, u64, 8);

/// Undo horizontal differencing of rows of `row_samples` samples, all components counted.
pub fn undo_differences(bytes: &mut [u8], element: usize, row_samples: usize, samples_per_pixel: usize) {
    let sum = match element {
        1 => sum_8,
        2 => sum_16,
        4 => sum_32,
        _ => sum_64,
    };
    for row in bytes.chunks_exact_mut(row_samples * element) {
        sum(row, samples_per_pixel);
    }
}

/// Undo the floating point predictor: byte differences along the row, then planes from the most significant byte down.
pub fn undo_float(bytes: &mut [u8], element: usize, row_samples: usize, samples_per_pixel: usize) {
    let length = row_samples * element;
    with_scratch(length, |planes| {
        for row in bytes.chunks_exact_mut(length) {
            sum_8(row, samples_per_pixel);
            planes.copy_from_slice(row);
            match element {
                2 => join::<2>(planes, row, row_samples),
                4 => join::<4>(planes, row, row_samples),
                _ => join::<8>(planes, row, row_samples),
            }
        }
    });
}

fn join<const N: usize>(planes: &[u8], row: &mut [u8], samples: usize) {
    let planes: [&[u8]; N] = std::array::from_fn(|b| &planes[b * samples..(b + 1) * samples]);
    for (i, sample) in row.chunks_exact_mut(N).enumerate() {
        for (b, byte) in sample.iter_mut().enumerate() {
            let plane = if cfg!(target_endian = "little") { N - 1 - b } else { b };
            *byte = planes[plane][i];
        }
    }
}
