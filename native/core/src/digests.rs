//! Names of geometries: SHA-256 over their normalised text, as src/vector/feature-uid.ts writes it, where the rules stand.
use napi::bindgen_prelude::*;
use napi_derive::napi;
use sha2::{Digest, Sha256};

use crate::coverage::{are_apart, bytes_of};
use crate::geometries::{Geometries, Kind};

/// The arrays do not fit each other.
const INVALID: i32 = -1;
/// Bytes of a digest that are kept.
const KEPT: usize = 16;
/// More decimals than this do not fit the arithmetic of `push_fixed`.
const MOST_DECIMALS: u8 = 9;
/// A ring that returns to its smallest vertex more often is hostile; the first rotations do.
const MAX_ROTATIONS: usize = 16;

/// The first half of SHA-256 over prefix i, the text of geometry i with `decimals[i]` decimals, and the suffix. Prefix i ends
/// before `prefix_ends[i]`; none at all where that has no elements. Returns 0 or -1.
#[napi(catch_unwind)]
#[allow(clippy::too_many_arguments)]
pub fn digest_geometries(
    points: Float64ArraySlice,
    ring_ends: Uint32ArraySlice,
    polygon_ends: Uint32ArraySlice,
    geometry_ends: Uint32ArraySlice,
    kinds: Uint8ArraySlice,
    decimals: Uint8ArraySlice,
    prefixes: Uint8ArraySlice,
    prefix_ends: Uint32ArraySlice,
    suffix: Uint8ArraySlice,
    mut out: Uint8ArraySlice,
) -> i32 {
    let Some(geometries) = Geometries::new(&points, &ring_ends, &polygon_ends, &geometry_ends, &kinds) else {
        return INVALID;
    };
    let count = geometries.len();
    let has_prefixes = !prefix_ends.is_empty();
    let sound = decimals.len() == count
        && decimals.iter().all(|&number| number <= MOST_DECIMALS)
        && (!has_prefixes || prefix_ends.len() == count)
        && prefix_ends.windows(2).all(|pair| pair[0] <= pair[1])
        && prefix_ends.last().copied().unwrap_or(0) as usize == prefixes.len()
        && out.len() == KEPT * count;
    let own = [
        bytes_of(&decimals),
        bytes_of(&prefixes),
        bytes_of(&prefix_ends),
        bytes_of(&suffix),
    ];
    if !sound || !are_apart(&[bytes_of(&out)], &[&geometries.memory()[..], &own].concat()) {
        return INVALID;
    }
    // SAFETY: the output overlaps nothing (checked above), and JavaScript does not run meanwhile.
    let out = unsafe { out.as_mut() };
    let mut start = 0;
    for (geometry, kept) in out.chunks_exact_mut(KEPT).enumerate() {
        let mut hash = Sha256::new();
        if has_prefixes {
            let end = prefix_ends[geometry] as usize;
            hash.update(&prefixes[start..end]);
            start = end;
        }
        hash.update(text_of(&geometries, geometry, decimals[geometry]));
        hash.update(&*suffix);
        kept.copy_from_slice(&hash.finalize()[..KEPT]);
    }
    0
}

fn text_of(geometries: &Geometries, geometry: usize, decimals: u8) -> Vec<u8> {
    match geometries.kind(geometry) {
        Kind::Unusable => Vec::new(),
        Kind::Points => {
            let mut list: Vec<_> = geometries
                .polygons(geometry)
                .flatten()
                .flat_map(|points| Texts::of(points, decimals).owned())
                .collect();
            list.sort_unstable();
            joined(b'p', list, b';')
        }
        Kind::Polygons => {
            let mut list: Vec<_> = geometries
                .polygons(geometry)
                .map(|rings| polygon_text(&rings, decimals))
                .collect();
            list.sort_unstable();
            joined(b'a', list, b'|')
        }
    }
}

fn joined(first: u8, list: Vec<Vec<u8>>, between: u8) -> Vec<u8> {
    let mut text = vec![first];
    for (i, part) in list.iter().enumerate() {
        if i > 0 {
            text.push(between);
        }
        text.extend_from_slice(part);
    }
    text
}

/// The shell, then the holes in order of their text.
fn polygon_text(rings: &[&[f64]], decimals: u8) -> Vec<u8> {
    let Some((outer, holes)) = rings.split_first() else {
        return Vec::new();
    };
    let mut inner: Vec<_> = holes.iter().map(|ring| ring_text(ring, decimals)).collect();
    inner.sort_unstable();
    let mut text = ring_text(outer, decimals);
    for hole in inner {
        text.push(b'/');
        text.extend(hole);
    }
    text
}

