//! Branches, tags and ancestry.
use std::collections::HashSet;

use futures::TryStreamExt;
use icechunk::repository::VersionInfo;
use serde::Deserialize;
use serde_json::json;

use crate::failure::{Failure, Kind, Outcome};
use crate::repository::Opened;
use crate::version::{Snapshot, VersionSpec, snapshot_id};

#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "camelCase")]
pub enum HistoryRequest {
    Branches,
    Tags,
    CreateBranch { name: String, snapshot: String },
    DeleteBranch { name: String },
    ResetBranch { name: String, snapshot: String, from: Option<String> },
    CreateTag { name: String, snapshot: String },
    DeleteTag { name: String },
    Resolve { version: VersionSpec },
    Ancestry { version: VersionSpec, limit: Option<usize> },
}

/// Answers in JSON; `null` where there is nothing to say.
pub async fn answer(opened: &Opened, request: HistoryRequest) -> Outcome<String> {
    use HistoryRequest as R;
    let repository = &opened.repository;
    match request {
        R::Branches => return refs(opened, repository.list_branches().await?, VersionInfo::BranchTipRef).await,
        R::Tags => return refs(opened, repository.list_tags().await?, VersionInfo::TagRef).await,
        R::Resolve { version } => {
            let id = repository.resolve_version(&version.try_into()?).await?;
            return Ok(json!(id.to_string()).to_string());
        }
        R::Ancestry { version, limit } => return ancestry(opened, version, limit.unwrap_or(usize::MAX)).await,
        change => {
            let held = opened.place.hold().await?;
            carry_out(opened, change).await?;
            drop(held);
        }
    }
    Ok("null".to_string())
}

async fn carry_out(opened: &Opened, change: HistoryRequest) -> Outcome<()> {
    use HistoryRequest as R;
    let repository = &opened.repository;
    match change {
        R::CreateBranch { name, snapshot } => repository.create_branch(&name, &snapshot_id(&snapshot)?).await?,
        R::DeleteBranch { name } => repository.delete_branch(&name).await?,
        R::ResetBranch { name, snapshot, from } => {
            let from = from.as_deref().map(snapshot_id).transpose()?;
            repository.reset_branch(&name, &snapshot_id(&snapshot)?, from.as_ref()).await?;
        }
        R::CreateTag { name, snapshot } => repository.create_tag(&name, &snapshot_id(&snapshot)?).await?,
        R::DeleteTag { name } => repository.delete_tag(&name).await?,
        R::Branches | R::Tags | R::Resolve { .. } | R::Ancestry { .. } => {}
    }
    Ok(())
}

/// Names and snapshots of refs; one that is deleted meanwhile is left out.
async fn refs(
    opened: &Opened,
    names: impl IntoIterator<Item = String>,
    version: fn(String) -> VersionInfo,
) -> Outcome<String> {
    let mut refs = Vec::new();
    for name in names {
        match opened.repository.resolve_version(&version(name.clone())).await.map_err(Failure::from) {
            Ok(id) => refs.push(json!({ "name": name, "snapshot": id.to_string() })),
            Err(Failure { kind: Kind::NotFound, .. }) => {}
            Err(failure) => return Err(failure),
        }
    }
    Ok(serde_json::Value::from(refs).to_string())
}

async fn ancestry(opened: &Opened, version: VersionSpec, limit: usize) -> Outcome<String> {
    let stream = opened.repository.ancestry(&version.try_into()?).await?;
    futures::pin_mut!(stream);
    let mut seen = HashSet::new();
    let mut snapshots: Vec<Snapshot> = Vec::new();
    while snapshots.len() < limit {
        let Some(info) = stream.try_next().await? else { break };
        if !seen.insert(info.id.clone()) {
            return Err(Failure::data(format!("the history goes round in circles at snapshot {}", info.id)));
        }
        snapshots.push(info.into());
    }
    Ok(serde_json::to_string(&snapshots)?)
}
