//! Decoding and encoding of stored chunks. Every export gives a byte count, or a negative code of `failure.rs`.
use napi::bindgen_prelude::*;
use napi_derive::napi;

pub mod batch;
pub mod batch_check;
mod bits;
mod blosc;
mod blosclz;
mod decompress;
pub mod encode;
pub mod failure;
mod file;
pub mod grid;
mod inflate;
mod jpeg;
mod lerc;
mod lz4;
mod lzw;
mod packbits;
mod place;
mod predictor;
mod running_sum;
pub mod scratch;
mod shuffle;
mod tile;
mod webp;
mod zstd;

use failure::{Failure, code};

/// How one tile is stored; see `TileCoding` in `src/native/codec-types.ts`.
#[napi(object)]
pub struct TileCoding {
    pub compression: u32,
    pub element_size: u32,
    pub swap_bytes: bool,
    pub predictor: u32,
    pub row_samples: u32,
    pub samples_per_pixel: u32,
    pub needed: i64,
    pub surplus: bool,
}

impl TileCoding {
    /// The same with sizes of this machine; None where `needed` is no size.
    pub fn tile(&self) -> Option<tile::Tile> {
        let needed = usize::try_from(self.needed).ok()?;
        Some(tile::Tile {
            compression: self.compression,
            element: self.element_size as usize,
            swap: self.swap_bytes,
            predictor: self.predictor,
            row_samples: self.row_samples as usize,
            samples_per_pixel: self.samples_per_pixel as usize,
            limits: decompress::Limits { needed, surplus: self.surplus },
        })
    }
}

/// Decompress, put in machine byte order and undo the predictor, into `output`.
#[napi(catch_unwind)]
pub fn decode_tile(input: Uint8ArraySlice, mut output: Uint8ArraySlice, coding: TileCoding) -> i64 {
    let Some(tile) = coding.tile() else { return Failure::BadArgument as i64 };
    code(tile::decode(&input, unsafe { output.as_mut() }, &tile))
}

/// The image that a JPEG, WebP or LERC tile must hold.
#[napi(object)]
pub struct ImageShape {
    pub width: u32,
    pub height: u32,
    pub samples_per_pixel: u32,
}

#[napi(catch_unwind)]
pub fn decode_jpeg(tables: Uint8ArraySlice, input: Uint8ArraySlice, mut output: Uint8ArraySlice, shape: ImageShape, to_rgb: bool) -> i64 {
    let expected = jpeg::Expected {
        width: shape.width as usize,
        height: shape.height as usize,
        components: shape.samples_per_pixel as usize,
        to_rgb,
    };
    code(jpeg::decode(&tables, &input, unsafe { output.as_mut() }, &expected))
}

#[napi(catch_unwind)]
pub fn decode_webp(input: Uint8ArraySlice, mut output: Uint8ArraySlice, shape: ImageShape) -> i64 {
    let size = (shape.width as usize, shape.height as usize);
    code(webp::decode(&input, unsafe { output.as_mut() }, size, shape.samples_per_pixel as usize))
}

/// `data_type` is LERC's number; masked pixels become `fill`.
#[napi(catch_unwind)]
pub fn decode_lerc(input: Uint8ArraySlice, mut output: Uint8ArraySlice, shape: ImageShape, data_type: i32, fill: f64) -> i64 {
    let expected = lerc::Expected {
        width: shape.width as usize,
        height: shape.height as usize,
        samples_per_pixel: shape.samples_per_pixel as usize,
        data_type,
        fill,
    };
    code(lerc::decode(&input, unsafe { output.as_mut() }, &expected))
}

/// Widen packed samples of `bits` bits to elements of `element_size` bytes.
#[napi(catch_unwind)]
pub fn unpack_bits(input: Uint8ArraySlice, mut output: Uint8ArraySlice, bits: u32, row_samples: u32, signed: bool, element_size: u32) -> i64 {
    let packing = bits::Packing { bits: bits as usize, row_samples: row_samples as usize, signed, element: element_size as usize };
    code(bits::unpack(&input, unsafe { output.as_mut() }, &packing))
}

/// Byte shuffle, or its inverse; both arrays have one length.
#[napi(catch_unwind)]
pub fn shuffle_bytes(input: Uint8ArraySlice, mut output: Uint8ArraySlice, element_size: u32, inverse: bool) -> i64 {
    let output = unsafe { output.as_mut() };
    if input.len() != output.len() || element_size == 0 {
        return Failure::BadArgument as i64;
    }
    if inverse {
        shuffle::unshuffle(&input, output, element_size as usize);
    } else {
        shuffle::shuffle(&input, output, element_size as usize);
    }
    output.len() as i64
}

/// One blosc1 frame. `codec`: 1 lz4, 4 zstd; `filter`: 0 none, 1 bytes, 2 bits. `output`: the input's length and 16.
#[napi(catch_unwind)]
pub fn encode_blosc(input: Uint8ArraySlice, mut output: Uint8ArraySlice, codec: u32, level: u32, filter: u32, element_size: u32) -> i64 {
    let (Some(codec), Some(filter)) = (blosc::Codec::from_code(codec), blosc::Filter::from_code(filter)) else {
        return Failure::BadArgument as i64;
    };
    let encoding = blosc::Encoding { codec, level, filter, element: element_size as usize };
    code(blosc::encode(&input, unsafe { output.as_mut() }, &encoding))
}

/// One zstd frame. The output must hold `zstd_bound` bytes.
#[napi(catch_unwind)]
pub fn encode_zstd(input: Uint8ArraySlice, mut output: Uint8ArraySlice, level: i32) -> i64 {
    code(zstd::encode(&input, unsafe { output.as_mut() }, level))
}

/// One gzip member without time or name.
#[napi(catch_unwind)]
pub fn encode_gzip(input: Uint8ArraySlice, mut output: Uint8ArraySlice, level: i32) -> i64 {
    code(inflate::encode_gzip(&input, unsafe { output.as_mut() }, level))
}

/// CRC-32C (Castagnoli) of the bytes.
#[napi(js_name = "crc32c", catch_unwind)]
pub fn crc32c(bytes: Uint8ArraySlice) -> u32 {
    ::crc32c::crc32c(&bytes)
}
