//! Commits.
use icechunk::conflicts::ConflictSolver;
use icechunk::conflicts::basic_solver::{BasicConflictSolver, VersionSelection};
use icechunk::conflicts::detector::ConflictDetector;
use icechunk::format::SnapshotId;
use icechunk::format::snapshot::SnapshotProperties;
use icechunk::session::{Session, SessionError, SessionErrorKind, SessionResult};
use serde::Deserialize;

use crate::failure::{Failure, Outcome};

/// `CommitOptions`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CommitRequest {
    message: String,
    metadata: Option<SnapshotProperties>,
    rebase: Option<RebaseSpec>,
    #[serde(default)]
    amend: bool,
    #[serde(default)]
    allow_empty: bool,
}

#[derive(Deserialize)]
struct RebaseSpec {
    attempts: u16,
    #[serde(default)]
    chunks: Choice,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Choice {
    #[default]
    Fail,
    Ours,
    Theirs,
}

impl Choice {
    fn solver(self) -> Box<dyn ConflictSolver + Send + Sync> {
        let basic = |on_chunk_conflict| {
            Box::new(BasicConflictSolver {
                on_chunk_conflict,
                fail_on_delete_of_updated_array: true,
                fail_on_delete_of_updated_group: true,
            })
        };
        match self {
            Choice::Fail => Box::new(ConflictDetector),
            Choice::Ours => basic(VersionSelection::UseOurs),
            Choice::Theirs => basic(VersionSelection::UseTheirs),
        }
    }
}

/// Id of the new snapshot. Whoever calls holds the lock of the place. After a failure the session is as it was.
pub async fn commit(session: &mut Session, request: CommitRequest) -> Outcome<String> {
    let attempts = request.rebase.as_ref().map_or(0, |rebase| rebase.attempts);
    if request.amend && attempts > 0 {
        return Err(Failure::argument("amend and rebase exclude each other"));
    }
    for _ in 0..attempts {
        match commit_once(session, &request).await {
            Err(SessionError { kind: SessionErrorKind::Conflict { .. }, .. }) => rebase(session, &request).await?,
            outcome => return Ok(outcome?.to_string()),
        }
    }
    Ok(commit_once(session, &request).await?.to_string())
}

async fn commit_once(session: &mut Session, request: &CommitRequest) -> SessionResult<SnapshotId> {
    let mut builder = session.commit(request.message.as_str()).allow_empty(request.allow_empty);
    if let Some(metadata) = &request.metadata {
        builder = builder.properties(metadata.clone());
    }
    if request.amend {
        builder = builder.amend();
    }
    builder.execute().await
}

/// The crate drops a session's changes where a rebase fails for another reason than a conflict: they are kept here.
async fn rebase(session: &mut Session, request: &CommitRequest) -> Outcome<()> {
    let solver = request.rebase.as_ref().map_or(Choice::Fail, |rebase| rebase.chunks).solver();
    let before = session.clone();
    let outcome = session.rebase(solver.as_ref()).await;
    if outcome.is_err() {
        *session = before;
    }
    Ok(outcome?)
}
