//! Kernels of fixed size: nearest, bilinear, cubic.
use super::Found;
use super::plane::Plane;
use super::sample::Sample;

/// Least sum of weights of valid pixels that still gives a value (GDAL's bound).
const LEAST_WEIGHT: f64 = 1e-5;

/// The pixel that holds the position; ties go to the lower right.
#[inline(always)]
pub fn nearest<S: Sample>(plane: &Plane<S>, x: f64, y: f64) -> Found {
    match centre(plane, x, y) {
        Ok(index) => Found::Value(plane.data[index].value()),
        Err(found) => found,
    }
}

/// Index of the pixel that holds the position where it is valid: GDAL gives no data where it is not, whatever the kernel.
#[inline(always)]
pub fn centre<S: Sample>(plane: &Plane<S>, x: f64, y: f64) -> Result<usize, Found> {
    let (col, row) = plane.bounds.pixel(x, y).ok_or(Found::Outside)?;
    if !plane.bounds.holds(col, row) {
        return Err(Found::Missing);
    }
    let index = plane.index(col, row);
    if plane.is_valid(index) {
        Ok(index)
    } else {
        Err(Found::Nodata)
    }
}

/// The pixel whose centre is left of (above) the position, and how far the position is right of that centre, 0 to 1.
#[inline(always)]
pub fn split(position: f64) -> (i64, f64) {
    let shifted = position + 0.5;
    let whole = shifted as i64;
    (whole - 1, shifted - whole as f64)
}

#[inline(always)]
pub fn bilinear<S: Sample>(plane: &Plane<S>, x: f64, y: f64) -> Found {
    if let Err(found) = centre(plane, x, y) {
        return found;
    }
    interpolate(plane, split(x), split(y))
}

/// Two by two pixels; those outside the raster or without data give their weight to the others.
#[inline(always)]
fn interpolate<S: Sample>(
    plane: &Plane<S>,
    (col, right): (i64, f64),
    (row, lower): (i64, f64),
) -> Found {
    if plane.bounds.holds(col, row) && plane.bounds.holds(col + 1, row + 1) {
        let i = plane.index(col, row);
        let j = i + plane.width;
        if plane.is_valid(i) && plane.is_valid(i + 1) && plane.is_valid(j) && plane.is_valid(j + 1)
        {
            let d = plane.data;
            let upper = d[i].value() * (1.0 - right) + d[i + 1].value() * right;
            let under = d[j].value() * (1.0 - right) + d[j + 1].value() * right;
            return Found::Value(upper * (1.0 - lower) + under * lower);
        }
    }
    interpolate_some(plane, (col, right), (row, lower))
}

#[cold]
fn interpolate_some<S: Sample>(
    plane: &Plane<S>,
    (col, right): (i64, f64),
    (row, lower): (i64, f64),
) -> Found {
    let (mut sum, mut weights) = (0.0, 0.0);
    for (y, weight_y) in [(row, 1.0 - lower), (row + 1, lower)] {
        for (x, weight_x) in [(col, 1.0 - right), (col + 1, right)] {
            if x < 0 || y < 0 || x >= plane.bounds.width || y >= plane.bounds.height {
                continue;
            }
            if !plane.bounds.holds(x, y) {
                return Found::Missing;
            }
            let index = plane.index(x, y);
            if plane.is_valid(index) {
                let weight = weight_x * weight_y;
                weights += weight;
                sum += plane.data[index].value() * weight;
            }
        }
    }
    if weights < LEAST_WEIGHT {
        Found::Nodata
    } else {
        Found::Value(sum / weights)
    }
}

/// Cubic convolution with a = -0.5. Where one of the 16 pixels is outside the raster or without data: bilinear, as GDAL.
#[inline(always)]
pub fn cubic<S: Sample>(plane: &Plane<S>, x: f64, y: f64) -> Found {
    if let Err(found) = centre(plane, x, y) {
        return found;
    }
    let ((col, right), (row, lower)) = (split(x), split(y));
    let bounds = &plane.bounds;
    if col < 1 || row < 1 || col + 2 >= bounds.width || row + 2 >= bounds.height {
        return interpolate(plane, (col, right), (row, lower));
    }
    if !bounds.holds_all((col - 1, col + 3), (row - 1, row + 3)) {
        return Found::Missing;
    }
    let (weights_x, weights_y) = (cubic_weights(right), cubic_weights(lower));
    let mut sum = 0.0;
    for (j, weight_y) in weights_y.iter().enumerate() {
        let i = plane.index(col - 1, row - 1 + j as i64);
        let d = &plane.data[i..i + 4];
        if !(plane.is_valid(i)
            && plane.is_valid(i + 1)
            && plane.is_valid(i + 2)
            && plane.is_valid(i + 3))
        {
            return interpolate(plane, (col, right), (row, lower));
        }
        let [a, b, c, e] = weights_x;
        sum +=
            (d[0].value() * a + d[1].value() * b + d[2].value() * c + d[3].value() * e) * weight_y;
    }
    Found::Value(sum)
}

/// Weights of the four pixels around a position that is `t` right of the second.
#[inline(always)]
pub fn cubic_weights(t: f64) -> [f64; 4] {
    let half = 0.5 * t;
    let square = half * t;
    [
        half * (t * (2.0 - t) - 1.0),
        1.0 + square * (3.0 * t - 5.0),
        half * (1.0 + t * (4.0 - 3.0 * t)),
        square * (t - 1.0),
    ]
}
