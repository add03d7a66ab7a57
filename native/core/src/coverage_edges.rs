//! Edges and what they add to the cells of a window. All arithmetic is on absolute coordinates, so that a cell's part of
//! an edge is the same to the bit in every window.

#[derive(Clone, Copy)]
pub struct Window {
    pub col: i64,
    pub row: i64,
    pub width: usize,
    pub height: usize,
}

/// An edge from its upper to its lower end; `sign` is 1 where the ring goes down along it, times the ring's sign.
/// Neighbours share an edge in opposite directions: ordered, both compute the same numbers.
pub struct Edge {
    top: (f64, f64),
    bottom: (f64, f64),
    sign: f64,
}

impl Edge {
    /// None for horizontal edges: they bound no area to their right.
    pub fn new(a: (f64, f64), b: (f64, f64), sign: f64) -> Option<Self> {
        if a.1 == b.1 {
            None
        } else if a.1 < b.1 {
            Some(Edge {
                top: a,
                bottom: b,
                sign,
            })
        } else {
            Some(Edge {
                top: b,
                bottom: a,
                sign: -sign,
            })
        }
    }

    /// x at a given y of the edge, never beyond its ends.
    fn x_at(&self, y: f64) -> f64 {
        if y <= self.top.1 {
            return self.top.0;
        }
        if y >= self.bottom.1 {
            return self.bottom.0;
        }
        let x = self.top.0
            + (y - self.top.1) * ((self.bottom.0 - self.top.0) / (self.bottom.1 - self.top.1));
        x.clamp(self.top.0.min(self.bottom.0), self.top.0.max(self.bottom.0))
    }
}

/// Sums per cell of a window; a column more than it has takes what lies beyond its right side.
pub struct Cells {
    window: Window,
    /// Area to the right of the edges inside the cell itself.
    areas: Vec<f64>,
    /// Height of the edges that end left of the cell: they cover it, and all cells right of it, whole.
    heights: Vec<f64>,
    /// Whether an edge runs through the cell; where none does the sum of heights is a whole number but for rounding.
    touched: Vec<bool>,
}

impl Cells {
    pub fn new(window: Window) -> Self {
        let count = (window.width + 1) * window.height;
        Cells {
            window,
            areas: vec![0.0; count],
            heights: vec![0.0; count],
            touched: vec![false; count],
        }
    }

    /// Rows of the window between two heights, half-open, relative to the window.
    fn rows(&self, from: i64, to: i64) -> std::ops::Range<usize> {
        let clip = |row: i64| (row - self.window.row).clamp(0, self.window.height as i64) as usize;
        clip(from)..clip(to).max(clip(from))
    }

    pub fn add_edge(&mut self, edge: &Edge) {
        for row in self.rows(edge.top.1.floor() as i64, edge.bottom.1.ceil() as i64) {
            let y = (self.window.row + row as i64) as f64;
            let (from, to) = (edge.top.1.max(y), edge.bottom.1.min(y + 1.0));
            if to > from {
                self.add_piece(
                    row * (self.window.width + 1),
                    (edge.x_at(from), edge.x_at(to)),
                    (to - from) * edge.sign,
                );
            }
        }
    }

    /// A horizontal edge adds nothing, but the cells that it runs through are not covered whole.
    pub fn touch(&mut self, a: (f64, f64), b: (f64, f64)) {
        let row = a.1.floor();
        if row == a.1 {
            return;
        }
        let clip =
            |col: f64| (col as i64 - self.window.col).clamp(0, self.window.width as i64) as usize;
        let cols = clip(a.0.min(b.0).floor())..clip(a.0.max(b.0).ceil());
        for row in self.rows(row as i64, row as i64 + 1) {
            let line = row * (self.window.width + 1);
            self.touched[line + cols.start..line + cols.end.max(cols.start)].fill(true);
        }
    }

    /// The piece of an edge inside one row of pixels: from one x to another, `height` signed.
    fn add_piece(&mut self, line: usize, (a, b): (f64, f64), height: f64) {
        let (left, right) = (a.min(b), a.max(b));
        let end = self.window.col + self.window.width as i64;
        let first = left.floor() as i64;
        let last = (right.ceil() as i64 - 1).max(first);
        if first >= end {
            return;
        }
        if first == last {
            return self.add_part(line, first, 0.5 * (left + right), height);
        }
        let rate = height / (right - left);
        let start = first.max(self.window.col);
        if first < self.window.col {
            self.heights[line] += rate * (right.min(self.window.col as f64) - left);
        }
        for col in start..(last + 1).min(end) {
            let (from, to) = (left.max(col as f64), right.min((col + 1) as f64));
            self.add_part(line, col, 0.5 * (from + to), rate * (to - from));
        }
    }

    /// An edge part inside cell `col`, its middle at `x`.
    fn add_part(&mut self, line: usize, col: i64, x: f64, height: f64) {
        if col < self.window.col {
            self.heights[line] += height;
            return;
        }
        let cell = line + (col - self.window.col) as usize;
        self.areas[cell] += height * ((col + 1) as f64 - x);
        self.heights[cell + 1] += height;
        self.touched[cell] = true;
    }

    /// The centre rule: every row of pixel centres that the edge crosses (its top counts, its bottom does not) winds
    /// around the centres from the crossing on, a centre exactly on it included.
    pub fn add_crossings(&mut self, edge: &Edge) {
        for row in self.rows(edge.top.1.floor() as i64, edge.bottom.1.ceil() as i64) {
            let y = (self.window.row + row as i64) as f64 + 0.5;
            if y < edge.top.1 || y >= edge.bottom.1 {
                continue;
            }
            let first = (edge.x_at(y) - 0.5).ceil() as i64 - self.window.col;
            if first < self.window.width as i64 {
                self.heights[row * (self.window.width + 1) + first.max(0) as usize] += edge.sign;
            }
        }
    }

    /// Cells covered by more than `least`; their number. Without `exact` every one of them counts whole.
    pub fn write(
        &self,
        exact: bool,
        least: f64,
        cells: &mut [u32],
        fractions: &mut [f64],
    ) -> usize {
        let width = self.window.width;
        let mut n = 0;
        for row in 0..self.window.height {
            let line = row * (width + 1);
            let mut sum = 0.0;
            for col in 0..width {
                sum += self.heights[line + col];
                let covered = if self.touched[line + col] {
                    sum + self.areas[line + col]
                } else {
                    sum.round()
                };
                let covered = covered.abs().min(1.0);
                if covered > least {
                    cells[n] = (row * width + col) as u32;
                    fractions[n] = if exact { covered } else { 1.0 };
                    n += 1;
                }
            }
        }
        n
    }
}
