//! The pixel map: source positions of the pixels of one target row. See `PixelMap` in src/native/kernels.ts.
const CELL: i64 = 128;
const EMPTY: u8 = 0;
const EXACT: u8 = 255;
const MAX_SPLITS: u8 = 64;

#[derive(Clone, Copy)]
pub struct Window {
    pub col: i64,
    pub row: i64,
    pub width: usize,
    pub height: usize,
}

enum Kind<'a> {
    Affine([f64; 6]),
    Cells {
        splits: &'a [u8],
        offsets: &'a [u32],
        nodes: &'a [f64],
        first: (i64, i64),
        columns: i64,
    },
}

pub struct PixelMap<'a> {
    pub window: Window,
    kind: Kind<'a>,
}

/// Nodes a side of a cell.
fn nodes_of(splits: u8) -> usize {
    match splits {
        EMPTY => 0,
        EXACT => 2 * CELL as usize + 1,
        n => 3 * n as usize + 1,
    }
}

impl<'a> PixelMap<'a> {
    pub fn new(
        window: Window,
        matrix: &[f64],
        splits: &'a [u8],
        offsets: &'a [u32],
        nodes: &'a [f64],
    ) -> Option<Self> {
        window.width.checked_mul(window.height)?;
        if !matrix.is_empty() {
            let matrix = matrix.try_into().ok()?;
            return Some(PixelMap {
                window,
                kind: Kind::Affine(matrix),
            });
        }
        let first = (window.col.div_euclid(CELL), window.row.div_euclid(CELL));
        let columns = cells_across(window.col, window.width);
        let cells = columns.checked_mul(cells_across(window.row, window.height))?;
        if splits.len() as i64 != cells || offsets.len() != splits.len() {
            return None;
        }
        for (&splits, &offset) in splits.iter().zip(offsets) {
            let legal = splits == EXACT
                || splits == EMPTY
                || (splits <= MAX_SPLITS && splits.is_power_of_two());
            let side = nodes_of(splits);
            if !legal || offset as usize + 2 * side * side > nodes.len() {
                return None;
            }
        }
        Some(PixelMap {
            window,
            kind: Kind::Cells {
                splits,
                offsets,
                nodes,
                first,
                columns,
            },
        })
    }

    /// Positions of the points `dx`, `dy` (0 to 1) from the upper left corner of every pixel of a row; NaN where there
    /// is none. `shift` is subtracted.
    #[inline(always)]
    pub fn positions(
        &self,
        row: usize,
        (dx, dy): (f64, f64),
        shift: (f64, f64),
        xs: &mut [f64],
        ys: &mut [f64],
    ) {
        let row = self.window.row + row as i64;
        match &self.kind {
            Kind::Affine([a, b, c, d, e, f]) => {
                let y = row as f64 + dy;
                for (i, (px, py)) in xs.iter_mut().zip(ys).enumerate() {
                    let x = (self.window.col as i32 + i as i32) as f64 + dx;
                    *px = a * x + b * y + c - shift.0;
                    *py = d * x + e * y + f - shift.1;
                }
            }
            Kind::Cells {
                splits,
                offsets,
                nodes,
                first,
                columns,
            } => {
                let line = (row.div_euclid(CELL) - first.1) * columns;
                let inner = row.rem_euclid(CELL);
                let mut i = 0;
                while i < self.window.width {
                    let col = self.window.col + i as i64;
                    let cell = (line + col.div_euclid(CELL) - first.0) as usize;
                    let from = col.rem_euclid(CELL);
                    let end = (i + (CELL - from) as usize).min(self.window.width);
                    let part = Cell {
                        splits: splits[cell],
                        nodes: &nodes[offsets[cell] as usize..],
                    };
                    part.positions(
                        (from, inner),
                        (dx, dy),
                        shift,
                        &mut xs[i..end],
                        &mut ys[i..end],
                    );
                    i = end;
                }
            }
        }
    }
}

fn cells_across(start: i64, length: usize) -> i64 {
    if length == 0 {
        0
    } else {
        (start + length as i64 - 1).div_euclid(CELL) - start.div_euclid(CELL) + 1
    }
}

