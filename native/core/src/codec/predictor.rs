//! TIFF predictors: horizontal differences (TIFF 6.0 §14) and floating point (Technical Note 3), and byte order.
use crate::simd;

use super::running_sum::running_sum;
use super::scratch::with_scratch;
use super::shuffle::unshuffle;

/// Reverse the bytes of every element.
pub fn swap_bytes(bytes: &mut [u8], element: usize) {
    match element {
        2 => bytes.chunks_exact_mut(2).for_each(|b| b.swap(0, 1)),
        4 => bytes.chunks_exact_mut(4).for_each(|b| b.reverse()),
        8 => bytes.chunks_exact_mut(8).for_each(|b| b.reverse()),
        _ => {}
    }
}

/// Undo horizontal differencing of rows of `row_samples` samples, all components counted.
pub fn undo_differences(bytes: &mut [u8], element: usize, row_samples: usize, samples_per_pixel: usize) {
    for row in bytes.chunks_exact_mut(row_samples * element) {
        running_sum(row, element, samples_per_pixel);
    }
}

/// Undo the floating point predictor: byte differences along the row, then planes from the most significant byte down.
pub fn undo_float(bytes: &mut [u8], element: usize, row_samples: usize, samples_per_pixel: usize) {
    let length = row_samples * element;
    with_scratch(length, |planes| {
        for row in bytes.chunks_exact_mut(length) {
            running_sum(row, 1, samples_per_pixel);
            planes.copy_from_slice(row);
            match element {
                2 => join::<2>(planes, row, row_samples),
                4 => join::<4>(planes, row, row_samples),
                _ => join::<8>(planes, row, row_samples),
            }
        }
    });
}

/// Undo the byte shuffle of rows of `row_samples` samples. HDF5 and numcodecs shuffle a chunk as one row.
pub fn undo_planes(bytes: &mut [u8], element: usize, row_samples: usize) {
    let length = row_samples * element;
    with_scratch(length, |planes| {
        for row in bytes.chunks_exact_mut(length) {
            planes.copy_from_slice(row);
            unshuffle(planes, row, element);
        }
    });
}

fn join<const N: usize>(planes: &[u8], row: &mut [u8], samples: usize) {
    let mut planes: [&[u8]; N] = std::array::from_fn(|b| &planes[b * samples..(b + 1) * samples]);
    if cfg!(target_endian = "little") {
        planes.reverse();
    }
    let mut done = 0;
    #[cfg(target_arch = "x86_64")]
    if N == 4 && simd::vectors() {
        done = join_vectors([planes[0], planes[1], planes[2], planes[3]], row);
    }
    for (i, sample) in row.as_chunks_mut::<N>().0.iter_mut().enumerate().skip(done) {
        *sample = std::array::from_fn(|b| planes[b][i]);
    }
}

/// Sixteen samples at a time; gives the samples done.
#[cfg(target_arch = "x86_64")]
fn join_vectors(planes: [&[u8]; 4], row: &mut [u8]) -> usize {
    use std::arch::x86_64::*;
    let [a, b, c, d] = planes.map(|plane| plane.as_chunks::<16>().0);
    let (blocks, _) = row.as_chunks_mut::<64>();
    let load = |bytes: &[u8; 16]| {
        // SAFETY: SSE2 is part of x86-64, and there are 16 bytes.
        unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) }
    };
    for ((((block, a), b), c), d) in blocks.iter_mut().zip(a).zip(b).zip(c).zip(d) {
        let (a, b, c, d) = (load(a), load(b), load(c), load(d));
        let to: *mut __m128i = block.as_mut_ptr().cast();
        // SAFETY: SSE2 is part of x86-64, and the block holds four vectors.
        unsafe {
            let (low, high) = (_mm_unpacklo_epi8(a, b), _mm_unpackhi_epi8(a, b));
            let (low2, high2) = (_mm_unpacklo_epi8(c, d), _mm_unpackhi_epi8(c, d));
            _mm_storeu_si128(to, _mm_unpacklo_epi16(low, low2));
            _mm_storeu_si128(to.add(1), _mm_unpackhi_epi16(low, low2));
            _mm_storeu_si128(to.add(2), _mm_unpacklo_epi16(high, high2));
            _mm_storeu_si128(to.add(3), _mm_unpackhi_epi16(high, high2));
        }
    }
    blocks.len() * 16
}
