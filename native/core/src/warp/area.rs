//! Kernels that reduce all source pixels under a target pixel: average, sum, rms, mode, min, max, med, q1, q3.
use std::collections::HashMap;

use super::plane::{Bounds, Plane};
use super::sample::Sample;
use super::{Found, TIE};

#[derive(Clone, Copy, PartialEq)]
pub enum Reduce {
    Average,
    Mode,
    Min,
    Max,
    Med,
    Q1,
    Q3,
    Sum,
    Rms,
}

impl Reduce {
    pub fn from_code(code: u32) -> Option<Self> {
        [
            Reduce::Average,
            Reduce::Mode,
            Reduce::Min,
            Reduce::Max,
            Reduce::Med,
            Reduce::Q1,
            Reduce::Q3,
            Reduce::Sum,
            Reduce::Rms,
        ]
        .get(code.checked_sub(5)? as usize)
        .copied()
    }
}

/// Upper left, upper right, lower left and lower right corner of a target pixel.
pub type Corners = [(f64, f64); 4];

/// Up to so many different values are looked up by walking through them.
const FEW: usize = 32;

/// Memory that is reused from pixel to pixel: values and their weights (mode), weights of columns (average).
#[derive(Default)]
pub struct Cells {
    values: Vec<f64>,
    weights: Vec<f64>,
    /// Places of the values (by their bits) once they are many.
    places: HashMap<u64, usize>,
}

impl Cells {
    fn clear(&mut self) {
        self.values.clear();
        self.weights.clear();
        self.places.clear();
    }

    /// Adds weight to a value; its place.
    fn add(&mut self, value: f64, weight: f64) -> usize {
        let value = value + 0.0; // -0 is 0
        let found = if self.values.len() <= FEW {
            self.values.iter().position(|&v| v == value)
        } else {
            if self.places.is_empty() {
                self.places.extend(
                    self.values
                        .iter()
                        .enumerate()
                        .map(|(i, v)| (v.to_bits(), i)),
                );
            }
            self.places.get(&value.to_bits()).copied()
        };
        if let Some(place) = found {
            self.weights[place] += weight;
            return place;
        }
        self.values.push(value);
        self.weights.push(weight);
        let place = self.values.len() - 1;
        if !self.places.is_empty() {
            self.places.insert(value.to_bits(), place);
        }
        place
    }
}

/// One axis of the covered box: its ends, and the half-open range of pixels that it covers.
struct Span {
    from: f64,
    to: f64,
    first: i64,
    end: i64,
}

impl Span {
    #[inline(always)]
    fn new(from: f64, to: f64, size: i64) -> Self {
        let first = (from + TIE).max(0.0).min(size as f64) as i64;
        let upper = (to - TIE).max(0.0).min(size as f64);
        let end = (upper as i64 + i64::from((upper as i64 as f64) < upper))
            .max(first + 1)
            .min(size);
        Span {
            from,
            to,
            first,
            end,
        }
    }

    /// Covered part of a pixel's width.
    #[inline(always)]
    fn weight(&self, pixel: i64) -> f64 {
        (self.to.min(pixel as f64 + 1.0) - self.from.max(pixel as f64)).max(0.0)
    }
}

#[inline(always)]
pub fn reduce<S: Sample>(
    plane: &Plane<S>,
    (x, y): (f64, f64),
    corners: Corners,
    how: Reduce,
    cells: &mut Cells,
) -> Found {
    let Some(pixel) = plane.bounds.pixel(x, y) else {
        return Found::Outside;
    };
    let Some((cols, rows)) = covered(&plane.bounds, corners) else {
        return single(plane, pixel);
    };
    if cols.first >= cols.end || rows.first >= rows.end {
        return single(plane, pixel);
    }
    if !plane
        .bounds
        .holds_all((cols.first, cols.end), (rows.first, rows.end))
    {
        return Found::Missing;
    }
    match how {
        Reduce::Average => weighted(plane, &cols, &rows, cells, |value| value, |sum, total| sum / total),
        Reduce::Sum => weighted(plane, &cols, &rows, cells, |value| value, |sum, _| sum),
        Reduce::Rms => weighted(plane, &cols, &rows, cells, |value| value * value, |sum, total| (sum / total).sqrt()),
        Reduce::Mode => mode(plane, &cols, &rows, cells),
        Reduce::Min => extreme(plane, &cols, &rows, |value, best| value < best),
        Reduce::Max => extreme(plane, &cols, &rows, |value, best| value > best),
        Reduce::Q1 => quantile(plane, &cols, &rows, cells, 0.25),
        Reduce::Med => quantile(plane, &cols, &rows, cells, 0.5),
        Reduce::Q3 => quantile(plane, &cols, &rows, cells, 0.75),
    }
}

