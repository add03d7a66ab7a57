//! Covers and digests of geometries: any rings, any way that they are grouped.
use heliocube_core::cells::cover_cells;
use heliocube_core::digests::digest_geometries;
use napi::bindgen_prelude::Slice;

use crate::input::Input;

const ROOM: usize = 4096;

#[derive(Clone, Default)]
struct Flat {
    points: Vec<f64>,
    ring_ends: Vec<u32>,
    polygon_ends: Vec<u32>,
    geometry_ends: Vec<u32>,
    kinds: Vec<u8>,
}

/// Which exports see them, then the geometries.
pub fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let wild = input.byte();
    let (resolution, decimals) = (input.below(17) as u32, input.below(11) as u8);
    let flat = geometries(&mut input, wild, resolution);
    cover(flat.clone(), resolution, if wild & 8 == 8 { input.number() } else { 1e-9 });
    digest(&flat, decimals, &input.take(16));
}

fn geometries(input: &mut Input<'_>, wild: u8, resolution: u32) -> Flat {
    let mut flat = Flat::default();
    // Small against the globe: a target has to be quick.
    let size = 40.0 / 2.5_f64.powi(resolution as i32);
    for _ in 0..input.below(4) {
        let kind = input.below(3) as u8;
        let (lon, lat) = (f64::from(input.byte()) - 128.0, (f64::from(input.byte()) - 128.0) / 1.5);
        for _ in 0..if kind == 0 { 0 } else { input.below(3) } {
            for _ in 0..input.below(3) {
                for _ in 0..input.below(7) {
                    let odd = wild & 1 == 1 && input.byte() == 0;
                    let [x, y] = std::array::from_fn(|_| size * (f64::from(input.byte()) / 128.0 - 1.0));
                    flat.points.extend(if odd { [input.number(), y] } else { [lon + x, lat + y] });
                }
                let end = flat.points.len() as u32 / 2;
                flat.ring_ends.push(if wild & 2 == 2 && input.byte() == 0 { input.word() } else { end });
            }
            flat.polygon_ends.push(flat.ring_ends.len() as u32);
        }
        flat.geometry_ends.push(flat.polygon_ends.len() as u32);
        flat.kinds.push(if wild & 4 == 4 { input.byte() } else { kind });
    }
    flat
}

fn cover(mut flat: Flat, resolution: u32, graze: f64) {
    let count = flat.kinds.len();
    let (mut cells, mut ends) = (vec![0; 2 * ROOM], vec![0; count]);
    let code = cover_cells(
        Slice::new(&mut flat.points),
        Slice::new(&mut flat.ring_ends),
        Slice::new(&mut flat.polygon_ends),
        Slice::new(&mut flat.geometry_ends),
        Slice::new(&mut flat.kinds),
        resolution,
        // Four times less a resolution would do; of an H3 cell of resolution 0 it is 4.3e12.
        4.36e12 / 7_f64.powi(resolution as i32),
        graze,
        0,
        1,
        Slice::new(&mut cells),
        Slice::new(&mut ends),
    );
    assert!((-3..=count as i32).contains(&code), "code {code} of {count}");
    let mut start = 0;
    for end in ends.iter().take(code.max(0) as usize).map(|&end| end as usize) {
        let numbers: Vec<u64> =
            cells[2 * start..2 * end].chunks(2).map(|halves| u64::from(halves[0]) | u64::from(halves[1]) << 32).collect();
        assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]), "cells do not ascend");
        assert!(numbers.iter().all(|cell| cell >> 52 & 15 == u64::from(resolution)), "cells of another resolution");
        start = end;
    }
}

fn digest(flat: &Flat, decimals: u8, prefix: &[u8]) {
    let count = flat.kinds.len();
    let once = || {
        let (mut flat, mut out) = (flat.clone(), vec![0; 16 * count]);
        let (mut prefixes, mut prefix_ends) = (prefix.to_vec(), vec![prefix.len() as u32; count]);
        let code = digest_geometries(
            Slice::new(&mut flat.points),
            Slice::new(&mut flat.ring_ends),
            Slice::new(&mut flat.polygon_ends),
            Slice::new(&mut flat.geometry_ends),
            Slice::new(&mut flat.kinds),
            Slice::new(&mut vec![decimals; count]),
            Slice::new(&mut prefixes),
            Slice::new(&mut prefix_ends),
            Slice::new(&mut b"\"]".to_vec()),
            Slice::new(&mut out),
        );
        (code, out)
    };
    let (code, out) = once();
    assert!(code == 0 || code == -1, "code {code}");
    assert!(code != 0 || count == 0 || out.iter().any(|&byte| byte != 0));
    assert_eq!((code, out), once());
}
