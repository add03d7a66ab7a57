//! The loop over target rows, compiled twice: with AVX2 where the processor has it, and without. Neither fuses a
//! multiplication with an addition, so that both (and the TypeScript twin) give the same bits.
#[cfg(target_arch = "x86_64")]
use crate::simd::avx2;

use super::bands::in_bands;
use super::fast::{self, BLOCK, Block};
use super::map::PixelMap;
use super::plane::Plane;
use super::row::Rows;
use super::sample::{Sample, StoreLine};
use super::wide::{Shape, Wide};
use super::{
    Found, Geometry, Kernel, MISSING, STATE_NODATA, STATE_OUTSIDE, STATE_VALID, WIDE, area, point,
};

/// How target samples are stored, their size, the target's bytes, and its states.
pub type Target<'a> = (StoreLine, usize, &'a mut [u8], &'a mut [u8]);

/// Warp with a kernel that computes. Returns 0 or a negative code.
pub fn warp_rows<S: Sample>(
    kernel: Kernel,
    plane: &Plane<S>,
    map: &PixelMap,
    geometry: &Geometry,
    (store, size, target, state): Target,
) -> i32 {
    let all = (target, size);
    in_bands(geometry.threads, geometry.map.width, all, state, |first, target, state| {
        let band = Band { first, store, target, state };
        #[cfg(target_arch = "x86_64")]
        if avx2() {
            // SAFETY: the processor has AVX2.
            return unsafe { warp_rows_avx2(kernel, plane, map, geometry, band) };
        }
        warp_rows_any(kernel, plane, map, geometry, band)
    })
}

/// Rows of the target from the first on, to be warped.
struct Band<'a> {
    first: usize,
    store: StoreLine,
    target: &'a mut [u8],
    state: &'a mut [u8],
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn warp_rows_avx2<S: Sample>(
    kernel: Kernel,
    plane: &Plane<S>,
    map: &PixelMap,
    geometry: &Geometry,
    band: Band,
) -> i32 {
    warp_rows_any(kernel, plane, map, geometry, band)
}

#[inline(always)]
fn warp_rows_any<S: Sample>(
    kernel: Kernel,
    plane: &Plane<S>,
    map: &PixelMap,
    geometry: &Geometry,
    Band { first, store, target, state }: Band,
) -> i32 {
    let width = geometry.map.width;
    let (scale_x, scale_y) = geometry.scale;
    let coarse = scale_x > WIDE || scale_y > WIDE;
    let (shape, widen) = match kernel {
        Kernel::Spline => (Shape::Spline, true),
        Kernel::Lanczos => (Shape::Lanczos, true),
        Kernel::Cubic => (Shape::Cubic, coarse),
        Kernel::Bilinear => (Shape::Triangle, coarse),
        Kernel::Nearest | Kernel::Area(_) => (Shape::Triangle, false),
    };
    let mut rows = Rows::new(map, geometry.shift, matches!(kernel, Kernel::Area(_)));
    let mut wide = Wide::new(shape, geometry.scale);
    let mut cells = area::Cells::default();
    let mut block = Block::new();
    for row in 0..state.len() / width {
        rows.load(first + row);
        for start in (0..width).step_by(BLOCK) {
            let end = (start + BLOCK).min(width);
            let (xs, ys) = (&rows.x[start..end], &rows.y[start..end]);
            let at = row * width + start;
            let states = &mut state[at..at + xs.len()];
            let known = match kernel {
                _ if widen => false,
                Kernel::Bilinear => fast::bilinear(plane, xs, ys, &mut block),
                Kernel::Cubic => fast::cubic(plane, xs, ys, &mut block),
                _ => false,
            };
            if known && block.is_whole(xs.len()) {
                states.fill(STATE_VALID);
                store(&block.values[..xs.len()], states, target, at);
                continue;
            }
            for i in 0..xs.len() {
                if known && !block.values[i].is_nan() {
                    states[i] = STATE_VALID;
                    continue;
                }
                let (x, y) = (xs[i], ys[i]);
                let found = match kernel {
                    _ if widen => wide.sample(plane, x, y),
                    Kernel::Nearest => point::nearest(plane, x, y),
                    Kernel::Bilinear => point::bilinear(plane, x, y),
                    Kernel::Cubic | Kernel::Spline | Kernel::Lanczos => point::cubic(plane, x, y),
                    Kernel::Area(reduce) => {
                        area::reduce(plane, (x, y), rows.corners(start + i), reduce, &mut cells)
                    }
                };
                states[i] = match found {
                    Found::Outside => STATE_OUTSIDE,
                    Found::Nodata => STATE_NODATA,
                    Found::Missing => return MISSING,
                    Found::Value(value) if value.is_nan() => STATE_NODATA, // infinities that cancel out
                    Found::Value(value) => {
                        block.values[i] = value;
                        STATE_VALID
                    }
                };
            }
            store(&block.values[..xs.len()], states, target, at);
        }
    }
    0
}

/// Nearest into the same type, samples copied bit by bit. Returns 0 or a negative code.
pub fn copy_rows<S: Sample>(
    plane: &Plane<S>,
    map: &PixelMap,
    geometry: &Geometry,
    target: &mut [S],
    state: &mut [u8],
) -> i32 {
    in_bands(geometry.threads, geometry.map.width, (target, 1), state, |first, target, state| {
        #[cfg(target_arch = "x86_64")]
        if avx2() {
            // SAFETY: the processor has AVX2.
            return unsafe { copy_rows_avx2(plane, map, geometry, (first, target, state)) };
        }
        copy_rows_any(plane, map, geometry, (first, target, state))
    })
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn copy_rows_avx2<S: Sample>(
    plane: &Plane<S>,
    map: &PixelMap,
    geometry: &Geometry,
    band: (usize, &mut [S], &mut [u8]),
) -> i32 {
    copy_rows_any(plane, map, geometry, band)
}

#[inline(always)]
fn copy_rows_any<S: Sample>(
    plane: &Plane<S>,
    map: &PixelMap,
    geometry: &Geometry,
    (first, target, state): (usize, &mut [S], &mut [u8]),
) -> i32 {
    let width = geometry.map.width;
    let mut rows = Rows::new(map, geometry.shift, false);
    for (row, (target, state)) in target
        .chunks_exact_mut(width)
        .zip(state.chunks_exact_mut(width))
        .enumerate()
    {
        rows.load(first + row);
        for start in (0..width).step_by(BLOCK) {
            let end = (start + BLOCK).min(width);
            let (xs, ys) = (&rows.x[start..end], &rows.y[start..end]);
            let (target, state) = (&mut target[start..end], &mut state[start..end]);
            if !fast::nearest(plane, xs, ys, target, state)
                && !copy_pixels(plane, (xs, ys), target, state)
            {
                return MISSING;
            }
        }
    }
    0
}

/// Pixel by pixel; false where the source window lacks one.
fn copy_pixels<S: Sample>(
    plane: &Plane<S>,
    (xs, ys): (&[f64], &[f64]),
    target: &mut [S],
    state: &mut [u8],
) -> bool {
    for i in 0..xs.len() {
        let Some((col, row)) = plane.bounds.pixel(xs[i], ys[i]) else {
            state[i] = STATE_OUTSIDE;
            continue;
        };
        if !plane.bounds.holds(col, row) {
            return false;
        }
        let index = plane.index(col, row);
        state[i] = if plane.is_valid(index) {
            target[i] = plane.data[index];
            STATE_VALID
        } else {
            STATE_NODATA
        };
    }
    true
}
