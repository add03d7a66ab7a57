//! Positions of one target row.
use super::map::PixelMap;

/// Positions of one target row: pixel centres, and corners where asked for.
pub struct Rows<'a> {
    map: &'a PixelMap<'a>,
    shift: (f64, f64),
    pub x: Vec<f64>,
    pub y: Vec<f64>,
    corners: Option<[(Vec<f64>, Vec<f64>); 4]>,
}

impl<'a> Rows<'a> {
    pub fn new(map: &'a PixelMap<'a>, shift: (f64, f64), corners: bool) -> Self {
        let line = || vec![0.0; map.window.width];
        let pair = || (line(), line());
        Rows {
            map,
            shift,
            x: line(),
            y: line(),
            corners: corners.then(|| [pair(), pair(), pair(), pair()]),
        }
    }

    #[inline(always)]
    pub fn load(&mut self, row: usize) {
        self.map
            .positions(row, (0.5, 0.5), self.shift, &mut self.x, &mut self.y);
        if let Some(corners) = &mut self.corners {
            for (at, (x, y)) in [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)]
                .into_iter()
                .zip(corners)
            {
                self.map.positions(row, at, self.shift, x, y);
            }
        }
    }

    /// Corners of pixel `i` of the row; only where they were asked for.
    #[inline(always)]
    pub fn corners(&self, i: usize) -> [(f64, f64); 4] {
        self.corners
            .as_ref()
            .map_or([(f64::NAN, f64::NAN); 4], |all| {
                all.each_ref().map(|(x, y)| (x[i], y[i]))
            })
    }
}