/// Where a corner cannot be mapped the pixel under the centre stands for the area.
fn single<S: Sample>(plane: &Plane<S>, (col, row): (i64, i64)) -> Found {
    if !plane.bounds.holds(col, row) {
        return Found::Missing;
    }
    let index = plane.index(col, row);
    if plane.is_valid(index) {
        Found::Value(plane.data[index].value())
    } else {
        Found::Nodata
    }
}

/// The box between the upper left and the lower right corner, as GDAL; where the pixel is turned by more than about 20
/// degrees that box shrinks to nothing at 45 degrees, so the box around all four corners is taken.
#[inline(always)]
fn covered(bounds: &Bounds, [a, b, c, d]: Corners) -> Option<(Span, Span)> {
    if ![a, b, c, d]
        .iter()
        .all(|p| p.0.is_finite() && p.1.is_finite())
    {
        return None;
    }
    let along = (b.0 - a.0).abs() + (c.1 - a.1).abs();
    let across = (b.1 - a.1).abs() + (c.0 - a.0).abs();
    let (x, y) = if across > 0.35 * along {
        let x = (
            a.0.min(b.0).min(c.0.min(d.0)),
            a.0.max(b.0).max(c.0.max(d.0)),
        );
        (
            x,
            (
                a.1.min(b.1).min(c.1.min(d.1)),
                a.1.max(b.1).max(c.1.max(d.1)),
            ),
        )
    } else {
        ((a.0.min(d.0), a.0.max(d.0)), (a.1.min(d.1), a.1.max(d.1)))
    };
    Some((
        Span::new(x.0, x.1, bounds.width),
        Span::new(y.0, y.1, bounds.height),
    ))
}

/// What `result` makes of the weighted sum of a function of the valid values, and of the sum of the weights.
#[inline(always)]
fn weighted<S: Sample>(
    plane: &Plane<S>,
    cols: &Span,
    rows: &Span,
    Cells { weights, .. }: &mut Cells,
    of: impl Fn(f64) -> f64,
    result: impl Fn(f64, f64) -> f64,
) -> Found {
    weights.clear();
    weights.extend((cols.first..cols.end).map(|col| cols.weight(col)));
    let (mut sum, mut total) = (0.0, 0.0);
    for row in rows.first..rows.end {
        let first = plane.index(cols.first, row);
        let (mut row_sum, mut row_total) = (0.0, 0.0);
        for (k, weight) in weights.iter().enumerate() {
            if plane.is_valid(first + k) {
                row_sum += of(plane.data[first + k].value()) * weight;
                row_total += weight;
            }
        }
        let weight = rows.weight(row);
        sum += row_sum * weight;
        total += row_total * weight;
    }
    if total > 0.0 {
        Found::Value(result(sum, total))
    } else {
        Found::Nodata
    }
}

/// The value with most weight; on a tie the one that reached it first in row order.
fn mode<S: Sample>(plane: &Plane<S>, cols: &Span, rows: &Span, cells: &mut Cells) -> Found {
    cells.clear();
    let mut best = 0;
    for row in rows.first..rows.end {
        let weight_y = rows.weight(row);
        let first = plane.index(cols.first, row);
        for col in cols.first..cols.end {
            let index = first + (col - cols.first) as usize;
            if plane.is_valid(index) {
                let place = cells.add(plane.data[index].value(), cols.weight(col) * weight_y);
                if cells.weights[place] > cells.weights[best] {
                    best = place;
                }
            }
        }
    }
    cells
        .values
        .get(best)
        .map_or(Found::Nodata, |&value| Found::Value(value))
}

#[inline(always)]
fn extreme<S: Sample>(
    plane: &Plane<S>,
    cols: &Span,
    rows: &Span,
    better: impl Fn(f64, f64) -> bool,
) -> Found {
    let mut best = None;
    for row in rows.first..rows.end {
        let first = plane.index(cols.first, row);
        for index in first..first + (cols.end - cols.first) as usize {
            if plane.is_valid(index) {
                let value = plane.data[index].value();
                best = Some(best.map_or(value, |b| if better(value, b) { value } else { b }));
            }
        }
    }
    best.map_or(Found::Nodata, Found::Value)
}

/// The sorted values' number ceil(quantile · count - 1), from 0 on (GDAL's rule): the lower of the two middle values for the
/// median of an even number.
fn quantile<S: Sample>(plane: &Plane<S>, cols: &Span, rows: &Span, cells: &mut Cells, quantile: f64) -> Found {
    cells.values.clear();
    for row in rows.first..rows.end {
        let first = plane.index(cols.first, row);
        for index in first..first + (cols.end - cols.first) as usize {
            if plane.is_valid(index) {
                cells.values.push(plane.data[index].value());
            }
        }
    }
    if cells.values.is_empty() {
        return Found::Nodata;
    }
    let place = (quantile * cells.values.len() as f64 - 1.0).ceil().max(0.0) as usize;
    let (_, value, _) = cells.values.select_nth_unstable_by(place, f64::total_cmp);
    Found::Value(*value)
}
