//! Warping one plane: target pixels are placed in the source by a pixel map, a kernel reads the source there.
mod area;
mod bands;
mod fast;
mod map;
mod plane;
mod point;
mod row;
mod rows;
mod sample;
mod wide;

use crate::pages::advise_huge_pages;
use map::PixelMap;
use napi::bindgen_prelude::*;
use napi_derive::napi;
use plane::{Bounds, Plane};
pub(crate) use sample::typed;
use sample::{Sample, StoreLine, store_line, typed_mut};

/// An argument is out of range or the arrays do not fit together.
const INVALID: i32 = -1;
/// A kernel needs source pixels that are in the raster but not in the source window.
const MISSING: i32 = -2;
/// No such kernel for these sample types.
const UNSUPPORTED: i32 = -3;

/// Positions this far below a pixel's lower edge count as on it, so that exact ties go to the lower right pixel
/// whatever rounding did to them.
const TIE: f64 = 1e-7;
/// GDAL widens interpolating kernels where a target pixel is larger than this many source pixels.
const WIDE: f64 = 1.0 / 0.95;
const MAX_SIZE: f64 = (1 << 30) as f64;

const STATE_OUTSIDE: u8 = 0;
const STATE_VALID: u8 = 1;
const STATE_NODATA: u8 = 2;

#[derive(Clone, Copy, PartialEq)]
enum Kernel {
    Nearest,
    Bilinear,
    Cubic,
    /// Always as `Wide` does it, as the next.
    Spline,
    Lanczos,
    Area(area::Reduce),
}

/// What a kernel found at one target pixel.
#[derive(Clone, Copy)]
enum Found {
    Outside,
    Nodata,
    Missing,
    Value(f64),
}

/// The numbers of a call, checked.
struct Geometry {
    size: (usize, usize),
    bounds: Bounds,
    /// Subtracted from map positions: the raster's corner in map coordinates.
    shift: (f64, f64),
    scale: (f64, f64),
    map: map::Window,
    threads: usize,
}

/// `numbers`: source width, height; origin col, row; raster col, row, width, height; scale x, y; map col, row, width,
/// height; threads. `matrix` is empty for a map of cells. Returns 0 or a negative code.
#[napi(catch_unwind)]
#[allow(clippy::too_many_arguments)]
pub fn warp_plane(
    kernel: u32,
    source_type: u32,
    target_type: u32,
    source: Uint8ArraySlice,
    valid: Uint8ArraySlice,
    mut target: Uint8ArraySlice,
    mut state: Uint8ArraySlice,
    numbers: Float64ArraySlice,
    matrix: Float64ArraySlice,
    splits: Uint8ArraySlice,
    offsets: Uint32ArraySlice,
    nodes: Float64ArraySlice,
) -> i32 {
    if overlap(&target, &state)
        || [&source, &valid]
            .iter()
            .any(|a| overlap(a, &target) || overlap(a, &state))
    {
        return INVALID;
    }
    let Some(geometry) = read_geometry(&numbers) else {
        return INVALID;
    };
    let Some(map) = PixelMap::new(geometry.map, &matrix, &splits, &offsets, &nodes) else {
        return INVALID;
    };
    // SAFETY: the arrays do not overlap (checked above), and JavaScript does not run meanwhile.
    let (target, state) = unsafe { (target.as_mut(), state.as_mut()) };
    if state.len() != geometry.map.width * geometry.map.height {
        return INVALID;
    }
    if state.is_empty() {
        return 0;
    }
    advise_huge_pages(&[&*target, &*state].map(|memory| (memory.as_ptr() as usize, memory.len())));
    let job = Job {
        kernel,
        target_type,
        valid: &valid,
        geometry: &geometry,
        map: &map,
    };
    match source_type {
        0 => job.run::<i8>(&source, target, state, source_type),
        1 => job.run::<u8>(&source, target, state, source_type),
        2 => job.run::<i16>(&source, target, state, source_type),
        3 => job.run::<u16>(&source, target, state, source_type),
        4 => job.run::<i32>(&source, target, state, source_type),
        5 => job.run::<u32>(&source, target, state, source_type),
        6 => job.copy::<i64>(&source, target, state, source_type),
        7 => job.copy::<u64>(&source, target, state, source_type),
        8 => job.run::<f32>(&source, target, state, source_type),
        9 => job.run::<f64>(&source, target, state, source_type),
        _ => INVALID,
    }
}

fn overlap(a: &[u8], b: &[u8]) -> bool {
    let (a, b) = (a.as_ptr_range(), b.as_ptr_range());
    a.start < b.end && b.start < a.end
}

