//! Submodules, fetched like repositories of their own.
//!
//! Git's own machinery for them has had its holes (CVE-2018-11235, CVE-2022-39253, CVE-2024-32002, CVE-2025-48384): it
//! keeps repositories in folders named by the submodule and trusts addresses and paths that a repository chose. None of
//! it is used. A submodule is a commit among the files; its address is read, judged like one that a person wrote, and has
//! to be on the host of the repository; its name does not matter at all.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::path::Path;

use rustix::fs::{CWD, Mode, OFlags, ResolveFlags};
use tempfile::TempDir;

use crate::error::{Attempt, GitError, Result};
use crate::fetch::{Part, PartOptions, run_blocking};
use crate::found::Wanted;
use crate::git::Git;
use crate::names::show;
use crate::record::Link;
use crate::remote::GitRemote;
use crate::settings::{Access, GitLimits};

/// Repositories within one. Large projects have some dozens; a repository that has itself as a submodule has no end.
const MOST: usize = 200;

/// Levels of them.
const DEEPEST: usize = 8;

/// Addresses by path, as a repository's `.gitmodules` has them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Modules(HashMap<String, String>);

/// Reads `git config --null` of the paths and addresses of gitmodules(5).
pub(crate) fn parse_modules(output: &[u8]) -> Modules {
    #[derive(Default)]
    struct Entry {
        path: Option<String>,
        url: Option<String>,
    }
    let mut entries: BTreeMap<String, Entry> = BTreeMap::new();
    for pair in output.split(|byte| *byte == 0) {
        let Ok(pair) = std::str::from_utf8(pair) else {
            continue;
        };
        let Some((key, value)) = pair.split_once('\n') else {
            continue;
        };
        let Some(key) = key.strip_prefix("submodule.") else {
            continue;
        };
        let Some((name, field)) = key.rsplit_once('.') else {
            continue;
        };
        let entry = entries.entry(name.to_owned()).or_default();
        match field {
            "path" => entry.path = Some(value.to_owned()),
            "url" => entry.url = Some(value.to_owned()),
            _ => {}
        }
    }
    let found = entries
        .into_values()
        .filter_map(|entry| entry.path.zip(entry.url));
    Modules(found.collect())
}

/// One that is still to be fetched.
struct Waiting {
    /// To the repository that it is in.
    base: Access,
    /// From the top.
    path: String,
    link: Link,
    url: Option<String>,
    level: usize,
}

impl Git {
    /// Fetches the submodules of a repository that lies in `into`, and theirs.
    pub(crate) async fn fetch_submodules(
        &self,
        access: &Access,
        top: Part,
        into: &Path,
        options: &PartOptions,
    ) -> Result<Vec<String>> {
        let mut done = Vec::new();
        let mut waiting = VecDeque::new();
        collect(&mut waiting, access, "", top, 1);
        let mut count = 0;
        while let Some(module) = waiting.pop_front() {
            let fail = |reason: String| GitError::Submodule {
                path: show(&module.path),
                reason,
            };
            if module.path.contains(char::is_control) {
                return Err(fail("its path has control characters".to_owned()));
            }
            count += 1;
            if count > MOST || module.level > DEEPEST {
                return Err(fail(format!(
                    "there are more than {MOST} submodules, or more than {DEEPEST} levels of them"
                )));
            }
            // A link without an entry is a leftover, which git passes over too.
            let Some(url) = &module.url else { continue };
            let own =
                find_access(&module.base, url, self.goes_abroad).map_err(|error| match error {
                    GitError::Remote { reason, .. } => fail(reason),
                    other => other,
                })?;
            let limits = self.limits_left(into, options).await?;
            let options = PartOptions {
                limits,
                keep_git_directory: false,
                ..*options
            };
            let part = self
                .fetch_one(&own, &module, into, &options)
                .await
                .map_err(|error| match error {
                    GitError::TimedOut { .. }
                    | GitError::TooLarge { .. }
                    | GitError::Submodule { .. } => error,
                    other => fail(other.to_string()),
                })?;
            collect(&mut waiting, &own, &module.path, part, module.level + 1);
            done.push(module.path);
        }
        Ok(done)
    }

    async fn fetch_one(
        &self,
        access: &Access,
        module: &Waiting,
        into: &Path,
        options: &PartOptions,
    ) -> Result<Part> {
        let parent = into.to_owned();
        let folder = run_blocking(move || {
            tempfile::Builder::new()
                .prefix(".wharf-module-")
                .tempdir_in(&parent)
                .attempt(|| format!("make a folder in {}", parent.display()))
        })
        .await?;
        let wanted = Wanted::Commit(module.link.commit.clone());
        let part = self
            .fetch_part(access, &wanted, folder.path(), options)
            .await?;
        let (into, path) = (into.to_owned(), module.path.clone());
        run_blocking(move || put_in_place(&folder, &into, &path)).await?;
        Ok(part)
    }

    /// What of the room for all of them is not used yet.
    async fn limits_left(&self, into: &Path, options: &PartOptions) -> Result<GitLimits> {
        let (into, whole) = (into.to_owned(), self.settings.limits);
        let used = run_blocking(move || Ok(measure(&into))).await?;
        Ok(GitLimits {
            disk: whole.disk.saturating_sub(used.0).max(1),
            files: whole.files.saturating_sub(used.1).max(1),
            ..options.limits
        })
    }
}

fn collect(waiting: &mut VecDeque<Waiting>, base: &Access, above: &str, part: Part, level: usize) {
    for link in part.links {
        let path = match above {
            "" => link.path.clone(),
            above => format!("{above}/{}", link.path),
        };
        waiting.push_back(Waiting {
            base: base.clone(),
            path,
            url: part.modules.0.get(&link.path).cloned(),
            link,
            level,
        });
    }
}

