//! Polygons in the plane of longitudes and latitudes.

pub struct Bounds {
    pub xmin: f64,
    pub ymin: f64,
    pub xmax: f64,
    pub ymax: f64,
}

impl Bounds {
    pub fn of(ring: &[f64]) -> Self {
        let none = Bounds {
            xmin: f64::INFINITY,
            ymin: f64::INFINITY,
            xmax: f64::NEG_INFINITY,
            ymax: f64::NEG_INFINITY,
        };
        ring.chunks_exact(2).fold(none, |box_, point| Bounds {
            xmin: box_.xmin.min(point[0]),
            ymin: box_.ymin.min(point[1]),
            xmax: box_.xmax.max(point[0]),
            ymax: box_.ymax.max(point[1]),
        })
    }
}

/// Whether a point lies inside of a polygon, on none of its rings.
pub fn is_inside(rings: &[&[f64]], x: f64, y: f64) -> bool {
    let Some((outer, holes)) = rings.split_first() else {
        return false;
    };
    locate(outer, x, y) == 1 && holes.iter().all(|hole| locate(hole, x, y) == -1)
}

/// 1 inside, 0 on the ring, -1 outside: `locateInRing` of src/vector/ring-maths.ts.
fn locate(ring: &[f64], x: f64, y: f64) -> i32 {
    let between = |a: f64, value: f64, b: f64| (a <= value && value <= b) || (b <= value && value <= a);
    let count = ring.len() / 2;
    let mut inside = false;
    for i in 0..count {
        let j = if i == 0 { count - 1 } else { i - 1 };
        let (ax, ay, bx, by) = (ring[2 * j], ring[2 * j + 1], ring[2 * i], ring[2 * i + 1]);
        let cross = (bx - ax) * (y - ay) - (x - ax) * (by - ay);
        if cross == 0.0 && between(ax, x, bx) && between(ay, y, by) {
            return 0;
        }
        if (ay > y) != (by > y) && (cross > 0.0) == (by > ay) {
            inside = !inside;
        }
    }
    if inside { 1 } else { -1 }
}
