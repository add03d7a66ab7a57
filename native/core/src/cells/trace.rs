//! The cells along the rings of a polygon.
use super::shape::{CERTAIN, Shapes, place};
use super::{Grid, METRES_PER_DEGREE, MOST_CELLS, RADIAN};

/// Longer edges are cut before anything is said of their curvature.
const MAX_EDGE_DEGREES: f64 = 10.0;
/// Against the square root of a cell's area: a sixth of the side of a mean cell, less than half of the shortest.
const SHORT: f64 = 0.1;

/// Lon/lat of the two ends.
type Edge = [f64; 4];

impl Grid {
    pub fn trace_ring(&self, ring: &[f64], shapes: &mut Shapes, cells: &mut Vec<u64>) -> Option<()> {
        let Some((x, y)) = ring.first().zip(ring.get(1)) else {
            return Some(());
        };
        let mut from = self.cell(*x, *y);
        cells.push(from);
        for edge in ring.windows(4).step_by(2) {
            let to = self.traced(edge[2], edge[3], shapes);
            add(cells, to)?;
            self.trace_edge([edge[0], edge[1], edge[2], edge[3]], (from, to), shapes, cells)?;
            from = to;
        }
        Some(())
    }

    fn trace_edge(&self, edge: Edge, (a, b): (u64, u64), shapes: &mut Shapes, cells: &mut Vec<u64>) -> Option<()> {
        let [ax, ay, bx, by] = edge;
        if ay == by && ay.abs() == 90.0 {
            return Some(());
        }
        let ends_here = if a == b {
            self.stays_in(a, edge, shapes)
        } else {
            self.has_no_third(a, edge, shapes)
        };
        if ends_here {
            return Some(());
        }
        let (x, y) = ((ax + bx) / 2.0, (ay + by) / 2.0);
        let middle = self.traced(x, y, shapes);
        add(cells, middle)?;
        self.trace_edge([ax, ay, x, y], (a, middle), shapes, cells)?;
        self.trace_edge([x, y, bx, by], (middle, b), shapes, cells)
    }

    /// Whether an edge between two cells, from the first of them, meets no other, or grazes it at most. One that is short
    /// against a cell meets a third only around a corner of the first: it enters by one side and leaves by the next, and the
    /// corner between them, where the angle is obtuse, is no farther from where it enters than the edge is long.
    fn has_no_third(&self, cell: u64, [ax, ay, bx, by]: Edge, shapes: &mut Shapes) -> bool {
        let (dx, dy) = ((bx - ax).abs(), (by - ay).abs());
        if dx.max(dy) <= self.graze {
            return true;
        }
        let length = dx.hypot(dy); // degrees; longitudes count in full, which is more than they are
        length * METRES_PER_DEGREE < SHORT * self.mean_area.sqrt()
            && !shapes.of(cell).has_corner_near(&place(ax, ay), 3.0 * length * RADIAN)
    }

    fn stays_in(&self, cell: u64, [ax, ay, bx, by]: Edge, shapes: &mut Shapes) -> bool {
        let (dx, dy) = ((bx - ax).abs(), (by - ay).abs());
        if dx.max(dy) > MAX_EDGE_DEGREES {
            return false;
        }
        let bulge = bulge(dx, dy);
        if bulge <= self.graze {
            return true;
        }
        let shape = shapes.of(cell);
        let margin = (2.0 * bulge * RADIAN).max(CERTAIN);
        if shape.holds(&place(ax, ay), margin) && shape.holds(&place(bx, by), margin) {
            return true;
        }
        self.holds_around(cell, ax, ay, 2.0 * bulge) && self.holds_around(cell, bx, by, 2.0 * bulge)
    }

    fn holds_around(&self, cell: u64, x: f64, y: f64, north: f64) -> bool {
        let east = north / (y * RADIAN).cos().max(0.01);
        let is_in = |lon: f64, lat: f64| self.cell(lon, lat.clamp(-90.0, 90.0)) == cell;
        is_in(x, y + north) && is_in(x, y - north) && is_in(x + east, y) && is_in(x - east, y)
    }

    /// `cell`, sooner where it is one that was looked at.
    fn traced(&self, lon: f64, lat: f64, shapes: &Shapes) -> u64 {
        shapes.holder(&place(lon, lat)).unwrap_or_else(|| self.cell(lon, lat))
    }
}

/// Adds a cell; None where there are too many different ones.
fn add(cells: &mut Vec<u64>, cell: u64) -> Option<()> {
    if cells.last() == Some(&cell) {
        return Some(());
    }
    if cells.len() == MOST_CELLS {
        cells.sort_unstable();
        cells.dedup();
        if cells.len() > MOST_CELLS / 2 {
            return None;
        }
    }
    cells.push(cell);
    Some(())
}

/// Degrees by which a line that is straight in lon/lat leaves the great circle between its ends, at most.
pub fn bulge(dx: f64, dy: f64) -> f64 {
    ((dx * dx) / 16.0 + (dx * dy) / 4.0) * RADIAN
}
