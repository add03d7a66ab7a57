//! Containers of virtual chunks: `VirtualContainer` and `ContainerAccess` of `src/native/icechunk/types.ts`.
use std::collections::HashMap;
use std::path::PathBuf;

use icechunk::config::{Credentials, HttpConfig};
use icechunk::virtual_chunks::VirtualChunkContainer;
use icechunk::{ObjectStoreConfig, RepositoryConfig};
use serde::{Deserialize, Serialize};

use crate::failure::{Failure, Outcome};
use crate::place::{Access, Endpoint};

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ContainerSpec {
    url_prefix: String,
    store: StoreSpec,
}

#[derive(Deserialize, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum StoreSpec {
    Local,
    Http,
    S3 {
        #[serde(flatten)]
        endpoint: Endpoint,
        #[serde(default)]
        anonymous: bool,
    },
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccessSpec {
    url_prefix: String,
    access: Option<Access>,
}

impl ContainerSpec {
    fn container(self) -> Outcome<VirtualChunkContainer> {
        let prefix = self.url_prefix;
        let store = match self.store {
            StoreSpec::Local => ObjectStoreConfig::LocalFileSystem(PathBuf::from(prefix.trim_start_matches("file://"))),
            StoreSpec::Http => {
                let plain = prefix.starts_with("http://").then(|| ("allow_http".to_string(), "true".to_string()));
                ObjectStoreConfig::Http(HttpConfig { opts: plain.into_iter().collect(), headers: HashMap::new() })
            }
            StoreSpec::S3 { endpoint, anonymous } => ObjectStoreConfig::S3Compatible(endpoint.options(anonymous)),
        };
        let shown = prefix.clone();
        VirtualChunkContainer::new(prefix, store).map_err(|why| Failure::argument(format!("container {shown}: {why}")))
    }

    /// None for a kind of store that this binding does not make.
    fn of(container: &VirtualChunkContainer) -> Option<Self> {
        let store = match &container.store {
            ObjectStoreConfig::LocalFileSystem(_) => StoreSpec::Local,
            ObjectStoreConfig::Http(_) => StoreSpec::Http,
            ObjectStoreConfig::S3(options) | ObjectStoreConfig::S3Compatible(options) => StoreSpec::S3 {
                endpoint: Endpoint {
                    region: options.region.clone(),
                    endpoint: options.endpoint_url.clone(),
                    allow_http: options.allow_http,
                    path_style: options.force_path_style,
                },
                anonymous: options.anonymous,
            },
            _ => return None,
        };
        Some(Self { url_prefix: container.url_prefix().to_string(), store })
    }
}

/// Adds the containers to a configuration; one of the same prefix is replaced.
pub fn add_containers(config: &mut RepositoryConfig, containers: Vec<ContainerSpec>) -> Outcome<()> {
    for spec in containers {
        config.set_virtual_chunk_container(spec.container()?).map_err(Failure::argument)?;
    }
    Ok(())
}

/// What the configuration holds, sorted by prefix.
pub fn containers_of(config: &RepositoryConfig) -> Vec<ContainerSpec> {
    let mut specs: Vec<_> = config.virtual_chunk_containers().filter_map(ContainerSpec::of).collect();
    specs.sort_by(|a, b| a.url_prefix.cmp(&b.url_prefix));
    specs
}

/// Leave to read, in the crate's words. None: without credentials.
pub fn authorisation(specs: Vec<AccessSpec>) -> HashMap<String, Option<Credentials>> {
    let credentials = |access: Access| Credentials::S3(access.into());
    specs.into_iter().map(|spec| (spec.url_prefix, spec.access.map(credentials))).collect()
}
