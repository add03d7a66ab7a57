//! `warp_plane`: maps and kernels of any numbers; a window's pixels do not depend on the window.
use heliocube_core::warp::warp_plane;
use napi::bindgen_prelude::Slice;

use crate::input::Input;

const SIZES: [usize; 11] = [1, 1, 2, 2, 4, 4, 8, 8, 4, 8, 1];

struct Call {
    kernel: u32,
    types: (usize, usize),
    source: Vec<u64>,
    source_bytes: usize,
    valid: Vec<u8>,
    numbers: Vec<f64>,
    matrix: Vec<f64>,
    splits: Vec<u8>,
    offsets: Vec<u32>,
    nodes: Vec<f64>,
}

pub fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let wild = input.byte();
    let call = call(&mut input, wild);
    let (width, height) = (call.numbers[12], call.numbers[13]);
    let Some(all) = answer(&call, wild) else { return };
    if wild != 0 || width < 2.0 || call.matrix.is_empty() {
        return;
    }
    let mut half = call;
    half.numbers[12] = (width / 2.0).floor();
    let part = answer(&half, wild).expect("a part of a good window is good");
    let (wide, narrow, size) = (width as usize, half.numbers[12] as usize, SIZES[half.types.1]);
    for row in 0..height as usize {
        let (from, to) = (row * wide, row * narrow);
        assert_eq!(all.1[from..from + narrow], part.1[to..to + narrow], "states depend on the window");
        let (from, to) = (from * size, to * size);
        assert_eq!(all.0[from..from + narrow * size], part.0[to..to + narrow * size], "pixels depend on the window");
    }
}

/// `wild` 0 keeps everything in its bounds.
fn call(input: &mut Input<'_>, wild: u8) -> Call {
    let kernel = input.below(if wild == 0 { 14 } else { 20 }) as u32;
    let source_type = input.below(if wild == 0 { 10 } else { 11 });
    let target_type = if input.flag() { source_type } else { 8 + input.below(2) };
    let (width, height) = (input.below(40), input.below(12));
    let map = (input.below(300), input.below(6));
    let mut numbers = vec![width as f64, height as f64];
    numbers.extend((0..2).map(|_| f64::from(input.byte() as i8)));
    numbers.extend((0..2).map(|_| -(input.below(6) as f64)));
    numbers.extend([width + input.below(8), height + input.below(8)].map(|v| v as f64));
    numbers.extend((0..2).map(|_| 0.25 + input.below(32) as f64 / 4.0));
    numbers.extend((0..2).map(|_| 8.0 * f64::from(input.byte() as i8)));
    numbers.extend([map.0 as f64, map.1 as f64, 1.0]);
    if wild & 1 == 1 {
        let at = input.below(14);
        numbers[at] = input.number();
    }
    let affine = input.flag();
    let matrix = if affine { input.numbers(6) } else { Vec::new() };
    let (splits, offsets, nodes) = if affine { Default::default() } else { cells(input, &numbers, wild) };
    let masked = input.flag();
    let valid = if masked { input.take(width * height).iter().map(|v| u8::from(v & 7 != 0)).collect() } else { Vec::new() };
    let source_bytes = width * height * SIZES[source_type];
    let words = input.take(source_bytes.div_ceil(8) * 8);
    let source = words.chunks_exact(8).map(|word| u64::from_ne_bytes(std::array::from_fn(|i| word[i]))).collect();
    Call { kernel, types: (source_type, target_type), source, source_bytes, valid, numbers, matrix, splits, offsets, nodes }
}

/// Cells of a map: few nodes, so that a cell may also want more than there are.
fn cells(input: &mut Input<'_>, numbers: &[f64], wild: u8) -> (Vec<u8>, Vec<u32>, Vec<f64>) {
    let across = |start: f64, length: f64| {
        if length < 1.0 { 0.0 } else { ((start + length - 1.0) / 128.0).floor() - (start / 128.0).floor() + 1.0 }
    };
    let count = across(numbers[10], numbers[12]) * across(numbers[11], numbers[13]);
    let count = if count <= 16.0 { count as usize } else { 1 };
    let choices: &[u8] = if wild & 2 == 2 { &[0, 1, 2, 4, 255, 64, 3] } else { &[0, 1, 2, 4] };
    let splits: Vec<u8> = (0..count).map(|_| input.pick(choices)).collect();
    let room = if wild & 4 == 4 { input.below(500) } else { 2 * 13 * 13 };
    let base = input.numbers(8);
    let nodes = (0..room).map(|i| base[i % 8] + (i / 2) as f64 * 0.25).collect();
    let offsets = (0..count).map(|_| if wild & 8 == 8 { input.word() } else { 0 }).collect();
    (splits, offsets, nodes)
}

/// Target bytes and states, or None where the call fails.
fn answer(call: &Call, wild: u8) -> Option<(Vec<u8>, Vec<u8>)> {
    let count = (call.numbers[12] * call.numbers[13]) as usize;
    let pixels = if count <= 4096 { count } else { 16 };
    let size = SIZES[call.types.1];
    let (mut source, mut target) = (call.source.clone(), vec![0u64; (pixels * size).div_ceil(8) + 1]);
    let mut state = vec![9; pixels];
    let skew = usize::from(wild & 16 == 16);
    let code = warp_plane(
        call.kernel,
        call.types.0 as u32,
        call.types.1 as u32,
        Slice::new(&mut bytes_of(&mut source)[..call.source_bytes]),
        Slice::new(&mut call.valid.clone()),
        Slice::new(&mut bytes_of(&mut target)[skew..skew + pixels * size]),
        Slice::new(&mut state),
        Slice::new(&mut call.numbers.clone()),
        Slice::new(&mut call.matrix.clone()),
        Slice::new(&mut call.splits.clone()),
        Slice::new(&mut call.offsets.clone()),
        Slice::new(&mut call.nodes.clone()),
    );
    assert!((-3..=0).contains(&code), "code {code}");
    if code < 0 {
        return None;
    }
    assert!(state.iter().all(|&s| s <= 2), "a pixel has no state");
    Some((bytes_of(&mut target)[..pixels * size].to_vec(), state))
}

/// Aligned memory as bytes.
fn bytes_of(words: &mut [u64]) -> &mut [u8] {
    // SAFETY: every byte of a word is a byte.
    unsafe { std::slice::from_raw_parts_mut(words.as_mut_ptr().cast(), 8 * words.len()) }
}
