//! `decode_tiles`: tables of places, sizes and strides, and what is written where.
use heliocube_core::codec::TileCoding;
use heliocube_core::tiles::{TileBatch, decode_tiles};
use napi::bindgen_prelude::{Float64Array, Int32Array, Uint8Array};

use crate::input::Input;

const GUARD: u8 = 0xa5;
const REFUSED: i32 = -5;

/// Numbers of the batch, then its tables, then the stored tile.
pub fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let element = 1usize << input.below(4);
    let (width, height) = (1 + input.below(24), 1 + input.below(24));
    let sizes = [input.below(600) * element, input.below(600) * element];
    let coding = TileCoding {
        compression: u32::from(input.byte() % 9),
        element_size: element as u32,
        swap_bytes: input.flag(),
        predictor: 1 + u32::from(input.byte() % 4),
        row_samples: width as u32,
        samples_per_pixel: 1,
        needed: 0,
        surplus: input.flag(),
    };
    let tiles = input.below(4);
    let parts: Vec<[f64; 8]> = (0..input.below(6)).map(|_| std::array::from_fn(|_| place(&mut input))).collect();
    let each = parts.len().div_ceil(tiles.max(1));
    let table = (0..tiles).flat_map(|i| [0.0, 0.0, 0.0, 0.0, each.min(parts.len().saturating_sub(i * each)) as f64]);
    let batch = TileBatch {
        file: -1,
        tiles: Float64Array::new(table.collect()),
        parts: Float64Array::new(parts.concat()),
        destinations: sizes.iter().map(|&size| Uint8Array::new(vec![GUARD; size])).collect(),
        coding,
        tile_bytes: (width * height * element) as i64,
        threads: 1 + u32::from(input.byte() % 3),
        cancel: Int32Array::new(vec![0]),
        paths: Vec::new(),
        inputs: vec![Uint8Array::new(input.rest())],
    };
    let (codes, task) = decode_tiles(batch).run();
    let codes = codes.expect("a batch gives codes");
    assert!(codes.len() == tiles && codes.iter().all(|code| (-9..=0).contains(code)), "{codes:?}");
    let refused = codes.iter().all(|&code| code == REFUSED);
    for (place, memory) in task.destinations().iter().enumerate() {
        let mut free = vec![true; memory.len()];
        for &[to_memory, _, _, _, to, stride, rows, cols] in parts.iter().filter(|_| !refused) {
            if to_memory == place as f64 {
                for row in 0..rows as usize {
                    let start = (to as usize + row * stride as usize) * element;
                    free[start..start + cols as usize * element].fill(false);
                }
            }
        }
        assert!(memory.iter().zip(free).all(|(&byte, free)| byte == GUARD || !free), "written outside of all parts");
    }
}

/// Mostly a small number.
fn place(input: &mut Input) -> f64 {
    match input.byte() {
        250.. => input.number(),
        tag if tag < 64 => f64::from(tag % 4),
        tag => f64::from(tag - 64),
    }
}
