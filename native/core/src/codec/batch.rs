//! Many tiles of one raster, in threads: read or given, decoded, and the wanted rows and columns put where they belong.
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};

use crate::threads::in_threads;

use super::decompress::Limits;
use super::failure::{Failure, Outcome};
use super::file::{read_exact, with_file};
use super::place::{Part, place};
use super::predictor::swap_bytes;
use super::scratch::with_scratch;
use super::tile::{self, Tile};

/// A thread costs about as long as this takes to decode.
const THREAD_BYTES: usize = 256 << 10;
/// Of samples that are changed and put into place at once.
const BAND_BYTES: usize = 16 << 10;
/// Encoded data is at most twice as long as what it decodes to, and this, as in `src/codec/decode-bytes.ts`.
const ENCODED_MARGIN: usize = 65_536;

/// Where a tile's encoded bytes are.
pub enum Source {
    /// One of the inputs.
    Memory(usize),
    /// In the file. `head` of the bytes are likely enough for what is needed.
    File { offset: u64, length: usize, head: usize },
    /// All of one of the files that are tiles themselves.
    Path(usize),
}

/// One tile and which of the parts it fills.
pub struct Job {
    pub source: Source,
    pub parts: std::ops::Range<usize>,
}

/// Checked by `batch_check`: parts lie in the tile and in their destination, and no two meet.
pub struct Batch {
    /// `limits.needed` is each tile's own.
    pub coding: Tile,
    pub tile_bytes: usize,
    pub jobs: Vec<Job>,
    pub parts: Vec<Part>,
}

impl Batch {
    /// Longer encoded tiles are left to the caller.
    fn most_encoded(&self) -> usize {
        2 * self.tile_bytes + ENCODED_MARGIN
    }
}

/// What a batch works on.
pub struct Memory<'a> {
    pub descriptor: i32,
    pub inputs: &'a [&'a [u8]],
    pub paths: &'a [String],
    pub destinations: &'a [Destination],
    /// Not 0: no further tile is begun.
    pub cancel: &'a AtomicI32,
}

/// Where samples go; written by several threads, each its own parts.
pub struct Destination(pub *mut u8);

// SAFETY: the parts that are written through it do not meet.
unsafe impl Sync for Destination {}

/// Decode all, in at most so many threads; gives 0 or a failure's code for each.
pub fn run(batch: &Batch, memory: &Memory, threads: usize) -> Vec<i32> {
    let codes: Vec<AtomicI32> = batch.jobs.iter().map(|_| AtomicI32::new(Failure::Cancelled as i32)).collect();
    let next = AtomicUsize::new(0);
    let work = || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let (Some(job), Some(code)) = (batch.jobs.get(at), codes.get(at)) else { return };
            if memory.cancel.load(Ordering::Relaxed) != 0 {
                return;
            }
            let outcome = catch_unwind(AssertUnwindSafe(|| decode(batch, job, memory)));
            let failure = outcome.unwrap_or(Err(Failure::Corrupt)).err();
            code.store(failure.map_or(0, |failure| failure as i32), Ordering::Relaxed);
        }
    };
    let bytes = batch.jobs.len().saturating_mul(batch.tile_bytes);
    let threads = threads.min(batch.jobs.len()).min(bytes.div_ceil(THREAD_BYTES));
    in_threads(threads, work);
    codes.into_iter().map(AtomicI32::into_inner).collect()
}

fn decode(batch: &Batch, job: &Job, memory: &Memory) -> Outcome<()> {
    let parts = &batch.parts[job.parts.clone()];
    match job.source {
        Source::Memory(input) => decode_bytes(batch, parts, memory, memory.inputs[input]),
        Source::Path(path) => {
            with_file(&memory.paths[path], batch.most_encoded(), |bytes| decode_bytes(batch, parts, memory, bytes))
        }
        Source::File { offset, length, head } => {
            if let Some(span) = plain_span(batch, parts, length) {
                return copy_plain(batch, parts, memory, offset, span);
            }
            if length > batch.most_encoded() {
                return Err(Failure::Unsupported);
            }
            with_scratch(length, |bytes| {
                let head = head.min(length);
                read(memory, &mut bytes[..head], offset)?;
                match decode_bytes(batch, parts, memory, &bytes[..head]) {
                    Err(_) if head < length => {
                        read(memory, &mut bytes[head..], offset + head as u64)?;
                        decode_bytes(batch, parts, memory, bytes)
                    }
                    outcome => outcome,
                }
            })
        }
    }
}

