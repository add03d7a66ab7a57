//! Target rows in bands, several threads at a time: pixels do not depend on each other.
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::threads::in_threads;

/// A thread costs about as long as so many pixels.
const THREAD_PIXELS: usize = 1 << 16;
/// Bands a thread, so that none waits long for the last.
const BANDS: usize = 8;

/// Run `warp` on bands of rows, in at most so many threads: it is given the band's first row, samples and states. `size`
/// is the length of a pixel in `target`. Gives 0, or the code of a band that failed; others may have been written.
pub fn in_bands<T: Send>(
    threads: usize,
    width: usize,
    (target, size): (&mut [T], usize),
    state: &mut [u8],
    warp: impl Fn(usize, &mut [T], &mut [u8]) -> i32 + Sync,
) -> i32 {
    let threads = threads.min(state.len().div_ceil(THREAD_PIXELS));
    if threads < 2 {
        return warp(0, target, state);
    }
    let rows = (state.len() / width).div_ceil(threads * BANDS);
    let bands = target.chunks_mut(rows * width * size).zip(state.chunks_mut(rows * width)).enumerate();
    let (bands, code) = (Mutex::new(bands), AtomicI32::new(0));
    let work = || {
        while code.load(Ordering::Relaxed) == 0 {
            let next = bands.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some((band, (target, state))) = next else { return };
            match warp(band * rows, target, state) {
                0 => {}
                failure => code.store(failure, Ordering::Relaxed),
            }
        }
    };
    in_threads(threads, work);
    code.into_inner()
}
