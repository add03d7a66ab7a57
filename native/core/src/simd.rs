//! Which instructions the kernels use: chosen once a process, by what the processor has and what the user wants.
use std::sync::OnceLock;

use napi_derive::napi;

/// Whether kernels may use the vectors that every processor of this kind has. `HELIOCUBE_SIMD=off` says no, for tests and
/// comparisons; results are the same bits.
pub fn vectors() -> bool {
    static ANSWER: OnceLock<bool> = OnceLock::new();
    *ANSWER.get_or_init(|| std::env::var_os("HELIOCUBE_SIMD").is_none_or(|value| value != "off"))
}

/// Whether kernels may use AVX2.
pub fn avx2() -> bool {
    static ANSWER: OnceLock<bool> = OnceLock::new();
    *ANSWER.get_or_init(|| vectors() && detected())
}

#[cfg(target_arch = "x86_64")]
fn detected() -> bool {
    is_x86_feature_detected!("avx2")
}

#[cfg(not(target_arch = "x86_64"))]
fn detected() -> bool {
    false
}

/// `avx2` or `scalar`: what the kernels with more than one path run here.
#[napi(catch_unwind)]
pub fn simd_path() -> String {
    String::from(if avx2() { "avx2" } else { "scalar" })
}
