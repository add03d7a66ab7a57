//! Statistics of one plane under many labels whose coverage is known.
mod gather;
mod moments;
mod order;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::coverage::{INVALID, overlap};
use crate::threads::in_threads;
use gather::{Coverage, Gathered, Place, Samples};
use napi::bindgen_prelude::*;
use napi_derive::napi;

/// Numbers of a label: count, sum, mean, variance, min, max, median, majority, minority, variety.
const FIXED: usize = 10;

/// Statistics under the labels `which`, `FIXED` numbers each, all NaN but count, sum and variety where nothing counts.
/// `places`: for each of them where its window's first pixel lies in `source`, samples from row to row, and the window's
/// width and height. `valid` is empty or has a byte a sample, 0 where it has no data; `nodata` are values without data, NaN
/// has none anyhow. Coverage as `cover_labels` wrote it. `order`: whether median, majority, minority and variety are wanted
/// (else they are NaN), `spread`: whether the variance is. Returns 0 or a negative code.
#[napi(catch_unwind)]
#[allow(clippy::too_many_arguments)]
pub fn measure_labels(
    source_type: u32,
    source: Uint8ArraySlice,
    valid: Uint8ArraySlice,
    nodata: Float64ArraySlice,
    which: Uint32ArraySlice,
    places: Float64ArraySlice,
    cells: Uint32ArraySlice,
    fractions: Float64ArraySlice,
    runs: Uint32ArraySlice,
    ends: Uint32ArraySlice,
    spread: bool,
    order: bool,
    threads: u32,
    mut out: Float64ArraySlice,
) -> i32 {
    let Some(samples) = Samples::new(source_type, &source, &valid, &nodata) else {
        return INVALID;
    };
    let sound = places.len() == 4 * which.len()
        && out.len() == FIXED * which.len()
        && cells.len() == fractions.len();
    let inputs = [
        places.as_ptr_range(),
        nodata.as_ptr_range(),
        fractions.as_ptr_range(),
    ];
    let clash = inputs
        .into_iter()
        .any(|input| overlap(out.as_ptr_range(), input))
        || [&which, &cells, &runs, &ends]
            .iter()
            .any(|input| overlap(out.as_ptr_range(), input.as_ptr_range()))
        || [&source, &valid]
            .iter()
            .any(|input| overlap(out.as_ptr_range(), input.as_ptr_range()));
    if !sound || clash {
        return INVALID;
    }
    let coverage = Coverage {
        cells: &cells,
        fractions: &fractions,
        runs: &runs,
        ends: &ends,
    };
    // SAFETY: the output overlaps no input (checked above), and JavaScript does not run meanwhile.
    let out = unsafe { out.as_mut() };
    let task = Task { samples: &samples, coverage: &coverage, which: &[], places: &[], spread, order };
    let bands = which.chunks(BAND).zip(places.chunks(4 * BAND)).zip(out.chunks_mut(FIXED * BAND));
    let (bands, sound) = (Mutex::new(bands), AtomicBool::new(true));
    let work = || {
        let mut gathered = Gathered::default();
        while sound.load(Ordering::Relaxed) {
            let next = bands.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some(((which, places), out)) = next else { return };
            let task = Task { which, places, ..task };
            if task.measure(&mut gathered, out).is_none() {
                sound.store(false, Ordering::Relaxed);
            }
        }
    };
    in_threads((threads as usize).min(which.len().div_ceil(2 * BAND)), work);
    if sound.into_inner() { 0 } else { INVALID }
}

/// Labels that a thread takes at a time.
const BAND: usize = 64;

/// Some labels on one plane.
#[derive(Clone, Copy)]
struct Task<'a> {
    samples: &'a Samples<'a>,
    coverage: &'a Coverage<'a>,
    which: &'a [u32],
    places: &'a [f64],
    spread: bool,
    order: bool,
}

impl Task<'_> {
    /// None where a label's place or coverage does not fit.
    fn measure(&self, gathered: &mut Gathered, out: &mut [f64]) -> Option<()> {
        for ((&label, place), out) in self.which.iter().zip(self.places.chunks_exact(4)).zip(out.chunks_exact_mut(FIXED)) {
            let (place, part) = (Place::new(place)?, self.coverage.of(label as usize)?);
            if !self.samples.gather(&part, &place, gathered) {
                return None;
            }
            moments::measure(gathered, self.spread, out);
            if self.order {
                order::measure(gathered, self.samples.whole(), out);
            }
        }
        Some(())
    }
}
