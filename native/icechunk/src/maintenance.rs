//! What takes history and objects away: expiry, and the collection of garbage.
use std::collections::HashSet;
use std::num::{NonZeroU16, NonZeroUsize};
use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use futures::TryStreamExt;
use icechunk::Storage;
use icechunk::asset_manager::AssetManager;
use icechunk::format::SnapshotId;
use icechunk::format::format_constants::SpecVersionBin;
use icechunk::ops::gc::{ExpireResult, ExpiredRefAction, GCConfig, GCSummary, expire as run_expire, garbage_collect};
use icechunk::ops::{pointed_snapshots_v1, reachable_snapshots_v2};
use icechunk::refs::Ref;
use icechunk::storage::{StorageContext, new_in_memory_storage};
use serde::Deserialize;
use serde_json::json;

use crate::failure::{Failure, Kind, Outcome};
use crate::repository::Opened;
use crate::version::{snapshot_id, time};

/// Requests and objects under way at once: gentle with small machines, and far from the limit of open files.
const AT_ONCE: NonZeroU16 = NonZeroU16::new(16).unwrap();
const MANIFEST_BYTES: NonZeroUsize = NonZeroUsize::new(256 << 20).unwrap();
const DECODED_BYTES: NonZeroUsize = NonZeroUsize::new(512 << 20).unwrap();
const DELETE_FAILURES: NonZeroU16 = NonZeroU16::new(10).unwrap();

/// `ExpireOptions`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExpireRequest {
    older_than_ms: f64,
    #[serde(default)]
    delete_branches: bool,
    #[serde(default)]
    delete_tags: bool,
    #[serde(default)]
    keep: Vec<String>,
    #[serde(default)]
    dry_run: bool,
}

/// `GarbageOptions`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GarbageRequest {
    older_than_ms: f64,
    #[serde(default)]
    keep: Vec<String>,
    #[serde(default)]
    dry_run: bool,
}

impl ExpireRequest {
    async fn run(&self, manager: Arc<AssetManager>, opened: &Opened) -> Outcome<ExpireResult> {
        let config = opened.repository.config();
        let action = |delete| if delete { ExpiredRefAction::Delete } else { ExpiredRefAction::Ignore };
        let (branches, tags) = (action(self.delete_branches), action(self.delete_tags));
        let (retries, updates) = (config.repo_update_retries(), config.num_updates_per_repo_info_file());
        Ok(run_expire(manager, time(self.older_than_ms)?, branches, tags, Some(retries), updates).await?)
    }
}

/// `ExpireResult` in JSON. What would go is found out on a copy of the history in memory, by the same code.
pub async fn expire(opened: &Opened, request: ExpireRequest) -> Outcome<String> {
    let held = opened.place.hold().await?;
    let keep = request.keep.iter().map(|id| snapshot_id(id)).collect::<Outcome<HashSet<_>>>()?;
    let mut result = ExpireResult::default();
    if request.dry_run || !keep.is_empty() {
        result = expire_with(copy_of_history(opened).await?, opened, &request).await?;
        refuse_loss(&result, &keep)?;
    }
    if !request.dry_run {
        result = expire_with(Arc::clone(opened.repository.asset_manager()), opened, &request).await?;
    }
    drop(held);
    Ok(expire_json(&result).to_string())
}

/// In specification 1 the crate counts tips among the released that refs hold still.
async fn expire_with(manager: Arc<AssetManager>, opened: &Opened, request: &ExpireRequest) -> Outcome<ExpireResult> {
    let mut result = request.run(Arc::clone(&manager), opened).await?;
    let held = held_snapshots(&manager, &HashSet::new()).await?;
    result.released_snapshots.retain(|id| !held.contains(id));
    Ok(result)
}

/// Snapshots that refs, or those named, have in their history.
async fn held_snapshots(manager: &Arc<AssetManager>, keep: &HashSet<SnapshotId>) -> Outcome<HashSet<SnapshotId>> {
    if manager.spec_version() == SpecVersionBin::V1 {
        let snapshots = pointed_snapshots_v1(Arc::clone(manager), keep).await?;
        return Ok(snapshots.map_ok(|snapshot| snapshot.id()).try_collect().await?);
    }
    let (history, _) = manager.fetch_repo_info().await?;
    Ok(reachable_snapshots_v2(&history, keep)?)
}

fn refuse_loss(result: &ExpireResult, keep: &HashSet<SnapshotId>) -> Outcome<()> {
    let lost = names(result.released_snapshots.intersection(keep));
    match lost.first() {
        None => Ok(()),
        Some(first) => {
            let what = format!("{} of the snapshots to keep would go, {first} for one", lost.len());
            Err(Failure::new(Kind::Conflict, what))
        }
    }
}

fn expire_json(result: &ExpireResult) -> serde_json::Value {
    let refs = |branches: bool| {
        let of_kind = result.deleted_refs.iter().filter(|name| matches!(name, Ref::Branch(_)) == branches);
        let mut names: Vec<_> = of_kind.map(Ref::name).collect();
        names.sort_unstable();
        names
    };
    json!({
        "released": names(&result.released_snapshots),
        "edited": names(&result.edited_snapshots),
        "deletedBranches": refs(true),
        "deletedTags": refs(false),
    })
}

