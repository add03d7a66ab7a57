//! Blocks of target pixels whose kernels lie within the source window, all of them: bounds are checked once a block,
//! then the loops have nothing to decide. Results equal those of `point` to the bit.
use super::plane::Plane;
use super::point::cubic_weights;
use super::sample::Sample;
use super::{STATE_NODATA, STATE_VALID, TIE};

pub const BLOCK: usize = 128;
/// Rows below that are fetched ahead.
const AHEAD: usize = 4;

/// Memory for one block.
pub struct Block {
    /// Values; NaN where the kernel met a pixel without data, to be looked at pixel by pixel.
    pub values: [f64; BLOCK],
    index: [u32; BLOCK],
    right: [f64; BLOCK],
    lower: [f64; BLOCK],
}

impl Block {
    pub fn new() -> Self {
        Block {
            values: [0.0; BLOCK],
            index: [0; BLOCK],
            right: [0.0; BLOCK],
            lower: [0.0; BLOCK],
        }
    }

    /// Whether the first `count` values are values.
    #[inline(always)]
    pub fn is_whole(&self, count: usize) -> bool {
        !self.values[..count]
            .iter()
            .fold(false, |nan, v| nan | v.is_nan())
    }
}

/// Whether position + `add`, cut to a whole pixel, lies in `range` (half-open) for all positions. NaN does not.
#[inline(always)]
fn all_within(positions: &[f64], add: f64, range: (i64, i64)) -> bool {
    let (low, high) = (range.0 as f64, range.1 as f64);
    let mut within = true;
    for &p in positions {
        let q = p + add;
        within &= (q >= low) & (q < high);
    }
    within && range.0 >= 0
}

/// Index of a raster pixel in the window, which holds it and has at most 2^31 pixels: so it does not matter that numbers
/// on the way wrap. `origin` is the raster's index of the window's first pixel.
#[inline(always)]
fn index_of((col, row): (i32, i32), width: u32, origin: u32) -> u32 {
    (row as u32).wrapping_mul(width).wrapping_add(col as u32).wrapping_sub(origin)
}

/// The window's width and the index of raster pixel (`col`, `row`), which may be outside; None where indices are too large.
#[inline(always)]
fn strides<S: Sample>(plane: &Plane<S>, (col, row): (i64, i64)) -> Option<(u32, u32)> {
    let fits = plane.data.len() <= i32::MAX as usize;
    fits.then(|| {
        let width = plane.width as u32;
        (width, (row as u32).wrapping_mul(width).wrapping_add(col as u32))
    })
}

/// Ask for the samples a few rows below, which the target rows to come will read: they lie on a slope, where processors
/// do not see them coming.
#[inline(always)]
fn prefetch<S: Sample>(plane: &Plane<S>, index: &[u32]) {
    #[cfg(target_arch = "x86_64")]
    for &at in index.iter().step_by(16) {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        let below = plane.data.as_ptr().wrapping_add(at as usize + AHEAD * plane.width);
        // SAFETY: a hint; the address need not be valid.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(below.cast()) };
    }
}

/// Copy the nearest pixels of a block, or answer false where some may be outside the window.
#[inline(always)]
pub fn nearest<S: Sample>(
    plane: &Plane<S>,
    xs: &[f64],
    ys: &[f64],
    target: &mut [S],
    state: &mut [u8],
) -> bool {
    let bounds = &plane.bounds;
    if !(all_within(xs, TIE, bounds.cols) && all_within(ys, TIE, bounds.rows)) {
        return false;
    }
    let Some((width, origin)) = strides(plane, (bounds.col, bounds.row)) else {
        return false;
    };
    let mut index = [0u32; BLOCK];
    for ((at, &x), &y) in index.iter_mut().zip(xs).zip(ys) {
        // SAFETY: both are within the raster, which has fewer than 2^31 columns and rows.
        let pixel: (i32, i32) =
            unsafe { ((x + TIE).to_int_unchecked(), (y + TIE).to_int_unchecked()) };
        *at = index_of(pixel, width, origin);
    }
    prefetch(plane, &index[..xs.len()]);
    if plane.valid.is_none() && !S::HAS_NAN {
        for (sample, &at) in target.iter_mut().zip(&index) {
            // SAFETY: the pixel is in the window (checked above), whose samples have its size.
            *sample = unsafe { *plane.data.get_unchecked(at as usize) };
        }
        state.fill(STATE_VALID);
        return true;
    }
    for (i, &at) in index[..xs.len()].iter().enumerate() {
        let at = at as usize;
        // SAFETY: the pixel is in the window (checked above), whose samples and validity have its size.
        let (sample, valid) = unsafe {
            (
                *plane.data.get_unchecked(at),
                plane.valid.is_none_or(|v| *v.get_unchecked(at) == 1),
            )
        };
        if valid && !sample.is_nan() {
            target[i] = sample;
            state[i] = STATE_VALID;
        } else {
            state[i] = STATE_NODATA;
        }
    }
    true
}

