//! Statistics that need the values in order. Weights of one value are those of its pixels in part, in their order, then
//! its whole pixels.
use super::gather::Gathered;
use crate::statistics::Distinct;

/// Whole numbers are counted in a table of so many entries, and so many more a value; else they are sorted.
const TABLE: f64 = 4096.0;
const TABLE_PER_VALUE: f64 = 4.0;

/// Writes median, majority, minority and variety where anything counts; needs min and max in `out`.
pub fn measure(gathered: &mut Gathered, whole_numbers: bool, out: &mut [f64]) {
    if out[0] == 0.0 {
        return;
    }
    let (least, largest) = (out[4], out[5]);
    let count = (gathered.whole.len() + gathered.part.len()) as f64;
    let span = largest - least;
    let distinct = if whole_numbers && span < TABLE + TABLE_PER_VALUE * count {
        counted(gathered, least, span as usize + 1)
    } else {
        sorted(gathered)
    };
    let distinct = Distinct::new(distinct);
    let [majority, minority] = distinct.commonest();
    out[6] = distinct.quantile(0.5);
    out[7] = majority;
    out[8] = minority;
    out[9] = distinct.len() as f64;
}

fn counted(Gathered { whole, part }: &Gathered, least: f64, entries: usize) -> Vec<(f64, f64)> {
    let mut counts = vec![0u32; entries];
    let mut weights = vec![0.0; entries];
    // SAFETY of the casts: values are whole numbers from `least` to `least` + `entries` - 1.
    for &value in whole {
        counts[(value - least) as usize] += 1;
    }
    for &(value, weight) in part {
        weights[(value - least) as usize] += weight;
    }
    let all = counts.iter().zip(&weights).enumerate();
    all.filter(|(_, (count, weight))| **count > 0 || **weight > 0.0)
        .map(|(i, (&count, &weight))| (least + i as f64, weight + f64::from(count)))
        .collect()
}

fn sorted(Gathered { whole, part }: &mut Gathered) -> Vec<(f64, f64)> {
    whole.sort_unstable_by(f64::total_cmp);
    part.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut distinct: Vec<(f64, f64)> = Vec::new();
    let (mut i, mut j) = (0, 0);
    while i < whole.len() || j < part.len() {
        let next = match (whole.get(i), part.get(j)) {
            (Some(&a), Some(&(b, _))) => a.min(b),
            (Some(&a), None) => a,
            (None, Some(&(b, _))) => b,
            (None, None) => break,
        };
        let (mut weight, start) = (0.0, i);
        while part.get(j).is_some_and(|pixel| pixel.0 == next) {
            weight += part[j].1;
            j += 1;
        }
        while whole.get(i).is_some_and(|&value| value == next) {
            i += 1;
        }
        distinct.push((next, weight + (i - start) as f64));
    }
    distinct
}
