//! Fuzz targets: each makes arguments of any bytes, calls exports of the addon, and checks what must hold whatever they
//! are. `cargo fuzz` runs them with new bytes, `cargo test` with the stored corpus.
mod entry;
mod input;
mod targets;

pub use entry::catching;
pub use targets::{TARGETS, target};

/// The entry that libFuzzer calls.
#[cfg(feature = "libfuzzer")]
pub use libfuzzer_sys;

#[macro_export]
macro_rules! fuzz_entry {
    ($name:literal) => {
        $crate::libfuzzer_sys::fuzz_target!(init: $crate::catching(), |bytes: &[u8]| $crate::target($name)(bytes));
    };
}
