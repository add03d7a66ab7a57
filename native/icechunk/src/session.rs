//! The handle of a session.
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use futures::TryStreamExt;
use icechunk::Store;
use icechunk::format::ByteRange;
use icechunk::session::Session;
use napi::bindgen_prelude::*;
use napi_derive::napi;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::RwLock;

use crate::chunk_refs::{ChunkColumns, chunk_columns};
use crate::commit::{CommitRequest, commit};
use crate::diff::{DiffColumns, columns_of};
use crate::failure::{Failure, Kind, Outcome};
use crate::keys::{absent_is_none, byte_range, cut, is_metadata, node_path};
use crate::place::Place;
use crate::promise::promise;
use crate::virtual_refs::{RefRows, set_virtual_refs};

/// An open session, as all of its futures share it.
struct Opened {
    session: Arc<RwLock<Session>>,
    store: Store,
    /// None for a fork, which changes nothing that others see.
    place: Option<Place>,
}

/// See `IcechunkSession` in `src/native/icechunk/contract.ts`.
#[napi]
pub struct NativeSession {
    open: Mutex<Option<Arc<Opened>>>,
}

/// Questions and changes whose answer is JSON.
#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "camelCase")]
enum Request {
    State,
    Exists { key: String },
    List { prefix: String },
    ListDir { path: String },
    Delete { key: String },
    DeleteDir { path: String },
    Discard,
    Commit(CommitRequest),
}

impl Opened {
    async fn answer(&self, request: Request) -> Outcome<serde_json::Value> {
        let store = &self.store;
        match request {
            Request::State => Ok(state(&*self.session.read().await)),
            Request::Exists { key } => Ok(json!(absent_is_none(store.exists(&key).await)?.unwrap_or(false))),
            Request::List { prefix } => Ok(sorted(self.list(&prefix).await?)),
            Request::ListDir { path } => Ok(sorted(store.list_dir(&path).await?.try_collect().await?)),
            Request::Delete { key } => Ok(json!(store.delete(&key).await?)),
            Request::DeleteDir { path } => Ok(json!(store.delete_dir(&path).await?)),
            Request::Discard => Ok(json!(self.session.write().await.discard_changes()?)),
            Request::Commit(_) if self.session.read().await.read_only() => {
                Err(Failure::argument("a read-only session has nothing to commit: take a writable one"))
            }
            Request::Commit(request) => {
                let held = match &self.place {
                    Some(place) => place.hold().await?,
                    None => None,
                };
                let id = commit(&mut *self.session.write().await, request).await?;
                drop(held);
                Ok(json!(id))
            }
        }
    }

    /// The crate lists below nodes only; chunks under a prefix are listed with their array.
    async fn list(&self, prefix: &str) -> Outcome<Vec<String>> {
        let prefix = prefix.trim_matches('/');
        let path = node_path(prefix)?;
        let node = {
            let session = self.session.read().await;
            match session.get_node(&path).await {
                Ok(node) => node.path,
                Err(_) => match session.get_closest_ancestor_node(&path).await {
                    Ok(node) => node.path,
                    Err(_) => return Ok(Vec::new()),
                },
            }
        };
        let mut keys: Vec<String> = self.store.list_prefix(node.as_str().trim_start_matches('/')).await?.try_collect().await?;
        if node != path {
            keys.retain(|key| key.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')));
        }
        Ok(keys)
    }

    async fn get(&self, key: &str, range: &ByteRange) -> Outcome<Option<Uint8Array>> {
        let asked = if is_metadata(key) { &ByteRange::ALL } else { range };
        let mut bytes = absent_is_none(self.store.get(key, asked).await)?;
        if is_metadata(key) {
            bytes = bytes.map(|bytes| cut(&bytes, range)).transpose()?;
        }
        Ok(bytes.map(|bytes| Vec::from(bytes).into()))
    }
}

fn state(session: &Session) -> serde_json::Value {
    json!({
        "branch": session.branch(),
        "snapshot": session.snapshot_id().to_string(),
        "readOnly": session.read_only(),
        "hasChanges": session.has_uncommitted_changes(),
    })
}

fn sorted(mut keys: Vec<String>) -> serde_json::Value {
    keys.sort_unstable();
    json!(keys)
}

/// The session that a fork's bytes hold.
#[napi(catch_unwind)]
pub fn session_from_bytes(bytes: &[u8]) -> Result<NativeSession> {
    Ok(NativeSession::new(fork_of(bytes)?, None))
}

fn fork_of(bytes: &[u8]) -> Outcome<Session> {
    let session = Session::from_bytes(bytes).map_err(|_| Failure::data("these are not the bytes of a fork"))?;
    if session.is_fork() { Ok(session) } else { Err(Failure::argument("the session is no fork")) }
}

impl NativeSession {
    pub fn new(session: Session, place: Option<Place>) -> Self {
        let concurrency = session.config().get_partial_values_concurrency();
        let session = Arc::new(RwLock::new(session));
        let store = Store::from_session_and_config(Arc::clone(&session), concurrency);
        Self { open: Mutex::new(Some(Arc::new(Opened { session, store, place }))) }
    }

