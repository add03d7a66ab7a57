//! The handle of a repository.
use std::collections::HashMap;
use std::num::{NonZeroU16, NonZeroU64};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use icechunk::config::{Credentials, ManifestConfig, ManifestSplittingConfig};
use icechunk::format::format_constants::SpecVersionBin;
use icechunk::repository::VersionInfo;
use icechunk::storage::{ConcurrencySettings, Settings};
use icechunk::{Repository, RepositoryConfig};
use napi::bindgen_prelude::*;
use napi_derive::napi;
use serde::Deserialize;

use crate::containers::{AccessSpec, ContainerSpec, add_containers, authorisation, containers_of};
use crate::diff::{DiffColumns, columns_of};
use crate::failure::{Failure, Kind, Outcome};
use crate::history::{self, HistoryRequest};
use crate::maintenance::{self, ExpireRequest, GarbageRequest};
use crate::place::{Place, PlaceSpec};
use crate::promise::promise;
use crate::session::NativeSession;
use crate::version::VersionSpec;

/// `IcechunkCreateOptions`.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Options {
    authorize: Vec<AccessSpec>,
    spec_version: Option<u8>,
    containers: Vec<ContainerSpec>,
    inline_bytes: Option<u16>,
    manifest_chunks: Option<u32>,
}

/// An open repository, as all of its futures share it.
pub struct Opened {
    pub repository: Repository,
    pub place: Place,
    leave: HashMap<String, Option<Credentials>>,
}

/// See `IcechunkRepository` in `src/native/icechunk/contract.ts`.
#[napi]
pub struct NativeRepository {
    open: Mutex<Option<Arc<Opened>>>,
}

/// Questions and changes whose answer is JSON.
#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "camelCase")]
enum Request {
    Expire(ExpireRequest),
    CollectGarbage(GarbageRequest),
    #[serde(untagged)]
    History(HistoryRequest),
}

/// What a session is opened on.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum SessionRequest {
    Readonly(VersionSpec),
    Writable(String),
}

impl Options {
    fn config(&mut self) -> Outcome<RepositoryConfig> {
        let manifest = self.manifest_chunks.map(|size| ManifestConfig {
            splitting: Some(ManifestSplittingConfig::with_size(size.max(1))),
            ..ManifestConfig::default()
        });
        let mut config = RepositoryConfig {
            inline_chunk_threshold_bytes: self.inline_bytes,
            manifest,
            ..RepositoryConfig::default()
        };
        add_containers(&mut config, std::mem::take(&mut self.containers))?;
        Ok(config)
    }

    fn spec(&self) -> Outcome<SpecVersionBin> {
        match self.spec_version {
            None | Some(2) => Ok(SpecVersionBin::V2),
            Some(1) => Ok(SpecVersionBin::V1),
            Some(other) => Err(Failure::argument(format!("specVersion is {other}, not 1 or 2"))),
        }
    }
}

impl Opened {
    async fn open(place: Place, leave: HashMap<String, Option<Credentials>>) -> Outcome<Self> {
        let storage = Arc::clone(&place.storage);
        let repository = Repository::open(storage)
            .config(in_whole_reads())
            .authorize_virtual_chunk_access(leave.clone())
            .execute()
            .await?;
        Ok(Self { repository, place, leave })
    }

    async fn create(place: Place, mut options: Options) -> Outcome<Self> {
        let config = options.config()?;
        let spec = options.spec()?;
        let leave = authorisation(options.authorize);
        if Repository::exists(Arc::clone(&place.storage), None).await? {
            return Err(Failure::new(Kind::Exists, "a repository is there"));
        }
        let held = place.hold_new().await?;
        Repository::create(Arc::clone(&place.storage))
            .config(config)
            .authorize_virtual_chunk_access(leave.clone())
            .spec_version(spec)
            // Where we hold the lock we have looked ourselves: its file is there.
            .check_clean_root(held.is_none())
            .execute()
            .await?;
        let opened = Self::open(place, leave).await?;
        drop(held);
        Ok(opened)
    }

    async fn open_or_create(place: Place, options: Options) -> Outcome<Self> {
        let leave = authorisation(options.authorize.clone());
        if Repository::exists(Arc::clone(&place.storage), None).await? {
            return Self::open(place, leave).await;
        }
        match Self::create(place.clone(), options).await {
            // Somebody else made it meanwhile.
            Err(Failure { kind: Kind::Exists, .. })
                if Repository::exists(Arc::clone(&place.storage), None).await? =>
            {
                Self::open(place, leave).await
            }
            outcome => outcome,
        }
    }

    /// The repository with its containers changed and stored.
    async fn with_containers(&self, containers: Vec<ContainerSpec>) -> Outcome<Self> {
        let held = self.place.hold().await?;
        // Somebody else may have changed the configuration since we read it.
        let fresh = Self::open(self.place.clone(), self.leave.clone()).await?;
        let mut config = fresh.repository.config().clone();
        add_containers(&mut config, containers)?;
        fresh.repository.reopen(Some(config), None).await?.save_config().await?;
        let opened = Self::open(self.place.clone(), self.leave.clone()).await?;
        drop(held);
        Ok(opened)
    }
}

