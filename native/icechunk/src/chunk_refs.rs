//! All references of an array in columns.
use std::cmp::Ordering;
use std::collections::HashMap;

use futures::TryStreamExt;
use icechunk::format::manifest::{
    Checksum, ChunkInfo, ChunkPayload, SecondsSinceEpoch, VirtualChunkLocation, VirtualChunkRef,
};
use icechunk::format::snapshot::NodeData;
use icechunk::format::{ChunkId, ChunkIndices};
use icechunk::session::Session;
use icechunk::storage::ETag;
use napi::bindgen_prelude::*;
use napi_derive::napi;
use serde::Serialize;

use crate::failure::{Failure, Kind, Outcome};
use crate::keys::node_path;

const NATIVE: u8 = 0;
const INLINE: u8 = 1;
const VIRTUAL: u8 = 2;

/// `IcechunkRefs`: `json` has rank, gridShape, locations and, by the index of their location, etags.
#[napi(object, object_from_js = false)]
pub struct ChunkColumns {
    pub json: String,
    pub indices: Uint32Array,
    pub kinds: Uint8Array,
    pub location: Uint32Array,
    pub offsets: Float64Array,
    pub lengths: Float64Array,
    pub inline: Uint8Array,
    /// Of each location, ms; NaN where its checksum is no time.
    pub modified: Float64Array,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Head<'a> {
    rank: usize,
    grid_shape: &'a [u32],
    locations: &'a [String],
    etags: &'a [(usize, String)],
}

/// One chunk, its location interned.
#[derive(Clone, Copy)]
struct Row {
    kind: u8,
    location: u32,
    offset: u64,
    length: u64,
}

/// Rows in the order in which they came, `rank` indices each.
struct Rows {
    indices: Vec<u32>,
    rows: Vec<Row>,
    inline: Vec<u8>,
    places: Places,
}

/// Places that rows point at, each once.
#[derive(Default)]
struct Places {
    locations: Vec<String>,
    modified: Vec<f64>,
    etags: Vec<(usize, String)>,
    natives: HashMap<ChunkId, u32>,
    virtuals: HashMap<Target, u32>,
    last: Option<(Target, u32)>,
}

type Target = (VirtualChunkLocation, Option<Checksum>);

pub async fn chunk_columns(session: &Session, path: &str) -> Outcome<ChunkColumns> {
    let path = node_path(path)?;
    let NodeData::Array { shape, .. } = session.get_array(&path).await?.node_data else {
        return Err(Failure::argument(format!("{path} is not an array")));
    };
    let grid: Vec<u32> = shape.num_chunks().collect();
    let mut rows = Rows { indices: Vec::new(), rows: Vec::new(), inline: Vec::new(), places: Places::default() };
    let chunks = session.array_chunk_iterator(&path).await;
    futures::pin_mut!(chunks);
    while let Some(ChunkInfo { coord, payload, .. }) = chunks.try_next().await? {
        check_index(&coord, &grid)?;
        rows.push(session, &coord, payload)?;
    }
    rows.columns(&grid)
}

/// A manifest is data from outside.
fn check_index(coord: &ChunkIndices, grid: &[u32]) -> Outcome<()> {
    let inside = coord.0.len() == grid.len() && coord.0.iter().zip(grid).all(|(index, chunks)| index < chunks);
    if inside { Ok(()) } else { Err(Failure::data(format!("chunk {:?} is outside the grid {grid:?}", coord.0))) }
}

