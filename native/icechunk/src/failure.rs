//! Failures as data. A rejection's message is this as JSON; `src/native/icechunk/problem.ts` makes a `Problem` of it.
use serde::Serialize;

use crate::conflicts::ConflictItem;

/// The kinds of `Problem` that can come of it, and two that TypeScript finds one for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    NotFound,
    Exists,
    Conflict,
    InvalidArgument,
    InvalidData,
    Unsupported,
    NoData,
    Changed,
    Forbidden,
    Denied,
    /// The storage failed: an I/O error where it is local, else one of the network.
    Storage,
    /// A bug, of this library or of the crate.
    Internal,
}

/// Why something could not be done, in one line.
#[derive(Debug, Serialize)]
pub struct Failure {
    pub kind: Kind,
    pub what: String,
    /// Of the object that failed, where it is not one of the repository.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conflicts: Vec<ConflictItem>,
}

/// What every function of this library answers.
pub type Outcome<T> = Result<T, Failure>;

impl Failure {
    pub fn new(kind: Kind, what: impl Into<String>) -> Self {
        Self { kind, what: what.into(), url: None, conflicts: Vec::new() }
    }

    pub fn argument(what: impl Into<String>) -> Self {
        Self::new(Kind::InvalidArgument, what)
    }

    pub fn data(what: impl Into<String>) -> Self {
        Self::new(Kind::InvalidData, what)
    }

    pub fn io(error: &std::io::Error) -> Self {
        Self::new(Kind::Storage, error.to_string())
    }

    /// Of what a panic carries.
    pub fn panic(payload: &(dyn std::any::Any + Send)) -> Self {
        let text = payload.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
        Self::new(Kind::Internal, format!("panic: {}", text.unwrap_or("without words")))
    }
}

impl From<Failure> for napi::Error {
    fn from(failure: Failure) -> Self {
        napi::Error::from_reason(serde_json::to_string(&failure).unwrap_or(failure.what))
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::argument(error.to_string())
    }
}
