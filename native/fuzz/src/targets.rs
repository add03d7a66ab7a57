//! The list of targets.
mod codec;
mod coverage;
mod encode;
mod geometries;
mod image;
mod labels;
mod layout;
mod project;
mod statistics;
mod tiles;
mod warp;

/// Takes any bytes; panics where the addon breaks a promise.
pub type Target = fn(&[u8]);

/// Names of the targets, which are those of their folders in `fixtures/fuzz-corpus`.
pub const TARGETS: [(&str, Target); 16] = [
    ("inflate", codec::inflate),
    ("zstd", codec::zstd),
    ("lzw", codec::lzw),
    ("blosc", codec::blosc),
    ("jpeg", image::jpeg),
    ("webp", image::webp),
    ("lerc", image::lerc),
    ("layout", layout::run),
    ("encode", encode::run),
    ("warp", warp::run),
    ("coverage", coverage::run),
    ("statistics", statistics::run),
    ("labels", labels::run),
    ("project", project::run),
    ("tiles", tiles::run),
    ("geometries", geometries::run),
];

/// The target of a name.
pub fn target(name: &str) -> Target {
    TARGETS.iter().find(|entry| entry.0 == name).unwrap_or_else(|| panic!("no target {name}")).1
}
