//! How the system backs large memory.

/// Smaller memory gains nothing.
const WORTH: usize = 4 << 20;

/// Ask for huge pages where memory has not been touched yet: fresh ones of 4 KiB cost several times what copying into
/// them does. Only a hint: a system that has none gives what it has.
#[cfg(target_os = "linux")]
pub fn advise_huge_pages(start: *const u8, bytes: usize) {
    const PAGE: usize = 4096;
    /// `MADV_HUGEPAGE` of madvise(2).
    const HUGE: i32 = 14;
    unsafe extern "C" {
        fn madvise(start: *mut std::ffi::c_void, length: usize, advice: i32) -> i32;
    }
    let first = (start as usize).next_multiple_of(PAGE);
    let end = (start as usize + bytes) / PAGE * PAGE;
    if bytes >= WORTH && end > first {
        // SAFETY: the advice changes no bytes, and the range lies in the caller's memory.
        unsafe { madvise(first as *mut _, end - first, HUGE) };
    }
}

#[cfg(not(target_os = "linux"))]
pub fn advise_huge_pages(_start: *const u8, _bytes: usize) {}
