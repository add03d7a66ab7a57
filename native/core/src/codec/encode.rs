//! One chunk's bytes to one stored object's, whatever the codec.
use super::blosc::{self, Codec, Encoding, Filter};
use super::failure::{Failure, Outcome};
use super::{inflate, zstd};

/// How stored bytes are compressed; see `EncodeSpec` in `src/codec/encode-chunk.ts`.
pub enum Storage {
    Plain,
    Blosc(Encoding),
    Zstd(i32),
    Gzip(i32),
}

impl Storage {
    /// `codec`: 0 none, 1 blosc with lz4, 2 gzip, 3 zstd, 4 blosc with zstd. `filter`: 0 none, 1 bytes, 2 bits. None for others.
    pub fn new(codec: u32, level: u32, filter: u32, element: usize) -> Option<Self> {
        let filter = Filter::from_code(filter)?;
        let blosc = |codec| (level <= 9).then_some(Storage::Blosc(Encoding { codec, level, filter, element }));
        match codec {
            0 => Some(Storage::Plain),
            2 => (level <= 9).then_some(Storage::Gzip(level as i32)),
            3 => (1..=22).contains(&level).then_some(Storage::Zstd(level as i32)),
            code => blosc(Codec::from_code(code)?),
        }
    }

    /// Bytes that the encoded form of `length` bytes may take while it is made.
    pub fn bound(&self, length: usize) -> usize {
        match self {
            Storage::Plain => length,
            Storage::Blosc(_) => length + 16,
            Storage::Zstd(_) => zstd_safe::compress_bound(length),
            // Stored blocks of five bytes more each, header and trailer.
            Storage::Gzip(_) => length + 5 * (length / 5000 + 1) + 64,
        }
    }

    /// Encode into `output`, of `bound` bytes; gives the length.
    pub fn encode(&self, input: &[u8], output: &mut [u8]) -> Outcome<usize> {
        match self {
            Storage::Plain => {
                output.get_mut(..input.len()).ok_or(Failure::BadArgument)?.copy_from_slice(input);
                Ok(input.len())
            }
            Storage::Blosc(encoding) => blosc::encode(input, output, encoding),
            Storage::Zstd(level) => zstd::encode(input, output, *level),
            Storage::Gzip(level) => inflate::encode_gzip(input, output, *level),
        }
    }
}
