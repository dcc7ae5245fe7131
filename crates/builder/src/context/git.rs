//! Checkouts: ADD of a repository, and contexts from one. Git itself runs in `wharf-git`'s sandbox; here is what of a
//! repository a build wants, and who the build is there.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use wharf_dockerfile::values::GitUrl;
use wharf_git::{
    Access, Credential, FetchOptions, Fetched, Git, GitError, GitRemote, RefName, Scheme, Secret,
    Wanted,
};

use super::FileContext;
use crate::error::{Attempt, BuildError, Result};
use crate::secrets::Secrets;

/// A repository's files.
#[derive(Debug)]
pub(crate) struct Checkout {
    /// Holds everything; goes with the value.
    pub(crate) folder: TempDir,
    /// Where the wanted files are, relative to the folder.
    pub(crate) part: PathBuf,
    pub(crate) commit: String,
}

/// How repositories become files on this machine.
#[derive(Clone)]
pub(crate) struct Repositories {
    pub(crate) git: Git,
    /// Where they are put down, on a file system that a sandbox can write to.
    pub(crate) folder: PathBuf,
}

/// Who a build is at repositories.
#[derive(Clone, Copy)]
pub(crate) struct Identity<'a> {
    pub(crate) secrets: &'a Secrets,
    /// The agent that `--ssh default` names.
    pub(crate) agent: Option<&'a Path>,
}

impl Repositories {
    /// Fetches what the URL names.
    pub(crate) async fn check_out(
        &self,
        url: &GitUrl,
        keep_git_directory: bool,
        identity: Identity<'_>,
    ) -> Result<Checkout> {
        let folder = tempfile::Builder::new()
            .prefix("checkout-")
            // Where steps have other ids than this process, git in its sandbox has to get through.
            .permissions(Permissions::from_mode(0o711))
            .tempdir_in(&self.folder)
            .attempt(|| "make a folder for a checkout".to_owned())?;
        let failed = |error| explain(error, url);
        let access = find_access(url, identity)?;
        let options = FetchOptions {
            submodules: url.submodules != Some(false),
            keep_git_directory,
        };
        let wanted = find_wanted(url).map_err(failed)?;
        let fetched = self
            .git
            .fetch_commit(&access, &wanted, folder.path(), options)
            .await
            .map_err(failed)?;
        let commit = fetched.commit.to_string();
        if let Some(checksum) = &url.checksum
            && !commit.starts_with(checksum.as_str())
        {
            return Err(BuildError::step(format!(
                "expected checksum to match {checksum}, got {commit}"
            )));
        }
        leave_pointers(folder.path(), &fetched)
            .attempt(|| "mark the submodules of a checkout".to_owned())?;
        let part = find_part(folder.path(), &url.subdirectory)?;
        Ok(Checkout {
            folder,
            part,
            commit,
        })
    }

    /// A context from a repository.
    pub(super) async fn load(
        &self,
        name: &str,
        text: &str,
        keep_git_directory: bool,
        identity: Identity<'_>,
    ) -> Result<FileContext> {
        let url = GitUrl::parse(text)
            .map_err(|problem| BuildError::request(problem.to_string()))?
            .ok_or_else(|| BuildError::request(format!("{text} names no repository")))?;
        let keep = url.keep_git_directory.unwrap_or(keep_git_directory);
        let checkout = self.check_out(&url, keep, identity).await?;
        FileContext::open_temporary(name, checkout.folder, &checkout.part)
    }
}

fn find_wanted(url: &GitUrl) -> Result<Wanted, GitError> {
    if let Some(commit) = &url.checksum
        && url.fetch_by_commit
        && let Ok(commit) = commit.parse()
    {
        return Ok(Wanted::Commit(commit));
    }
    if url.reference.is_empty() {
        return Ok(Wanted::Ref(RefName::head()));
    }
    match url.reference.parse() {
        Ok(commit) => Ok(Wanted::Commit(commit)),
        Err(_) => Ok(Wanted::Ref(url.reference.parse()?)),
    }
}