struct Cell<'a> {
    splits: u8,
    nodes: &'a [f64],
}

impl Cell<'_> {
    #[inline(always)]
    fn positions(
        &self,
        at: (i64, i64),
        offset: (f64, f64),
        shift: (f64, f64),
        xs: &mut [f64],
        ys: &mut [f64],
    ) {
        match self.splits {
            EMPTY => {
                xs.fill(f64::NAN);
                ys.fill(f64::NAN);
            }
            EXACT => self.exact(at, offset, shift, xs, ys),
            _ => self.patches(at, offset, shift, xs, ys),
        }
    }

    /// Offsets are multiples of a half pixel, where the nodes are.
    fn exact(
        &self,
        (col, row): (i64, i64),
        (dx, dy): (f64, f64),
        shift: (f64, f64),
        xs: &mut [f64],
        ys: &mut [f64],
    ) {
        let side = 2 * CELL as usize + 1;
        let line = (2 * row as usize + (2.0 * dy) as usize) * side;
        for (i, (px, py)) in xs.iter_mut().zip(ys).enumerate() {
            let node = 2 * (line + 2 * (col as usize + i) + (2.0 * dx) as usize);
            *px = self.nodes[node] - shift.0;
            *py = self.nodes[node + 1] - shift.1;
        }
    }

    #[inline(always)]
    fn patches(
        &self,
        (col, row): (i64, i64),
        (dx, dy): (f64, f64),
        shift: (f64, f64),
        xs: &mut [f64],
        ys: &mut [f64],
    ) {
        let splits = self.splits as usize;
        let side = 3 * splits + 1;
        let patch = CELL as usize / splits;
        let scale = 1.0 / patch as f64;
        let patch_row = row as usize / patch;
        let weights = lobatto(((row as usize % patch) as f64 + dy) * scale);
        let mut i = 0;
        while i < xs.len() {
            let at = col as usize + i;
            let from = at % patch;
            let end = (i + patch - from).min(xs.len());
            let first = 2 * (3 * patch_row * side + 3 * (at / patch));
            let (cx, cy) = (
                self.curve(first, 2 * side, &weights),
                self.curve(first + 1, 2 * side, &weights),
            );
            for (k, (px, py)) in xs[i..end].iter_mut().zip(&mut ys[i..end]).enumerate() {
                let t = ((from as i32 + k as i32) as f64 + dx) * scale;
                *px = ((cx[3] * t + cx[2]) * t + cx[1]) * t + cx[0] - shift.0;
                *py = ((cy[3] * t + cy[2]) * t + cy[1]) * t + cy[0] - shift.1;
            }
            i = end;
        }
    }

    /// Coefficients, constant first, of the cubic in x that a patch is at one y. `first` is its first node's place.
    #[inline(always)]
    fn curve(&self, first: usize, stride: usize, weights: &[f64; 4]) -> [f64; 4] {
        let n = self.nodes;
        let at = |i: usize| {
            let k = first + 2 * i;
            n[k] * weights[0]
                + n[k + stride] * weights[1]
                + n[k + 2 * stride] * weights[2]
                + n[k + 3 * stride] * weights[3]
        };
        let start = at(0);
        let (p, q, r) = (at(1) - start, at(2) - start, at(3) - start);
        [
            start,
            8.0 * p - 8.0 / 3.0 * q + r,
            40.0 / 3.0 * q - 56.0 / 3.0 * p - 16.0 / 3.0 * r,
            32.0 / 3.0 * p - 32.0 / 3.0 * q + 16.0 / 3.0 * r,
        ]
    }
}

/// Lagrange weights at `t` for the nodes 0, 1/4, 3/4, 1 (Chebyshev-Lobatto points of degree 3).
#[inline(always)]
fn lobatto(t: f64) -> [f64; 4] {
    let (a, b, c) = (t - 0.25, t - 0.75, t - 1.0);
    [
        a * b * c / -0.1875,
        t * b * c / 0.09375,
        t * a * c / -0.09375,
        t * a * b / 0.1875,
    ]
}
