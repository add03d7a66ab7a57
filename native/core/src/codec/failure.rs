//! Why a codec gave no bytes.

/// The codes are part of the addon's interface: `src/native/codec-types.ts` lists the same numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The bytes break their format.
    Corrupt = -1,
    /// The bytes decode to more than the output holds.
    Surplus = -2,
    /// Legal, but a variant that is not read.
    Unsupported = -3,
    /// The image inside has another size, type or number of components than asked for.
    Mismatch = -4,
    /// Arguments that contradict each other.
    BadArgument = -5,
    /// The stream ends before the samples that are needed.
    Short = -8,
    /// The file does not give the bytes.
    Unread = -9,
    /// The caller gave up before this tile's turn.
    Cancelled = -10,
    /// The file cannot be written.
    Unwritten = -11,
}

pub type Outcome<T> = Result<T, Failure>;

/// A byte count, or the failure's negative code.
pub fn code(outcome: Outcome<usize>) -> i64 {
    match outcome {
        Ok(count) => count as i64,
        Err(failure) => failure as i64,
    }
}

/// Run a decoder that somebody else wrote: its panic on hostile bytes is corrupt data, not a crash.
pub fn guarded<T>(run: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).unwrap_or(Err(Failure::Corrupt))
}
