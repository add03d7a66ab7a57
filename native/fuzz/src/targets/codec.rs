//! `decode_tile`: a compressed stream, byte order and predictor.
use heliocube_core::codec::{TileCoding, decode_tile};
use napi::bindgen_prelude::Slice;

use crate::input::Input;

pub fn inflate(bytes: &[u8]) {
    run(bytes, &[1, 2]);
}

pub fn zstd(bytes: &[u8]) {
    run(bytes, &[3]);
}

pub fn lzw(bytes: &[u8]) {
    run(bytes, &[4, 5, 0]);
}

pub fn blosc(bytes: &[u8]) {
    run(bytes, &[7, 6]);
}

/// Six bytes of numbers and 256 rows at most, then the stream.
fn run(bytes: &[u8], compressions: &[u32]) {
    let mut input = Input::new(bytes);
    let compression = input.pick(compressions);
    let element = 1usize << input.below(4);
    let flags = input.byte();
    let row_samples = 1 + input.below(256);
    let samples_per_pixel = 1 + input.below(6);
    let rows = input.below(256);
    let kept = if flags & 16 != 0 { rows } else { input.below(rows + 1) };
    let row = row_samples * element;
    let coding = |needed: usize| TileCoding {
        compression,
        element_size: element as u32,
        swap_bytes: flags & 1 != 0,
        predictor: 1 + u32::from(flags >> 1 & 3),
        row_samples: row_samples as u32,
        samples_per_pixel: samples_per_pixel as u32,
        needed: needed as i64,
        surplus: flags & 8 != 0,
    };
    let mut stream = input.rest();
    let mut whole = vec![0xa5; row * rows];
    let count = decode(&mut stream, &mut whole, coding(row * rows));
    if kept == rows {
        return;
    }
    let mut part = vec![0x5a; row * rows];
    let needed = row * kept;
    let part_count = decode(&mut stream, &mut part, coding(needed));
    if count >= needed as i64 && part_count >= needed as i64 && count == whole.len() as i64 {
        assert_eq!(part[..needed], whole[..needed], "the head of a stream depends on how much of it is asked for");
    }
}

/// Decode between guards; the count or a code.
fn decode(stream: &mut [u8], output: &mut [u8], coding: TileCoding) -> i64 {
    let length = output.len() as i64;
    let code = decode_tile(Slice::new(stream), Slice::new(output), coding);
    assert!((-5..=length).contains(&code), "decode_tile gave {code} for {length} bytes");
    code
}
