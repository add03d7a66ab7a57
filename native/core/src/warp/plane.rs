//! The source: a window of a raster. Positions are in pixels of the raster.
use super::sample::Sample;

/// The raster's size and the part of it that the source window holds.
#[derive(Clone, Copy)]
pub struct Bounds {
    pub width: i64,
    pub height: i64,
    /// The window's corner in the raster; negative where the window begins outside.
    pub col: i64,
    pub row: i64,
    /// Half-open range of raster columns and rows in the window.
    pub cols: (i64, i64),
    pub rows: (i64, i64),
}

impl Bounds {
    /// `raster` is col, row, width, height of the whole raster relative to the window.
    pub fn new((width, height): (i64, i64), raster: (i64, i64, i64, i64)) -> Self {
        let (col, row) = (-raster.0, -raster.1);
        Bounds {
            width: raster.2,
            height: raster.3,
            col,
            row,
            cols: (col.max(0), (col + width).min(raster.2)),
            rows: (row.max(0), (row + height).min(raster.3)),
        }
    }

    /// The pixel that holds a position, or None outside the raster. Not negative, so that truncation is floor.
    #[inline(always)]
    pub fn pixel(&self, x: f64, y: f64) -> Option<(i64, i64)> {
        let (x, y) = (x + super::TIE, y + super::TIE);
        (x >= 0.0 && y >= 0.0 && x < self.width as f64 && y < self.height as f64)
            .then_some((x as i64, y as i64))
    }

    #[inline(always)]
    pub fn holds(&self, col: i64, row: i64) -> bool {
        col >= self.cols.0 && col < self.cols.1 && row >= self.rows.0 && row < self.rows.1
    }

    /// Whether the window holds every pixel of the half-open ranges, which lie in the raster.
    #[inline(always)]
    pub fn holds_all(&self, cols: (i64, i64), rows: (i64, i64)) -> bool {
        cols.0 >= self.cols.0
            && cols.1 <= self.cols.1
            && rows.0 >= self.rows.0
            && rows.1 <= self.rows.1
    }
}

pub struct Plane<'a, S> {
    pub data: &'a [S],
    pub valid: Option<&'a [u8]>,
    pub width: usize,
    pub bounds: Bounds,
}

impl<S: Sample> Plane<'_, S> {
    /// Index of a raster pixel that the window holds.
    #[inline(always)]
    pub fn index(&self, col: i64, row: i64) -> usize {
        (row - self.bounds.row) as usize * self.width + (col - self.bounds.col) as usize
    }

    #[inline(always)]
    pub fn is_valid(&self, index: usize) -> bool {
        self.valid.is_none_or(|valid| valid[index] == 1) && !self.data[index].is_nan()
    }
}