/// `GIT_AUTH_TOKEN` and `GIT_AUTH_HEADER` among the secrets, also with `.HOST` behind them; a password in the URL; over
/// ssh the agent.
fn find_access(url: &GitUrl, identity: Identity<'_>) -> Result<Access> {
    let address = match url.is_ambiguous {
        true => format!("https://{}", url.remote),
        false => url.remote.clone(),
    };
    let (remote, password) =
        GitRemote::parse_with_password(&address).map_err(|error| explain(error, url))?;
    let credential = match (remote.scheme(), password) {
        (Scheme::Ssh, _) => match identity.agent {
            Some(agent) => Credential::SshAgent(agent.to_owned()),
            None => Credential::None,
        },
        (_, Some(password)) => Credential::Password {
            user: String::new(),
            password: Secret::new(password),
        },
        (_, None) => find_secret(&remote, identity.secrets)?,
    };
    Ok(Access::with_credential(remote, credential))
}

fn find_secret(remote: &GitRemote, secrets: &Secrets) -> Result<Credential> {
    let origin = remote.origin();
    let host = origin.split_once("://").map_or("", |(_, host)| host);
    let find = |name: &str| -> Result<Option<String>> {
        match secrets.read_text(&format!("{name}.{host}"))? {
            Some(own) => Ok(Some(own)),
            None => secrets.read_text(name),
        }
    };
    if let Some(header) = find("GIT_AUTH_HEADER")? {
        return Ok(Credential::Header(Secret::new(header)));
    }
    Ok(match find("GIT_AUTH_TOKEN")? {
        Some(token) => Credential::Password {
            user: "x-access-token".to_owned(),
            password: Secret::new(token),
        },
        None => Credential::None,
    })
}

/// What went wrong, with all its causes.
fn explain(error: GitError, url: &GitUrl) -> BuildError {
    let hint = match &error {
        GitError::NotFound { is_ssh: true, .. } | GitError::Denied { is_ssh: true, .. } => {
            Some("A private repository over ssh needs --ssh default and an agent with the key.".to_owned())
        }
        GitError::NotFound { .. } | GitError::Denied { .. } => Some(
            "A private repository needs --secret id=GIT_AUTH_TOKEN,env=… with a token that may read it.".to_owned(),
        ),
        error => error.hint(),
    };
    if let GitError::Machine {
        attempt, source, ..
    } = error
    {
        return BuildError::Machine {
            message: attempt,
            hint,
            source,
        };
    }
    BuildError::Step {
        message: format!("failed to fetch {}: {error}", show_remote(url)),
        hint,
        excerpt: None,
    }
}

/// The address without what may be a password.
fn show_remote(url: &GitUrl) -> String {
    match GitRemote::parse_with_password(&url.remote) {
        Ok((remote, _)) => remote.to_string(),
        Err(_) => match (url.remote.split_once("://"), url.remote.rsplit_once('@')) {
            (Some((scheme, _)), Some((_, rest))) => format!("{scheme}://{rest}"),
            _ => url.remote.clone(),
        },
    }
}

/// BuildKit leaves the file that names a submodule's own folder, although that folder is nowhere by then; images that were
/// built so have it.
fn leave_pointers(folder: &Path, fetched: &Fetched) -> std::io::Result<()> {
    use std::io::Write;
    for path in &fetched.submodules {
        let up = "../".repeat(path.split('/').count());
        let mut file = std::fs::File::create_new(folder.join(path).join(".git"))?;
        writeln!(file, "gitdir: {up}.git/modules/{path}")?;
    }
    Ok(())
}

/// The wanted directory, which no link may lead out of the checkout.
fn find_part(folder: &Path, wanted: &str) -> Result<PathBuf> {
    let inside = || -> std::io::Result<Option<PathBuf>> {
        let root = folder.canonicalize()?;
        let part = root.join(wanted.trim_start_matches('/')).canonicalize()?;
        Ok(part.strip_prefix(&root).ok().map(Path::to_owned))
    };
    match inside() {
        Ok(Some(part)) => Ok(part),
        Ok(None) => Err(BuildError::request(format!(
            "{wanted} leads out of the repository"
        ))),
        Err(_) => Err(BuildError::request(format!(
            "{wanted} is not in the repository"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c13_a_part_that_leads_out_of_the_checkout_is_refused() {
        let folder = TempDir::new().unwrap();
        std::fs::create_dir(folder.path().join("sub")).unwrap();
        std::os::unix::fs::symlink("/etc", folder.path().join("out")).unwrap();
        assert_eq!(find_part(folder.path(), "sub").unwrap(), Path::new("sub"));
        assert_eq!(find_part(folder.path(), "").unwrap(), Path::new(""));
        for wanted in ["a/../..", "out", "../x", "missing"] {
            assert!(find_part(folder.path(), wanted).is_err(), "{wanted}");
        }
    }
}
