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
    /// x a row.
    slope: f64,
}

impl Edge {
    /// None for horizontal edges: they bound no area to their right.
    #[inline(always)]
    pub fn new(a: (f64, f64), b: (f64, f64), sign: f64) -> Option<Self> {
        if a.1 == b.1 {
            return None;
        }
        let (top, bottom, sign) = if a.1 < b.1 {
            (a, b, sign)
        } else {
            (b, a, -sign)
        };
        Some(Edge {
            top,
            bottom,
            sign,
            slope: (bottom.0 - top.0) / (bottom.1 - top.1),
        })
    }

    /// x at a given y of the edge, never beyond its ends.
    #[inline(always)]
    fn x_at(&self, y: f64) -> f64 {
        if y <= self.top.1 {
            return self.top.0;
        }
        if y >= self.bottom.1 {
            return self.bottom.0;
        }
        let x = self.top.0 + (y - self.top.1) * self.slope;
        x.clamp(self.top.0.min(self.bottom.0), self.top.0.max(self.bottom.0))
    }
}

/// An edge runs through the cell; where none does the sum of heights is a whole number but for rounding.
const TOUCHED: u8 = 1;
/// The sum of heights changes at the cell.
const CHANGED: u8 = 2;

/// Sums per cell of a window; a column more than it has takes what lies beyond its right side.
pub struct Cells {
    window: Window,
    /// Area to the right of the edges inside the cell itself.
    areas: Vec<f64>,
    /// Height of the edges that end left of the cell: they cover it, and all cells right of it, whole.
    heights: Vec<f64>,
    /// `TOUCHED` and `CHANGED` of every cell.
    marks: Vec<u8>,
}

impl Cells {
    pub fn new(window: Window) -> Self {
        let mut cells = Cells {
            window,
            areas: Vec::new(),
            heights: Vec::new(),
            marks: Vec::new(),
        };
        cells.reset(window);
        cells
    }

    /// Empty sums of another window, in the same memory.
    #[inline(always)]
    pub fn reset(&mut self, window: Window) {
        let count = (window.width + 1) * window.height;
        self.window = window;
        self.areas.clear();
        self.areas.resize(count, 0.0);
        self.heights.clear();
        self.heights.resize(count, 0.0);
        self.marks.clear();
        self.marks.resize(count, 0);
    }

    /// Rows of the window between two heights, half-open, relative to the window.
    #[inline(always)]
    fn rows(&self, from: i64, to: i64) -> std::ops::Range<usize> {
        let clip = |row: i64| (row - self.window.row).clamp(0, self.window.height as i64) as usize;
        clip(from)..clip(to).max(clip(from))
    }

    #[inline(always)]
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
    #[inline(always)]
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
            for mark in &mut self.marks[line + cols.start..line + cols.end.max(cols.start)] {
                *mark |= TOUCHED;
            }
        }
    }

    /// The piece of an edge inside one row of pixels: from one x to another, `height` signed.
    #[inline(always)]
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
            self.rise(line, rate * (right.min(self.window.col as f64) - left));
        }
        for col in start..(last + 1).min(end) {
            let (from, to) = (left.max(col as f64), right.min((col + 1) as f64));
            self.add_part(line, col, 0.5 * (from + to), rate * (to - from));
        }
    }

    /// An edge part inside cell `col`, its middle at `x`.
    #[inline(always)]
    fn add_part(&mut self, line: usize, col: i64, x: f64, height: f64) {
        if col < self.window.col {
            return self.rise(line, height);
        }
        let cell = line + (col - self.window.col) as usize;
        self.areas[cell] += height * ((col + 1) as f64 - x);
        self.marks[cell] |= TOUCHED;
        self.rise(cell + 1, height);
    }

    /// All cells of the row from this one on are covered by so much more.
    #[inline(always)]
    fn rise(&mut self, cell: usize, height: f64) {
        self.heights[cell] += height;
        self.marks[cell] |= CHANGED;
    }

    /// The centre rule: every row of pixel centres that the edge crosses (its top counts, its bottom does not) winds
    /// around the centres from the crossing on, a centre exactly on it included.
    #[inline(always)]
    pub fn add_crossings(&mut self, edge: &Edge) {
        for row in self.rows(edge.top.1.floor() as i64, edge.bottom.1.ceil() as i64) {
            let y = (self.window.row + row as i64) as f64 + 0.5;
            if y < edge.top.1 || y >= edge.bottom.1 {
                continue;
            }
            let first = (edge.x_at(y) - 0.5).ceil() as i64 - self.window.col;
            if first < self.window.width as i64 {
                self.rise(
                    row * (self.window.width + 1) + first.max(0) as usize,
                    edge.sign,
                );
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
        let mut n = 0;
        self.each_covered(least, |first, count, covered| {
            for cell in first..first + count {
                cells[n] = cell;
                fractions[n] = if exact { covered } else { 1.0 };
                n += 1;
            }
        });
        n
    }

    /// Hands on cells covered by more than `least`, ascending: the first of neighbours in a row, their number (1 where an
    /// edge runs through), and the covered part of each.
    #[inline(always)]
    pub fn each_covered(&self, least: f64, mut found: impl FnMut(u32, u32, f64)) {
        let width = self.window.width;
        for row in 0..self.window.height {
            let line = row * (width + 1)..row * (width + 1) + width;
            let (areas, heights) = (&self.areas[line.clone()], &self.heights[line.clone()]);
            let marks = &self.marks[line];
            let (mut sum, mut col) = (0.0, 0);
            while col < width {
                sum += heights[col];
                let (signed, count): (f64, usize) = if marks[col] & TOUCHED != 0 {
                    (sum + areas[col], 1)
                } else {
                    (sum.round(), 1 + unmarked(&marks[col + 1..]))
                };
                let covered = signed.abs().min(1.0);
                if covered > least {
                    found((row * width + col) as u32, count as u32, covered);
                }
                col += count;
            }
        }
    }
}

/// How many cells at the begin have no mark.
#[inline(always)]
fn unmarked(marks: &[u8]) -> usize {
    let (eights, _) = marks.as_chunks::<8>();
    let clear = eights.iter().take_while(|eight| **eight == [0; 8]).count() * 8;
    clear + marks[clear..].iter().take_while(|mark| **mark == 0).count()
}
