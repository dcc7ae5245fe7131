//! Documents and layers of other registries' images, kept for the next build: a store for each namespace.
//!
//! What one namespace's credentials fetched is not another's: a manifest of anybody's registry may name any digest, and a
//! store that several namespaces share would hand the bytes out. So each has a folder of its own, `images/ID`, which goes
//! with it. All of this is a cache; it has one budget, of which every namespace may hold its fair share. Used by
//! [`BuildServices`](super::services::BuildServices), trimmed after builds and by the sweep.

use crate::{App, Error};
use parking_lot::Mutex;
use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};
use wharf_image::{ImageError, LocalStore};
use wharf_model::NamespaceId;

/// For how long what no build used is kept.
const KEEP: Duration = Duration::from_secs(30 * 24 * 3600);

/// How far the clock that stamps files may be behind: file systems take the time of the last tick.
const TICK: Duration = Duration::from_secs(1);

/// The stores of all namespaces. Cheap to clone.
#[derive(Clone)]
pub(crate) struct BaseImages {
    folder: PathBuf,
    budget: u64,
    in_use: Arc<Mutex<HashMap<NamespaceId, Vec<Arc<SystemTime>>>>>,
    /// Held while stores are trimmed: once at a time is enough.
    trimming: Arc<Mutex<()>>,
}

/// A namespace's store while a build uses it: nothing that was used since it was opened is removed.
pub(super) struct OpenStore {
    pub(super) store: LocalStore,
    _since: Arc<SystemTime>,
}

impl BaseImages {
    /// Makes the folder. What an earlier version kept for all namespaces together is removed: nobody can tell whose it is.
    pub(super) fn open(folder: PathBuf, budget: u64) -> io::Result<Self> {
        if folder.join("oci-layout").exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        Ok(Self {
            folder,
            budget,
            in_use: Arc::default(),
            trimming: Arc::default(),
        })
    }

    /// Opens a namespace's store for a build. Blocks.
    pub(super) fn open_store(&self, namespace: NamespaceId) -> Result<OpenStore, ImageError> {
        let now = SystemTime::now();
        let since = Arc::new(now.checked_sub(TICK).unwrap_or(now));
        // Before the store is looked at: whoever trims it from now on knows.
        let mut in_use = self.in_use.lock();
        in_use.entry(namespace).or_default().push(since.clone());
        drop(in_use);
        Ok(OpenStore {
            store: LocalStore::open(self.path_of(namespace))?,
            _since: since,
        })
    }

    fn path_of(&self, namespace: NamespaceId) -> PathBuf {
        self.folder.join(namespace.to_string())
    }

    /// What is in use of a namespace's store: everything that was used since.
    fn find_use(&self, namespace: NamespaceId) -> SystemTime {
        let mut in_use = self.in_use.lock();
        let Some(uses) = in_use.get_mut(&namespace) else {
            return SystemTime::now();
        };
        // Those that nobody else holds are over.
        uses.retain(|since| Arc::strong_count(since) > 1);
        let first = uses.iter().map(|since| **since).min();
        if first.is_none() {
            in_use.remove(&namespace);
        }
        first.unwrap_or_else(SystemTime::now)
    }

    /// The namespaces that have a store.
    pub(super) fn list(&self) -> io::Result<Vec<NamespaceId>> {
        let mut namespaces = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let name = entry?.file_name();
            let namespace: Option<NamespaceId> = name.to_str().and_then(|name| name.parse().ok());
            namespaces.extend(namespace);
        }
        Ok(namespaces)
    }

    /// Removes the store of a namespace that is gone. Builds of it that still run find nothing any more.
    pub(super) fn remove(&self, namespace: NamespaceId) -> io::Result<()> {
        remove_folder(&self.path_of(namespace))
    }

    /// Removes what was not used for long, and what was used least recently of those who hold more than their share,
    /// until the budget is kept. Blocks; does nothing while somebody else is at it.
    pub(super) fn trim(&self) -> Result<(), ImageError> {
        let Some(_alone) = self.trimming.try_lock() else {
            return Ok(());
        };
        let fail = |error| ImageError::new("cannot list the base images").with_source(error);
        let mut stores = Vec::new();
        for namespace in self.list().map_err(fail)? {
            let path = self.path_of(namespace);
            // Not made here: one that was removed a moment ago stays away.
            if path.join("oci-layout").exists() {
                let store = LocalStore::open(path)?;
                let size = store.measure()?;
                stores.push((namespace, store, size));
            }
        }
        let share = find_share(stores.iter().map(|(_, _, size)| *size), self.budget);
        let oldest = SystemTime::now()
            .checked_sub(KEEP)
            .unwrap_or(SystemTime::UNIX_EPOCH);
        for (namespace, store, _) in stores {
            store.trim(share, oldest, self.find_use(namespace))?;
        }
        Ok(())
    }
}

