//! Decoding of many tiles behind the caller's back, in threads of their own.
use std::sync::atomic::AtomicI32;

use napi::bindgen_prelude::*;
use napi_derive::napi;

use crate::codec::TileCoding;
use crate::codec::batch::{self, Batch, Destination, Memory};
use crate::codec::batch_check::{Sizes, TILE_FIELDS, parse};
use crate::codec::failure::Failure;
use crate::pages::advise_huge_pages;

/// See `TileBatch` in `src/native/tile-batch.ts`. The typed arrays are held, and must keep their memory, until the end.
#[napi(object, object_to_js = false)]
pub struct TileBatch {
    pub file: i32,
    pub inputs: Vec<Uint8Array>,
    pub paths: Vec<String>,
    pub tiles: Float64Array,
    pub parts: Float64Array,
    pub destinations: Vec<Uint8Array>,
    pub coding: TileCoding,
    pub tile_bytes: i64,
    pub threads: u32,
    pub cancel: Int32Array,
}

/// A batch that runs in a thread of Node's pool, and more.
pub struct DecodeTiles {
    /// Holds what `batch` works on.
    memory: TileBatch,
    destinations: Vec<Destination>,
    /// None where it contradicts itself.
    batch: Option<Batch>,
    tiles: usize,
}

impl DecodeTiles {
    /// The memory that the samples go to.
    pub fn destinations(&self) -> &[Uint8Array] {
        &self.memory.destinations
    }
}

// SAFETY: the destinations' pointers are of memory that `memory` holds, whatever the thread.
unsafe impl Send for DecodeTiles {}

impl Task for DecodeTiles {
    type Output = Vec<i32>;
    type JsValue = Int32Array;

    fn compute(&mut self) -> Result<Vec<i32>> {
        let Some(batch) = &self.batch else { return Ok(vec![Failure::BadArgument as i32; self.tiles]) };
        let inputs: Vec<&[u8]> = self.memory.inputs.iter().map(|input| &**input).collect();
        // SAFETY: four bytes that JavaScript shares and changes with atomic operations only.
        let cancel = unsafe { AtomicI32::from_ptr(self.memory.cancel.as_ptr().cast_mut()) };
        let memory = Memory { descriptor: self.memory.file, inputs: &inputs, paths: &self.memory.paths, destinations: &self.destinations, cancel };
        Ok(batch::run(batch, &memory, self.memory.threads as usize))
    }

    fn resolve(&mut self, _env: Env, codes: Vec<i32>) -> Result<Int32Array> {
        Ok(Int32Array::new(codes))
    }
}

/// Decode tiles into windows; gives 0 or a negative code of `failure.rs` for each tile, in order. Nothing is written
/// where the tables contradict themselves, reach outside, or name one place twice.
#[napi(catch_unwind)]
pub fn decode_tiles(mut batch: TileBatch) -> AsyncTask<DecodeTiles> {
    // SAFETY: only addresses are taken; the memory is written when the task runs, each byte by one thread.
    let places: Vec<(*mut u8, usize)> = batch.destinations.iter_mut().map(|memory| (unsafe { memory.as_mut() }.as_mut_ptr(), memory.len())).collect();
    let inputs: Vec<(usize, usize)> = batch.inputs.iter().map(|input| (input.as_ptr() as usize, input.len())).collect();
    let outputs: Vec<(usize, usize)> = places.iter().map(|(start, bytes)| (*start as usize, *bytes)).collect();
    advise_huge_pages(&outputs);
    let sizes = Sizes { inputs: &inputs, destinations: &outputs, paths: batch.paths.len() };
    let tile_bytes = usize::try_from(batch.tile_bytes).unwrap_or(0);
    let parsed = batch
        .coding
        .tile()
        .filter(|_| batch.cancel.len() == 1)
        .and_then(|coding| parse(&batch.tiles, &batch.parts, coding, tile_bytes, &sizes));
    let tiles = batch.tiles.len() / TILE_FIELDS;
    let destinations = places.into_iter().map(|(start, _)| Destination(start)).collect();
    AsyncTask::new(DecodeTiles { memory: batch, destinations, batch: parsed, tiles })
}
