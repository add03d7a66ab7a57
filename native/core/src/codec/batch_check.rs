//! The tables of numbers that describe a batch, checked before any thread runs.
use std::collections::BTreeMap;
use std::ops::Range;

use super::batch::{Batch, Job, Source};
use super::place::Part;
use super::tile::Tile;

/// Numbers of one tile: input (-1: the file; -2, -3 …: the first, second … path), offset and length there, likely head, parts.
pub const TILE_FIELDS: usize = 5;
/// Numbers of one part, as the fields of `Part`.
pub const PART_FIELDS: usize = 8;
/// A tile is held in memory; larger ones are decoded by the caller.
const MAX_TILE_BYTES: usize = 1 << 30;

/// Address and bytes of the memory that a batch may touch.
pub struct Sizes<'a> {
    pub inputs: &'a [(usize, usize)],
    pub destinations: &'a [(usize, usize)],
    /// Number of the files that are tiles.
    pub paths: usize,
}

/// The batch, or None where a number is odd, something lies outside, or two parts meet.
pub fn parse(tiles: &[f64], parts: &[f64], coding: Tile, tile_bytes: usize, sizes: &Sizes) -> Option<Batch> {
    let element = coding.element;
    if ![1, 2, 4, 8].contains(&element) || tile_bytes == 0 || tile_bytes > MAX_TILE_BYTES || tile_bytes % element != 0 {
        return None;
    }
    let parts: Vec<Part> = rows::<PART_FIELDS>(parts)?.iter().map(part).collect::<Option<_>>()?;
    for part in &parts {
        let (_, bytes) = sizes.destinations.get(part.destination)?;
        if part.from_end()? > tile_bytes / element || part.to_end()? > bytes / element {
            return None;
        }
    }
    let jobs = jobs(tiles, parts.len(), sizes)?;
    let apart = memory_apart(sizes) && parts_apart(&parts)?;
    apart.then_some(Batch { coding, tile_bytes, jobs, parts })
}

fn rows<const N: usize>(table: &[f64]) -> Option<&[[f64; N]]> {
    let (rows, rest) = table.as_chunks::<N>();
    rest.is_empty().then_some(rows)
}

/// A whole number up to 2^53.
fn whole(value: f64) -> Option<usize> {
    let fits = value >= 0.0 && value <= 9_007_199_254_740_992.0 && value.fract() == 0.0;
    if fits { usize::try_from(value as u64).ok() } else { None }
}

fn part(numbers: &[f64; PART_FIELDS]) -> Option<Part> {
    let [destination, from, from_row_stride, from_col_stride, to, to_row_stride, rows, cols] = numbers.map(whole);
    let part = Part {
        destination: destination?,
        from: from?,
        from_row_stride: from_row_stride?,
        from_col_stride: from_col_stride?,
        to: to?,
        to_row_stride: to_row_stride?,
        rows: rows?,
        cols: cols?,
    };
    let fits = part.rows > 0 && part.cols > 0 && part.from_col_stride > 0 && part.to_row_stride >= part.cols;
    fits.then_some(part)
}

/// Every part belongs to one tile, in order.
fn jobs(tiles: &[f64], parts: usize, sizes: &Sizes) -> Option<Vec<Job>> {
    let mut start = 0;
    let mut jobs = Vec::new();
    for numbers in rows::<TILE_FIELDS>(tiles)? {
        let [input, offset, length, head, count] = *numbers;
        let source = if input == -1.0 {
            Source::File { offset: whole(offset)? as u64, length: whole(length)?, head: whole(head)? }
        } else if input < 0.0 {
            Source::Path(whole(-2.0 - input).filter(|&path| path < sizes.paths)?)
        } else {
            Source::Memory(whole(input).filter(|&input| input < sizes.inputs.len())?)
        };
        let range: Range<usize> = start..start.checked_add(whole(count)?)?;
        if range.is_empty() || range.end > parts {
            return None;
        }
        start = range.end;
        jobs.push(Job { source, parts: range });
    }
    (start == parts).then_some(jobs)
}

/// Whether no byte belongs to two destinations, or to one and an input.
fn memory_apart(Sizes { inputs, destinations, .. }: &Sizes) -> bool {
    let end = |(start, bytes): (usize, usize)| start.saturating_add(bytes);
    let mut sorted: Vec<(usize, usize)> = destinations.iter().copied().filter(|(_, bytes)| *bytes > 0).collect();
    sorted.sort_unstable();
    let touched = |&input: &(usize, usize)| {
        let behind = sorted.partition_point(|destination| destination.0 < end(input));
        behind > 0 && input.1 > 0 && end(sorted[behind - 1]) > input.0
    };
    sorted.windows(2).all(|pair| end(pair[0]) <= pair[1].0) && !inputs.iter().any(touched)
}

/// Whether no sample is filled twice. Parts of one destination must have rows of one length; None where they have not.
fn parts_apart(parts: &[Part]) -> Option<bool> {
    let mut order: Vec<&Part> = parts.iter().collect();
    order.sort_unstable_by_key(|part| (part.destination, part.to));
    for group in order.chunk_by(|a, b| a.destination == b.destination) {
        let stride = group[0].to_row_stride;
        let mut sweep = Sweep::default();
        for part in group {
            let (row, col) = (part.to / stride, part.to % stride);
            if part.to_row_stride != stride || col + part.cols > stride {
                return None;
            }
            if !sweep.add(row..row + part.rows, col..col + part.cols) {
                return Some(false);
            }
        }
    }
    Some(true)
}

/// Boxes in the order of their first rows; those of the current row never meet, so each is known by its first column.
#[derive(Default)]
struct Sweep {
    /// First column to (end column, end row).
    current: BTreeMap<usize, (usize, usize)>,
}

impl Sweep {
    /// False where the box meets an earlier one. Boxes that end above it are forgotten on the way.
    fn add(&mut self, rows: Range<usize>, cols: Range<usize>) -> bool {
        while let Some((&start, &(end, below))) = self.current.range(..cols.end).next_back() {
            if end <= cols.start {
                break;
            }
            if below > rows.start {
                return false;
            }
            self.current.remove(&start);
        }
        self.current.insert(cols.start, (cols.end, rows.end));
        true
    }
}
