//! Working memory that is kept between calls of one thread. Its contents never reach a caller.
use std::cell::RefCell;

/// More than this is given back after the call: one huge chunk must not stay resident for ever.
const KEEP: usize = 16 << 20;

thread_local! {
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Lend `length` bytes of any content. A nested call gets memory of its own.
pub fn with_scratch<T>(length: usize, run: impl FnOnce(&mut [u8]) -> T) -> T {
    let mut buffer = BUFFER.with(|cell| cell.take());
    if buffer.len() < length {
        buffer.resize(length, 0);
    }
    let result = run(&mut buffer[..length]);
    if buffer.len() <= KEEP {
        BUFFER.with(|cell| cell.replace(buffer));
    }
    result
}
