//! Datum shifts by way of WGS 84: EPSG Guidance Note 7-2, methods 9602 (geographic to geocentric) and 9606 (position
//! vector), with heights taken as 0.

/// Arc second in radians.
const ARC_SECOND: f64 = std::f64::consts::PI / 648_000.0;

#[derive(Clone, Copy)]
pub struct Ellipsoid {
    a: f64,
    /// First eccentricity squared.
    es: f64,
}

impl Ellipsoid {
    /// `rf` is the inverse flattening, 0 for a sphere.
    pub fn new(a: f64, rf: f64) -> Self {
        let f = if rf == 0.0 { 0.0 } else { 1.0 / rf };
        Ellipsoid {
            a,
            es: f * (2.0 - f),
        }
    }
}

/// A datum: its ellipsoid, and the seven parameters that lead from it to WGS 84.
pub struct Datum {
    ellipsoid: Ellipsoid,
    translation: [f64; 3],
    rotation: [f64; 3],
    scale: f64,
}

impl Datum {
    /// `parameters`: metres, arc seconds, parts per million.
    pub fn new(ellipsoid: Ellipsoid, parameters: &[f64; 7]) -> Self {
        let p = parameters;
        Datum {
            ellipsoid,
            translation: [p[0], p[1], p[2]],
            rotation: [p[3] * ARC_SECOND, p[4] * ARC_SECOND, p[5] * ARC_SECOND],
            scale: 1.0 + p[6] * 1e-6,
        }
    }

    fn to_wgs84(&self, [x, y, z]: [f64; 3]) -> [f64; 3] {
        let ([dx, dy, dz], [rx, ry, rz], m) = (self.translation, self.rotation, self.scale);
        [
            dx + m * (x - rz * y + ry * z),
            dy + m * (rz * x + y - rx * z),
            dz + m * (-ry * x + rx * y + z),
        ]
    }

    /// The transposed rotation, as PROJ does it.
    fn from_wgs84(&self, [x, y, z]: [f64; 3]) -> [f64; 3] {
        let ([dx, dy, dz], [rx, ry, rz], m) = (self.translation, self.rotation, self.scale);
        let (x, y, z) = ((x - dx) / m, (y - dy) / m, (z - dz) / m);
        [
            x + rz * y - ry * z,
            -rz * x + y + rx * z,
            ry * x - rx * y + z,
        ]
    }
}

/// Longitude and latitude in radians; a side without a datum is WGS 84 or equal to it.
pub fn shift(point: (f64, f64), from: Option<&Datum>, to: Option<&Datum>) -> (f64, f64) {
    let wgs84 = Ellipsoid::new(6_378_137.0, 298.257_223_563);
    let source = from.map_or(wgs84, |datum| datum.ellipsoid);
    let mut xyz = geocentric(point, source);
    if let Some(datum) = from {
        xyz = datum.to_wgs84(xyz);
    }
    if let Some(datum) = to {
        xyz = datum.from_wgs84(xyz);
    }
    geographic(xyz, to.map_or(wgs84, |datum| datum.ellipsoid))
}

fn geocentric((lon, lat): (f64, f64), e: Ellipsoid) -> [f64; 3] {
    let (sin, cos) = lat.sin_cos();
    let n = e.a / (1.0 - e.es * sin * sin).sqrt();
    [
        n * cos * lon.cos(),
        n * cos * lon.sin(),
        n * (1.0 - e.es) * sin,
    ]
}

/// Bowring's formula: one step is exact to a nanometre this close to the ellipsoid.
fn geographic([x, y, z]: [f64; 3], e: Ellipsoid) -> (f64, f64) {
    let b = e.a * (1.0 - e.es).sqrt();
    let p = x.hypot(y);
    let theta = (z * e.a).atan2(p * b);
    let second = e.es / (1.0 - e.es);
    let lat = (z + second * b * theta.sin().powi(3)).atan2(p - e.es * e.a * theta.cos().powi(3));
    (y.atan2(x), lat)
}
