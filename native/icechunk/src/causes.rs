//! The crate's errors as failures, by their kinds.
use std::error::Error as StdError;
use std::fmt::Write as _;

use icechunk::format::manifest::{VirtualReferenceError, VirtualReferenceErrorKind};
use icechunk::format::{IcechunkFormatError, IcechunkFormatErrorKind};
use icechunk::ops::GCError;
use icechunk::refs::RefErrorKind;
use icechunk::repository::{RepositoryError, RepositoryErrorKind};
use icechunk::session::{SessionError, SessionErrorKind};
use icechunk::storage::{StorageError, StorageErrorKind};
use icechunk::store::{StoreError, StoreErrorKind};

use crate::conflicts::of_conflicts;
use crate::failure::{Failure, Kind};

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        of_store(error.kind)
    }
}

impl From<SessionError> for Failure {
    fn from(error: SessionError) -> Self {
        of_session(error.kind)
    }
}

impl From<RepositoryError> for Failure {
    fn from(error: RepositoryError) -> Self {
        of_repository(error.kind)
    }
}

impl From<StorageError> for Failure {
    fn from(error: StorageError) -> Self {
        of_storage(error.kind)
    }
}

impl From<VirtualReferenceError> for Failure {
    fn from(error: VirtualReferenceError) -> Self {
        of_virtual(error.kind)
    }
}

impl From<IcechunkFormatError> for Failure {
    fn from(error: IcechunkFormatError) -> Self {
        of_format(error.kind)
    }
}

impl From<GCError> for Failure {
    fn from(error: GCError) -> Self {
        match error {
            GCError::Ref(error) => of_ref(error.kind),
            GCError::Repository(error) => of_repository(error.kind),
            GCError::FormatError(error) => of_format(error.kind),
            GCError::StorageError(error) => of_storage(error.kind),
            error => Self::new(Kind::Storage, words(&error)),
        }
    }
}

/// An error and its causes in one line.
fn words(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            let _ = write!(text, ": {more}");
        }
        cause = error.source();
    }
    text
}

fn of_store(kind: StoreErrorKind) -> Failure {
    use StoreErrorKind as S;
    let what = words(&kind);
    match kind {
        S::SessionError(kind) => of_session(kind),
        S::RepositoryError(kind) => of_repository(kind),
        S::RefError(kind) => of_ref(kind),
        S::NotFound(_) => Failure::new(Kind::NotFound, what),
        S::PartialValuesPanic | S::Other(_) | S::Unknown(_) | S::SerializationError(_) => {
            Failure::new(Kind::Internal, what)
        }
        S::DeserializationError(_) => Failure::data(what),
        S::Unimplemented(_) => Failure::new(Kind::Unsupported, what),
        _ => Failure::argument(what),
    }
}

fn of_session(kind: SessionErrorKind) -> Failure {
    use SessionErrorKind as S;
    let what = words(&kind);
    match kind {
        S::RepositoryError(kind) => of_repository(kind),
        S::StorageError(kind) => of_storage(kind),
        S::FormatError(kind) => of_format(kind),
        S::VirtualReferenceError(kind) => of_virtual(kind),
        S::RefError(kind) => of_ref(kind),
        S::ManifestCreationError(error) => of_session(error.kind),
        S::SnapshotNotFound { .. } | S::NodeNotFound { .. } | S::AncestorNodeNotFound { .. } => {
            Failure::new(Kind::NotFound, what)
        }
        S::AlreadyExists { .. } | S::MoveWontOverwrite(_) => Failure::new(Kind::Exists, what),
        S::NoChangesToCommit => Failure::new(Kind::NoData, what),
        S::Conflict { .. } | S::MissingPrunedAncestorTxLog { .. } => Failure::new(Kind::Conflict, what),
        S::RebaseFailed { conflicts, .. } => of_conflicts(conflicts),
        S::DeserializationError(_)
        | S::InvalidSnapshotTimestamp { .. }
        | S::InvalidSnapshotTimestampOrdering { .. }
        | S::ManifestsInconsistencyError { .. } => Failure::data(what),
        S::OtherFlushError
        | S::ConcurrencyError(_)
        | S::ConflictingPathNotFound(_)
        | S::SerializationError(_)
        | S::Other(_) => Failure::new(Kind::Internal, what),
        // A session that is not for this, a key or range that is not there: the kinds that are left name what was asked.
        S::NotAnArray { message, node } => Failure::argument(format!("{} is not an array ({message})", node.path)),
        S::NotAGroup { message, node } => Failure::argument(format!("{} is not a group ({message})", node.path)),
        _ => Failure::argument(what),
    }
}

