//! Differences: names in JSON, positions of chunks in one typed array.
use std::collections::BTreeSet;

use icechunk::diff::Diff;
use icechunk::format::Path;
use napi::bindgen_prelude::*;
use napi_derive::napi;
use serde_json::json;

use crate::failure::Outcome;

/// `IcechunkDiff`: `json` has all but the indices of `chunks`, which follow each other in `indices`.
#[napi(object, object_from_js = false)]
pub struct DiffColumns {
    pub json: String,
    pub indices: Uint32Array,
}

pub fn columns_of(diff: Diff) -> Outcome<DiffColumns> {
    let mut indices: Vec<u32> = Vec::new();
    let mut chunks = Vec::new();
    for (path, changed) in &diff.updated_chunks {
        let rank = changed.first().map_or(0, |index| index.0.len());
        for index in changed {
            indices.extend_from_slice(&index.0);
        }
        chunks.push(json!({ "path": path.to_string(), "rank": rank, "count": changed.len() }));
    }
    let names = |paths: &BTreeSet<Path>| paths.iter().map(Path::to_string).collect::<Vec<_>>();
    let moved = diff.moved_nodes.iter().map(|node| json!({ "from": node.from.to_string(), "to": node.to.to_string() }));
    let json = json!({
        "newGroups": names(&diff.new_groups),
        "newArrays": names(&diff.new_arrays),
        "deletedGroups": names(&diff.deleted_groups),
        "deletedArrays": names(&diff.deleted_arrays),
        "updatedGroups": names(&diff.updated_groups),
        "updatedArrays": names(&diff.updated_arrays),
        "moved": moved.collect::<Vec<_>>(),
        "chunks": chunks,
    });
    Ok(DiffColumns { json: json.to_string(), indices: indices.into() })
}
