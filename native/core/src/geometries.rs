//! Many geometries in flat arrays, as `flattenGeometries` in src/native/flat-geometries.ts makes them.

use crate::coverage::{Bytes, bytes_of};

#[derive(Clone, Copy, PartialEq)]
pub enum Kind {
    /// Nothing that can be used.
    Unusable,
    /// One ring that holds the points.
    Points,
    Polygons,
}

/// Rings hold x, y pairs: ring i ends before point `ring_ends[i]`, polygon i before ring `polygon_ends[i]` (its shell comes
/// first), geometry i before polygon `geometry_ends[i]`.
pub struct Geometries<'a> {
    points: &'a [f64],
    ring_ends: &'a [u32],
    polygon_ends: &'a [u32],
    geometry_ends: &'a [u32],
    kinds: &'a [u8],
}

impl<'a> Geometries<'a> {
    /// None where the arrays do not fit each other.
    pub fn new(
        points: &'a [f64],
        ring_ends: &'a [u32],
        polygon_ends: &'a [u32],
        geometry_ends: &'a [u32],
        kinds: &'a [u8],
    ) -> Option<Self> {
        let sound = points.len().is_multiple_of(2)
            && are_ends(ring_ends, points.len() / 2)
            && are_ends(polygon_ends, ring_ends.len())
            && are_ends(geometry_ends, polygon_ends.len())
            && kinds.len() == geometry_ends.len()
            && kinds.iter().all(|&kind| kind <= 2);
        sound.then_some(Geometries {
            points,
            ring_ends,
            polygon_ends,
            geometry_ends,
            kinds,
        })
    }

    /// Where the arrays lie.
    pub fn memory(&self) -> [Bytes; 5] {
        [
            bytes_of(self.points),
            bytes_of(self.ring_ends),
            bytes_of(self.polygon_ends),
            bytes_of(self.geometry_ends),
            bytes_of(self.kinds),
        ]
    }

    pub fn len(&self) -> usize {
        self.kinds.len()
    }

    pub fn kind(&self, geometry: usize) -> Kind {
        [Kind::Unusable, Kind::Points, Kind::Polygons][self.kinds[geometry] as usize]
    }

    /// The polygons of a geometry, each as its rings.
    pub fn polygons(&self, geometry: usize) -> impl Iterator<Item = Vec<&'a [f64]>> {
        range(self.geometry_ends, geometry).map(|polygon| {
            range(self.polygon_ends, polygon)
                .map(|ring| {
                    let points = range(self.ring_ends, ring);
                    &self.points[2 * points.start..2 * points.end]
                })
                .collect()
        })
    }
}

fn range(ends: &[u32], at: usize) -> std::ops::Range<usize> {
    let start = if at == 0 { 0 } else { ends[at - 1] as usize };
    start..ends[at] as usize
}

/// Ascending, and the last is `length`.
fn are_ends(ends: &[u32], length: usize) -> bool {
    ends.windows(2).all(|pair| pair[0] <= pair[1])
        && ends.last().copied().unwrap_or(0) as usize == length
}
