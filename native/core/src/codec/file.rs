//! Bytes of a file that Node has open.
use std::io;

/// Fill `bytes` from `offset` on, whatever the descriptor's own position is.
#[cfg(unix)]
pub fn read_exact(descriptor: i32, bytes: &mut [u8], offset: u64) -> io::Result<()> {
    use std::fs::File;
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
