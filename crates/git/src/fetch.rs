//! Fetching the files of one commit.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use crate::configuration::GIT_DIRECTORY;
use crate::error::{Attempt, GitError, Result};
use crate::found::{FetchOptions, Fetched, Wanted};
use crate::git::{Git, shell};
use crate::machine;
use crate::names::{ObjectFormat, ObjectId};
use crate::record::{Link, parse_record};
use crate::room::Room;
use crate::run::{Run, Told};
use crate::settings::{Access, GitLimits};
use crate::submodules::{Modules, parse_modules};

/// Fetches what `$1` names, and nothing of its history.
const FETCH: &str = r#"
set -eu
git fetch --quiet --no-tags --no-recurse-submodules --depth=1 -- origin "+$1:refs/wharf/wanted"
"#;

/// Looks for the commit `$1` behind all branches and tags, little by little, and at last in all of their history.
const SEARCH: &str = r#"
set -eu
found=
for depth in 50 1000 2147483647; do
    git fetch --quiet --no-tags --no-recurse-submodules --depth=$depth -- origin \
        '+refs/heads/*:refs/wharf/heads/*' '+refs/tags/*:refs/wharf/tags/*'
    if git cat-file -e "$1^{commit}" 2>/dev/null; then
        found=yes
        break
    fi
    [ -s "$GIT_DIR/shallow" ] || break
done
[ -n "$found" ] || exit 44
git update-ref refs/wharf/wanted "$1"
"#;

/// Tells about the commit and puts its files down. The address and the credential are forgotten before any file is there.
const CHECK_OUT: &str = r#"
unset GIT_CONFIG_COUNT
commit=$(git rev-parse --verify --quiet "refs/wharf/wanted^{commit}") || exit 45
git log -1 --no-show-signature --encoding=UTF-8 \
    --format='%H%x00%an%x00%ae%x00%ct%x00%s%x00%B%x00' "$commit" --
git checkout --quiet --force --detach "$commit"
[ ! -e "$GIT_WORK_TREE/.gitmodules" ] || git ls-files --stage -z
"#;

/// What git says when a repository names its objects in the other way.
const OTHER_FORMAT: &str = "mismatched algorithms";

/// The script's ends without words of git: nothing that is wanted was found.
const NOT_REACHED: i32 = 44;
const NO_COMMIT: i32 = 45;

/// Output of a fetch: the commit's message and, where there are submodules, the list of files. Repositories with a
/// million files exist.
const MOST_OUTPUT: usize = 128 << 20;

/// One repository among those of a fetch.
pub(crate) struct Part {
    pub(crate) fetched: Fetched,
    /// Commits of other repositories among its files.
    pub(crate) links: Vec<Link>,
    /// Where those are, if that was asked for.
    pub(crate) modules: Modules,
}

/// How one repository is fetched.
pub(crate) struct PartOptions {
    pub(crate) keep_git_directory: bool,
    pub(crate) reads_modules: bool,
    pub(crate) limits: GitLimits,
    pub(crate) deadline: Instant,
}

impl Git {
    /// Puts the files of what is wanted into `into`, an empty folder on a file system that a sandbox can write to.
    ///
    /// There is no `.git` among them unless it was asked for. When it fails, files may be left in `into`.
    ///
    /// # Errors
    /// What the remote or the way there refused; [`GitError::RefMissing`] and [`GitError::CommitMissing`] when it has no
    /// such thing; a limit.
    pub async fn fetch_commit(
        &self,
        access: &Access,
        wanted: &Wanted,
        into: &Path,
        options: FetchOptions,
    ) -> Result<Fetched> {
        let limits = self.settings.limits;
        let part_options = PartOptions {
            keep_git_directory: options.keep_git_directory,
            reads_modules: options.submodules,
            limits,
            deadline: Instant::now() + limits.fetch_timeout,
        };
        let part = self.fetch_part(access, wanted, into, &part_options).await?;
        let mut fetched = part.fetched.clone();
        if options.submodules {
            fetched.submodules = self
                .fetch_submodules(access, part, into, &part_options)
                .await?;
        } else {
            let paths = part.links.into_iter().map(|link| link.path);
            fetched.left_out = paths.take(100).collect();
        }
        Ok(fetched)
    }

    /// One repository, without its submodules.
    pub(crate) async fn fetch_part(
        &self,
        access: &Access,
        wanted: &Wanted,
        into: &Path,
        options: &PartOptions,
    ) -> Result<Part> {
        let mut format = match wanted {
            Wanted::Commit(commit) => commit.format(),
            Wanted::Ref(_) => ObjectFormat::Sha1,
        };
        let (room, told) = loop {
            let (parent, owner) = (into.to_owned(), self.settings.owner());
            let make = move || Room::make(&parent, &machine::find_parts(), format, owner);
            let room = Arc::new(run_blocking(make).await?);
            match self.fetch_into(access, wanted, &room, options).await {
                Ok(told) => break (room, told),
                // Only now is it known which kind of repository it is.
                Err(GitError::Failed { said, .. })
                    if format == ObjectFormat::Sha1 && said.contains(OTHER_FORMAT) =>
                {
                    format = ObjectFormat::Sha256;
                }
                Err(error) => return Err(error),
            }
        };
        let (mut fetched, links) = parse_record(&told.output).ok_or_else(|| {
            GitError::machine(
                "understand what git says",
                io::Error::from(io::ErrorKind::InvalidData),
            )
        })?;
        fetched.learnt = room.read_learnt();
        let modules = match options.reads_modules && !links.is_empty() {
            true => self.read_modules(access, &room, options).await?,
            false => Modules::default(),
        };
        let (into, keep) = (into.to_owned(), options.keep_git_directory);
        let address = access.remote.to_string();
        run_blocking(move || {
            if keep {
                keep_git_directory(&room, &address, format)
                    .attempt(|| "keep the repository's own folder".to_owned())?;
            }
            move_files(&room.checkout(), &into)
                .attempt(|| format!("move the files of a commit to {}", into.display()))
        })
        .await?;
        Ok(Part {
            fetched,
            links,
            modules,
        })
    }