/// Where a submodule is, and who asks there.
fn find_access(base: &Access, url: &str, goes_abroad: bool) -> Result<Access> {
    match find_remote(&base.remote, url) {
        Ok(remote) => Ok(Access {
            remote,
            ..base.clone()
        }),
        Err(GitError::Submodule { .. }) if goes_abroad => {
            let remote = GitRemote::parse(url)?;
            Ok(Access {
                authorities: base.authorities.clone(),
                ..Access::anonymous(remote)
            })
        }
        Err(error) => Err(error),
    }
}

/// Where a submodule is: on the host of the repository that it is in, reached in the same way.
fn find_remote(base: &GitRemote, url: &str) -> Result<GitRemote> {
    if url.starts_with("./") || url.starts_with("../") {
        return base.join(url);
    }
    let (remote, _) = GitRemote::parse_with_password(url)?;
    if remote.is_beside(base) {
        return Ok(remote);
    }
    // People write `git@host:path` among their submodules and fetch by https, or the other way round.
    if remote.host() == base.host()
        && remote.scheme() != base.scheme()
        && remote.port() == remote.scheme().default_port()
    {
        return base.with_path(remote.path());
    }
    Err(GitError::Submodule {
        path: url
            .chars()
            .take(200)
            .filter(|letter| !letter.is_control())
            .collect(),
        reason: format!("it is not on {}", base.origin()),
    })
}

/// Puts a submodule's files where its link is: an empty folder that git made, reached without any link.
fn put_in_place(folder: &TempDir, into: &Path, path: &str) -> Result<()> {
    let place = || -> std::io::Result<()> {
        let top = rustix::fs::open(
            into,
            OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC,
            Mode::empty(),
        )?;
        let (above, name) = path.rsplit_once('/').unwrap_or((".", path));
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let resolve =
            ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
        let parent = rustix::fs::openat2(&top, above, flags, Mode::empty(), resolve)?;
        let there = rustix::fs::openat2(&parent, name, flags, Mode::empty(), resolve)?;
        // Only an empty folder can be replaced by a rename, whatever is at its place by then.
        let mode = rustix::fs::fstat(there)?.st_mode;
        rustix::fs::chmod(folder.path(), Mode::from_raw_mode(mode & 0o777))?;
        rustix::fs::renameat(CWD, folder.path(), &parent, name)?;
        Ok(())
    };
    place().attempt(|| format!("put the submodule {path} to its place"))
}

/// Bytes on the disk and entries of a folder. Links are not followed.
fn measure(folder: &Path) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    let (mut bytes, mut count) = (0, 0);
    let mut rest = vec![folder.to_owned()];
    while let Some(folder) = rest.pop() {
        let Ok(entries) = std::fs::read_dir(folder) else {
            continue;
        };
        for entry in entries.flatten() {
            let Ok(found) = entry.metadata() else {
                continue;
            };
            bytes += found.blocks() * 512;
            count += 1;
            if found.is_dir() {
                rest.push(entry.path());
            }
        }
    }
    (bytes, count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_by_path_whatever_the_name_is() {
        let text = b"submodule.a.b.path\nlibs/x\0submodule.a.b.url\n../x.git\0submodule.../../hooks.path\ny\0\
                     submodule.../../hooks.url\nhttps://h/y\0submodule.alone.path\nz\0other.path\nq\0";
        let modules = parse_modules(text);
        let expected = [("libs/x", "../x.git"), ("y", "https://h/y")];
        let expected = expected.map(|(path, url)| (path.to_owned(), url.to_owned()));
        assert_eq!(modules, Modules(HashMap::from(expected)));
    }

    #[test]
    fn c16_a_submodule_stays_on_the_host_of_its_repository() {
        let base = GitRemote::parse("https://h.example/group/app.git").unwrap();
        let find = |url: &str| find_remote(&base, url).map(|remote| remote.to_string());
        assert_eq!(
            find("../lib.git").unwrap(),
            "https://h.example/group/lib.git"
        );
        assert_eq!(
            find("https://H.example/lib").unwrap(),
            "https://h.example/lib"
        );
        assert_eq!(
            find("git@h.example:group/lib.git").unwrap(),
            "https://h.example/group/lib.git"
        );
        assert_eq!(
            find("ssh://git@h.example/x").unwrap(),
            "https://h.example/x"
        );
        for url in [
            "file:///etc",
            "/etc",
            "../../../x",
            "https://other.example/x",
            "https://h.example:8443/x",
            "http://h.example:81/x",
            "git@other.example:x",
            "ext::sh -c x",
            "--upload-pack=x",
            "https://h.example/x\r",
            "",
        ] {
            assert!(find(url).is_err(), "{url:?}");
        }
    }

    #[test]
    fn c16_a_place_behind_a_link_is_no_place_for_a_submodule() {
        let into = tempfile::tempdir().unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        std::fs::create_dir(elsewhere.path().join("hooks")).unwrap();
        std::os::unix::fs::symlink(elsewhere.path(), into.path().join("link")).unwrap();
        std::fs::create_dir_all(into.path().join("a/b")).unwrap();
        let fetched = || {
            let folder = tempfile::tempdir_in(into.path()).unwrap();
            std::fs::write(folder.path().join("f"), "x").unwrap();
            folder
        };
        for path in [
            "link/hooks",
            "link",
            "../x",
            "a/../../x",
            "missing/x",
            "/tmp",
        ] {
            assert!(
                put_in_place(&fetched(), into.path(), path).is_err(),
                "{path}"
            );
        }
        put_in_place(&fetched(), into.path(), "a/b").unwrap();
        assert!(into.path().join("a/b/f").exists());
        // It is not empty any more.
        assert!(put_in_place(&fetched(), into.path(), "a/b").is_err());
    }
}
