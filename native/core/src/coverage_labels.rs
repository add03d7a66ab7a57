//! Coverage of many labels in one call: whole cells as runs, the others with their covered part.
use crate::coverage::{
    INVALID, MAX_COORDINATE, NOT_FINITE, Rule, add_ring, are_apart, bytes_of, read_window,
    rings_are_sound,
};
use crate::coverage_edges::{Cells, Window};
use napi::bindgen_prelude::*;
use napi_derive::napi;

/// Labels from `first` on until the outputs are full: how many were done, or a negative code. Rings as in
/// `cover_polygons`; label i has the rings before `label_ends[i]`, the window `windows[4·i..]`, and parts up to `leasts[i]`
/// are nothing. Its partly covered cells end before `ends_out[2·i]` in `cells` and `fractions`, its runs (first cell,
/// length) before number `ends_out[2·i + 1]` in `runs`; `covered[i]` is the sum of all parts.
#[napi(catch_unwind)]
#[allow(clippy::too_many_arguments)]
pub fn cover_labels(
    rings: Float64ArraySlice,
    ends: Uint32ArraySlice,
    signs: Int8ArraySlice,
    label_ends: Uint32ArraySlice,
    windows: Float64ArraySlice,
    leasts: Float64ArraySlice,
    rule: u32,
    first: u32,
    mut cells: Uint32ArraySlice,
    mut fractions: Float64ArraySlice,
    mut runs: Uint32ArraySlice,
    mut ends_out: Uint32ArraySlice,
    mut covered: Float64ArraySlice,
) -> i32 {
    let Some(rule) = Rule::from_code(rule) else {
        return INVALID;
    };
    let count = label_ends.len();
    let sound = windows.len() == 4 * count
        && leasts.len() == count
        && covered.len() == count
        && ends_out.len() == 2 * count
        && fractions.len() == cells.len()
        && rings_are_sound(&rings, &ends, &signs)
        && label_ends.windows(2).all(|pair| pair[0] <= pair[1])
        && label_ends.last().copied().unwrap_or(0) as usize == ends.len();
    if !sound || first as usize > count {
        return INVALID;
    }
    if !rings.iter().all(|v| v.abs() <= MAX_COORDINATE) {
        return NOT_FINITE;
    }
    let outputs = [
        bytes_of(&cells),
        bytes_of(&fractions),
        bytes_of(&runs),
        bytes_of(&ends_out),
        bytes_of(&covered),
    ];
    let inputs = [
        bytes_of(&rings),
        bytes_of(&ends),
        bytes_of(&signs),
        bytes_of(&label_ends),
        bytes_of(&windows),
        bytes_of(&leasts),
    ];
    if !are_apart(&outputs, &inputs) {
        return INVALID;
    }
    let job = Labels {
        rings: &rings,
        ends: &ends,
        signs: &signs,
        label_ends: &label_ends,
        windows: &windows,
        leasts: &leasts,
        rule,
    };
    // SAFETY: the outputs overlap nothing (checked above), and JavaScript does not run meanwhile.
    let mut room = unsafe {
        Room {
            cells: cells.as_mut(),
            fractions: fractions.as_mut(),
            runs: runs.as_mut(),
            at: (0, 0),
        }
    };
    let (ends_out, covered) = unsafe { (ends_out.as_mut(), covered.as_mut()) };
    job.cover(first as usize, &mut room, ends_out, covered)
}

struct Labels<'a> {
    rings: &'a [f64],
    ends: &'a [u32],
    signs: &'a [i8],
    label_ends: &'a [u32],
    windows: &'a [f64],
    leasts: &'a [f64],
    rule: Rule,
}

/// Where cells and runs are written, and how many are.
struct Room<'a> {
    cells: &'a mut [u32],
    fractions: &'a mut [f64],
    runs: &'a mut [u32],
    at: (usize, usize),
}

impl Labels<'_> {
    fn cover(&self, first: usize, room: &mut Room, ends: &mut [u32], covered: &mut [f64]) -> i32 {
        #[cfg(target_arch = "x86_64")]
        if crate::simd::avx2() {
            // SAFETY: AVX2 is there.
            return unsafe { self.cover_avx2(first, room, ends, covered) };
        }
        self.cover_any(first, room, ends, covered)
    }

    /// Compiled with the rounding instructions of newer processors; same bits.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn cover_avx2(
        &self,
        first: usize,
        room: &mut Room,
        ends: &mut [u32],
        covered: &mut [f64],
    ) -> i32 {
        self.cover_any(first, room, ends, covered)
    }

    #[inline(always)]
    fn cover_any(&self, first: usize, room: &mut Room, ends: &mut [u32], covered: &mut [f64]) -> i32 {
        let mut sums = Cells::new(Window {
            col: 0,
            row: 0,
            width: 0,
            height: 0,
        });
        for label in first..self.label_ends.len() {
            let Some(window) = read_window(&self.windows[4 * label..4 * label + 4]) else {
                return INVALID;
            };
            if !room.holds(&window) {
                return (label - first) as i32;
            }
            covered[label] = 0.0;
            // A window without columns may have any number of rows.
            if window.width > 0 {
                sums.reset(window);
                self.add_rings(label, &mut sums);
                covered[label] = room.write(
                    &sums,
                    window.width as u32,
                    self.rule == Rule::Exact,
                    self.leasts[label],
                );
            }
            ends[2 * label] = room.at.0 as u32;
            ends[2 * label + 1] = room.at.1 as u32;
        }
        (self.label_ends.len() - first) as i32
    }

    #[inline(always)]
    fn add_rings(&self, label: usize, sums: &mut Cells) {
        let from = label.checked_sub(1).map_or(0, |l| self.label_ends[l]) as usize;
        for ring in from..self.label_ends[label] as usize {
            let start = ring.checked_sub(1).map_or(0, |r| self.ends[r]) as usize;
            let points = &self.rings[2 * start..2 * self.ends[ring] as usize];
            add_ring(sums, points, f64::from(self.signs[ring]), self.rule);
        }
    }
}

impl Room<'_> {
    /// A row of w cells has at most (w + 1) / 2 runs.
    fn holds(&self, window: &Window) -> bool {
        let cells = window.width * window.height;
        self.cells.len() - self.at.0 >= cells
            && self.runs.len() - self.at.1 >= cells + window.height
    }

    /// The covered cells of one window of this width; the sum of their parts.
    #[inline(always)]
    fn write(&mut self, sums: &Cells, width: u32, exact: bool, least: f64) -> f64 {
        let (mut n, mut r) = self.at;
        let (mut total, mut whole) = (0.0, 0u32);
        let (mut next, mut row_end) = (u32::MAX, 0);
        sums.each_covered(least, |cell, count, covered| {
            if exact && covered < 1.0 {
                // Only whole cells come in numbers.
                total += covered;
                self.cells[n] = cell;
                self.fractions[n] = covered;
                n += 1;
                return;
            }
            whole += count;
            if cell == next && cell < row_end {
                self.runs[r - 1] += count;
            } else {
                self.runs[r] = cell;
                self.runs[r + 1] = count;
                r += 2;
                row_end = (cell / width + 1) * width;
            }
            next = cell + count;
        });
        self.at = (n, r);
        total + f64::from(whole)
    }
}
