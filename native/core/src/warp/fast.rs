//! Blocks of target pixels whose kernels lie within the source window, all of them: bounds are checked once a block,
//! then the loops have nothing to decide. Results equal those of `point` to the bit.
use super::plane::Plane;
use super::point::cubic_weights;
use super::sample::Sample;
use super::{STATE_NODATA, STATE_VALID, TIE};

pub const BLOCK: usize = 128;

/// Memory for one block.
pub struct Block {
    /// Values; NaN where the kernel met a pixel without data, to be looked at pixel by pixel.
    pub values: [f64; BLOCK],
    index: [usize; BLOCK],
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
    let origin = bounds.row * plane.width as i64 + bounds.col;
    let mut index = [0usize; BLOCK];
    for ((at, &x), &y) in index.iter_mut().zip(xs).zip(ys) {
        // SAFETY: both are within the raster, which has fewer than 2^31 columns and rows.
        let (col, row): (i32, i32) =
            unsafe { ((x + TIE).to_int_unchecked(), (y + TIE).to_int_unchecked()) };
        *at = (i64::from(row) * plane.width as i64 + i64::from(col) - origin) as usize;
    }
    for (i, &at) in index[..xs.len()].iter().enumerate() {
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
    let origin = (bounds.row + 1) * plane.width as i64 + bounds.col + 1;
    for i in 0..xs.len() {
        let (x, y) = (xs[i] + 0.5, ys[i] + 0.5);
        // SAFETY: both are within the raster, which has fewer than 2^31 columns and rows.
        let (col, row): (i32, i32) = unsafe { (x.to_int_unchecked(), y.to_int_unchecked()) };
        block.right[i] = x - f64::from(col);
        block.lower[i] = y - f64::from(row);
        block.index[i] = (i64::from(row) * plane.width as i64 + i64::from(col) - origin) as usize;
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
    let zero = plane.data[0];
    let mut corners = [[zero; BLOCK]; 4];
    for i in 0..xs.len() {
        let (at, under) = (block.index[i], block.index[i] + plane.width);
        for (corner, k) in corners.iter_mut().zip([at, at + 1, under, under + 1]) {
            // SAFETY: `place` found two by two pixels from `at` on in the window.
            corner[i] = unsafe { *plane.data.get_unchecked(k) };
        }
    }
    let [a, b, c, d] = &corners;
    for i in 0..xs.len() {
        let (right, lower) = (block.right[i], block.lower[i]);
        let upper = a[i].value() * (1.0 - right) + b[i].value() * right;
        let under = c[i].value() * (1.0 - right) + d[i].value() * right;
        block.values[i] = upper * (1.0 - lower) + under * lower;
    }
    if plane.valid.is_some() {
        for i in 0..xs.len() {
            let at = block.index[i];
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
        let first = block.index[i] - plane.width - 1;
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