fn of_repository(kind: RepositoryErrorKind) -> Failure {
    use RepositoryErrorKind as R;
    let what = words(&kind);
    match kind {
        R::StorageError(kind) => of_storage(kind),
        R::FormatError(kind) => of_format(kind),
        R::Ref(kind) => of_ref(kind),
        R::SnapshotNotFound { .. }
        | R::InvalidAsOfSpec { .. }
        | R::InvalidSnapshotId(_)
        | R::RepositoryDoesntExist => Failure::new(Kind::NotFound, what),
        R::ParentDirectoryNotClean => Failure::new(Kind::Exists, what),
        R::Conflict { .. } | R::RepoInfoUpdated | R::ConfigWasUpdated | R::RepoUpdateAttemptsLimit(_) => {
            Failure::new(Kind::Conflict, what)
        }
        R::DeserializationError(_) | R::ConfigDeserializationError(_) => Failure::data(what),
        R::IOError(_) => Failure::new(Kind::Storage, what),
        R::EmptyPrefixCreation
        | R::Tag(_)
        | R::CannotDeleteMain
        | R::ReadonlyStorage(_)
        | R::ReadonlyRepository(_)
        | R::NoAmendForInitialCommit => Failure::argument(what),
        R::BadRepoVersion { .. } => Failure::new(Kind::Unsupported, what),
        _ => Failure::new(Kind::Internal, what),
    }
}

fn of_ref(kind: RefErrorKind) -> Failure {
    let what = words(&kind);
    match kind {
        RefErrorKind::Storage(kind) => of_storage(kind),
        RefErrorKind::RefNotFound(_) => Failure::new(Kind::NotFound, what),
        RefErrorKind::TagAlreadyExists(_) => Failure::new(Kind::Exists, what),
        RefErrorKind::Conflict { .. } => Failure::new(Kind::Conflict, what),
        RefErrorKind::InvalidRefName(_) | RefErrorKind::InvalidRefType(_) => Failure::argument(what),
        RefErrorKind::IOError(_) => Failure::new(Kind::Storage, what),
        RefErrorKind::Serialization(_) => Failure::data(what),
    }
}

fn of_format(kind: IcechunkFormatErrorKind) -> Failure {
    use IcechunkFormatErrorKind as F;
    let what = words(&kind);
    match kind {
        F::VirtualReferenceError(kind) => of_virtual(kind),
        F::NodeNotFound { .. }
        | F::ChunkCoordinatesNotFound { .. }
        | F::SnapshotIdNotFound { .. }
        | F::BranchNotFound { .. }
        | F::TagNotFound { .. } => Failure::new(Kind::NotFound, what),
        F::BranchAlreadyExists { .. } | F::TagAlreadyExists { .. } | F::TagPreviouslyDeleted { .. } => {
            Failure::new(Kind::Exists, what)
        }
        F::InvalidSpecVersion { .. } | F::UnsupportedOperationForVersion { .. } | F::FeatureFlagDisabled { .. } => {
            Failure::new(Kind::Unsupported, what)
        }
        F::IO(_) => Failure::new(Kind::Storage, what),
        F::Path(_) => Failure::argument(what),
        _ => Failure::data(what),
    }
}

fn of_virtual(kind: VirtualReferenceErrorKind) -> Failure {
    use VirtualReferenceErrorKind as V;
    let what = words(&kind);
    match kind {
        V::NoContainerForUrl(url) => Failure { url: Some(url), ..Failure::new(Kind::Forbidden, what) },
        V::UnauthorizedVirtualChunkContainer { url_prefix, .. } => {
            Failure { url: Some(url_prefix), ..Failure::new(Kind::Forbidden, what) }
        }
        V::NoContainerForName(_) | V::InvalidCredentials(_) => Failure::new(Kind::Forbidden, what),
        V::ObjectModified(url) => Failure { url: Some(url), ..Failure::new(Kind::Changed, what) },
        V::FetchError(error) | V::OtherError(error) => of_object_store(error.as_ref(), what),
        V::InvalidObjectSize { .. } | V::Decoding(_) => Failure::data(what),
        _ => Failure::argument(what),
    }
}

fn of_storage(kind: StorageErrorKind) -> Failure {
    let what = words(&kind);
    match kind {
        StorageErrorKind::ObjectNotFound => Failure::new(Kind::NotFound, what),
        StorageErrorKind::ObjectStore(error) => of_object_store(error.as_ref(), what),
        StorageErrorKind::CannotParseUrl { .. } | StorageErrorKind::BadPrefix(_) => Failure::argument(what),
        _ => Failure::new(Kind::Storage, what),
    }
}

fn of_object_store(error: &(dyn StdError + Send + Sync + 'static), what: String) -> Failure {
    use object_store::Error as E;
    let kind = match error.downcast_ref::<E>() {
        Some(E::NotFound { .. }) => Kind::NotFound,
        Some(E::PermissionDenied { .. } | E::Unauthenticated { .. }) => Kind::Denied,
        Some(E::Precondition { .. } | E::AlreadyExists { .. }) => Kind::Conflict,
        Some(E::NotSupported { .. } | E::NotImplemented { .. }) => Kind::Unsupported,
        Some(E::InvalidPath { .. }) => Kind::InvalidArgument,
        _ => Kind::Storage,
    };
    Failure::new(kind, what)
}