/// The most that each may hold so that all together keep the budget: who holds less than that gives nothing up.
fn find_share(sizes: impl Iterator<Item = u64>, budget: u64) -> u64 {
    let mut sizes: Vec<u64> = sizes.collect();
    sizes.sort_unstable();
    let (mut left, mut count) = (budget, sizes.len() as u64);
    for size in sizes {
        let share = left / count;
        if size > share {
            return share;
        }
        left -= size;
        count -= 1;
    }
    u64::MAX
}

fn remove_folder(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

impl App {
    /// Brings the base images back to their budget.
    pub(super) async fn trim_base_images(&self) -> Result<(), Error> {
        let images = self.builds.images.clone();
        let trimmed = tokio::task::spawn_blocking(move || images.trim());
        trimmed
            .await
            .map_err(Error::internal)?
            .map_err(Error::internal)
    }

    /// Removes stores of namespaces that are gone, however they went.
    pub(super) async fn sweep_base_images(&self) -> Result<(), Error> {
        let images = self.builds.images.clone();
        let list = tokio::task::spawn_blocking(move || images.list());
        let list = list.await.map_err(Error::internal)?;
        for namespace in list.map_err(|error| Error::Unavailable(error.into()))? {
            let exists = self
                .db
                .look_up(move |tx| wharf_db::namespaces::exists(tx, namespace));
            if !exists.await.map_err(Error::from)? {
                self.forget_base_images(namespace).await;
            }
        }
        Ok(())
    }

    /// A namespace is gone, and what its builds fetched goes too; what cannot be removed now is left for the sweep.
    pub(crate) async fn forget_base_images(&self, namespace: NamespaceId) {
        let images = self.builds.images.clone();
        let removed = tokio::task::spawn_blocking(move || images.remove(namespace));
        let problem = match removed.await {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error.to_string(),
            Err(error) => error.to_string(),
        };
        tracing::warn!(%namespace, problem, "base images of a namespace could not be removed");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wharf_image::Content;

    #[test]
    fn who_holds_little_gives_nothing_up_for_who_holds_much() {
        let share = |sizes: &[u64], budget| find_share(sizes.iter().copied(), budget);
        assert_eq!(share(&[], 10), u64::MAX);
        assert_eq!(share(&[4, 6], 10), u64::MAX);
        assert_eq!(share(&[100, 2], 10), 8);
        assert_eq!(share(&[100, 2, 90], 10), 4);
        assert_eq!(share(&[5, 5, 5], 0), 0);
    }

    fn keep(images: &BaseImages, namespace: NamespaceId, text: &str) -> wharf_oci::Digest {
        let open = images.open_store(namespace).unwrap();
        open.store
            .put("text/plain", text.as_bytes())
            .unwrap()
            .digest
    }

    #[test]
    fn a_store_is_one_namespaces_and_goes_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let images = BaseImages::open(folder.path().join("images"), 1000).unwrap();
        let (one, other) = (NamespaceId::new(), NamespaceId::new());
        let digest = keep(&images, one, "private");
        let has = |namespace| {
            let open = images.open_store(namespace).unwrap();
            open.store.open(&digest).unwrap().is_some()
        };
        assert!(has(one) && !has(other));
        images.remove(one).unwrap();
        assert!(!has(one));
    }

    #[test]
    fn a_running_build_keeps_what_it_used_whatever_the_budget() {
        let folder = tempfile::tempdir().unwrap();
        let images = BaseImages::open(folder.path().join("images"), 0).unwrap();
        let namespace = NamespaceId::new();
        let open = images.open_store(namespace).unwrap();
        let digest = keep(&images, namespace, "base");
        images.trim().unwrap();
        assert!(open.store.open(&digest).unwrap().is_some());
        let file = open.store.open(&digest).unwrap().unwrap();
        drop(open);
        file.set_modified(SystemTime::now() - 2 * TICK).unwrap();
        images.trim().unwrap();
        let open = images.open_store(namespace).unwrap();
        assert!(open.store.open(&digest).unwrap().is_none());
    }

    #[test]
    fn what_was_kept_for_everybody_is_removed_at_the_start() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("images");
        let old = LocalStore::open(&path).unwrap();
        let digest = old.put("text/plain", b"whose?").unwrap().digest;
        let images = BaseImages::open(path.clone(), 1000).unwrap();
        assert!(images.list().unwrap().is_empty());
        let hex = digest.hex().to_owned();
        assert!(!path.join("blobs/sha256").join(hex).exists());
        // And what is kept for each is not.
        let namespace = NamespaceId::new();
        let digest = keep(&images, namespace, "mine");
        let again = BaseImages::open(path, 1000).unwrap();
        let open = again.open_store(namespace).unwrap();
        assert!(open.store.open(&digest).unwrap().is_some());
    }
}
