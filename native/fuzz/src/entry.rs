//! Panics: the addon catches those of other people's decoders and calls the bytes corrupt, which is no finding.
use std::panic::set_hook;

/// Keep libFuzzer from ending the process at a panic that is caught; one that is not ends it all the same.
pub fn catching() {
    let verbose = std::env::var_os("HELIOCUBE_FUZZ_PANICS").is_some();
    set_hook(Box::new(move |panic| {
        if verbose {
            eprintln!("{panic}\n{}", std::backtrace::Backtrace::force_capture());
        }
    }));
}
