//! Keys, paths and ranges as callers write them.
use bytes::Bytes;
use icechunk::format::{ByteRange, Path};
use icechunk::store::{KeyNotFoundError, StoreError, StoreErrorKind, StoreResult};

use crate::failure::{Failure, Outcome};

/// A key under which nothing is: None.
pub fn absent_is_none<T>(outcome: StoreResult<T>) -> Outcome<Option<T>> {
    use StoreErrorKind as S;
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(StoreError {
            kind:
                S::NotFound(
                    KeyNotFoundError::ChunkNotFound { .. }
                    | KeyNotFoundError::NodeNotFound { .. }
                    | KeyNotFoundError::ZarrV2KeyNotFound { .. },
                ),
            ..
        }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// `offset` below zero: the last bytes. JavaScript numbers that are no byte positions are refused.
pub fn byte_range(offset: Option<f64>, length: Option<f64>) -> Outcome<ByteRange> {
    let whole = |value: f64| {
        let fits = value.fract() == 0.0 && value.abs() <= 9_007_199_254_740_992.0;
        fits.then_some(value).ok_or_else(|| Failure::argument(format!("{value} is no position in bytes")))
    };
    let offset = whole(offset.unwrap_or(0.0))?;
    match length.map(whole).transpose()? {
        None if offset < 0.0 => Ok(ByteRange::Last(-offset as u64)),
        None => Ok(ByteRange::From(offset as u64)),
        Some(length) if offset >= 0.0 && length >= 0.0 => {
            Ok(ByteRange::from_offset_with_length(offset as u64, length as u64))
        }
        Some(_) => Err(Failure::argument("a range from the end has no length")),
    }
}

/// Whether a key is that of metadata, whose ranges the crate does not check.
pub fn is_metadata(key: &str) -> bool {
    key == "zarr.json" || key.ends_with("/zarr.json")
}

/// The range of some bytes.
pub fn cut(bytes: &Bytes, range: &ByteRange) -> Outcome<Bytes> {
    let size = bytes.len() as u64;
    let (start, end) = match range {
        ByteRange::Bounded(range) => (range.start, range.end),
        ByteRange::From(start) => (*start, size),
        ByteRange::Last(length) => (size.wrapping_sub(*length), size),
        ByteRange::Until(length) => (0, size.wrapping_sub(*length)),
    };
    if start > end || end > size {
        return Err(Failure::argument(format!("range {range:?} of {size} bytes")));
    }
    Ok(bytes.slice(start as usize..end as usize))
}

/// An absolute path of the hierarchy; the leading slash may be left out.
pub fn node_path(path: &str) -> Outcome<Path> {
    let absolute = if path.starts_with('/') { path.to_string() } else { format!("/{path}") };
    Path::try_from(absolute).map_err(|error| Failure::argument(format!("{path}: {error}")))
}
