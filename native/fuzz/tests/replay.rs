//! Every file of the corpus, through the targets that found them.
use std::path::Path;
use std::{env, fs};

use heliocube_fuzz::TARGETS;

/// Run each file of `fixtures/fuzz-corpus/<target>`, and every beginning of the shorter ones, where decoders meet the end.
fn replay(name: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/fuzz-corpus");
    let target = heliocube_fuzz::target(name);
    let mut count = 0;
    for entry in fs::read_dir(root.join(name)).expect("the corpus has a folder for every target") {
        let path = entry.expect("a folder can be listed").path();
        let bytes = fs::read(&path).expect("a corpus file can be read");
        println!("{}", path.display());
        target(&bytes);
        for end in (0..bytes.len().min(256)).step_by(7) {
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

replays!(inflate zstd lzw blosc jpeg webp lerc layout encode warp coverage statistics labels project);

#[test]
fn every_target_is_replayed() {
    assert_eq!(TARGETS.len(), 14);
}
