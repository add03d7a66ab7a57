//! Coverage of many labels, and statistics under them: every number lies where its cells and samples are.
use heliocube_core::coverage_labels::cover_labels;
use heliocube_core::label_statistics::measure_labels;
use napi::bindgen_prelude::Slice;

use crate::input::Input;

const FIXED: usize = 10;
const SIDE: usize = 12;
const ROOM: usize = 4 * SIDE * SIDE;
const BYTES: [usize; 10] = [1, 1, 2, 2, 4, 4, 8, 8, 4, 8];

#[derive(Default)]
struct Covered {
    cells: Vec<u32>,
    fractions: Vec<f64>,
    runs: Vec<u32>,
    ends: Vec<u32>,
    parts: Vec<f64>,
}

pub fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let labels = 1 + input.below(3);
    let kind = input.below(BYTES.len());
    let wild = input.byte();
    let mut windows: Vec<f64> = (0..labels)
        .flat_map(|_| [f64::from(input.byte() as i8), f64::from(input.byte() as i8), input.below(SIDE) as f64, input.below(SIDE) as f64])
        .collect();
    if wild & 1 == 1 {
        let at = input.below(windows.len());
        windows[at] = input.number();
    }
    let Some(covered) = cover(&mut input, &windows, wild) else {
        return;
    };
    for part in &covered.fractions {
        assert!(*part > 0.0 && *part < 1.0, "part {part}");
    }
    let mut places: Vec<f64> = windows.chunks(4).flat_map(|w| [0.0, SIDE as f64, w[2], w[3]]).collect();
    if wild & 2 == 2 {
        let at = input.below(places.len());
        places[at] = input.number();
    }
    let samples = input.take(SIDE * SIDE * BYTES[kind]);
    let nodata = vec![f64::from(input.byte())];
    measure(kind as u32, &samples, nodata, &places, &covered);
}

fn cover(input: &mut Input<'_>, windows: &[f64], wild: u8) -> Option<Covered> {
    let labels = windows.len() / 4;
    let (mut rings, mut ends, mut signs, mut label_ends) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..labels {
        for _ in 0..input.below(3) {
            let points = input.below(9);
            rings.extend(input.numbers(2 * points));
            ends.push(rings.len() as u32 / 2);
            signs.push(if input.flag() { 1 } else { -1 });
        }
        label_ends.push(if wild & 4 == 4 && input.flag() { input.word() } else { ends.len() as u32 });
    }
    let mut out = Covered {
        cells: vec![0; ROOM],
        fractions: vec![f64::NAN; ROOM],
        runs: vec![0; ROOM],
        ends: vec![0; 2 * labels],
        parts: vec![0.0; labels],
    };
    let code = cover_labels(
        Slice::new(&mut rings),
        Slice::new(&mut ends),
        Slice::new(&mut signs),
        Slice::new(&mut label_ends),
        Slice::new(&mut windows.to_vec()),
        Slice::new(&mut vec![0.0; labels]),
        0,
        0,
        Slice::new(&mut out.cells),
        Slice::new(&mut out.fractions),
        Slice::new(&mut out.runs),
        Slice::new(&mut out.ends),
        Slice::new(&mut out.parts),
    );
    assert!((-2..=labels as i32).contains(&code), "code {code} of {labels} labels");
    if code < labels as i32 {
        return None;
    }
    let [.., cells, runs] = out.ends[..] else { return None };
    out.cells.truncate(cells as usize);
    out.fractions.truncate(cells as usize);
    out.runs.truncate(runs as usize);
    Some(out)
}

fn measure(kind: u32, samples: &[u8], mut nodata: Vec<f64>, places: &[f64], covered: &Covered) {
    let labels = places.len() / 4;
    // Samples of the widest type are aligned.
    let mut aligned = vec![0u64; samples.len().div_ceil(8)];
    let bytes = unsafe { std::slice::from_raw_parts_mut(aligned.as_mut_ptr().cast::<u8>(), samples.len()) };
    bytes.copy_from_slice(samples);
    let mut out = vec![0.0; FIXED * labels];
    let code = measure_labels(
        kind,
        Slice::new(bytes),
        Slice::new(&mut []),
        Slice::new(&mut nodata),
        Slice::new(&mut (0..labels as u32).collect::<Vec<_>>()),
        Slice::new(&mut places.to_vec()),
        Slice::new(&mut covered.cells.clone()),
        Slice::new(&mut covered.fractions.clone()),
        Slice::new(&mut covered.runs.clone()),
        Slice::new(&mut covered.ends.clone()),
        true,
        true,
        1,
        Slice::new(&mut out),
    );
    assert!(code == 0 || code == -1, "code {code}");
    for (i, numbers) in out.chunks(FIXED).enumerate().filter(|_| code == 0) {
        assert!(numbers[0] >= 0.0 && numbers[0] <= covered.parts[i] * (1.0 + 1e-9), "label {i}: {numbers:?}");
        let (min, max, median) = (numbers[4], numbers[5], numbers[6]);
        let ordinary = numbers[0] > 0.0 && min.abs() < 1e100 && max.abs() < 1e100;
        assert!(!ordinary || (min <= median && median <= max && numbers[9] >= 1.0), "label {i}: {numbers:?}");
    }
}
