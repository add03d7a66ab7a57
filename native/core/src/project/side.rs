//! One end of a transform: a geographic system, or a map projection with its units and false origin.
use super::helmert::{Datum, Ellipsoid};
use proj4rs::errors::Result as ProjResult;
use proj4rs::proj::Proj;
use proj4rs::transform::{Transform, TransformClosure, transform};
use std::cell::RefCell;
use std::f64::consts::{FRAC_PI_2, PI, TAU};
use std::rc::Rc;

/// Latitudes and longitudes may pass their limits by this much (radians, under a millimetre).
const SLACK: f64 = 1e-10;

/// Places in the parameter array.
const COUNT: usize = 16;

struct Map {
    forward: Proj,
    /// The same with longitudes left as they come, so that points outside the map can be told.
    inverse: Proj,
    /// The longitudes and latitudes of the same ellipsoid.
    sphere: Proj,
}

thread_local! {
    /// The latest projections: many calls have few points each, and setting one up takes longer than these.
    static MAPS: RefCell<Vec<(String, Rc<Map>)>> = const { RefCell::new(Vec::new()) };
}

const MAPS_KEPT: usize = 8;

fn map_of(projection: &str) -> Option<Rc<Map>> {
    let known = MAPS.with_borrow(|maps| maps.iter().find(|(name, _)| name == projection).map(|(_, map)| map.clone()));
    if known.is_some() {
        return known;
    }
    let map = Rc::new(Map::new(projection)?);
    MAPS.with_borrow_mut(|maps| {
        if maps.len() == MAPS_KEPT {
            maps.remove(0);
        }
        maps.push((projection.to_string(), map.clone()));
    });
    Some(map)
}

pub struct Side {
    map: Option<Rc<Map>>,
    unit: f64,
    false_east: f64,
    false_north: f64,
    meridian: f64,
    centre: f64,
    wraps: bool,
    pub shift: Option<Datum>,
}

impl Side {
    pub fn new(projection: &str, parameters: &[f64]) -> Option<Self> {
        let p: &[f64; COUNT] = parameters.try_into().ok()?;
        let [
            unit,
            false_east,
            false_north,
            meridian,
            centre,
            wraps,
            a,
            rf,
            shifted,
            ..,
        ] = *p;
        if p.iter().any(|v| !v.is_finite()) || unit <= 0.0 || a <= 0.0 || (rf != 0.0 && rf <= 1.0) {
            return None;
        }
        let map = if projection.is_empty() {
            None
        } else {
            Some(map_of(projection)?)
        };
        let seven: &[f64; 7] = p[9..].try_into().ok()?;
        let shift = (shifted != 0.0).then(|| Datum::new(Ellipsoid::new(a, rf), seven));
        Some(Side {
            map,
            unit,
            false_east,
            false_north,
            meridian,
            centre,
            wraps: wraps != 0.0,
            shift,
        })
    }

    /// From CRS units to radians east of Greenwich and north.
    pub fn to_geographic(&self, block: &mut [f64]) {
        match &self.map {
            None => scale(block, |x, y| (x * self.unit, y * self.unit)),
            Some(map) => {
                scale(block, |x, y| {
                    (
                        x * self.unit - self.false_east,
                        y * self.unit - self.false_north,
                    )
                });
                project(&map.inverse, &map.sphere, block);
            }
        }
        scale(block, |lon, lat| {
            if !(lat.abs() <= FRAC_PI_2 + SLACK) || !lon.is_finite() {
                return (f64::NAN, f64::NAN);
            }
            let relative = lon - self.centre;
            if self.map.is_none() || relative.abs() <= PI + SLACK && lon.abs() <= PI {
                return (lon + self.meridian, lat);
            }
            if !self.wraps && relative.abs() > PI + SLACK {
                return (f64::NAN, f64::NAN);
            }
            (wrap(lon) + self.meridian, lat)
        });
    }

    /// From radians east of Greenwich and north to CRS units.
    pub fn from_geographic(&self, block: &mut [f64]) {
        match &self.map {
            None => scale(block, |lon, lat| {
                ((lon - self.meridian) / self.unit, lat / self.unit)
            }),
            Some(map) => {
                scale(block, |lon, lat| (wrap(lon - self.meridian), lat));
                project(&map.sphere, &map.forward, block);
                scale(block, |x, y| {
                    (
                        (x + self.false_east) / self.unit,
                        (y + self.false_north) / self.unit,
                    )
                });
            }
        }
        scale(block, |x, y| {
            if x.is_finite() && y.is_finite() {
                (x, y)
            } else {
                (f64::NAN, f64::NAN)
            }
        });
    }
}

impl Map {
    fn new(projection: &str) -> Option<Self> {
        let ellipsoid: Vec<&str> = projection
            .split_whitespace()
            .filter(|word| {
                ["+a=", "+b=", "+rf="]
                    .iter()
                    .any(|key| word.starts_with(key))
            })
            .collect();
        Some(Map {
            forward: Proj::from_proj_string(projection).ok()?,
            inverse: Proj::from_proj_string(&format!("{projection} +over")).ok()?,
            sphere: Proj::from_proj_string(&format!("+proj=latlong {}", ellipsoid.join(" ")))
                .ok()?,
        })
    }
}

/// To -180..180 degrees.
fn wrap(lon: f64) -> f64 {
    if lon.abs() <= PI {
        lon
    } else {
        lon - TAU * ((lon + PI) / TAU).floor()
    }
}

fn scale(block: &mut [f64], f: impl Fn(f64, f64) -> (f64, f64)) {
    for point in block.chunks_exact_mut(2) {
        (point[0], point[1]) = f(point[0], point[1]);
    }
}

/// Points for proj4rs; one that fails becomes NaN and the others go on.
struct Points<'a>(&'a mut [f64]);

impl Transform for Points<'_> {
    fn transform_coordinates<F: TransformClosure>(&mut self, f: &mut F) -> ProjResult<()> {
        for point in self.0.chunks_exact_mut(2) {
            let (x, y) = match (point[0].is_finite() && point[1].is_finite())
                .then(|| f(point[0], point[1], 0.0))
            {
                Some(Ok((x, y, _))) => (x, y),
                _ => (f64::NAN, f64::NAN),
            };
            (point[0], point[1]) = (x, y);
        }
        Ok(())
    }
}

fn project(from: &Proj, to: &Proj, block: &mut [f64]) {
    if transform(from, to, &mut Points(block)).is_err() {
        block.fill(f64::NAN);
    }
}
