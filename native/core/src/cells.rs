//! The H3 cells that geometries lie in. h3o finds the cell of a point; this module traces the rings and walks inwards, as
//! src/vector/cell-cover.ts does, where the reasons stand.
use std::collections::HashSet;
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use h3o::{CellIndex, LatLng, Resolution};
use napi::bindgen_prelude::*;
use napi_derive::napi;

use crate::coverage::{are_apart, bytes_of};
use crate::geometries::{Geometries, Kind};
use crate::threads::in_threads;

/// The arrays, the resolution or `graze` cannot be used.
const INVALID: i32 = -1;
/// A coordinate is not finite, or no longitude or latitude.
const NO_PLACE: i32 = -2;
/// A geometry has more cells than `MOST_CELLS`.
const TOO_MANY: i32 = -3;

/// Of one geometry. TypeScript asks for no cover that is near it.
const MOST_CELLS: usize = 1 << 22;
/// 0.1 mm: a cell that an edge only grazes by less may be missed.
const CLOSE_DEGREES: f64 = 1e-9;
/// Halving an edge ends where its parts are no longer than `graze`.
const LEAST_GRAZE: f64 = 1e-12;
/// Longer edges are cut before anything is said of their curvature.
const MAX_EDGE_DEGREES: f64 = 10.0;
const MAX_ONLY_DEGREES: f64 = 1.0;
const MAX_ONLY_LATITUDE: f64 = 85.0;
const METRES_PER_DEGREE: f64 = 111_320.0;
/// No cell is smaller than this part of the mean of its size.
const SMALLEST_CELL: f64 = 0.4;
/// Against the square root of a cell's area: a sixth of the side of a mean cell, less than half of the shortest.
const SHORT: f64 = 0.1;
/// Geometries whose covers are in memory at a time, and those that a thread takes at a time.
const BLOCK: usize = 8192;
const SHARE: usize = 128;
/// Cells whose shapes a thread keeps.
const REMEMBERED: usize = 4;
/// Six centimetres, in radians: nearer to its sides a cell is asked for.
const CERTAIN: f64 = 1e-8;
const RADIAN: f64 = std::f64::consts::PI / 180.0;

/// Covers of geometries (lon/lat) from `first` on until `cells` is full: how many were done, or a negative code. Cells are
/// two numbers each, the lower half first; those of a geometry are ascending and end before cell `ends[i]`, where i counts
/// from `first`. `mean_area` is that of a cell of the resolution, in square metres; `threads` share the work.
#[napi(catch_unwind)]
#[allow(clippy::too_many_arguments)]
pub fn cover_cells(
    points: Float64ArraySlice,
    ring_ends: Uint32ArraySlice,
    polygon_ends: Uint32ArraySlice,
    geometry_ends: Uint32ArraySlice,
    kinds: Uint8ArraySlice,
    resolution: u32,
    mean_area: f64,
    graze: f64,
    first: u32,
    threads: u32,
    mut cells: Uint32ArraySlice,
    mut ends: Uint32ArraySlice,
) -> i32 {
    let geometries = Geometries::new(&points, &ring_ends, &polygon_ends, &geometry_ends, &kinds);
    let resolution = u8::try_from(resolution)
        .ok()
        .and_then(|number| Resolution::try_from(number).ok());
    let (Some(geometries), Some(resolution)) = (geometries, resolution) else {
        return INVALID;
    };
    let first = first as usize;
    let fits = first <= geometries.len() && ends.len() >= geometries.len() - first;
    if !fits || !(graze >= LEAST_GRAZE && graze.is_finite() && mean_area > 0.0) {
        return INVALID;
    }
    let inputs = [
        bytes_of(&points),
        bytes_of(&ring_ends),
        bytes_of(&polygon_ends),
        bytes_of(&geometry_ends),
        bytes_of(&kinds),
    ];
    if !are_apart(&[bytes_of(&cells), bytes_of(&ends)], &inputs) {
        return INVALID;
    }
    if !points
        .chunks_exact(2)
        .all(|point| point[0].abs() <= 180.0 && point[1].abs() <= 90.0)
    {
        return NO_PLACE;
    }
    // SAFETY: the outputs overlap nothing (checked above), and JavaScript does not run meanwhile.
    let (cells, ends) = unsafe { (cells.as_mut(), ends.as_mut()) };
    let grid = Grid {
        resolution,
        mean_area,
        graze,
    };
    let mut length = 0;
    let mut next = first;
    while next < geometries.len() {
        let block = next..geometries.len().min(next + BLOCK);
        let Some(covers) = grid.cover_block(&geometries, block, threads as usize) else {
            return TOO_MANY;
        };
        for cover in covers {
            if 2 * (length + cover.len()) > cells.len() {
                return (next - first) as i32;
            }
            for cell in cover {
                cells[2 * length] = cell as u32;
                cells[2 * length + 1] = (cell >> 32) as u32;
                length += 1;
            }
            ends[next - first] = length as u32;
            next += 1;
        }
    }
    (next - first) as i32
}

