//! Asking a repository, without fetching its files.

use std::sync::Arc;

use crate::error::{Attempt, GitError, Result};
use crate::found::{Head, Listing, RefKinds};
use crate::list::{parse_default_branch, parse_heads};
use crate::machine;
use crate::names::{ObjectFormat, ObjectId, ObjectPrefix, RefName};
use crate::room::Room;
use crate::run::{Run, Told};
use crate::settings::{Access, GitSettings};

/// Bytes of one line of a listing, as an average: an id, a name and what a tag stands for.
const BYTES_PER_REF: usize = 200;

/// What `find_reached` prints.
const YES: &[u8] = b"yes\n";

/// Looks for a commit among everything that branches and tags reach, without any files: little by little, and at last all
/// of it. Nothing is fetched later for an object that is missing, because nothing but the list of commits is looked at.
const FIND_REACHED: &str = r#"
set -eu
for depth in 100 2147483647; do
    git fetch --quiet --no-tags --no-recurse-submodules --filter=tree:0 --depth=$depth -- origin \
        '+refs/heads/*:refs/wharf/heads/*' '+refs/tags/*:refs/wharf/tags/*'
    if git rev-list --all | grep -qxF -e "$1"; then
        echo yes
        exit 0
    fi
    [ -s "$GIT_DIR/shallow" ] || break
done
echo no
"#;

/// Prints the commits that branches and tags reach whose names begin so, two at most: the list of all of them, without files.
/// Nothing less than all says that there is no second one.
const FIND_BEGINNING: &str = r#"
set -eu
git fetch --quiet --no-tags --no-recurse-submodules --filter=tree:0 -- origin \
    '+refs/heads/*:refs/wharf/heads/*' '+refs/tags/*:refs/wharf/tags/*'
git rev-list --all | grep -m 2 -e "^$1" || [ $? -eq 1 ]
"#;

/// Git, on the short leash that this crate is about. Cheap to clone.
#[derive(Clone)]
pub struct Git {
    pub(crate) settings: Arc<GitSettings>,
    /// Submodules may be on other hosts.
    pub(crate) goes_abroad: bool,
}

impl Git {
    /// Works with these settings. Does nothing yet.
    pub fn new(settings: GitSettings) -> Self {
        Self {
            settings: Arc::new(settings),
            goes_abroad: false,
        }
    }

    /// Submodules may be on other hosts too, where no credential is sent. For a person who builds what that person named;
    /// never for a build that somebody else set off.
    pub fn with_foreign_submodules(self) -> Self {
        Self {
            goes_abroad: true,
            ..self
        }
    }

    /// Every branch, tag or both, in the remote's order. Other refs (pull requests, notes) are neither asked for nor told.
    ///
    /// # Errors
    /// What the remote or the way there refused; [`GitError::TooManyRefs`].
    pub async fn list_refs(&self, access: &Access, kinds: RefKinds) -> Result<Listing> {
        let kinds = match kinds {
            RefKinds::Branches => &["--heads"][..],
            RefKinds::Tags => &["--tags"],
            RefKinds::BranchesAndTags => &["--heads", "--tags"],
        };
        let (text, learnt) = self.list(access, kinds, &[]).await?;
        Ok(Listing {
            heads: parse_heads(&text),
            learnt,
        })
    }

    /// Where one ref points now: `refs/heads/…`, `refs/tags/…` or `HEAD`.
    ///
    /// # Errors
    /// [`GitError::RefMissing`] when it is not there; what the remote or the way there refused.
    pub async fn find_head(&self, access: &Access, name: &RefName) -> Result<Head> {
        // The kind is what the remote is asked for (the protocol knows prefixes), the name chooses among the answers.
        let kind = match (name.branch_name(), name.tag_name()) {
            (Some(_), _) => &["--heads"][..],
            (_, Some(_)) => &["--tags"],
            _ => &[],
        };
        let peeled = format!("{name}^{{}}");
        let patterns = [name.as_str(), &peeled];
        let (text, _) = self.list(access, kind, &patterns).await?;
        let found = parse_heads(&text)
            .into_iter()
            .find(|head| head.name == *name);
        found.ok_or_else(|| GitError::RefMissing {
            remote: access.remote.to_string(),
            name: name.clone(),
        })
    }