/// Place of every position's kernel: index of the pixel left of and above it, and how far it is from that pixel's centre.
/// False where some kernel, `before` pixels before and `after` behind that pixel, may leave the window.
#[inline(always)]
fn place<S: Sample>(
    plane: &Plane<S>,
    xs: &[f64],
    ys: &[f64],
    (before, after): (i64, i64),
    block: &mut Block,
) -> bool {
    let bounds = &plane.bounds;
    let range = |(first, end): (i64, i64)| (first + before + 1, end - after + 1);
    if xs.len() > BLOCK
        || !(all_within(xs, 0.5, range(bounds.cols)) && all_within(ys, 0.5, range(bounds.rows)))
    {
        return false;
    }
    let Some((width, origin)) = strides(plane, (bounds.col + 1, bounds.row + 1)) else {
        return false;
    };
    for i in 0..xs.len() {
        let (x, y) = (xs[i] + 0.5, ys[i] + 0.5);
        // SAFETY: both are within the raster, which has fewer than 2^31 columns and rows.
        let (col, row): (i32, i32) = unsafe { (x.to_int_unchecked(), y.to_int_unchecked()) };
        block.right[i] = x - f64::from(col);
        block.lower[i] = y - f64::from(row);
        block.index[i] = index_of((col, row), width, origin);
    }
    true
}

/// Whether `count` pixels from `at` on are marked valid. NaN samples show in the sum.
///
/// # Safety
/// The pixels are in the window.
#[inline(always)]
unsafe fn marked<S: Sample>(plane: &Plane<S>, at: usize, count: usize) -> bool {
    // SAFETY: by contract; validity has the window's size.
    plane
        .valid
        .is_none_or(|valid| (0..count).all(|k| unsafe { *valid.get_unchecked(at + k) } == 1))
}

/// Bilinear values of a block, or false where some kernel may leave the window.
#[inline(always)]
pub fn bilinear<S: Sample>(plane: &Plane<S>, xs: &[f64], ys: &[f64], block: &mut Block) -> bool {
    if !place(plane, xs, ys, (0, 1), block) {
        return false;
    }
    prefetch(plane, &block.index[..xs.len()]);
    // Neighbours are read together.
    let zero = plane.data[0];
    let (mut above, mut below) = ([[zero; 2]; BLOCK], [[zero; 2]; BLOCK]);
    for ((above, below), &at) in above.iter_mut().zip(&mut below).zip(&block.index[..xs.len()]) {
        // SAFETY: `place` found two by two pixels from `at` on in the window.
        unsafe {
            let first = plane.data.as_ptr().add(at as usize);
            *above = first.cast::<[S; 2]>().read();
            *below = first.add(plane.width).cast::<[S; 2]>().read();
        }
    }
    for i in 0..xs.len() {
        let (right, lower) = (block.right[i], block.lower[i]);
        let ([a, b], [c, d]) = (above[i], below[i]);
        let upper = a.value() * (1.0 - right) + b.value() * right;
        let under = c.value() * (1.0 - right) + d.value() * right;
        block.values[i] = upper * (1.0 - lower) + under * lower;
    }
    if plane.valid.is_some() {
        for i in 0..xs.len() {
            let at = block.index[i] as usize;
            // SAFETY: as above.
            let whole = unsafe { marked(plane, at, 2) & marked(plane, at + plane.width, 2) };
            block.values[i] = if whole { block.values[i] } else { f64::NAN };
        }
    }
    true
}

/// Cubic values of a block, or false where some kernel may leave the window or the raster.
#[inline(always)]
pub fn cubic<S: Sample>(plane: &Plane<S>, xs: &[f64], ys: &[f64], block: &mut Block) -> bool {
    if !place(plane, xs, ys, (1, 2), block) {
        return false;
    }
    for i in 0..xs.len() {
        let [a, b, c, d] = cubic_weights(block.right[i]);
        let first = block.index[i] as usize - plane.width - 1;
        let mut sum = 0.0;
        let mut whole = true;
        for (j, weight) in cubic_weights(block.lower[i]).into_iter().enumerate() {
            let at = first + j * plane.width;
            // SAFETY: `place` found four by four pixels from `first` on in the window.
            let sample = |k: usize| unsafe { plane.data.get_unchecked(at + k).value() };
            sum += (sample(0) * a + sample(1) * b + sample(2) * c + sample(3) * d) * weight;
            // SAFETY: as above.
            whole &= unsafe { marked(plane, at, 4) };
        }
        block.values[i] = if whole { sum } else { f64::NAN };
    }
    true
}
