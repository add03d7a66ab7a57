//! Statistics of one plane under many labels whose coverage is known.
mod gather;
mod moments;
mod order;

use crate::coverage::{INVALID, overlap};
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
    let mut gathered = Gathered::default();
    for (i, &label) in which.iter().enumerate() {
        let place = Place::new(&places[4 * i..4 * i + 4]);
        let (Some(place), Some(part)) = (place, coverage.of(label as usize)) else {
            return INVALID;
        };
        if !samples.gather(&part, &place, &mut gathered) {
            return INVALID;
        }
        let out = &mut out[FIXED * i..FIXED * (i + 1)];
        moments::measure(&gathered, spread, out);
        if order {
            order::measure(&mut gathered, samples.whole(), out);
        }
    }
    0
}
