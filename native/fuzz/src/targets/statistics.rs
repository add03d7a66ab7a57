//! Weighted statistics of any numbers.
use heliocube_core::search::holds_value;
use heliocube_core::statistics::weighted_statistics;
use napi::bindgen_prelude::Slice;

use crate::input::Input;

const FIXED: usize = 10;

pub fn run(bytes: &[u8]) {
    search(bytes);
    let mut input = Input::new(bytes);
    let mut quantiles: Vec<f64> = (0..input.below(5)).map(|_| f64::from(input.byte()) / 255.0).collect();
    if input.byte() == 255 {
        quantiles.push(input.number());
    }
    let surplus = usize::from(input.byte() == 255);
    let (mut values, mut weights) = (Vec::new(), Vec::new());
    while !input.is_empty() {
        values.push(input.number());
        weights.push(if input.flag() { 1.0 } else { input.number() });
    }
    weights.resize(weights.len() + surplus, 1.0);
    let (code, out) = call(&values, &weights, &quantiles);
    assert!((-1..=1).contains(&code), "code {code}");
    if code != 1 {
        return assert!(out.iter().all(|v| v.is_nan()), "no result, but something was written");
    }
    values.reverse();
    weights.reverse();
    let (_, reversed) = call(&values, &weights, &quantiles);
    let bits = |out: &[f64]| out.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
    let nan = out.iter().any(|v| v.is_nan());
    assert!(nan || bits(&out) == bits(&reversed), "the order of pixels matters: {out:?} {reversed:?}");
    check(&out, &quantiles);
}

fn call(values: &[f64], weights: &[f64], quantiles: &[f64]) -> (i32, Vec<f64>) {
    let (mut values, mut weights, mut quantiles) = (values.to_vec(), weights.to_vec(), quantiles.to_vec());
    let mut out = vec![f64::NAN; FIXED + quantiles.len()];
    let code = weighted_statistics(
        Slice::new(&mut values),
        Slice::new(&mut weights),
        Slice::new(&mut quantiles),
        Slice::new(&mut out),
    );
    (code, out)
}

/// What holds for ordinary numbers: everything lies between the least and the greatest value.
fn check(out: &[f64], quantiles: &[f64]) {
    let (min, max) = (out[4], out[5]);
    assert!(min <= max && out[9] >= 1.0, "{out:?}");
    if !(min.abs() < 1e100 && max.abs() < 1e100 && out[0] < 1e100 && out[0] > 1e-100) {
        return;
    }
    // Relative, and what products too small for a double lose.
    let slack = 1e-9 * (min.abs() + max.abs()) + 1e-200;
    let within = |v: f64| v >= min - slack && v <= max + slack;
    assert!(within(out[2]) && out[3] >= 0.0 && within(out[7]) && within(out[8]), "{out:?}");
    assert!(within(out[6]) && out[FIXED..].iter().all(|&v| within(v)), "{out:?} {quantiles:?}");
}

/// `holds_value` of any type.
fn search(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let (kind, value) = (u32::from(input.byte() % 12), input.number());
    let rest = input.rest();
    let mut words = vec![0u64; rest.len().div_ceil(8)];
    // SAFETY: every byte of a word is a byte.
    let aligned = unsafe { std::slice::from_raw_parts_mut(words.as_mut_ptr().cast::<u8>(), rest.len()) };
    aligned.copy_from_slice(&rest);
    let found = holds_value(kind, Slice::new(aligned), value);
    assert!((-1..=1).contains(&found), "code {found}");
    if kind == 1 {
        assert!(found == i32::from(rest.iter().any(|&byte| f64::from(byte) == value)));
    }
}
