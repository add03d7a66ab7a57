//! Packed samples, byte shuffle and checksums: total functions, whose results are checked against plain definitions.
use heliocube_core::codec::{crc32c, shuffle_bytes, unpack_bits};
use napi::bindgen_prelude::Slice;

use crate::input::Input;

pub fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let bits = input.below(34);
    let row_samples = input.below(300);
    let signed = input.flag();
    let element = input.below(6);
    let rows = input.below(9);
    let mut payload = input.rest();
    unpack(&mut payload, bits, row_samples, signed, element, rows);
    let element = bits * if signed { 3 } else { 1 };
    shuffle(&mut payload, element);
    assert_eq!(crc32c(Slice::new(&mut payload)), plain_crc(&payload));
}

fn unpack(payload: &mut [u8], bits: usize, row_samples: usize, signed: bool, element: usize, rows: usize) {
    let length = rows * row_samples * element;
    let mut output = vec![0xa5; length];
    let code = unpack_bits(
        Slice::new(payload),
        Slice::new(&mut output),
        bits as u32,
        row_samples as u32,
        signed,
        element as u32,
    );
    assert!((-5..0).contains(&code) || code == length as i64, "{length} bytes gave {code}");
    if code <= 0 || signed {
        return;
    }
    let row_bytes = (row_samples * bits).div_ceil(8);
    for (i, sample) in output.chunks_exact(element).enumerate() {
        let first = i / row_samples * row_bytes * 8 + i % row_samples * bits;
        let value = (first..first + bits).fold(0u32, |v, at| v << 1 | u32::from(payload[at / 8] >> (7 - at % 8) & 1));
        let mut native = [0; 4];
        native[..element].copy_from_slice(sample);
        assert_eq!(u32::from_le_bytes(native), value, "sample {i}");
    }
}

fn shuffle(payload: &mut [u8], element: usize) {
    let mut planes = vec![0; payload.len()];
    let code = shuffle_bytes(Slice::new(payload), Slice::new(&mut planes), element as u32, false);
    if element == 0 {
        return assert_eq!(code, -5);
    }
    assert_eq!(code, payload.len() as i64);
    let count = payload.len() / element;
    for i in 0..count * element {
        assert_eq!(planes[i % element * count + i / element], payload[i]);
    }
    let mut back = vec![0; payload.len()];
    shuffle_bytes(Slice::new(&mut planes), Slice::new(&mut back), element as u32, true);
    assert_eq!(back, payload);
}

/// CRC-32C bit by bit (RFC 3720 §B.4, reflected).
fn plain_crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| crc >> 1 ^ if crc & 1 == 1 { 0x82f6_3b78 } else { 0 })
    })
}