/// Open, counter-clockwise, from its smallest vertex; among equal vertices the rotation with the smallest text.
fn ring_text(ring: &[f64], decimals: u8) -> Vec<u8> {
    let texts = Texts::of(ring, decimals);
    let mut list = texts.all();
    if list.len() > 1 && list.first() == list.last() {
        list.pop();
    }
    if double_signed_area(ring) < 0.0 {
        list.reverse();
    }
    let Some(&smallest) = list.iter().min() else {
        return Vec::new();
    };
    let starts = (0..list.len()).filter(|&i| list[i] == smallest).take(MAX_ROTATIONS);
    starts
        .map(|start| [&list[start..], &list[..start]].concat().join(&b';'))
        .min()
        .unwrap_or_default()
}

/// "x,y" of points.
struct Texts {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Texts {
    fn of(points: &[f64], decimals: u8) -> Self {
        let mut texts = Texts {
            bytes: Vec::with_capacity(14 * points.len()),
            ends: Vec::with_capacity(points.len() / 2),
        };
        for point in points.chunks_exact(2) {
            push_fixed(&mut texts.bytes, point[0], decimals);
            texts.bytes.push(b',');
            push_fixed(&mut texts.bytes, point[1], decimals);
            texts.ends.push(texts.bytes.len());
        }
        texts
    }

    fn all(&self) -> Vec<&[u8]> {
        let mut start = 0;
        self.ends
            .iter()
            .map(|&end| {
                let text = &self.bytes[start..end];
                start = end;
                text
            })
            .collect()
    }

    fn owned(&self) -> Vec<Vec<u8>> {
        self.all().into_iter().map(<[u8]>::to_vec).collect()
    }
}

/// `toFixed` of ECMAScript (Number.prototype.toFixed), and "0" for what is zero then.
fn push_fixed(text: &mut Vec<u8>, value: f64, decimals: u8) {
    if !(value.abs() < 1e21) {
        return push_large(text, value);
    }
    let scaled = scaled(value.abs(), decimals);
    if scaled == 0 {
        return text.push(b'0');
    }
    if value < 0.0 {
        text.push(b'-');
    }
    let scale = 10_u128.pow(u32::from(decimals));
    push_digits(text, scaled / scale, 1);
    if decimals > 0 {
        text.push(b'.');
        push_digits(text, scaled % scale, usize::from(decimals));
    }
}

/// The whole number nearest to `value`·10^`decimals`, exactly; the larger of two.
fn scaled(value: f64, decimals: u8) -> u128 {
    let bits = value.to_bits();
    let (fraction, exponent) = (bits & ((1 << 52) - 1), (bits >> 52) as i32);
    let (mantissa, power) = if exponent == 0 { (fraction, -1074) } else { (fraction | (1 << 52), exponent - 1075) };
    let product = u128::from(mantissa) * 10_u128.pow(u32::from(decimals));
    match power {
        0.. => product << power, // below 1e21·1e9, which is below 2^100
        -127..0 => (product + (1 << (-power - 1))) >> -power,
        _ => 0,
    }
}

/// Decimal digits, at least `width` of them.
fn push_digits(text: &mut Vec<u8>, mut number: u128, width: usize) {
    let mut digits = [b'0'; 40];
    let mut at = digits.len();
    while number > 0 || digits.len() - at < width {
        at -= 1;
        if let Ok(small) = u64::try_from(number) {
            digits[at] = b'0' + (small % 10) as u8;
            number = u128::from(small / 10);
        } else {
            digits[at] = b'0' + (number % 10) as u8;
            number /= 10;
        }
    }
    text.extend_from_slice(&digits[at..]);
}

/// What is not finite or at least 1e21, as ECMAScript writes numbers.
fn push_large(text: &mut Vec<u8>, value: f64) {
    let written = if value.is_nan() {
        "NaN".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 { "Infinity" } else { "-Infinity" }.to_owned()
    } else {
        format!("{value:e}").replace('e', "e+")
    };
    text.extend_from_slice(written.as_bytes());
}

/// `doubleSignedArea` of src/vector/ring-maths.ts: of twice the size, about the first vertex.
fn double_signed_area(ring: &[f64]) -> f64 {
    let count = ring.len() / 2;
    if count < 3 {
        return 0.0;
    }
    let (x0, y0) = (ring[0], ring[1]);
    let mut sum = 0.0;
    for i in 1..count - 1 {
        let (ax, ay) = (ring[2 * i] - x0, ring[2 * i + 1] - y0);
        sum += ax * (ring[2 * i + 3] - y0) - (ring[2 * i + 2] - x0) * ay;
    }
    sum
}
