//! codec
use napi::bindgen_prelude::*;
use napi_derive::napi;

/// CRC-32C (Castagnoli) of the bytes.
#[napi(catch_unwind)]
pub fn crc32c(bytes: Uint8ArraySlice) -> u32 {
    ::crc32c::crc32c(&bytes)
}
