//! What two commits did to the same, in words.
use std::fmt::Write as _;

use icechunk::conflicts::Conflict;
use serde::Serialize;

use crate::failure::{Failure, Kind};

/// Chunks of one conflict that are named at most; all are counted.
const NAMED_CHUNKS: usize = 100;

/// Two changes that cannot both stand.
#[derive(Debug, Serialize)]
pub struct ConflictItem {
    pub path: String,
    pub change: &'static str,
    /// The first of them, sorted.
    pub chunks: Vec<Vec<u32>>,
    pub count: usize,
}

/// The failure of a rebase.
pub fn of_conflicts(conflicts: Vec<Conflict>) -> Failure {
    let conflicts: Vec<_> = conflicts.into_iter().map(conflict_item).collect();
    let mut what = String::from("another commit changed the same");
    for item in conflicts.iter().take(3) {
        let _ = write!(what, "; {}: {}", if item.path.is_empty() { "the hierarchy" } else { &item.path }, item.change);
        if item.count > 0 {
            let _ = write!(what, " ({} chunks, the first is {:?})", item.count, item.chunks[0]);
        }
    }
    Failure { conflicts, ..Failure::new(Kind::Conflict, what) }
}

fn conflict_item(conflict: Conflict) -> ConflictItem {
    use Conflict as C;
    let item = |path: String, change| ConflictItem { path, change, chunks: Vec::new(), count: 0 };
    match conflict {
        C::NewNodeConflictsWithExistingNode(path) => item(path.to_string(), "made by both"),
        C::NewNodeInInvalidGroup(path) => item(path.to_string(), "made in a group that is gone"),
        C::ZarrMetadataDoubleUpdate(path) => item(path.to_string(), "metadata changed by both"),
        C::ZarrMetadataUpdateOfDeletedArray(path) => item(path.to_string(), "metadata changed of an array that is gone"),
        C::ZarrMetadataUpdateOfDeletedGroup(path) => item(path.to_string(), "metadata changed of a group that is gone"),
        C::ChunkDoubleUpdate { path, chunk_coordinates, .. } => {
            let mut chunks: Vec<_> = chunk_coordinates.into_iter().map(|index| index.0).collect();
            let count = chunks.len();
            chunks.sort_unstable();
            chunks.truncate(NAMED_CHUNKS);
            ConflictItem { path: path.to_string(), change: "chunks written by both", chunks, count }
        }
        C::ChunksUpdatedInDeletedArray { path, .. } => item(path.to_string(), "chunks written of an array that is gone"),
        C::ChunksUpdatedInUpdatedArray { path, .. } => {
            item(path.to_string(), "chunks written of an array whose metadata changed")
        }
        C::DeleteOfUpdatedArray { path, .. } => item(path.to_string(), "deleted an array that changed"),
        C::DeleteOfUpdatedGroup { path, .. } => item(path.to_string(), "deleted a group that changed"),
        C::MoveOperationCannotBeRebased => item(String::new(), "moves cannot be rebased"),
    }
}
