//! `IcechunkVersion` and `SnapshotInfo` of `src/native/icechunk/types.ts`.
use chrono::{DateTime, Utc};
use icechunk::format::SnapshotId;
use icechunk::format::snapshot::{SnapshotInfo, SnapshotProperties};
use icechunk::repository::VersionInfo;
use serde::{Deserialize, Serialize};

use crate::failure::{Failure, Kind, Outcome};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VersionSpec {
    branch: Option<String>,
    tag: Option<String>,
    snapshot: Option<String>,
    as_of_ms: Option<f64>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Snapshot {
    id: String,
    parent_id: Option<String>,
    time_ms: f64,
    message: String,
    metadata: SnapshotProperties,
}

impl TryFrom<VersionSpec> for VersionInfo {
    type Error = Failure;

    fn try_from(spec: VersionSpec) -> Outcome<Self> {
        match spec {
            VersionSpec { branch: Some(branch), tag: None, snapshot: None, as_of_ms: Some(ms) } => {
                Ok(VersionInfo::AsOf { branch, at: time(ms)? })
            }
            VersionSpec { branch: Some(branch), tag: None, snapshot: None, as_of_ms: None } => {
                Ok(VersionInfo::BranchTipRef(branch))
            }
            VersionSpec { branch: None, tag: Some(tag), snapshot: None, as_of_ms: None } => Ok(VersionInfo::TagRef(tag)),
            VersionSpec { branch: None, tag: None, snapshot: Some(id), as_of_ms: None } => {
                Ok(VersionInfo::SnapshotId(snapshot_id(&id)?))
            }
            _ => Err(Failure::argument("a version is one of branch, tag, snapshot, or branch and asOfMs")),
        }
    }
}

impl From<SnapshotInfo> for Snapshot {
    fn from(info: SnapshotInfo) -> Self {
        Self {
            id: info.id.to_string(),
            parent_id: info.parent_id.map(|id| id.to_string()),
            // The format has microseconds: a double holds them, and `time` gives them back.
            time_ms: info.flushed_at.timestamp_micros() as f64 / 1000.0,
            message: info.message,
            metadata: info.metadata,
        }
    }
}

/// An id as it is written; what cannot be one names no snapshot.
pub fn snapshot_id(id: &str) -> Outcome<SnapshotId> {
    SnapshotId::try_from(id).map_err(|_| Failure::new(Kind::NotFound, format!("there is no snapshot `{id}`")))
}

/// Milliseconds since 1970 UTC.
pub fn time(ms: f64) -> Outcome<DateTime<Utc>> {
    let micros = (ms * 1000.0).round();
    let within = micros.abs() < 9e18;
    let time = within.then(|| DateTime::from_timestamp_micros(micros as i64)).flatten();
    time.ok_or_else(|| Failure::argument(format!("{ms} ms is no time")))
}
