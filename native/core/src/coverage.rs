//! How much of each pixel polygons cover: signed areas of their edges, accumulated per cell and summed along rows.
use crate::coverage_edges::{Cells, Edge, Window};
use napi::bindgen_prelude::*;
use napi_derive::napi;

/// An argument is out of range or the arrays do not fit together.
pub const INVALID: i32 = -1;
/// A coordinate is not finite or beyond `MAX_COORDINATE`.
pub const NOT_FINITE: i32 = -2;

/// Beyond this doubles cannot tell a millionth of a pixel.
pub const MAX_COORDINATE: f64 = 1e9;
/// Cells a call may be asked for: TypeScript goes through large windows band by band.
pub const MAX_CELLS: usize = 1 << 22;

#[derive(Clone, Copy, PartialEq)]
pub enum Rule {
    Exact,
    Center,
    AllTouched,
}

impl Rule {
    pub fn from_code(code: u32) -> Option<Self> {
        [Rule::Exact, Rule::Center, Rule::AllTouched]
            .get(code as usize)
            .copied()
    }
}

/// Cells of the window that the rings cover, ascending, and the covered part of each. `rings` holds x, y pairs; ring i
/// ends before point `ends[i]` and counts `signs[i]` times (1 or -1). `window`: col, row, width, height. Parts up to
/// `least` count as nothing. Returns the number of cells written or a negative code.
#[napi(catch_unwind)]
#[allow(clippy::too_many_arguments)]
pub fn cover_polygons(
    rings: Float64ArraySlice,
    ends: Uint32ArraySlice,
    signs: Int8ArraySlice,
    window: Float64ArraySlice,
    rule: u32,
    least: f64,
    mut cells: Uint32ArraySlice,
    mut fractions: Float64ArraySlice,
) -> i32 {
    let Some(rule) = Rule::from_code(rule) else {
        return INVALID;
    };
    let Some(window) = read_window(&window) else {
        return INVALID;
    };
    let count = window.width * window.height;
    if cells.len() < count || fractions.len() < count || !rings_are_sound(&rings, &ends, &signs) {
        return INVALID;
    }
    if !rings.iter().all(|v| v.abs() <= MAX_COORDINATE) {
        return NOT_FINITE;
    }
    if overlap(cells.as_ptr_range(), fractions.as_ptr_range())
        || overlap(rings.as_ptr_range(), fractions.as_ptr_range())
    {
        return INVALID;
    }
    if count == 0 {
        return 0; // and no memory for the rows of a window without columns
    }
    let mut sums = Cells::new(window);
    let mut start = 0;
    for (&end, &sign) in ends.iter().zip(signs.iter()) {
        let points = &rings[2 * start..2 * end as usize];
        start = end as usize;
        add_ring(&mut sums, points, f64::from(sign), rule);
    }
    // SAFETY: the two outputs do not overlap each other or the rings, and JavaScript does not run meanwhile.
    let (cells, fractions) = unsafe { (cells.as_mut(), fractions.as_mut()) };
    sums.write(rule == Rule::Exact, least, cells, fractions) as i32
}

pub(crate) fn overlap<A, B>(a: std::ops::Range<*const A>, b: std::ops::Range<*const B>) -> bool {
    (a.start.cast::<u8>()) < b.end.cast() && (b.start.cast::<u8>()) < a.end.cast()
}

pub(crate) type Bytes = std::ops::Range<*const u8>;

pub(crate) fn bytes_of<T>(slice: &[T]) -> Bytes {
    let range = slice.as_ptr_range();
    range.start.cast()..range.end.cast()
}

/// Whether no output shares memory with another array.
pub(crate) fn are_apart(outputs: &[Bytes], inputs: &[Bytes]) -> bool {
    outputs.iter().enumerate().all(|(i, output)| {
        let others = outputs[..i].iter().chain(inputs);
        others.into_iter().all(|other| !overlap(output.clone(), other.clone()))
    })
}

pub fn read_window(numbers: &[f64]) -> Option<Window> {
    let [col, row, width, height]: [f64; 4] = numbers.try_into().ok()?;
    let whole = |v: f64| (v.fract() == 0.0 && v.abs() <= MAX_COORDINATE).then_some(v as i64);
    let (width, height) = (whole(width)?, whole(height)?);
    let (width, height) = (usize::try_from(width).ok()?, usize::try_from(height).ok()?);
    (width.checked_mul(height)? <= MAX_CELLS).then_some(())?;
    Some(Window {
        col: whole(col)?,
        row: whole(row)?,
        width,
        height,
    })
}

pub fn rings_are_sound(rings: &[f64], ends: &[u32], signs: &[i8]) -> bool {
    ends.len() == signs.len()
        && rings.len().is_multiple_of(2)
        && ends.windows(2).all(|pair| pair[0] <= pair[1])
        && ends
            .first()
            .is_none_or(|&first| first as usize <= rings.len() / 2)
        && ends
            .last()
            .is_none_or(|&last| last as usize == rings.len() / 2)
}

/// All edges of a ring, the closing one included where its last point is not the first again.
#[inline(always)]
pub fn add_ring(sums: &mut Cells, points: &[f64], sign: f64, rule: Rule) {
    let n = points.len() / 2;
    for i in 0..n {
        let j = if i + 1 == n { 0 } else { i + 1 };
        let (a, b) = (
            (points[2 * i], points[2 * i + 1]),
            (points[2 * j], points[2 * j + 1]),
        );
        match Edge::new(a, b, sign) {
            Some(edge) if rule == Rule::Center => sums.add_crossings(&edge),
            Some(edge) => sums.add_edge(&edge),
            None if rule == Rule::Center => {}
            None => sums.touch(a, b),
        }
    }
}