struct Grid {
    resolution: Resolution,
    mean_area: f64,
    graze: f64,
}

type Vector = [f64; 3];

/// A cell as a convex shape on the sphere: what lies on the inner side of each side's great circle.
struct Shape {
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
    fn holds(&self, place: &Vector, margin: f64) -> bool {
        !self.sides.is_empty() && self.sides.iter().all(|side| dot(side, place) > margin)
    }

    /// Whether a corner lies within this (radians) of a place.
    fn has_corner_near(&self, place: &Vector, reach: f64) -> bool {
        let square = |corner: &Vector| (0..3).map(|i| (corner[i] - place[i]).powi(2)).sum::<f64>();
        self.corners.iter().any(|corner| square(corner) <= reach * reach)
    }
}

/// The shapes of cells that were looked at last.
#[derive(Default)]
struct Shapes {
    known: Vec<Shape>,
    next: usize,
}

impl Shapes {
    fn of(&mut self, cell: u64) -> &Shape {
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
    fn holder(&self, place: &Vector) -> Option<u64> {
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
fn place(lon: f64, lat: f64) -> Vector {
    vector(lon * RADIAN, lat * RADIAN)
}

/// On the unit sphere, of radians.
fn vector(lon: f64, lat: f64) -> Vector {
    let (east, north) = (lon.sin_cos(), lat.sin_cos());
    [north.1 * east.1, north.1 * east.0, north.0]
}

/// Lon/lat of the two ends.
type Edge = [f64; 4];

impl Grid {
    /// Of each geometry of a block; None: too many.
    fn cover_block(&self, geometries: &Geometries, block: Range<usize>, threads: usize) -> Option<Vec<Vec<u64>>> {
        let next = AtomicUsize::new(block.start);
        let covers = Mutex::new(vec![Vec::new(); block.len()]);
        let failed = AtomicBool::new(false);
        in_threads(threads.min(block.len() / SHARE + 1), || {
            let mut shapes = Shapes::default();
            while !failed.load(Ordering::Relaxed) {
                let from = next.fetch_add(SHARE, Ordering::Relaxed);
                let share = from..block.end.min(from + SHARE);
                if share.is_empty() {
                    return;
                }
                let done: Option<Vec<_>> = share.map(|i| self.cover(geometries, i, &mut shapes)).collect();
                match (done, covers.lock()) {
                    (Some(done), Ok(mut covers)) => {
                        for (i, cover) in done.into_iter().enumerate() {
                            covers[from - block.start + i] = cover;
                        }
                    }
                    _ => failed.store(true, Ordering::Relaxed),
                }
            }
        });
        if failed.into_inner() { None } else { covers.into_inner().ok() }
    }

    /// Ascending; None: too many.
    fn cover(&self, geometries: &Geometries, geometry: usize, shapes: &mut Shapes) -> Option<Vec<u64>> {
        let mut cells = Vec::new();
        match geometries.kind(geometry) {
            Kind::Unusable => {}
            Kind::Points => {
                for points in geometries.polygons(geometry).flatten() {
                    cells.extend(points.chunks_exact(2).map(|at| self.cell(at[0], at[1])));
                }
            }
            Kind::Polygons => {
                for rings in geometries.polygons(geometry) {
                    self.cover_polygon(&rings, shapes, &mut cells)?;
                }
            }
        }
        cells.sort_unstable();
        cells.dedup();
        Some(cells)
    }

    fn cell(&self, lon: f64, lat: f64) -> u64 {
        // In the order of h3-js, so that both have the same radians.
        LatLng::from_radians(lat * std::f64::consts::PI / 180.0, lon * std::f64::consts::PI / 180.0)
            .map_or(0, |place| place.to_cell(self.resolution).into())
    }

    /// `cell`, sooner where it is one that was looked at.
    fn traced(&self, lon: f64, lat: f64, shapes: &Shapes) -> u64 {
        shapes.holder(&place(lon, lat)).unwrap_or_else(|| self.cell(lon, lat))
    }

    fn cover_polygon(&self, rings: &[&[f64]], shapes: &mut Shapes, cells: &mut Vec<u64>) -> Option<()> {
        let Some(outer) = rings.first().filter(|ring| !ring.is_empty()) else {
            return Some(());
        };
        let bounds = Bounds::of(outer);
        if let Some(only) = self.only_cell(&bounds) {
            cells.push(only);
            return Some(());
        }
        let mut boundary = Vec::new();
        for ring in rings {
            self.trace_ring(ring, shapes, &mut boundary)?;
        }
        boundary.sort_unstable();
        boundary.dedup();
        let size = (bounds.xmax - bounds.xmin) * (bounds.ymax - bounds.ymin) * METRES_PER_DEGREE.powi(2);
        if size >= SMALLEST_CELL * self.mean_area {
            self.walk_inside(rings, &boundary, cells)?;
        }
        cells.append(&mut boundary);
        (cells.len() <= MOST_CELLS).then_some(())
    }

    /// The cell that holds all of a polygon.
    fn only_cell(&self, b: &Bounds) -> Option<u64> {
        let (dx, dy) = (b.xmax - b.xmin, b.ymax - b.ymin);
        let latitude = b.ymin.abs().max(b.ymax.abs());
        if dx.max(dy) >= MAX_ONLY_DEGREES || latitude > MAX_ONLY_LATITUDE {
            return None;
        }
        let north = 2.0 * bulge(dx, dy) + CLOSE_DEGREES;
        let east = north / (latitude * RADIAN).cos();
        if b.xmin - east < -180.0 || b.xmax + east > 180.0 {
            return None;
        }
        let cell = self.cell(b.xmin - east, b.ymin - north);
        let same = |lon: f64, lat: f64| self.cell(lon, lat) == cell;
        (same(b.xmax + east, b.ymax + north)
            && same(b.xmin - east, b.ymax + north)
            && same(b.xmax + east, b.ymin - north))
        .then_some(cell)
    }

    fn trace_ring(&self, ring: &[f64], shapes: &mut Shapes, cells: &mut Vec<u64>) -> Option<()> {
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

    /// From the cells on the rings inwards.
    fn walk_inside(&self, rings: &[&[f64]], boundary: &[u64], cells: &mut Vec<u64>) -> Option<()> {
        let mut seen: HashSet<u64> = boundary.iter().copied().collect();
        let mut queue = boundary.to_vec();
        while let Some(cell) = queue.pop() {
            let Ok(index) = CellIndex::try_from(cell) else {
                continue;
            };
            for near in index.grid_disk::<Vec<_>>(1) {
                if !seen.insert(near.into()) {
                    continue;
                }
                let centre = LatLng::from(near);
                if !is_inside(rings, centre.lng(), centre.lat()) {
                    continue;
                }
                cells.push(near.into());
                queue.push(near.into());
                if cells.len() > MOST_CELLS {
                    return None;
                }
            }
        }
        Some(())
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
fn bulge(dx: f64, dy: f64) -> f64 {
    ((dx * dx) / 16.0 + (dx * dy) / 4.0) * RADIAN
}

struct Bounds {
    xmin: f64,
    ymin: f64,
    xmax: f64,
    ymax: f64,
}

impl Bounds {
    fn of(ring: &[f64]) -> Self {
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
fn is_inside(rings: &[&[f64]], x: f64, y: f64) -> bool {
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