impl Rows {
    fn push(&mut self, session: &Session, coord: &ChunkIndices, payload: ChunkPayload) -> Outcome<()> {
        let row = match payload {
            ChunkPayload::Inline(bytes) => {
                let offset = self.inline.len() as u64;
                self.inline.extend_from_slice(&bytes);
                Row { kind: INLINE, location: 0, offset, length: bytes.len() as u64 }
            }
            ChunkPayload::Ref(chunk) => {
                let location = self.places.native(chunk.id)?;
                Row { kind: NATIVE, location, offset: chunk.offset, length: chunk.length }
            }
            ChunkPayload::Virtual(VirtualChunkRef { location, offset, length, checksum }) => {
                let location = self.places.at(session, (location, checksum))?;
                Row { kind: VIRTUAL, location, offset, length }
            }
            _ => return Err(Failure::new(Kind::Unsupported, "a chunk of a kind that is not known")),
        };
        self.indices.extend_from_slice(&coord.0);
        self.rows.push(row);
        Ok(())
    }

    fn index(&self, row: usize, rank: usize) -> &[u32] {
        &self.indices[row * rank..(row + 1) * rank]
    }

    /// In C order. Manifests are sorted; changes of the session come in any order before them.
    fn columns(self, grid: &[u32]) -> Outcome<ChunkColumns> {
        let rank = grid.len();
        let count = self.rows.len();
        let rising = (1..count).all(|row| self.index(row - 1, rank).cmp(self.index(row, rank)) == Ordering::Less);
        let mut order: Vec<usize> = (0..count).collect();
        if !rising {
            order.sort_unstable_by(|&a, &b| self.index(a, rank).cmp(self.index(b, rank)));
            if let Some(pair) = order.windows(2).find(|pair| self.index(pair[0], rank) == self.index(pair[1], rank)) {
                return Err(Failure::data(format!("chunk {:?} is there twice", self.index(pair[0], rank))));
            }
        }
        let rows = || order.iter().map(|&row| self.rows[row]);
        let head = Head { rank, grid_shape: grid, locations: &self.places.locations, etags: &self.places.etags };
        Ok(ChunkColumns {
            json: serde_json::to_string(&head)?,
            kinds: rows().map(|row| row.kind).collect::<Vec<_>>().into(),
            location: rows().map(|row| row.location).collect::<Vec<_>>().into(),
            offsets: rows().map(|row| row.offset as f64).collect::<Vec<_>>().into(),
            lengths: rows().map(|row| row.length as f64).collect::<Vec<_>>().into(),
            indices: if rising {
                self.indices.into()
            } else {
                order.iter().flat_map(|&row| self.index(row, rank)).copied().collect::<Vec<_>>().into()
            },
            inline: self.inline.into(),
            modified: self.places.modified.into(),
        })
    }
}

impl Places {
    fn add(&mut self, location: String, checksum: Option<&Checksum>) -> Outcome<u32> {
        let index = self.locations.len();
        match checksum {
            Some(Checksum::ETag(ETag(etag))) => self.etags.push((index, etag.clone())),
            Some(Checksum::LastModified(_)) | None => {}
        }
        self.modified.push(match checksum {
            Some(Checksum::LastModified(SecondsSinceEpoch(seconds))) => f64::from(*seconds) * 1000.0,
            Some(Checksum::ETag(_)) | None => f64::NAN,
        });
        self.locations.push(location);
        u32::try_from(index).map_err(|_| Failure::data("more than 2^32 locations"))
    }

    fn native(&mut self, id: ChunkId) -> Outcome<u32> {
        if let Some(&index) = self.natives.get(&id) {
            return Ok(index);
        }
        let index = self.add(format!("chunks/{id}"), None)?;
        self.natives.insert(id, index);
        Ok(index)
    }

    /// Neighbours point at the same object as a rule.
    fn at(&mut self, session: &Session, target: Target) -> Outcome<u32> {
        if let Some((last, index)) = &self.last {
            if *last == target {
                return Ok(*index);
            }
        }
        let index = match self.virtuals.get(&target) {
            Some(&index) => index,
            None => self.add(session.resolve_virtual_location(&target.0)?, target.1.as_ref())?,
        };
        // What was last is looked up from now on: each target is moved, never copied.
        if let Some((before, at)) = self.last.replace((target, index)) {
            self.virtuals.insert(before, at);
        }
        Ok(index)
    }
}
