//! How the system backs large memory.

/// Smaller memory gains nothing.
const WORTH: usize = 4 << 20;

/// Ask for huge pages where memory has not been touched yet: fresh ones of 4 KiB cost several times what copying into
/// them does. Neighbours count as one piece. Only a hint: a system that has none gives what it has.
pub fn advise_huge_pages(places: &[(usize, usize)]) {
    let mut sorted = places.to_vec();
    sorted.sort_unstable();
    for piece in sorted.chunk_by(|a, b| a.0 + a.1 == b.0) {
        let (start, last) = (piece[0].0, piece[piece.len() - 1]);
        advise(start, last.0 + last.1 - start);
    }
}

#[cfg(target_os = "linux")]
fn advise(start: usize, bytes: usize) {
    const PAGE: usize = 4096;
    /// `MADV_HUGEPAGE` of madvise(2).
    const HUGE: i32 = 14;
    unsafe extern "C" {
        fn madvise(start: *mut std::ffi::c_void, length: usize, advice: i32) -> i32;
    }
    let first = start.next_multiple_of(PAGE);
    let end = (start + bytes) / PAGE * PAGE;
    if bytes >= WORTH && end > first {
        // SAFETY: the advice changes no bytes, and the range lies in the caller's memory.
        unsafe { madvise(first as *mut _, end - first, HUGE) };
    }
}

#[cfg(not(target_os = "linux"))]
fn advise(_start: usize, _bytes: usize) {}
