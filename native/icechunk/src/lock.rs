//! Local repositories: one writer at a time. The crate's conditional update of a local file is not atomic, so two commits at
//! once lose one of them without a word.
use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, PoisonError, Weak};

use tokio::sync::{Mutex as Queue, OwnedMutexGuard};

use crate::failure::{Failure, Kind, Outcome};

/// In the folder of the repository. Icechunk reads no file of this name.
pub const LOCK_FILE: &str = "heliocube.lock";

/// Within the process writers queue here, so that at most one thread a repository waits in the kernel: a thread pool full of
/// waiters would leave none for the work of the one who holds the lock.
static QUEUES: LazyLock<Mutex<HashMap<PathBuf, Weak<Queue<()>>>>> = LazyLock::new(Mutex::default);

/// The lock of one local repository.
#[derive(Clone)]
pub struct RepositoryLock {
    path: PathBuf,
    queue: Arc<Queue<()>>,
}

/// Held until it is dropped; the kernel frees the file's lock of a process that dies.
pub struct Held {
    _file: File,
    _turn: OwnedMutexGuard<()>,
}

impl RepositoryLock {
    /// `folder` is absolute.
    pub fn of(folder: &Path) -> Self {
        let path = folder.join(LOCK_FILE);
        let mut queues = QUEUES.lock().unwrap_or_else(PoisonError::into_inner);
        queues.retain(|_, queue| queue.strong_count() > 0);
        let queue = queues.get(&path).and_then(Weak::upgrade).unwrap_or_default();
        queues.insert(path.clone(), Arc::downgrade(&queue));
        Self { path, queue }
    }

    pub async fn hold(&self) -> Outcome<Held> {
        let turn = Arc::clone(&self.queue).lock_owned().await;
        let path = self.path.clone();
        let file = tokio::task::spawn_blocking(move || lock_file(&path)).await;
        let file = file.map_err(|error| Failure::new(Kind::Internal, error.to_string()))?;
        let file = file.map_err(|error| {
            let kind = if error.kind() == io::ErrorKind::NotFound { Kind::NotFound } else { Kind::Storage };
            Failure::new(kind, format!("cannot lock {LOCK_FILE}: {error}"))
        })?;
        Ok(Held { _file: file, _turn: turn })
    }
}

fn lock_file(path: &Path) -> io::Result<File> {
    loop {
        let file = OpenOptions::new().create(true).write(true).truncate(false).open(path)?;
        file.lock()?;
        if is_at(&file, path) {
            return Ok(file);
        }
    }
}

/// Whether the path still names this file: who removed it while we waited has let others lock another one.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let identity = |metadata: std::fs::Metadata| (metadata.dev(), metadata.ino());
    match (file.metadata(), std::fs::metadata(path)) {
        (Ok(held), Ok(found)) => identity(held) == identity(found),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_at(_file: &File, _path: &Path) -> bool {
    true
}
