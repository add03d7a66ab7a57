//! Many virtual references in one call.
use icechunk::Store;
use icechunk::format::ChunkIndices;
use icechunk::format::manifest::{Checksum, SecondsSinceEpoch, VirtualChunkLocation, VirtualChunkRef};
use icechunk::format::snapshot::{ArrayShape, NodeData};
use icechunk::session::Session;
use icechunk::storage::ETag;
use serde::Deserialize;
use tokio::sync::RwLock;

use crate::failure::{Failure, Kind, Outcome};
use crate::keys::node_path;

/// Whole numbers of a double below this are exact.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Of `VirtualRefs`, what is text: `locations`, and the ETags among the `checksums` by their index.
#[derive(Deserialize)]
pub struct Locations {
    locations: Vec<String>,
    etags: Vec<(usize, String)>,
}

/// The columns of `VirtualRefs`.
pub struct RefRows {
    pub indices: Vec<u32>,
    pub location: Vec<u32>,
    pub offsets: Vec<f64>,
    pub lengths: Vec<f64>,
    /// Of each location, ms; NaN where its checksum is no time.
    pub modified: Vec<f64>,
}

/// Sets all or, where one of them is wrong, none.
pub async fn set_virtual_refs(
    session: &RwLock<Session>,
    store: &Store,
    path: &str,
    locations: Locations,
    rows: RefRows,
    validate: bool,
) -> Outcome<()> {
    let path = node_path(path)?;
    let targets = targets(locations, &rows.modified)?;
    let rank = {
        let session = session.read().await;
        if session.read_only() {
            return Err(Failure::argument("a read-only session takes no references"));
        }
        if validate {
            validate_targets(&session, &targets)?;
        }
        let NodeData::Array { shape, .. } = session.get_array(&path).await?.node_data else {
            return Err(Failure::argument(format!("{path} is not an array")));
        };
        rows.check(&shape, targets.len())?;
        shape.len()
    };
    // A scalar has one chunk, whose index is empty.
    let index = |row: usize| ChunkIndices(rows.indices[row * rank..(row + 1) * rank].to_vec());
    let references: Vec<_> = (0..rows.location.len()).map(|row| (index(row), rows.reference(row, &targets))).collect();
    store.set_virtual_refs(&path, false, references).await?;
    Ok(())
}

type Target = (VirtualChunkLocation, Option<Checksum>);

fn targets(spec: Locations, modified: &[f64]) -> Outcome<Vec<Target>> {
    if spec.locations.len() != modified.len() {
        return Err(Failure::argument(format!("{} checksums of {} locations", modified.len(), spec.locations.len())));
    }
    let target = |(url, &ms): (&String, &f64)| {
        refuse_secrets(url)?;
        let checksum = if ms.is_nan() { None } else { Some(last_modified(ms)?) };
        Ok((VirtualChunkLocation::from_url(url)?, checksum))
    };
    let mut targets = spec.locations.iter().zip(modified).map(target).collect::<Outcome<Vec<_>>>()?;
    for (index, etag) in spec.etags {
        let target = targets.get_mut(index).ok_or_else(|| Failure::argument("an ETag of no location"))?;
        target.1 = Some(Checksum::ETag(ETag(etag)));
    }
    Ok(targets)
}

/// The format has whole seconds, and compares with "not later than": rounded up, a file's own time passes.
fn last_modified(ms: f64) -> Outcome<Checksum> {
    let seconds = (ms / 1000.0).ceil();
    if !(0.0..=f64::from(u32::MAX)).contains(&seconds) {
        return Err(Failure::argument(format!("{ms} ms is no time of a file")));
    }
    Ok(Checksum::LastModified(SecondsSinceEpoch(seconds as u32)))
}

/// References are stored for others to read.
fn refuse_secrets(url: &str) -> Outcome<()> {
    let authority = url.split_once("://").map_or("", |(_, rest)| rest.split('/').next().unwrap_or(""));
    let (secret, place) = if authority.contains('@') {
        ("user info", "@")
    } else if url.contains(['?', '#']) {
        ("a query or fragment", "?#")
    } else {
        return Ok(());
    };
    let shown = url.split(['?', '#']).next().unwrap_or("").rsplit('@').next().unwrap_or("");
    Err(Failure::argument(format!("a location has {secret} ({place}), which would be stored: …{shown}")))
}

fn validate_targets(session: &Session, targets: &[Target]) -> Outcome<()> {
    for (location, _) in targets {
        session.validate_virtual_chunk_location(location).map_err(|error| {
            let failure = Failure::from(error);
            // Nobody was refused: the reference would be one that nobody can read.
            Failure { kind: Kind::InvalidArgument, url: None, ..failure }
        })?;
    }
    Ok(())
}

impl RefRows {
    fn check(&self, shape: &ArrayShape, targets: usize) -> Outcome<()> {
        let count = self.location.len();
        let rank = shape.len();
        if self.indices.len() != count * rank || self.offsets.len() != count || self.lengths.len() != count {
            return Err(Failure::argument(format!(
                "{count} references of rank {rank} with {} indices, {} offsets and {} lengths",
                self.indices.len(),
                self.offsets.len(),
                self.lengths.len()
            )));
        }
        let chunks: Vec<u32> = shape.num_chunks().collect();
        for row in 0..count {
            let index = &self.indices[row * rank..(row + 1) * rank];
            if index.iter().zip(&chunks).any(|(index, chunks)| index >= chunks) {
                return Err(Failure::argument(format!("chunk {index:?} is outside the grid {chunks:?}")));
            }
            self.check_row(row, targets)?;
        }
        Ok(())
    }

    fn check_row(&self, row: usize, targets: usize) -> Outcome<()> {
        let (offset, length) = (self.offsets[row], self.lengths[row]);
        if self.location[row] as usize >= targets {
            return Err(Failure::argument(format!("row {row}: location {} of {targets}", self.location[row])));
        }
        let whole = |value: f64| value.fract() == 0.0 && (0.0..EXACT).contains(&value);
        if !whole(offset) || !whole(length) || length < 1.0 || offset + length > EXACT {
            return Err(Failure::argument(format!("row {row}: {length} bytes at {offset} are no range")));
        }
        Ok(())
    }

    fn reference(&self, row: usize, targets: &[Target]) -> VirtualChunkRef {
        let (location, checksum) = targets[self.location[row] as usize].clone();
        VirtualChunkRef { location, checksum, offset: self.offsets[row] as u64, length: self.lengths[row] as u64 }
    }
}
