//! Working memory that is kept between calls, whatever the thread. Its contents never reach a caller.
use std::sync::{Mutex, PoisonError};

/// More than this is given back after the call: one huge chunk must not stay resident for ever.
const KEEP: usize = 16 << 20;

/// As many buffers as were ever lent at a time: threads that come and go find warm memory, which fresh pages are not.
static BUFFERS: Mutex<Vec<Vec<u8>>> = Mutex::new(Vec::new());

/// Lend `length` bytes of any content. A nested call gets other memory.
pub fn with_scratch<T>(length: usize, run: impl FnOnce(&mut [u8]) -> T) -> T {
    let mut buffer = take(length);
    if buffer.len() < length {
        buffer.resize(length, 0);
    }
    let result = run(&mut buffer[..length]);
    if buffer.len() <= KEEP {
        BUFFERS.lock().unwrap_or_else(PoisonError::into_inner).push(buffer);
    }
    result
}

/// The latest buffer that is long enough, or else the latest, so that few buffers grow.
fn take(length: usize) -> Vec<u8> {
    let mut buffers = BUFFERS.lock().unwrap_or_else(PoisonError::into_inner);
    let fitting = buffers.iter().rposition(|buffer| buffer.len() >= length);
    match fitting.or(buffers.len().checked_sub(1)) {
        Some(place) => buffers.swap_remove(place),
        None => Vec::new(),
    }
}