/// By default the crate cuts every read of a local repository into four-kilobyte requests, those of virtual chunks elsewhere
/// too. These are its numbers for S3.
fn in_whole_reads() -> RepositoryConfig {
    let concurrency = ConcurrencySettings {
        max_concurrent_requests_for_object: NonZeroU16::new(18),
        ideal_concurrent_request_size: NonZeroU64::new(12 << 20),
    };
    RepositoryConfig {
        storage: Some(Settings { concurrency: Some(concurrency), ..Settings::default() }),
        ..RepositoryConfig::default()
    }
}

/// `mode` is `open`, `create` or `openOrCreate`; `storage` and `options` are JSON.
#[napi(catch_unwind)]
pub fn open_repository<'e>(
    env: &'e Env,
    mode: String,
    storage: String,
    options: String,
) -> Result<PromiseRaw<'e, NativeRepository>> {
    promise(env, async move {
        let spec: PlaceSpec = serde_json::from_str(&storage)?;
        let options: Options = serde_json::from_str(&options)?;
        let place = Place::open(spec).await?;
        let opened = match mode.as_str() {
            "open" => Opened::open(place, authorisation(options.authorize.clone())).await?,
            "create" => Opened::create(place, options).await?,
            _ => Opened::open_or_create(place, options).await?,
        };
        Ok(NativeRepository { open: Mutex::new(Some(Arc::new(opened))) })
    })
}

/// Whether a repository is there.
#[napi(catch_unwind)]
pub fn repository_exists(env: &Env, storage: String) -> Result<PromiseRaw<'_, bool>> {
    promise(env, async move {
        let place = Place::open(serde_json::from_str(&storage)?).await?;
        Ok(Repository::exists(place.storage, None).await?)
    })
}

#[napi]
impl NativeRepository {
    fn slot(&self) -> MutexGuard<'_, Option<Arc<Opened>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn opened(&self) -> Outcome<Arc<Opened>> {
        self.slot().clone().ok_or_else(|| Failure::argument("the repository is closed"))
    }

    /// 1 or 2.
    #[napi(catch_unwind)]
    pub fn spec_version(&self) -> Result<u32> {
        Ok(match self.opened()?.repository.spec_version() {
            SpecVersionBin::V1 => 1,
            _ => 2,
        })
    }

    /// JSON of `VirtualContainer`s.
    #[napi(catch_unwind)]
    pub fn containers(&self) -> Result<String> {
        let containers = containers_of(self.opened()?.repository.config());
        Ok(serde_json::to_string(&containers).map_err(Failure::from)?)
    }

    /// Another handle on the same place, which knows the containers and has stored them.
    #[napi(catch_unwind)]
    pub fn with_containers<'e>(&self, env: &'e Env, containers: String) -> Result<PromiseRaw<'e, NativeRepository>> {
        let opened = self.opened()?;
        promise(env, async move {
            let changed = opened.with_containers(serde_json::from_str(&containers)?).await?;
            Ok(NativeRepository { open: Mutex::new(Some(Arc::new(changed))) })
        })
    }

    /// Carries out a request in JSON and answers in JSON.
    #[napi(catch_unwind)]
    pub fn call<'e>(&self, env: &'e Env, request: String) -> Result<PromiseRaw<'e, String>> {
        let opened = self.opened()?;
        promise(env, async move {
            match serde_json::from_str(&request)? {
                Request::Expire(request) => maintenance::expire(&opened, request).await,
                Request::CollectGarbage(request) => maintenance::collect_garbage(&opened, request).await,
                Request::History(request) => history::answer(&opened, request).await,
            }
        })
    }

    /// Both versions are JSON.
    #[napi(catch_unwind)]
    pub fn diff<'e>(&self, env: &'e Env, from: String, to: String) -> Result<PromiseRaw<'e, DiffColumns>> {
        let opened = self.opened()?;
        promise(env, async move {
            let from: VersionInfo = serde_json::from_str::<VersionSpec>(&from)?.try_into()?;
            let to: VersionInfo = serde_json::from_str::<VersionSpec>(&to)?.try_into()?;
            columns_of(opened.repository.diff(&from, &to).await?)
        })
    }

    /// `{ "readonly": version }` or `{ "writable": branch }`.
    #[napi(catch_unwind)]
    pub fn session<'e>(&self, env: &'e Env, request: String) -> Result<PromiseRaw<'e, NativeSession>> {
        let opened = self.opened()?;
        promise(env, async move {
            let session = match serde_json::from_str(&request)? {
                SessionRequest::Readonly(version) => opened.repository.readonly_session(&version.try_into()?).await?,
                SessionRequest::Writable(branch) => opened.repository.writable_session(&branch).await?,
            };
            Ok(NativeSession::new(session, Some(opened.place.clone())))
        })
    }

    /// Further calls are refused; twice is once.
    #[napi(catch_unwind)]
    pub fn close(&self) {
        self.slot().take();
    }
}
