//! Kernels of any width: bilinear and cubic widened for targets that are coarser than the source (GDAL's antialiasing), cubic
//! B-spline and Lanczos always.
use super::Found;
use super::plane::Plane;
use super::point::{centre, split};
use super::sample::Sample;

/// Least sum of weights that still gives a value (GDAL's bound).
const LEAST_WEIGHT: f64 = 1e-6;
/// A radius beyond this is the whole raster anyway.
const MAX_RADIUS: f64 = (1 << 30) as f64;

/// One axis: kernel units a source pixel, and source pixels that the kernel reaches.
#[derive(Clone, Copy)]
struct Axis {
    ratio: f64,
    radius: i64,
}

/// The kernel's shape. `Spline` is the cubic B-spline, `Lanczos` has three lobes.
#[derive(Clone, Copy, PartialEq)]
pub enum Shape {
    Triangle,
    Cubic,
    Spline,
    Lanczos,
}

impl Shape {
    /// How far the kernel reaches, in its own units.
    fn reach(self) -> f64 {
        match self {
            Shape::Triangle => 1.0,
            Shape::Cubic | Shape::Spline => 2.0,
            Shape::Lanczos => 3.0,
        }
    }
}

pub struct Wide {
    shape: Shape,
    x: Axis,
    y: Axis,
    weights: Vec<f64>,
}

impl Wide {
    pub fn new(shape: Shape, scale: (f64, f64)) -> Self {
        let reach = shape.reach();
        let axis = |scale: f64| Axis {
            ratio: (1.0 / scale).min(1.0),
            radius: if scale > super::WIDE {
                (reach * scale).ceil().min(MAX_RADIUS) as i64
            } else {
                reach as i64
            },
        };
        Wide {
            shape,
            x: axis(scale.0),
            y: axis(scale.1),
            weights: Vec::new(),
        }
    }

    pub fn sample<S: Sample>(&mut self, plane: &Plane<S>, x: f64, y: f64) -> Found {
        if let Err(found) = centre(plane, x, y) {
            return found;
        }
        let ((col, right), (row, lower)) = (split(x), split(y));
        let cols = reach(col, self.x.radius, plane.bounds.width);
        let rows = reach(row, self.y.radius, plane.bounds.height);
        if !plane.bounds.holds_all(cols, rows) {
            return Found::Missing;
        }
        self.weights.clear();
        for c in cols.0..cols.1 {
            let weight = self.weight(((c - col) as f64 - right) * self.x.ratio);
            self.weights.push(weight);
        }
        let (mut sum, mut total) = (0.0, 0.0);
        for r in rows.0..rows.1 {
            let weight = self.weight(((r - row) as f64 - lower) * self.y.ratio);
            let (row_sum, row_total) = self.row(plane, plane.index(cols.0, r));
            sum += row_sum * weight;
            total += row_total * weight;
        }
        if total < LEAST_WEIGHT {
            Found::Nodata
        } else {
            Found::Value(sum / total)
        }
    }

    #[inline(always)]
    fn row<S: Sample>(&self, plane: &Plane<S>, first: usize) -> (f64, f64) {
        let (mut sum, mut total) = (0.0, 0.0);
        for (k, weight) in self.weights.iter().enumerate() {
            if plane.is_valid(first + k) {
                sum += plane.data[first + k].value() * weight;
                total += weight;
            }
        }
        (sum, total)
    }

    #[inline(always)]
    fn weight(&self, x: f64) -> f64 {
        let x = x.abs();
        match self.shape {
            Shape::Triangle if x < 1.0 => 1.0 - x,
            Shape::Cubic if x <= 1.0 => 1.0 + x * x * (1.5 * x - 2.5),
            Shape::Cubic if x <= 2.0 => 2.0 + x * (x * (2.5 - 0.5 * x) - 4.0),
            Shape::Spline if x <= 1.0 => 2.0 / 3.0 + x * x * (0.5 * x - 1.0),
            Shape::Spline if x < 2.0 => (2.0 - x) * (2.0 - x) * (2.0 - x) / 6.0,
            Shape::Lanczos if x < 3.0 => lanczos(x),
            _ => 0.0,
        }
    }
}

/// 1 / ((2 k + 2) (2 k + 3)): what turns one term of the sine's series into the next.
const SINE: [f64; 10] = [
    1.0 / 6.0,
    1.0 / 20.0,
    1.0 / 42.0,
    1.0 / 72.0,
    1.0 / 110.0,
    1.0 / 156.0,
    1.0 / 210.0,
    1.0 / 272.0,
    1.0 / 342.0,
    1.0 / 420.0,
];

/// sinc(x) · sinc(x / 3) for 0 <= x < 3, where sinc(x) is sin(πx) / (πx); with a third of the angle both have one sine, since
/// sin 3a = sin a (3 - 4 sin² a). The sine is its series up to half a turn: the platform's would not give the same bits
/// everywhere.
fn lanczos(x: f64) -> f64 {
    if x == 0.0 {
        return 1.0;
    }
    let third = x / 3.0;
    let angle = std::f64::consts::PI * third.min(1.0 - third);
    let square = angle * angle;
    let series = SINE.iter().rev().fold(1.0, |series, term| 1.0 - square * term * series);
    let sine = angle * series;
    let sinc = sine / (std::f64::consts::PI * third);
    sinc * sinc * (1.0 - sine * sine * (4.0 / 3.0))
}

/// Half-open range of pixels within `radius` of a position between `first` and `first + 1`, cut to the raster.
fn reach(first: i64, radius: i64, size: i64) -> (i64, i64) {
    ((first - radius + 1).max(0), (first + radius + 1).min(size))
}
