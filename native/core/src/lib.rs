//! The native core: numbers and typed arrays in, numbers and typed arrays out. Nothing but working
//! memory is kept, every bound is checked,
//! every export catches panics, and failure is a code that TypeScript turns into a `Problem`.
#![deny(unsafe_op_in_unsafe_fn)]

pub mod cells;
pub mod chunks;
pub mod codec;
pub mod coverage;
mod coverage_edges;
pub mod coverage_labels;
pub mod digests;
mod geometries;
pub mod label_statistics;
mod pages;
pub mod project;
pub mod search;
pub mod simd;
pub mod statistics;
mod threads;
pub mod tiles;
pub mod warp;
