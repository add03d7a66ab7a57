//! Coordinates from one reference system to another: proj4rs does the map projections on their own ellipsoid, this module
//! everything around them (units, false origins, prime meridians, datum shifts).
use napi::bindgen_prelude::*;
use napi_derive::napi;

mod helmert;
mod side;

use side::Side;

/// Points transformed together, so that they stay in the cache between the steps.
const BLOCK: usize = 512;

/// Some points may be NaN afterwards; that is no error.
const OK: i32 = 0;
/// A projection string or its parameters cannot be used.
const BAD_SOURCE: i32 = 1;
const BAD_TARGET: i32 = 2;
/// `xy` has an odd length.
const BAD_LENGTH: i32 = 3;

/// Transform x0, y0, x1, y1, … in place. The layout of the parameters is documented at `ProjectionSide` in
/// src/native/projection-side.ts and its order in src/native/project.ts; an empty projection string means a geographic system.
#[napi(catch_unwind)]
pub fn project_points(
    mut xy: Float64ArraySlice,
    source: String,
    source_parameters: Float64ArraySlice,
    target: String,
    target_parameters: Float64ArraySlice,
) -> i32 {
    let Some(from) = Side::new(&source, &source_parameters) else {
        return BAD_SOURCE;
    };
    let Some(to) = Side::new(&target, &target_parameters) else {
        return BAD_TARGET;
    };
    // SAFETY: the slice is the caller's own typed array, which it hands over for the time of this call.
    let xy = unsafe { xy.as_mut() };
    if xy.len() % 2 != 0 {
        return BAD_LENGTH;
    }
    for block in xy.chunks_mut(2 * BLOCK) {
        from.to_geographic(block);
        shift(&from, &to, block);
        to.from_geographic(block);
    }
    OK
}

/// From longitude and latitude (radians from Greenwich) on the source's datum to those on the target's.
fn shift(from: &Side, to: &Side, block: &mut [f64]) {
    if from.shift.is_none() && to.shift.is_none() {
        return;
    }
    for point in block.chunks_exact_mut(2) {
        let (lon, lat) =
            helmert::shift((point[0], point[1]), from.shift.as_ref(), to.shift.as_ref());
        point[0] = lon;
        point[1] = lat;
    }
}