fn names<'a>(ids: impl IntoIterator<Item = &'a SnapshotId>) -> Vec<String> {
    let mut names: Vec<_> = ids.into_iter().map(SnapshotId::to_string).collect();
    names.sort_unstable();
    names
}

/// All that expiry reads and writes: one object in specification 2, refs and snapshots in specification 1.
async fn copy_of_history(opened: &Opened) -> Outcome<Arc<AssetManager>> {
    let spec = opened.repository.spec_version();
    let memory = new_in_memory_storage().await?;
    let from = opened.repository.storage();
    if spec == SpecVersionBin::V1 {
        for folder in ["refs", "snapshots"] {
            for name in object_names(opened, folder).await? {
                copy_object(opened, from.as_ref(), memory.as_ref(), &format!("{folder}/{name}")).await?;
            }
        }
    } else {
        copy_object(opened, from.as_ref(), memory.as_ref(), "repo").await?;
    }
    let settings = memory.default_settings().await?;
    Ok(Arc::new(AssetManager::new_no_cache(memory, settings, spec, 1, AT_ONCE.get())))
}

async fn object_names(opened: &Opened, folder: &str) -> Outcome<Vec<String>> {
    let context = opened.repository.storage_context();
    let listing = opened.repository.storage().list_objects(&context, folder).await?;
    Ok(listing.map_ok(|info| info.id).try_collect().await?)
}

async fn copy_object(opened: &Opened, from: &(dyn Storage + Send + Sync), to: &(dyn Storage + Send + Sync), path: &str) -> Outcome<()> {
    let context = opened.repository.storage_context();
    let (stream, _) = from.get_object_range(&context, path, None).await?;
    let parts: Vec<Bytes> = stream.try_collect().await?;
    let settings = to.default_settings().await?;
    let context = StorageContext::unattributed(&settings);
    to.put_object(&context, path, parts.concat().into(), None, Vec::new(), None).await?;
    Ok(())
}

/// `GarbageResult` in JSON.
pub async fn collect_garbage(opened: &Opened, request: GarbageRequest) -> Outcome<String> {
    let held = opened.place.hold().await?;
    let manager = opened.repository.asset_manager();
    let keep = request.keep.iter().map(|id| snapshot_id(id)).collect::<Outcome<HashSet<_>>>()?;
    let before = time(request.older_than_ms)?;
    let going = if request.dry_run {
        doomed_snapshots(manager, &keep, before).await?
    } else {
        stored_snapshots(manager).await?.into_iter().map(|(id, _)| id).collect()
    };
    let summary = run_collection(opened, before, keep, request.dry_run).await?;
    let going = if request.dry_run {
        going
    } else {
        let left: HashSet<_> = stored_snapshots(manager).await?.into_iter().map(|(id, _)| id).collect();
        going.difference(&left).cloned().collect()
    };
    drop(held);
    Ok(garbage_json(&summary, &going).to_string())
}

async fn run_collection(
    opened: &Opened,
    before: DateTime<Utc>,
    keep: HashSet<SnapshotId>,
    dry_run: bool,
) -> Outcome<GCSummary> {
    let config = GCConfig::clean_all(
        before,
        before,
        Some(keep),
        AT_ONCE,
        MANIFEST_BYTES,
        DECODED_BYTES,
        AT_ONCE,
        AT_ONCE,
        DELETE_FAILURES,
        None,
        dry_run,
    );
    let settings = opened.repository.config();
    let (retries, updates) = (settings.repo_update_retries(), settings.num_updates_per_repo_info_file());
    let manager = Arc::clone(opened.repository.asset_manager());
    Ok(garbage_collect(manager, &config, Some(retries), updates).await?)
}

fn garbage_json(summary: &GCSummary, going: &HashSet<SnapshotId>) -> serde_json::Value {
    json!({
        "bytes": summary.bytes_deleted,
        "chunks": summary.chunks_deleted,
        "manifests": summary.manifests_deleted,
        "snapshots": summary.snapshots_deleted,
        "transactionLogs": summary.transaction_logs_deleted,
        "failed": summary.objects_failed_to_delete,
        "errors": summary.delete_errors,
        "snapshotIds": names(going),
    })
}

async fn stored_snapshots(manager: &AssetManager) -> Outcome<Vec<(SnapshotId, DateTime<Utc>)>> {
    let listing = manager.list_snapshots().await?;
    Ok(listing.map_ok(|info| (info.id, info.created_at)).try_collect().await?)
}

/// Snapshots that no history holds, and that are old enough by the rule of the collection: a time in whole seconds may be
/// up to a second later.
async fn doomed_snapshots(
    manager: &Arc<AssetManager>,
    keep: &HashSet<SnapshotId>,
    before: DateTime<Utc>,
) -> Outcome<HashSet<SnapshotId>> {
    let held = held_snapshots(manager, keep).await?;
    let latest = |made: DateTime<Utc>| {
        if made.timestamp_subsec_nanos() == 0 { made + TimeDelta::seconds(1) } else { made + TimeDelta::nanoseconds(1) }
    };
    let stored = stored_snapshots(manager).await?.into_iter();
    Ok(stored.filter(|(id, made)| !held.contains(id) && latest(*made) <= before).map(|(id, _)| id).collect())
}