    /// The branch that the remote's `HEAD` stands for; `None` when it stands for none, as in an empty repository of some
    /// hosts.
    ///
    /// # Errors
    /// What the remote or the way there refused.
    pub async fn find_default_branch(&self, access: &Access) -> Result<Option<RefName>> {
        let (text, _) = self.list(access, &["--symref"], &["HEAD"]).await?;
        Ok(parse_default_branch(&text))
    }

    /// Whether a branch or tag leads to a commit. Hosts also give out commits of forks and of deleted branches, which
    /// nobody with a right to the repository need have made.
    ///
    /// Costs a look at the refs; if no ref ends there, the history too, without files.
    ///
    /// # Errors
    /// What the remote or the way there refused.
    pub async fn is_reachable(&self, access: &Access, commit: &ObjectId) -> Result<bool> {
        let listing = self.list_refs(access, RefKinds::BranchesAndTags).await?;
        if listing.heads.iter().any(|head| head.commit() == commit) {
            return Ok(true);
        }
        if listing.heads.is_empty() {
            return Ok(false);
        }
        let asked = self.ask_history(access, commit.format(), FIND_REACHED, commit.as_str());
        Ok(asked.await? == YES)
    }

    /// The commits that a branch or tag leads to and whose names begin so: none, the one that is meant, or two of those that
    /// may be meant.
    ///
    /// Costs the history, without files.
    ///
    /// # Errors
    /// What the remote or the way there refused.
    pub async fn find_commits(
        &self,
        access: &Access,
        prefix: &ObjectPrefix,
    ) -> Result<Vec<ObjectId>> {
        let listing = self.list_refs(access, RefKinds::BranchesAndTags).await?;
        let Some(head) = listing.heads.first() else {
            return Ok(Vec::new());
        };
        let format = head.object.format();
        let asked = self.ask_history(access, format, FIND_BEGINNING, prefix.as_str());
        let text = String::from_utf8_lossy(&asked.await?).into_owned();
        text.lines().map(str::parse).collect()
    }

    /// What a script that fetches the history prints.
    async fn ask_history(
        &self,
        access: &Access,
        format: ObjectFormat,
        script: &str,
        argument: &str,
    ) -> Result<Vec<u8>> {
        let room = self.make_room(format).await?;
        let told = Run {
            access,
            argv: shell(script, [argument]),
            limits: self.settings.limits,
            timeout: self.settings.limits.fetch_timeout,
            most_output: 1024,
        }
        .finish(&self.settings, &room)
        .await?;
        match told.failure {
            Some(failure) => Err(failure),
            None => Ok(told.output),
        }
    }

    async fn list(
        &self,
        access: &Access,
        options: &[&str],
        patterns: &[&str],
    ) -> Result<(String, Vec<crate::HostKey>)> {
        let room = self.make_room(ObjectFormat::Sha1).await?;
        let words = ["git", "ls-remote", "--quiet"].into_iter();
        let words = words.chain(options.iter().copied());
        let words = words
            .chain(["--", "origin"])
            .chain(patterns.iter().copied());
        let limits = self.settings.limits;
        let told: Told = Run {
            access,
            argv: words.map(str::to_owned).collect(),
            limits,
            timeout: limits.list_timeout,
            most_output: limits.refs.saturating_mul(BYTES_PER_REF),
        }
        .finish(&self.settings, &room)
        .await?;
        if told.is_cut {
            return Err(GitError::TooManyRefs {
                remote: access.remote.to_string(),
                limit: limits.refs,
            });
        }
        if let Some(failure) = told.failure {
            return Err(failure);
        }
        let text = String::from_utf8_lossy(&told.output).into_owned();
        Ok((text, room.read_learnt()))
    }

    pub(crate) async fn make_room(&self, format: ObjectFormat) -> Result<Arc<Room>> {
        let settings = Arc::clone(&self.settings);
        tokio::task::spawn_blocking(move || {
            std::fs::create_dir_all(&settings.folder)
                .attempt(|| format!("make {}", settings.folder.display()))?;
            let (folder, owner) = (&settings.folder, settings.owner());
            Room::make(folder, &machine::find_parts(), format, owner).map(Arc::new)
        })
        .await
        .attempt(|| "prepare a folder for git".to_owned())?
    }
}

/// A constant script with words that it sees as `$1` and so on: nothing of a word is ever a part of the script.
pub(crate) fn shell<'w>(script: &'w str, words: impl IntoIterator<Item = &'w str>) -> Vec<String> {
    let fixed = ["/bin/sh", "-c", script, "wharf"];
    let all = fixed.into_iter().chain(words);
    all.map(str::to_owned).collect()
}
