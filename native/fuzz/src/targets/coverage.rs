//! Coverage of rings: fractions are parts, cells ascend, and a cell does not depend on the window it is asked for in.
use std::collections::BTreeMap;

use heliocube_core::coverage::cover_polygons;
use napi::bindgen_prelude::Slice;

use crate::input::Input;

struct Rings {
    points: Vec<f64>,
    ends: Vec<u32>,
    signs: Vec<i8>,
}

pub fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let rule = input.below(4) as u32;
    let wild = input.byte();
    let mut window = vec![f64::from(input.byte() as i8), f64::from(input.byte() as i8)];
    window.extend([input.below(24) as f64, input.below(24) as f64]);
    if wild & 1 == 1 {
        let at = input.below(4);
        window[at] = input.number();
    }
    let least = if wild & 2 == 2 { input.number() } else { 0.0 };
    let room = if wild & 4 == 4 { input.below(700) } else { 24 * 24 };
    let rings = rings(&mut input);
    let Some(cells) = cover(&rings, &window, rule, least, room) else {
        return;
    };
    check(&cells, &window, &rings);
    if wild & 1 == 0 && window[2] > 1.0 {
        let mut half = window.clone();
        half[2] = (window[2] / 2.0).floor();
        let left = cover(&rings, &half, rule, least, room).expect("a part of a good window is good");
        for (cell, part) in left {
            let (row, col) = (cell / half[2] as u32, cell % half[2] as u32);
            let same = cells.get(&(row * window[2] as u32 + col)).copied();
            assert_eq!(same.map(f64::to_bits), Some(part.to_bits()), "cell {col}, {row} depends on the window");
        }
    }
}

fn rings(input: &mut Input<'_>) -> Rings {
    let mut rings = Rings { points: Vec::new(), ends: Vec::new(), signs: Vec::new() };
    while !input.is_empty() && rings.points.len() < 4096 {
        let points = input.below(12);
        rings.points.extend(input.numbers(2 * points));
        let end = rings.points.len() as u32 / 2;
        rings.ends.push(if input.byte() == 255 { input.word() } else { end });
        rings.signs.push(if input.flag() { 1 } else { -1 });
    }
    rings
}

fn cover(rings: &Rings, window: &[f64], rule: u32, least: f64, room: usize) -> Option<BTreeMap<u32, f64>> {
    let (mut cells, mut fractions) = (vec![0; room], vec![f64::NAN; room]);
    let code = cover_polygons(
        Slice::new(&mut rings.points.clone()),
        Slice::new(&mut rings.ends.clone()),
        Slice::new(&mut rings.signs.clone()),
        Slice::new(&mut window.to_vec()),
        rule,
        least,
        Slice::new(&mut cells),
        Slice::new(&mut fractions),
    );
    assert!((-2..=room as i32).contains(&code), "code {code} with room for {room}");
    let count = usize::try_from(code).ok()?;
    assert!(cells[..count].is_sorted_by(|a, b| a < b), "cells do not ascend");
    Some(cells.into_iter().zip(fractions).take(count).collect())
}

fn check(cells: &BTreeMap<u32, f64>, window: &[f64], rings: &Rings) {
    let count = window[2] as usize * window[3] as usize;
    assert!(cells.keys().all(|&cell| (cell as usize) < count), "a cell lies outside the window");
    let one = rings.ends.len() == 1;
    assert!(cells.values().all(|part| part.is_finite()), "a part is not a number: {cells:?}");
    // A ring that goes around itself counts more than once; a triangle cannot.
    if one && rings.points.len() <= 6 {
        assert!(cells.values().all(|part| part.abs() <= 1.0 + 1e-6), "more than a whole cell: {cells:?}");
    }
}