fn read_geometry(numbers: &[f64]) -> Option<Geometry> {
    let n: &[f64; 15] = numbers.try_into().ok()?;
    let whole =
        |v: f64| (v.is_finite() && v.fract() == 0.0 && v.abs() <= MAX_SIZE).then_some(v as i64);
    let size = |v: f64| whole(v).filter(|&v| v >= 0);
    let (width, height) = (size(n[0])?, size(n[1])?);
    let origin = (whole(n[2])?, whole(n[3])?);
    let raster = (whole(n[4])?, whole(n[5])?, size(n[6])?, size(n[7])?);
    if !(n[8] > 0.0 && n[9] > 0.0 && n[8].is_finite() && n[9].is_finite()) {
        return None;
    }
    let map = map::Window {
        col: whole(n[10])?,
        row: whole(n[11])?,
        width: size(n[12])? as usize,
        height: size(n[13])? as usize,
    };
    Some(Geometry {
        size: (width as usize, height as usize),
        bounds: Bounds::new((width, height), raster),
        shift: ((origin.0 + raster.0) as f64, (origin.1 + raster.1) as f64),
        scale: (n[8], n[9]),
        map,
        threads: size(n[14])? as usize,
    })
}

struct Job<'a> {
    kernel: u32,
    target_type: u32,
    valid: &'a [u8],
    geometry: &'a Geometry,
    map: &'a PixelMap<'a>,
}

impl Job<'_> {
    fn plane<'s, S: Sample>(&self, source: &'s [u8]) -> Option<Plane<'s, S>>
    where
        Self: 's,
    {
        let data = typed::<S>(source)?;
        let (width, height) = self.geometry.size;
        let pixels = width.checked_mul(height)?;
        // SAFETY of lifetimes: `valid` outlives the call, as `source` does.
        let valid: &'s [u8] = self.valid;
        let fits = data.len() == pixels && (valid.is_empty() || valid.len() == pixels);
        fits.then(|| Plane {
            data,
            valid: (!valid.is_empty()).then_some(valid),
            width,
            bounds: self.geometry.bounds,
        })
    }

    fn kernel(&self) -> Option<Kernel> {
        Some(match self.kernel {
            0 => Kernel::Nearest,
            1 => Kernel::Bilinear,
            2 => Kernel::Cubic,
            3 => Kernel::Spline,
            4 => Kernel::Lanczos,
            n => Kernel::Area(area::Reduce::from_code(n)?),
        })
    }

    /// Same type in and out, nearest only: every bit is kept.
    fn copy<S: Sample>(
        &self,
        source: &[u8],
        target: &mut [u8],
        state: &mut [u8],
        source_type: u32,
    ) -> i32 {
        if self.kernel != 0 || self.target_type != source_type {
            return UNSUPPORTED;
        }
        let (Some(plane), Some(target)) = (self.plane::<S>(source), typed_mut::<S>(target)) else {
            return INVALID;
        };
        if target.len() != state.len() {
            return INVALID;
        }
        rows::copy_rows(&plane, self.map, self.geometry, target, state)
    }

    fn run<S: Sample>(
        &self,
        source: &[u8],
        target: &mut [u8],
        state: &mut [u8],
        source_type: u32,
    ) -> i32 {
        let Some(kernel) = self.kernel() else {
            return UNSUPPORTED;
        };
        if kernel == Kernel::Nearest && self.target_type == source_type {
            return self.copy::<S>(source, target, state, source_type);
        }
        if self.target_type != source_type && self.target_type != 8 && self.target_type != 9 {
            return UNSUPPORTED;
        }
        let Some((store, size)) = store_of(self.target_type) else {
            return UNSUPPORTED;
        };
        let Some(plane) = self.plane::<S>(source) else {
            return INVALID;
        };
        if target.len() != state.len() * size || !(target.as_ptr() as usize).is_multiple_of(size) {
            return INVALID;
        }
        rows::warp_rows(
            kernel,
            &plane,
            self.map,
            self.geometry,
            (store, size, target, state),
        )
    }
}

/// How values are stored as samples of a type, and the type's size, which is its alignment.
fn store_of(target_type: u32) -> Option<(StoreLine, usize)> {
    Some(match target_type {
        0 => (store_line::<i8>(), 1),
        1 => (store_line::<u8>(), 1),
        2 => (store_line::<i16>(), 2),
        3 => (store_line::<u16>(), 2),
        4 => (store_line::<i32>(), 4),
        5 => (store_line::<u32>(), 4),
        8 => (store_line::<f32>(), 4),
        9 => (store_line::<f64>(), 8),
        _ => return None,
    })
}
