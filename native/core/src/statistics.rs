//! Weighted statistics. Everything is computed in the order of (value, weight), so that the order in which pixels or
//! chunks arrive changes no bit.
use napi::bindgen_prelude::*;
use napi_derive::napi;

/// The arrays do not fit together, or a quantile is not within 0 and 1.
const INVALID: i32 = -1;
/// Results before the quantiles: count, sum, mean, variance, min, max, median, majority, minority, variety.
const FIXED: usize = 10;
/// Sums of covered fractions are equal where they differ by rounding only.
const TIE: f64 = 1e-9;

/// Statistics of values and weights into `out`, then the quantiles asked for. Values that are NaN and weights that are
/// not above 0 (or infinite) do not count. Returns 1, 0 where nothing counts (`out` is left alone), or a negative code.
#[napi(catch_unwind)]
pub fn weighted_statistics(
    values: Float64ArraySlice,
    weights: Float64ArraySlice,
    quantiles: Float64ArraySlice,
    mut out: Float64ArraySlice,
) -> i32 {
    let sound = values.len() == weights.len() && out.len() == FIXED + quantiles.len();
    if !sound || !quantiles.iter().all(|q| (0.0..=1.0).contains(q)) {
        return INVALID;
    }
    let Some(sample) = Sample::new(&values, &weights) else {
        return 0;
    };
    let [majority, minority] = sample.distinct.commonest();
    let (count, sum) = (sample.total(|_, w| w), sample.total(|v, w| v * w));
    let mean = sum / count;
    let variance = sample.total(|v, w| w * (v - mean) * (v - mean)) / count;
    let (first, last) = (sample.pixels[0].0, sample.pixels[sample.pixels.len() - 1].0);
    let fixed = [
        count,
        sum,
        mean,
        variance,
        first,
        last,
        sample.distinct.quantile(0.5),
        majority,
        minority,
        sample.distinct.len() as f64,
    ];
    let wanted: Vec<f64> = quantiles.iter().map(|&q| sample.distinct.quantile(q)).collect();
    // SAFETY: the inputs are not read any more, and JavaScript does not run meanwhile.
    let out = unsafe { out.as_mut() };
    out[..FIXED].copy_from_slice(&fixed);
    out[FIXED..].copy_from_slice(&wanted);
    1
}

struct Sample {
    /// (value, weight) of every pixel, ascending.
    pixels: Vec<(f64, f64)>,
    distinct: Distinct,
}

impl Sample {
    fn new(values: &[f64], weights: &[f64]) -> Option<Self> {
        let counts =
            |&(value, weight): &(f64, f64)| !value.is_nan() && weight > 0.0 && weight.is_finite();
        // Adding 0 makes -0 equal to 0 in the order, too.
        let pairs = values
            .iter()
            .zip(weights)
            .map(|(&value, &weight)| (value + 0.0, weight));
        let mut pixels: Vec<(f64, f64)> = pairs.filter(counts).collect();
        pixels.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let mut distinct: Vec<(f64, f64)> = Vec::new();
        for &(value, weight) in &pixels {
            match distinct.last_mut() {
                Some(last) if last.0 == value => last.1 += weight,
                _ => distinct.push((value, weight)),
            }
        }
        (!distinct.is_empty()).then(|| Sample {
            pixels,
            distinct: Distinct::new(distinct),
        })
    }

    /// Sum over all pixels, compensated (Neumaier).
    fn total(&self, term: impl Fn(f64, f64) -> f64) -> f64 {
        let (mut sum, mut lost) = (0.0f64, 0.0f64);
        for &(value, weight) in &self.pixels {
            let next = term(value, weight);
            let total = sum + next;
            lost += if sum.abs() >= next.abs() {
                (sum - total) + next
            } else {
                (next - total) + sum
            };
            sum = total;
        }
        if lost.is_finite() { sum + lost } else { sum }
    }
}

/// The distinct values, at least one, ascending, with the sums of their weights.
pub struct Distinct {
    values: Vec<(f64, f64)>,
}

impl Distinct {
    pub fn new(values: Vec<(f64, f64)>) -> Self {
        Distinct { values }
    }

    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Values with the most (ties: the highest) and the least weight (ties: the lowest).
    pub fn commonest(&self) -> [f64; 2] {
        let (mut most, mut least) = (self.values[0], self.values[0]);
        for &entry in &self.values[1..] {
            if entry.1 >= most.1 * (1.0 - TIE) {
                most = entry;
            }
            if entry.1 < least.1 * (1.0 - TIE) {
                least = entry;
            }
        }
        [most.0, least.0]
    }

    /// exactextract's weighted quantile: distinct values at places i·w + (n - 1)·(weight below), linear in between.
    pub fn quantile(&self, q: f64) -> f64 {
        let (steps, last) = (self.values.len() - 1, self.values[self.values.len() - 1]);
        let before = self.values[..steps].iter().fold(0.0, |sum, entry| sum + entry.1);
        let end = steps as f64 * last.1 + steps as f64 * before;
        let place = q * end;
        if place >= end {
            return last.0;
        }
        let (mut below, mut left) = (0.0, (0.0, 0.0));
        for (i, &(value, weight)) in self.values.iter().enumerate() {
            let here = i as f64 * weight + steps as f64 * below;
            if i > 0 && here > place {
                let (a, from) = left;
                return a + (place - from) * (value - a) / (here - from);
            }
            left = (value, here);
            below += weight;
        }
        last.0
    }
}
