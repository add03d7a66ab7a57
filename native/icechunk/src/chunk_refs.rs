//! All references of an array in columns.
use std::cmp::Ordering;
use std::collections::HashMap;

use futures::TryStreamExt;
use icechunk::format::manifest::{Checksum, ChunkInfo, ChunkPayload, VirtualChunkLocation, VirtualChunkRef};
use icechunk::format::snapshot::NodeData;
use icechunk::format::{ChunkId, ChunkIndices};
use icechunk::session::Session;
use napi::bindgen_prelude::*;
use napi_derive::napi;
use serde_json::json;

use crate::failure::{Failure, Kind, Outcome};
use crate::session::node_path;
use crate::virtual_refs::ChecksumSpec;

const NATIVE: u8 = 0;
const INLINE: u8 = 1;
const VIRTUAL: u8 = 2;

/// `IcechunkRefs`: `json` has rank, gridShape, locations and checksums.
#[napi(object, object_from_js = false)]
pub struct ChunkColumns {
    pub json: String,
    pub indices: Uint32Array,
    pub kinds: Uint8Array,
    pub location: Uint32Array,
    pub offsets: Float64Array,
    pub lengths: Float64Array,
    pub inline: Uint8Array,
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
    checksums: Vec<Option<ChecksumSpec>>,
    natives: HashMap<ChunkId, u32>,
    virtuals: HashMap<(VirtualChunkLocation, Option<Checksum>), u32>,
    last: Option<((VirtualChunkLocation, Option<Checksum>), u32)>,
}

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
                let location = self.places.at(session, location, checksum)?;
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
        let json = json!({
            "rank": rank,
            "gridShape": grid,
            "locations": self.places.locations,
            "checksums": self.places.checksums,
        });
        Ok(ChunkColumns {
            json: json.to_string(),
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
        })
    }
}

impl Places {
    fn add(&mut self, location: String, checksum: Option<ChecksumSpec>) -> Outcome<u32> {
        let index = u32::try_from(self.locations.len()).map_err(|_| Failure::data("more than 2^32 locations"))?;
        self.locations.push(location);
        self.checksums.push(checksum);
        Ok(index)
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
    fn at(&mut self, session: &Session, location: VirtualChunkLocation, checksum: Option<Checksum>) -> Outcome<u32> {
        let key = (location, checksum);
        if let Some((last, index)) = &self.last
            && *last == key
        {
            return Ok(*index);
        }
        let index = match self.virtuals.get(&key) {
            Some(&index) => index,
            None => {
                let url = session.resolve_virtual_location(&key.0)?;
                let index = self.add(url, key.1.as_ref().map(ChecksumSpec::of))?;
                self.virtuals.insert(key.clone(), index);
                index
            }
        };
        self.last = Some((key, index));
        Ok(index)
    }
}
