//! Count, sum, mean, variance, least and largest value. Sums go in eight lanes (value i in lane i mod 8), each compensated
//! (Neumaier by Knuth's branch-free form), the values in part in a ninth: the same bits on every machine.
use super::gather::Gathered;

const LANES: usize = 8;

#[derive(Clone, Copy)]
struct Sum {
    total: f64,
    lost: f64,
}

impl Sum {
    const ZERO: Sum = Sum {
        total: 0.0,
        lost: 0.0,
    };

    #[inline(always)]
    fn add(&mut self, value: f64) {
        let total = self.total + value;
        let back = total - self.total;
        self.lost += (self.total - (total - back)) + (value - back);
        self.total = total;
    }

    fn value(&self) -> f64 {
        // Where the sum overflows nothing was lost.
        if self.lost.is_finite() {
            self.total + self.lost
        } else {
            self.total
        }
    }
}

/// Writes count, sum, mean, variance (where `spread`), min and max; the rest as where nothing is known.
pub fn measure(gathered: &Gathered, spread: bool, out: &mut [f64]) {
    out.fill(f64::NAN);
    let count = weigh(gathered);
    out[0] = count;
    out[1] = 0.0;
    if count == 0.0 {
        out[9] = 0.0;
        return;
    }
    #[cfg(target_arch = "x86_64")]
    if crate::simd::avx2() {
        // SAFETY: AVX2 is there.
        unsafe { measure_avx2(gathered, count, spread, out) };
        return;
    }
    measure_any(gathered, count, spread, out);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn measure_avx2(gathered: &Gathered, count: f64, spread: bool, out: &mut [f64]) {
    measure_any(gathered, count, spread, out);
}

#[inline(always)]
fn measure_any(gathered: &Gathered, count: f64, spread: bool, out: &mut [f64]) {
    let (sum, least, largest) = pass(gathered);
    let mean = sum / count;
    out[1] = sum;
    out[2] = mean;
    if spread {
        out[3] = squares(gathered, mean) / count;
    }
    out[4] = least;
    out[5] = largest;
}

fn weigh(Gathered { whole, part }: &Gathered) -> f64 {
    let mut sum = Sum::ZERO;
    for &(_, weight) in part {
        sum.add(weight);
    }
    sum.add(whole.len() as f64);
    sum.value()
}

/// Sum, least and largest value.
#[inline(always)]
fn pass(Gathered { whole, part }: &Gathered) -> (f64, f64, f64) {
    let mut sums = [Sum::ZERO; LANES + 1];
    let mut least = [f64::INFINITY; LANES];
    let mut largest = [f64::NEG_INFINITY; LANES];
    let (blocks, rest) = whole.as_chunks::<LANES>();
    for block in blocks {
        for lane in 0..LANES {
            let value = block[lane];
            sums[lane].add(value);
            least[lane] = if value < least[lane] { value } else { least[lane] };
            largest[lane] = if value > largest[lane] { value } else { largest[lane] };
        }
    }
    for (lane, &value) in rest.iter().enumerate() {
        sums[lane].add(value);
        least[lane] = least[lane].min(value);
        largest[lane] = largest[lane].max(value);
    }
    for &(value, weight) in part {
        sums[LANES].add(value * weight);
        least[0] = least[0].min(value);
        largest[0] = largest[0].max(value);
    }
    (
        total(&sums),
        least.into_iter().fold(f64::INFINITY, f64::min),
        largest.into_iter().fold(f64::NEG_INFINITY, f64::max),
    )
}

/// Sum of w·(v - mean)².
#[inline(always)]
fn squares(Gathered { whole, part }: &Gathered, mean: f64) -> f64 {
    let mut sums = [0.0; LANES + 1];
    let (blocks, rest) = whole.as_chunks::<LANES>();
    for block in blocks {
        for lane in 0..LANES {
            sums[lane] += (block[lane] - mean) * (block[lane] - mean);
        }
    }
    for (lane, &value) in rest.iter().enumerate() {
        sums[lane] += (value - mean) * (value - mean);
    }
    for &(value, weight) in part {
        sums[LANES] += weight * (value - mean) * (value - mean);
    }
    sums.into_iter().sum()
}

fn total(sums: &[Sum]) -> f64 {
    let mut all = Sum::ZERO;
    for sum in sums {
        all.add(sum.total);
    }
    for sum in sums {
        all.add(if sum.lost.is_finite() { sum.lost } else { 0.0 });
    }
    all.value()
}
