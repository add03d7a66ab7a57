//! Sums along a row, wrapping at the sample's width, each sample with the one `step` bytes before it.
use crate::simd;

/// Replace every sample of `element` bytes by the sum of all samples of its component up to it.
pub fn running_sum(row: &mut [u8], element: usize, samples_per_pixel: usize) {
    let step = element * samples_per_pixel;
    let done = if simd::vectors() { sum_vectors(row, element, step) } else { step };
    match element {
        1 => sum_rest::<1>(row, done, step, |a, b| [a[0].wrapping_add(b[0])]),
        2 => sum_rest::<2>(row, done, step, |a, b| u16::from_ne_bytes(a).wrapping_add(u16::from_ne_bytes(b)).to_ne_bytes()),
        4 => sum_rest::<4>(row, done, step, |a, b| u32::from_ne_bytes(a).wrapping_add(u32::from_ne_bytes(b)).to_ne_bytes()),
        _ => sum_rest::<8>(row, done, step, |a, b| u64::from_ne_bytes(a).wrapping_add(u64::from_ne_bytes(b)).to_ne_bytes()),
    }
}

/// From byte `start` on, which is `step` or a later multiple of it.
#[inline(always)]
fn sum_rest<const N: usize>(row: &mut [u8], start: usize, step: usize, add: impl Fn([u8; N], [u8; N]) -> [u8; N]) {
    let sample = |row: &[u8], at: usize| -> [u8; N] { std::array::from_fn(|b| row[at + b]) };
    if start < step || start > row.len() {
        return;
    }
    if step == N {
        // One component: the last sum need not be read again.
        let mut sum = sample(row, start - N);
        for next in row[start..].as_chunks_mut::<N>().0 {
            sum = add(sum, *next);
            *next = sum;
        }
        return;
    }
    for at in (start..row.len() - row.len() % N).step_by(N) {
        let sum = add(sample(row, at - step), sample(row, at));
        row[at..at + N].copy_from_slice(&sum);
    }
}

/// Whole vectors of 16 bytes where they hold whole pixels; gives the bytes done, or `step` (the first pixel is its own sum).
#[cfg(target_arch = "x86_64")]
fn sum_vectors(row: &mut [u8], element: usize, step: usize) -> usize {
    match (element, step) {
        (1, 1) => vectors::<1, 1>(row),
        (1, 2) => vectors::<1, 2>(row),
        (1, 4) => vectors::<1, 4>(row),
        (2, 2) => vectors::<2, 2>(row),
        (2, 4) => vectors::<2, 4>(row),
        (2, 8) => vectors::<2, 8>(row),
        (4, 4) => vectors::<4, 4>(row),
        (4, 8) => vectors::<4, 8>(row),
        (8, 8) => vectors::<8, 8>(row),
        _ => 0,
    }
    .max(step)
}

#[cfg(not(target_arch = "x86_64"))]
fn sum_vectors(_row: &mut [u8], _element: usize, step: usize) -> usize {
    step
}

/// Sums within a vector by doubling shifts; the vectors' totals are summed apart, so that only one addition waits.
#[cfg(target_arch = "x86_64")]
fn vectors<const ELEMENT: usize, const STEP: usize>(row: &mut [u8]) -> usize {
    use std::arch::x86_64::*;
    let (blocks, _) = row.as_chunks_mut::<16>();
    // SAFETY: SSE2 is part of x86-64, and every block has 16 bytes.
    unsafe {
        let add = |a: __m128i, b: __m128i| match ELEMENT {
            1 => _mm_add_epi8(a, b),
            2 => _mm_add_epi16(a, b),
            4 => _mm_add_epi32(a, b),
            _ => _mm_add_epi64(a, b),
        };
        let last = |x: __m128i| {
            let x = if STEP == 1 { _mm_unpackhi_epi8(x, x) } else { x };
            match STEP {
                8 => _mm_unpackhi_epi64(x, x),
                4 => _mm_shuffle_epi32::<0xff>(x),
                _ => {
                    let words = _mm_shufflehi_epi16::<0xff>(x);
                    _mm_unpackhi_epi64(words, words)
                }
            }
        };
        let mut total = _mm_setzero_si128();
        for block in blocks.iter_mut() {
            let at: *mut __m128i = block.as_mut_ptr().cast();
            let mut x = _mm_loadu_si128(at);
            if STEP == 1 {
                x = add(x, _mm_slli_si128::<1>(x));
            }
            if STEP <= 2 {
                x = add(x, _mm_slli_si128::<2>(x));
            }
            if STEP <= 4 {
                x = add(x, _mm_slli_si128::<4>(x));
            }
            x = add(x, _mm_slli_si128::<8>(x));
            _mm_storeu_si128(at, add(x, total));
            total = add(total, last(x));
        }
        blocks.len() * 16
    }
}
