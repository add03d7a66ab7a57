//! Every file of the corpus, through the targets that found them.
use std::path::{Path, PathBuf};
use std::{env, fs};

use heliocube_fuzz::TARGETS;

/// Beginnings of a file that are run, too: one in so many bytes, and files up to so long; the interpreter is slow.
const STEP: usize = if cfg!(miri) { 97 } else { 7 };
const LONGEST: usize = if cfg!(miri) { 500 } else { usize::MAX };

/// Run each file of `fixtures/fuzz-corpus/<target>`, or of such folders where `HELIOCUBE_FUZZ_CORPUS` says, and some of its
/// beginnings, where decoders meet the end.
fn replay(name: &str) {
    let stored = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/fuzz-corpus");
    let root = env::var_os("HELIOCUBE_FUZZ_CORPUS").map_or(stored, PathBuf::from);
    let target = heliocube_fuzz::target(name);
    let mut count = 0;
    for entry in fs::read_dir(root.join(name)).expect("the corpus has a folder for every target") {
        let path = entry.expect("a folder can be listed").path();
        let bytes = fs::read(&path).expect("a corpus file can be read");
        if bytes.len() > LONGEST {
            continue;
        }
        println!("{}", path.display());
        target(&bytes);
        for end in (0..bytes.len().min(256)).step_by(STEP) {
            target(&bytes[..end]);
        }
        count += 1;
    }
    assert!(count > 0, "{name} has no corpus");
}

macro_rules! replays {
    ($($name:ident)*) => {$(
        #[test]
        fn $name() {
            replay(stringify!($name));
        }
    )*};
}

replays!(inflate zstd lzw blosc jpeg webp lerc layout encode warp coverage statistics labels project tiles geometries);

#[test]
fn every_target_is_replayed() {
    assert_eq!(TARGETS.len(), 16);
}
