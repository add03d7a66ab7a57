//! Encoders: what they write is read back, and is the same every time.
use heliocube_core::codec::{TileCoding, decode_tile, encode_blosc, encode_gzip, encode_zstd};
use heliocube_core::chunks::{ChunkBatch, store_chunks};
use napi::bindgen_prelude::{Slice, Uint8Array};

use crate::input::Input;

pub fn run(bytes: &[u8]) {
    chunks(bytes);
    let mut input = Input::new(bytes);
    let kind = input.below(3);
    let level = i32::from(input.byte()) - 8;
    let codec = input.below(6) as u32;
    let filter = input.below(4) as u32;
    let element = input.below(300) as u32;
    let repeats = 1 + input.below(40);
    let room = if input.flag() { 64 } else { input.below(600) };
    let samples = input.rest().repeat(repeats);
    let encode = |output: &mut [u8]| {
        let mut samples = samples.clone();
        let (input, output) = (Slice::new(&mut samples), Slice::new(output));
        match kind {
            0 => encode_blosc(input, output, codec, level as u32 & 31, filter, element),
            1 => encode_zstd(input, output, level),
            _ => encode_gzip(input, output, level),
        }
    };
    let length = samples.len() + samples.len() / 16 + room;
    let mut frame = vec![0xa5; length];
    let count = encode(&mut frame);
    assert!((-5..=length as i64).contains(&count), "{count} bytes in {length}");
    if count < 0 {
        return;
    }
    frame.truncate(count as usize);
    let mut again = vec![0x5a; length];
    assert_eq!(encode(&mut again), count);
    assert_eq!(again[..frame.len()], frame[..], "the same input gave other bytes");
    assert_eq!(decode(&mut frame, samples.len(), [7, 3, 2][kind]), samples);
}

fn decode(frame: &mut [u8], length: usize, compression: u32) -> Vec<u8> {
    let mut output = vec![0; length];
    let coding = TileCoding {
        compression,
        element_size: 1,
        swap_bytes: false,
        predictor: 1,
        row_samples: 1,
        samples_per_pixel: 1,
        needed: length as i64,
        surplus: false,
    };
    assert_eq!(decode_tile(Slice::new(frame), Slice::new(&mut output), coding), length as i64);
    output
}

/// `store_chunks` with sizes of any kind, into a folder that is not there.
fn chunks(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let sizes = |input: &mut Input, rank: usize| (0..rank).map(|_| if input.byte() == 255 { input.word() } else { input.below(7) as u32 }).collect();
    let (rank, element) = (input.below(4), input.pick(&[1usize, 2, 4, 8, 3, 0]));
    let shape: Vec<u32> = sizes(&mut input, rank);
    let chunk: Vec<u32> = sizes(&mut input, rank);
    let chunk_bytes = chunk.iter().fold(element, |product, &size| product.saturating_mul(size as usize));
    // A chunk is memory that the caller asks for, up to 2 GiB: more must be refused, large ones only take long.
    if (1 << 22..=i32::MAX as usize).contains(&chunk_bytes) {
        return;
    }
    let counts = shape.iter().zip(&chunk).map(|(&size, &chunk)| size.div_ceil(chunk.max(1)) as usize);
    let paths = counts.fold(1usize, |product, count| product.saturating_mul(count)).min(64) + usize::from(input.byte() == 255);
    let fill: Vec<u8> = (0..element).map(|_| input.byte() & 1).collect();
    let (codec, level, filter) = (input.below(6) as u32, input.below(24) as u32, input.below(4) as u32);
    let threads = 1 + input.below(3) as u32;
    let samples = shape.iter().fold(element, |product, &size| product.saturating_mul(size as usize)).min(4096);
    let mut array = input.rest();
    array.resize(samples, 1);
    let batch = ChunkBatch {
        array: Uint8Array::new(array),
        shape,
        chunk,
        fill: Uint8Array::new(fill),
        paths: vec![String::from("/no such folder/chunk"); paths],
        codec,
        level,
        filter,
        threads,
    };
    let (codes, _) = store_chunks(batch).run();
    let codes = codes.expect("a batch gives codes");
    // Nothing to store, contradictory, or not written.
    assert!(codes.len() == paths && codes.iter().all(|code| [0.0, -5.0, -11.0].contains(code)), "{codes:?}");
}
