//! Where a repository lies: `IcechunkStorage` of `src/native/icechunk/types.ts`.
use std::path::PathBuf;
use std::sync::Arc;

use icechunk::Storage;
use icechunk::storage::{
    S3Credentials, S3Options, S3StaticCredentials, new_http_storage, new_in_memory_storage,
    new_local_filesystem_storage, new_s3_object_store_storage,
};
use serde::{Deserialize, Serialize};

use crate::failure::{Failure, Kind, Outcome};
use crate::lock::{Held, LOCK_FILE, RepositoryLock};

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum PlaceSpec {
    Local {
        path: String,
    },
    S3 {
        bucket: String,
        prefix: String,
        #[serde(flatten)]
        endpoint: Endpoint,
        access: Option<Access>,
    },
    Http {
        url: String,
    },
    Memory,
}

#[derive(Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Endpoint {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    #[serde(default)]
    pub allow_http: bool,
    #[serde(default)]
    pub path_style: bool,
}

#[derive(Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Access {
    Environment,
    Anonymous,
    Static { access_key_id: String, secret_access_key: String, session_token: Option<String> },
}

/// An opened storage, and how its writers keep out of each other's way.
#[derive(Clone)]
pub struct Place {
    pub storage: Arc<dyn Storage + Send + Sync>,
    folder: Option<PathBuf>,
    lock: Option<RepositoryLock>,
    /// What is in memory cannot be reopened from plain data.
    pub reopens: bool,
}

impl Endpoint {
    pub fn options(self, anonymous: bool) -> S3Options {
        let mut options = S3Options::default()
            .with_anonymous(anonymous)
            .with_allow_http(self.allow_http)
            .with_force_path_style(self.path_style);
        if let Some(region) = self.region {
            options = options.with_region(region);
        }
        if let Some(endpoint) = self.endpoint {
            options = options.with_endpoint_url(endpoint);
        }
        options
    }
}

impl From<Access> for S3Credentials {
    fn from(access: Access) -> Self {
        match access {
            Access::Environment => S3Credentials::FromEnv,
            Access::Anonymous => S3Credentials::Anonymous,
            Access::Static { access_key_id, secret_access_key, session_token } => {
                S3Credentials::Static(S3StaticCredentials {
                    access_key_id,
                    secret_access_key,
                    session_token,
                    expires_after: None,
                })
            }
        }
    }
}

impl Place {
    pub async fn open(spec: PlaceSpec) -> Outcome<Self> {
        let far = |storage| Self { storage, folder: None, lock: None, reopens: true };
        match spec {
            PlaceSpec::Local { path } => Self::local(&path).await,
            PlaceSpec::Http { url } => {
                if url.contains(['?', '#', '@']) {
                    return Err(Failure::argument("the URL of a repository has no query, fragment or user info"));
                }
                Ok(far(new_http_storage(&url, None, None)?))
            }
            PlaceSpec::Memory => Ok(Self { reopens: false, ..far(new_in_memory_storage().await?) }),
            PlaceSpec::S3 { bucket, prefix, endpoint, access } => {
                let anonymous = matches!(access, Some(Access::Anonymous));
                let credentials = access.unwrap_or(Access::Environment).into();
                let options = endpoint.options(anonymous);
                let prefix = Some(prefix.trim_matches('/').to_string());
                let none = Vec::new;
                Ok(far(new_s3_object_store_storage(options, bucket, prefix, Some(credentials), none(), none()).await?))
            }
        }
    }

    async fn local(path: &str) -> Outcome<Self> {
        // Absolute, so that a fork finds it in a process that works elsewhere.
        let folder = std::path::absolute(path).map_err(|error| Failure::argument(format!("{path}: {error}")))?;
        let storage = new_local_filesystem_storage(&folder).await?;
        Ok(Self { storage, lock: Some(RepositoryLock::of(&folder)), folder: Some(folder), reopens: true })
    }

    /// To be held while a branch, a tag or the configuration changes; nothing where the storage itself keeps order.
    pub async fn hold(&self) -> Outcome<Option<Held>> {
        match &self.lock {
            Some(lock) => lock.hold().await.map(Some),
            None => Ok(None),
        }
    }

    /// As `hold`, in a folder that need not be there yet and holds nothing that is not ours.
    pub async fn hold_new(&self) -> Outcome<Option<Held>> {
        let Some(folder) = &self.folder else { return Ok(None) };
        std::fs::create_dir_all(folder).map_err(|error| Failure::io(&error))?;
        let held = self.hold().await?;
        for entry in std::fs::read_dir(folder).map_err(|error| Failure::io(&error))? {
            let entry = entry.map_err(|error| Failure::io(&error))?;
            if entry.file_name() != LOCK_FILE {
                let name = entry.file_name().to_string_lossy().into_owned();
                return Err(Failure::new(Kind::Exists, format!("the folder is not empty: it holds {name}")));
            }
        }
        Ok(held)
    }
}
