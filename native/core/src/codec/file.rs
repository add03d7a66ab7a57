//! Bytes of files: one that Node has open, and small ones that are read whole.
use std::fs::File;
use std::io::{self, Read};

use super::failure::{Failure, Outcome};
use super::scratch::with_scratch;

/// Run `use_bytes` with all bytes of a regular file of at most `most` bytes.
pub fn with_file<T>(path: &str, most: usize, use_bytes: impl FnOnce(&[u8]) -> Outcome<T>) -> Outcome<T> {
    // Opening a pipe could block for ever.
    if !std::fs::metadata(path).is_ok_and(|found| found.is_file()) {
        return Err(Failure::Unread);
    }
    let mut file = File::open(path).map_err(|_| Failure::Unread)?;
    let length = file.metadata().map_err(|_| Failure::Unread)?.len();
    let length = usize::try_from(length).ok().filter(|&length| length <= most).ok_or(Failure::Unsupported)?;
    with_scratch(length, |bytes| {
        file.read_exact(bytes).map_err(|_| Failure::Unread)?;
        use_bytes(bytes)
    })
}

/// Fill `bytes` from `offset` on, whatever the descriptor's own position is.
#[cfg(unix)]
pub fn read_exact(descriptor: i32, bytes: &mut [u8], offset: u64) -> io::Result<()> {
    use std::mem::ManuallyDrop;
    use std::os::fd::FromRawFd;
    use std::os::unix::fs::FileExt;

    if descriptor < 0 {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    // SAFETY: the file is not closed here; a number that is no open file is an error of the read.
    let file = ManuallyDrop::new(unsafe { File::from_raw_fd(descriptor) });
    file.read_exact_at(bytes, offset)
}

/// Descriptors are the C library's own there; callers read the file and pass its bytes.
#[cfg(not(unix))]
pub fn read_exact(_descriptor: i32, _bytes: &mut [u8], _offset: u64) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