    fn slot(&self) -> MutexGuard<'_, Option<Arc<Opened>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn opened(&self) -> Outcome<Arc<Opened>> {
        self.slot().clone().ok_or_else(|| Failure::argument("the session is closed"))
    }
}

#[napi]
impl NativeSession {
    /// Carries out a request in JSON and answers in JSON.
    #[napi(catch_unwind)]
    pub fn call<'e>(&self, env: &'e Env, request: String) -> Result<PromiseRaw<'e, String>> {
        let opened = self.opened()?;
        promise(env, async move { Ok(opened.answer(serde_json::from_str(&request)?).await?.to_string()) })
    }

    /// Null where nothing is stored under the key.
    #[napi(catch_unwind)]
    pub fn get<'e>(
        &self,
        env: &'e Env,
        key: String,
        offset: Option<f64>,
        length: Option<f64>,
    ) -> Result<PromiseRaw<'e, Option<Uint8Array>>> {
        let opened = self.opened()?;
        let range = byte_range(offset, length)?;
        promise(env, async move { opened.get(&key, &range).await })
    }

    /// The bytes are copied before this returns.
    #[napi(catch_unwind)]
    pub fn set<'e>(&self, env: &'e Env, key: String, bytes: &[u8]) -> Result<PromiseRaw<'e, ()>> {
        let opened = self.opened()?;
        let bytes = Bytes::copy_from_slice(bytes);
        promise(env, async move { Ok(opened.store.set(&key, bytes).await?) })
    }

    /// `locations` is JSON: `{ locations, etags }`. All arrays are copied before this returns.
    #[napi(catch_unwind)]
    #[allow(clippy::too_many_arguments)]
    pub fn set_virtual_refs<'e>(
        &self,
        env: &'e Env,
        path: String,
        locations: String,
        indices: &[u32],
        location: &[u32],
        offsets: &[f64],
        lengths: &[f64],
        modified: &[f64],
        validate: bool,
    ) -> Result<PromiseRaw<'e, ()>> {
        let opened = self.opened()?;
        let rows = RefRows {
            indices: indices.to_vec(),
            location: location.to_vec(),
            offsets: offsets.to_vec(),
            lengths: lengths.to_vec(),
            modified: modified.to_vec(),
        };
        promise(env, async move {
            let locations = serde_json::from_str(&locations)?;
            set_virtual_refs(&opened.session, &opened.store, &path, locations, rows, validate).await
        })
    }

    /// Every stored chunk of an array.
    #[napi(catch_unwind)]
    pub fn chunk_refs<'e>(&self, env: &'e Env, path: String) -> Result<PromiseRaw<'e, ChunkColumns>> {
        let opened = self.opened()?;
        promise(env, async move { chunk_columns(&*opened.session.read().await, &path).await })
    }

    /// What the session has changed.
    #[napi(catch_unwind)]
    pub fn status<'e>(&self, env: &'e Env) -> Result<PromiseRaw<'e, DiffColumns>> {
        let opened = self.opened()?;
        promise(env, async move { columns_of(opened.session.read().await.status().await?) })
    }

    /// Bytes of a new fork of this session.
    #[napi(catch_unwind)]
    pub fn fork<'e>(&self, env: &'e Env) -> Result<PromiseRaw<'e, Uint8Array>> {
        let opened = self.opened()?;
        promise(env, async move {
            if opened.place.as_ref().is_some_and(|place| !place.reopens) {
                let what = "a fork of a repository in memory, which nobody else can open";
                return Err(Failure::new(Kind::Unsupported, what));
            }
            let fork = opened.session.read().await.fork().await?;
            Ok(fork.as_bytes()?.into())
        })
    }

    /// Bytes of this fork with its changes.
    #[napi(catch_unwind)]
    pub fn to_bytes<'e>(&self, env: &'e Env) -> Result<PromiseRaw<'e, Uint8Array>> {
        let opened = self.opened()?;
        promise(env, async move {
            let session = opened.session.read().await;
            if !session.is_fork() {
                return Err(Failure::argument("only a fork goes elsewhere: call `fork` first"));
            }
            Ok(session.as_bytes()?.into())
        })
    }

    /// Takes over the changes of a fork.
    #[napi(catch_unwind)]
    pub fn merge<'e>(&self, env: &'e Env, fork: &[u8]) -> Result<PromiseRaw<'e, ()>> {
        let opened = self.opened()?;
        let fork = fork_of(fork)?;
        promise(env, async move { Ok(opened.session.write().await.merge(fork).await?) })
    }

    /// Further calls are refused; what is under way goes on. Twice is once.
    #[napi(catch_unwind)]
    pub fn close(&self) {
        self.slot().take();
    }
}
