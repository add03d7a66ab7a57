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

mod plane;
mod shape;
mod trace;

use plane::{Bounds, is_inside};
use shape::Shapes;
use trace::bulge;

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
const MAX_ONLY_DEGREES: f64 = 1.0;
const MAX_ONLY_LATITUDE: f64 = 85.0;
const METRES_PER_DEGREE: f64 = 111_320.0;
/// No cell is smaller than this part of the mean of its size.
const SMALLEST_CELL: f64 = 0.4;
/// Geometries whose covers are in memory at a time, and those that a thread takes at a time.
const BLOCK: usize = 8192;
const SHARE: usize = 128;
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
    if !are_apart(&[bytes_of(&cells), bytes_of(&ends)], &geometries.memory()) {
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