    async fn fetch_into(
        &self,
        access: &Access,
        wanted: &Wanted,
        room: &Arc<Room>,
        options: &PartOptions,
    ) -> Result<Told> {
        let name = match wanted {
            Wanted::Ref(name) => name.as_str(),
            Wanted::Commit(commit) => commit.as_str(),
        };
        let script = |first: &str| shell(&format!("{first}{CHECK_OUT}"), [name]);
        let commit = match wanted {
            Wanted::Ref(_) => None,
            Wanted::Commit(commit) => Some(commit),
        };
        let mut told = self.run(access, script(FETCH), room, options).await?;
        if commit.is_some() && told.failure.is_some() && is_refusal_of_commit(&told.errors) {
            told = self.run(access, script(SEARCH), room, options).await?;
        }
        match &told.failure {
            None => Ok(told),
            Some(failure) => {
                Err(explain_code(told.code, access, commit).unwrap_or_else(|| failure.clone()))
            }
        }
    }

    async fn read_modules(
        &self,
        access: &Access,
        room: &Arc<Room>,
        options: &PartOptions,
    ) -> Result<Modules> {
        let words = [
            "git",
            "config",
            "--null",
            "--no-includes",
            "--blob",
            "HEAD:.gitmodules",
            "--get-regexp",
            r"^submodule\..*\.(path|url)$",
        ];
        let argv = words.map(str::to_owned).to_vec();
        let told = self.run(access, argv, room, options).await?;
        // Without any such entry git says nothing, and fails.
        match told.failure {
            Some(failure) if !told.errors.trim().is_empty() => Err(failure),
            _ => Ok(parse_modules(&told.output)),
        }
    }

    async fn run(
        &self,
        access: &Access,
        argv: Vec<String>,
        room: &Arc<Room>,
        options: &PartOptions,
    ) -> Result<Told> {
        let limits = options.limits;
        let timeout = options.deadline.saturating_duration_since(Instant::now());
        if timeout.is_zero() {
            return Err(GitError::TimedOut {
                remote: access.remote.to_string(),
                limit: self.settings.limits.fetch_timeout,
            });
        }
        let run = Run {
            access,
            argv,
            limits,
            timeout,
            most_output: MOST_OUTPUT,
        };
        let mut told = run.finish(&self.settings, room).await?;
        if let Some(GitError::TimedOut { limit, .. }) = &mut told.failure {
            // What was left of it is nothing that people know.
            *limit = self.settings.limits.fetch_timeout;
        }
        Ok(told)
    }
}

/// Whether a server only gives out what refs point to (`uploadpack.allowAnySHA1InWant`, git-config(1)), or has not got it.
fn is_refusal_of_commit(errors: &str) -> bool {
    [
        "not our ref",
        "unadvertised object",
        "no such remote ref",
        "couldn't find remote ref",
    ]
    .iter()
    .any(|words| errors.contains(words))
}

fn explain_code(code: i32, access: &Access, commit: Option<&ObjectId>) -> Option<GitError> {
    let remote = access.remote.to_string();
    match (code, commit) {
        (NOT_REACHED, Some(commit)) => Some(GitError::CommitMissing {
            remote,
            commit: commit.clone(),
        }),
        (NO_COMMIT, _) => Some(GitError::Failed {
            remote,
            said: "what is wanted is no commit".to_owned(),
        }),
        _ => None,
    }
}

pub(crate) async fn run_blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .attempt(|| "work on the files of a commit".to_owned())?
}

/// Moves every entry of one folder into another one on the same file system.
fn move_files(from: &Path, into: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        fs::rename(entry.path(), into.join(entry.file_name()))?;
    }
    Ok(())
}

/// Makes the repository's own folder one that a person would have, and puts it among the files.
fn keep_git_directory(room: &Room, address: &str, format: ObjectFormat) -> io::Result<()> {
    let own = room.inside(GIT_DIRECTORY);
    let escaped = address.replace('\\', "\\\\").replace('"', "\\\"");
    let settings = format!(
        "{}\tfilemode = true\n\tbare = false\n\tlogallrefupdates = true\n\
         [remote \"origin\"]\n\turl = \"{escaped}\"\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n",
        format.settings()
    );
    fs::write(own.join("config"), settings)?;
    for left in ["refs/wharf", "info", "FETCH_HEAD"] {
        remove(&own.join(left))?;
    }
    fs::rename(own, room.checkout().join(".git"))
}

fn remove(path: &PathBuf) -> io::Result<()> {
    let removed = match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
