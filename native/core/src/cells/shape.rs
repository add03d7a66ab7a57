//! Cells as shapes on the sphere, so that most places near one need not be asked for.
use h3o::CellIndex;

use super::RADIAN;

/// Cells whose shapes a thread keeps.
const REMEMBERED: usize = 4;
/// Six centimetres, in radians: nearer to its sides a cell is asked for.
pub const CERTAIN: f64 = 1e-8;

pub type Vector = [f64; 3];

/// A cell as a convex shape on the sphere: what lies on the inner side of each side's great circle.
pub struct Shape {
    cell: u64,
    corners: Vec<Vector>,
    /// Unit vectors that point inwards.
    sides: Vec<Vector>,
}

impl Shape {
    fn of(cell: u64) -> Self {
        let corners: Vec<_> = CellIndex::try_from(cell).map_or_else(
            |_| Vec::new(),
            |index| index.boundary().iter().map(|at| vector(at.lng_radians(), at.lat_radians())).collect(),
        );
        let next = corners.iter().cycle().skip(1);
        let sides = corners.iter().zip(next).map(|(a, b)| unit(cross(a, b))).collect();
        Shape { cell, corners, sides }
    }

    /// Whether a place lies inside and farther than this (radians) from every side.
    pub fn holds(&self, place: &Vector, margin: f64) -> bool {
        !self.sides.is_empty() && self.sides.iter().all(|side| dot(side, place) > margin)
    }

    /// Whether a corner lies within this (radians) of a place.
    pub fn has_corner_near(&self, place: &Vector, reach: f64) -> bool {
        let square = |corner: &Vector| (0..3).map(|i| (corner[i] - place[i]).powi(2)).sum::<f64>();
        self.corners.iter().any(|corner| square(corner) <= reach * reach)
    }
}

/// The shapes of cells that were looked at last.
#[derive(Default)]
pub struct Shapes {
    known: Vec<Shape>,
    next: usize,
}

impl Shapes {
    pub fn of(&mut self, cell: u64) -> &Shape {
        let at = self.known.iter().position(|known| known.cell == cell).unwrap_or_else(|| {
            let at = self.next % REMEMBERED;
            self.next += 1;
            if at < self.known.len() {
                self.known[at] = Shape::of(cell);
            } else {
                self.known.push(Shape::of(cell));
            }
            at
        });
        &self.known[at]
    }

    /// The known cell that holds a place for certain.
    pub fn holder(&self, place: &Vector) -> Option<u64> {
        self.known.iter().find(|known| known.holds(place, CERTAIN)).map(|known| known.cell)
    }
}

fn cross(a: &Vector, b: &Vector) -> Vector {
    [
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    ]
}

fn dot(a: &Vector, b: &Vector) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn unit(v: Vector) -> Vector {
    let length = dot(&v, &v).sqrt();
    v.map(|part| part / length)
}

/// Of degrees.
pub fn place(lon: f64, lat: f64) -> Vector {
    vector(lon * RADIAN, lat * RADIAN)
}

/// On the unit sphere, of radians.
fn vector(lon: f64, lat: f64) -> Vector {
    let (east, north) = (lon.sin_cos(), lat.sin_cos());
    [north.1 * east.1, north.1 * east.0, north.0]
}
