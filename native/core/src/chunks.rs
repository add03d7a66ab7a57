//! Chunks of an array in memory to files, behind the caller's back, in threads of their own.
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use napi::bindgen_prelude::*;
use napi_derive::napi;

use crate::codec::encode::Storage;
use crate::codec::failure::{Failure, Outcome, code};
use crate::codec::grid::Grid;
use crate::codec::scratch::with_scratch;
use crate::threads::in_threads;

/// See `ChunkBatch` in `src/native/chunk-batch.ts`. The array is held, and must keep its memory, until the end.
#[napi(object, object_to_js = false)]
pub struct ChunkBatch {
    pub array: Uint8Array,
    pub shape: Vec<u32>,
    pub chunk: Vec<u32>,
    pub fill: Uint8Array,
    pub paths: Vec<String>,
    pub codec: u32,
    pub level: u32,
    pub filter: u32,
    pub threads: u32,
}

/// A batch that runs in a thread of Node's pool, and more.
pub struct StoreChunks(ChunkBatch);

impl Task for StoreChunks {
    type Output = Vec<f64>;
    type JsValue = Float64Array;

    fn compute(&mut self) -> Result<Vec<f64>> {
        let ChunkBatch { array, shape, chunk, fill, paths, codec, level, filter, threads } = &self.0;
        let element = fill.len();
        let storage = Storage::new(*codec, *level, *filter, element);
        let grid = Grid::new(shape, chunk, element, array.len()).filter(|grid| grid.len() == paths.len());
        let (Some(grid), Some(storage)) = (grid, storage) else {
            return Ok(vec![f64::from(Failure::BadArgument as i32); paths.len()]);
        };
        let codes: Vec<AtomicI64> = paths.iter().map(|_| AtomicI64::new(0)).collect();
        let next = AtomicUsize::new(0);
        let work = || {
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let (Some(path), Some(answer)) = (paths.get(at), codes.get(at)) else { return };
                let outcome = catch_unwind(AssertUnwindSafe(|| store(&grid, at, array, fill, &storage, path)));
                answer.store(code(outcome.unwrap_or(Err(Failure::BadArgument))), Ordering::Relaxed);
            }
        };
        in_threads((*threads as usize).min(paths.len()), work);
        Ok(codes.into_iter().map(|code| code.into_inner() as f64).collect())
    }

    fn resolve(&mut self, _env: Env, codes: Vec<f64>) -> Result<Float64Array> {
        Ok(Float64Array::new(codes))
    }
}

/// Encode every chunk and write it to its path; gives its length, 0 where it holds nothing but the fill value and is not
/// stored, or a negative code of `failure.rs`, in C order of the chunks.
#[napi(catch_unwind)]
pub fn store_chunks(batch: ChunkBatch) -> AsyncTask<StoreChunks> {
    AsyncTask::new(StoreChunks(batch))
}

fn store(grid: &Grid, number: usize, array: &[u8], fill: &[u8], storage: &Storage, path: &str) -> Outcome<usize> {
    with_scratch(grid.chunk_bytes(), |chunk| {
        if grid.is_cut(number) {
            chunk.chunks_exact_mut(fill.len()).for_each(|sample| sample.copy_from_slice(fill));
        }
        grid.gather(number, array, chunk);
        if chunk.starts_with(fill) && chunk[fill.len()..] == chunk[..chunk.len() - fill.len()] {
            return Ok(0);
        }
        with_scratch(storage.bound(chunk.len()), |encoded| {
            let length = storage.encode(chunk, encoded)?;
            write_new(path, &encoded[..length]).map_err(|_| Failure::Unwritten)?;
            Ok(length)
        })
    })
}

/// A new file; an older one is replaced, never written into: it may be a link to another.
fn write_new(path: &str, bytes: &[u8]) -> std::io::Result<()> {
    let open = || OpenOptions::new().write(true).create_new(true).open(path);
    let mut file = match open() {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            std::fs::remove_file(path)?;
            open()?
        }
        outcome => outcome?,
    };
    file.write_all(bytes)
}
