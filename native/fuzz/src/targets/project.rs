//! Projections: any parameters, projection strings of known words or any text.
use heliocube_core::project::project_points;
use napi::bindgen_prelude::Slice;

use crate::input::Input;

const NAMES: [&str; 24] = [
    "utm", "tmerc", "merc", "lcc", "laea", "aea", "stere", "somerc", "sterea", "geocent", "latlong", "moll", "etmerc", "omerc",
    "eqc", "cass", "poly", "sinu", "krovak", "gnom", "ortho", "nzmg", "cea", "geos",
];
const KEYS: [&str; 20] = [
    "lat_0", "lon_0", "lat_1", "lat_2", "lat_ts", "k_0", "x_0", "y_0", "zone", "a", "b", "rf", "alpha", "gamma", "lonc", "h",
    "units", "ellps", "datum", "towgs84",
];
const WORDS: [&str; 12] =
    ["+south", "+over", "+no_defs", "+units=m", "+ellps=GRS80", "+ellps=bessel", "+datum=WGS84", "+no_uoff", "+R_A", "+axis=neu", "+pm=paris", "+"];

/// Two projections, their parameters, then points.
pub fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let (source, mut source_numbers) = side(&mut input);
    let (target, mut target_numbers) = side(&mut input);
    let mut points = Vec::new();
    while !input.is_empty() && points.len() < 4096 {
        points.push(if input.flag() { input.number() } else { 1e5 * input.number() });
    }
    let odd = points.len() % 2 == 1;
    let before = points.clone();
    let code = project_points(
        Slice::new(&mut points),
        source,
        Slice::new(&mut source_numbers),
        target,
        Slice::new(&mut target_numbers),
    );
    assert!((0..=3).contains(&code), "code {code}");
    assert!(code != 0 || !odd);
    if code == 0 {
        return assert!(points.iter().all(|v| !v.is_infinite()), "a point is infinite");
    }
    let same = points.iter().zip(&before).all(|(a, b)| a.to_bits() == b.to_bits());
    assert!(same, "points changed although the call failed");
}

fn side(input: &mut Input<'_>) -> (String, Vec<f64>) {
    let text = match input.below(8) {
        0 => String::new(),
        1 => {
            let length = input.below(80);
            String::from_utf8_lossy(&input.take(length)).into_owned()
        }
        _ => known(input),
    };
    let mut numbers = vec![1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 6_378_137.0, 298.257_223_563, 0.0];
    numbers.resize(16, 0.0);
    for _ in 0..input.below(4) {
        let at = input.below(16);
        numbers[at] = input.number();
    }
    if input.byte() == 255 {
        numbers.pop();
    }
    (text, numbers)
}

fn known(input: &mut Input<'_>) -> String {
    let mut text = format!("+proj={}", input.pick(&NAMES));
    for _ in 0..input.below(8) {
        if input.below(4) == 0 {
            text += &format!(" {}", input.pick(&WORDS));
        } else {
            let key = input.pick(&KEYS);
            let number = input.number();
            text += &format!(" +{key}={number}");
        }
    }
    text
}