fn read(memory: &Memory, bytes: &mut [u8], offset: u64) -> Outcome<()> {
    read_exact(memory.descriptor, bytes, offset).map_err(|_| Failure::Unread)
}

/// Bytes of an uncompressed tile from the first to the last that the parts take, or None where all have to be seen.
fn plain_span(batch: &Batch, parts: &[Part], length: usize) -> Option<std::ops::Range<usize>> {
    let coding = &batch.coding;
    let fits = length == batch.tile_bytes || (length > batch.tile_bytes && coding.limits.surplus);
    if coding.compression != 0 || coding.predictor != 1 || !fits {
        return None;
    }
    let first = parts.iter().map(|part| part.from).min()?;
    let end = parts.iter().filter_map(Part::from_end).max()?;
    Some(first * coding.element..end * coding.element)
}

fn copy_plain(batch: &Batch, parts: &[Part], memory: &Memory, offset: u64, span: std::ops::Range<usize>) -> Outcome<()> {
    let Tile { element, swap, .. } = batch.coding;
    with_scratch(span.len(), |bytes| {
        read(memory, bytes, offset + span.start as u64)?;
        if swap {
            swap_bytes(bytes, element);
        }
        put(batch, parts, memory, bytes, span.start / element);
        Ok(())
    })
}

/// Decode as far as the parts need it, straight into place where the tile is wanted as it is.
fn decode_bytes(batch: &Batch, parts: &[Part], memory: &Memory, input: &[u8]) -> Outcome<()> {
    let Batch { coding, tile_bytes, .. } = batch;
    let end = parts.iter().filter_map(Part::from_end).max().unwrap_or(0) * coding.element;
    // Predictors work on whole rows.
    let row = if coding.predictor == 1 { 1 } else { (coding.row_samples * coding.element).max(1) };
    let needed = end.div_ceil(row).saturating_mul(row).min(*tile_bytes);
    let tile = Tile { limits: Limits { needed, ..coding.limits }, ..*coding };
    let complete = |count: usize| match count {
        count if count == *tile_bytes || (needed < *tile_bytes && count >= needed) => Ok(()),
        _ => Err(Failure::Short),
    };
    if let [part] = parts
        && part.is_whole(tile_bytes / coding.element)
    {
        let start = part.to * coding.element;
        // SAFETY: the part lies in its destination, and no other meets it.
        let output = unsafe { std::slice::from_raw_parts_mut(memory.destinations[part.destination].0.add(start), *tile_bytes) };
        return tile::decode(input, output, &tile).and_then(complete);
    }
    with_scratch(*tile_bytes, |samples| {
        tile::decode_encoded(input, samples, &tile).and_then(complete)?;
        undo_and_put(batch, parts, memory, &mut samples[..needed]);
        Ok(())
    })
}

/// Undo byte order and predictor of the rows that the parts take, and put these where they belong: a few rows at a time
/// where that is all there is to do, while they are in the processor's nearest memory.
fn undo_and_put(batch: &Batch, parts: &[Part], memory: &Memory, samples: &mut [u8]) {
    let Tile { element, row_samples, predictor, swap, .. } = batch.coding;
    if predictor == 1 && !swap {
        return put(batch, parts, memory, samples, 0);
    }
    if let [part] = parts
        && predictor != 1
        && let Some(bands) = part.bands(row_samples, (BAND_BYTES / (row_samples * element)).max(1))
    {
        for (rows, band) in bands {
            batch.coding.undo(&mut samples[rows.start * element..rows.end * element]);
            put(batch, &[band], memory, samples, 0);
        }
        return;
    }
    batch.coding.undo(samples);
    put(batch, parts, memory, samples, 0);
}

fn put(batch: &Batch, parts: &[Part], memory: &Memory, samples: &[u8], first: usize) {
    for part in parts {
        // SAFETY: the part lies in the tile and in its destination, and no other meets it there.
        unsafe { place(samples, first, memory.destinations[part.destination].0, batch.coding.element, part) };
    }
}
