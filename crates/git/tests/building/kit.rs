//! What a case works with: git in its sandbox, a folder, servers that the way out lets it reach.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;
use wharf_egress::{Egress, EgressSettings, Policy};
use wharf_git::{
    Access, Credential, EgressDial, FetchOptions, Fetched, Git, GitError, GitLimits, GitRemote,
    GitSettings, Secret, Wanted,
};
use wharf_sandbox::{Host, IdPool, Sandbox};

/// Git, and where it works.
pub(crate) struct Kit {
    pub(crate) git: Git,
    pub(crate) folder: TempDir,
    runtime: tokio::runtime::Runtime,
}

impl Kit {
    /// One that may dial loopback.
    pub(crate) fn new() -> Self {
        Self::with(&["127.0.0.0/8"], GitLimits::default())
    }

    /// One whose `[egress] allow` has these entries.
    pub(crate) fn with(allow: &[&str], limits: GitLimits) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("wharf-git-test-")
            .tempdir()
            .expect("a folder");
        let allow = allow.iter().map(|entry| entry.parse().expect("an entry"));
        let egress = Egress::new(EgressSettings::new(Policy::server(allow))).expect("an egress");
        let host = Host::inspect().expect("the host can be inspected");
        let state = folder.path().join("state");
        let sandbox = Sandbox::new(host, IdPool::default(), &state).expect("a sandbox");
        Self {
            git: Git::new(GitSettings {
                sandbox: Arc::new(sandbox),
                folder: folder.path().join("git"),
                dial: Arc::new(EgressDial::new(egress)),
                limits,
            }),
            folder,
            runtime: tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()
                .expect("a runtime"),
        }
    }

    /// Waits for something asynchronous.
    pub(crate) fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// An empty folder.
    pub(crate) fn make_folder(&self, name: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::create_dir(&path).expect("a folder");
        path
    }

    /// Fetches into a new folder.
    pub(crate) fn fetch(
        &self,
        access: &Access,
        wanted: &Wanted,
        name: &str,
        options: FetchOptions,
    ) -> Result<(Fetched, PathBuf), GitError> {
        let into = self.make_folder(name);
        let fetched = self.wait(self.git.fetch_commit(access, wanted, &into, options))?;
        // Nothing but the files is left.
        assert!(
            !list_files(&into)
                .keys()
                .any(|path| path.contains(".wharf-"))
        );
        let left = fs::read_dir(self.folder.path().join("git")).map_or(0, |all| all.count());
        assert_eq!(left, 0, "a call leaves no folder behind");
        Ok((fetched, into))
    }
}

/// As nobody.
pub(crate) fn anonymous(url: &str) -> Access {
    Access::anonymous(GitRemote::parse(url).unwrap_or_else(|error| panic!("{url}: {error}")))
}

/// With a password.
pub(crate) fn with_password(url: &str, user: &str, password: &str) -> Access {
    Access {
        credential: Credential::Password {
            user: user.to_owned(),
            password: Secret::new(password),
        },
        ..anonymous(url)
    }
}

/// With a key.
pub(crate) fn with_key(url: &str, key: String) -> Access {
    Access {
        credential: Credential::SshKey(Secret::new(key)),
        ..anonymous(url)
    }
}

pub(crate) fn branch(name: &str) -> Wanted {
    Wanted::Ref(wharf_git::RefName::branch(name).expect("a name of a branch"))
}

pub(crate) fn commit(id: &str) -> Wanted {
    Wanted::Commit(id.parse().expect("a commit"))
}

/// Every file below a folder and what it holds; links as `-> target`.
pub(crate) fn list_files(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut rest = vec![folder.to_owned()];
    while let Some(place) = rest.pop() {
        for entry in fs::read_dir(&place).expect("a folder can be read") {
            let path = entry.expect("an entry").path();
            let name = path.strip_prefix(folder).expect("below").to_string_lossy();
            let kind = fs::symlink_metadata(&path)
                .expect("it is there")
                .file_type();
            if kind.is_dir() {
                rest.push(path.clone());
            } else if kind.is_symlink() {
                let to = fs::read_link(&path).expect("a link");
                found.insert(name.into_owned(), format!("-> {}", to.display()));
            } else {
                let text = fs::read(&path).expect("a file can be read");
                found.insert(
                    name.into_owned(),
                    String::from_utf8_lossy(&text).into_owned(),
                );
            }
        }
    }
    found
}

/// The names of [`list_files`].
pub(crate) fn names(folder: &Path) -> Vec<String> {
    list_files(folder).into_keys().collect()
}
