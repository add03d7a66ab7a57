//! Looking for a value among samples, several at a time.
use napi::bindgen_prelude::*;
use napi_derive::napi;

use crate::warp::typed;

/// Samples that are compared before the outcome is looked at.
const BLOCK: usize = 4096;

/// Whether a sample equals `value`: 1 or 0, or -1 where the type or the length is none. Types are those of `sampleType` in
/// src/native/sample-bytes.ts without 64-bit integers.
#[napi(catch_unwind)]
pub fn holds_value(source_type: u32, source: Uint8ArraySlice, value: f64) -> i32 {
    let found = match source_type {
        0 => typed::<i8>(&source).map(|samples| holds(samples, value as i8, f64::from(value as i8) == value)),
        1 => typed::<u8>(&source).map(|samples| holds(samples, value as u8, f64::from(value as u8) == value)),
        2 => typed::<i16>(&source).map(|samples| holds(samples, value as i16, f64::from(value as i16) == value)),
        3 => typed::<u16>(&source).map(|samples| holds(samples, value as u16, f64::from(value as u16) == value)),
        4 => typed::<i32>(&source).map(|samples| holds(samples, value as i32, f64::from(value as i32) == value)),
        5 => typed::<u32>(&source).map(|samples| holds(samples, value as u32, f64::from(value as u32) == value)),
        8 => typed::<f32>(&source).map(|samples| holds(samples, value as f32, f64::from(value as f32) == value)),
        9 => typed::<f64>(&source).map(|samples| holds(samples, value, true)),
        _ => None,
    };
    found.map_or(-1, i32::from)
}

/// `exact`: whether the value is one that the type has.
fn holds<T: Copy + PartialEq>(samples: &[T], value: T, exact: bool) -> bool {
    exact && samples.chunks(BLOCK).any(|block| block.iter().fold(false, |any, sample| any | (*sample == value)))
}
