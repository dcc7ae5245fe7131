//! Checkouts: ADD of a repository, and contexts from one. Done by the machine's `git`, kept on a short leash.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use tempfile::TempDir;
use tokio::process::Command;
use wharf_dockerfile::values::GitUrl;

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

/// Clones what the URL names.
pub(crate) async fn clone_repository(
    url: &GitUrl,
    keep_git_directory: bool,
    secrets: &Secrets,
) -> Result<Checkout> {
    let folder = TempDir::new().attempt(|| "make a folder for a checkout".to_owned())?;
    let git = Git {
        folder: folder.path(),
        configuration: authorization(url, secrets)?,
    };
    git.run(&["init", "--quiet", "."]).await?;
    // What a repository says about itself is checked by us, never run.
    git.run(&["remote", "add", "origin", "--", &url.remote])
        .await?;
    let wanted = wanted_reference(url);
    git.run(&[
        "fetch",
        "--quiet",
        "--depth=1",
        "--no-tags",
        "origin",
        "--",
        &wanted,
    ])
    .await
    .map_err(|error| explain_fetch(error, url))?;
    git.run(&["checkout", "--quiet", "--force", "FETCH_HEAD"])
        .await?;
    let commit = git.run(&["rev-parse", "HEAD"]).await?.trim().to_owned();
    if let Some(checksum) = &url.checksum
        && !commit.starts_with(checksum.as_str())
    {
        return Err(BuildError::step(format!(
            "expected checksum to match {checksum}, got {commit}"
        )));
    }
    if url.submodules != Some(false) && folder.path().join(".gitmodules").exists() {
        git.run(&[
            "submodule",
            "update",
            "--quiet",
            "--init",
            "--recursive",
            "--depth=1",
        ])
        .await?;
    }
    if !keep_git_directory {
        remove_git_folder(folder.path())
            .attempt(|| "remove the repository's own files".to_owned())?;
    }
    let part = find_part(folder.path(), &url.subdirectory)?;
    Ok(Checkout {
        folder,
        part,
        commit,
    })
}

/// A context from a repository.
pub(super) async fn load(
    name: &str,
    text: &str,
    keep_git_directory: bool,
    secrets: &Secrets,
) -> Result<FileContext> {
    let url = GitUrl::parse(text)
        .map_err(|problem| BuildError::request(problem.to_string()))?
        .ok_or_else(|| BuildError::request(format!("{text} names no repository")))?;
    let keep = url.keep_git_directory.unwrap_or(keep_git_directory);
    let checkout = clone_repository(&url, keep, secrets).await?;
    FileContext::open_temporary(name, checkout.folder, &checkout.part)
}

fn wanted_reference(url: &GitUrl) -> String {
    match &url.checksum {
        Some(commit) if url.fetch_by_commit && commit.len() >= 40 => commit.clone(),
        _ if url.reference.is_empty() => "HEAD".to_owned(),
        _ => url.reference.clone(),
    }
}

/// `GIT_AUTH_TOKEN` and `GIT_AUTH_HEADER` among the secrets, also with `.HOST` behind them.
fn authorization(url: &GitUrl, secrets: &Secrets) -> Result<Vec<(String, String)>> {
    let Ok(parsed) = url::Url::parse(&url.remote) else {
        return Ok(Vec::new());
    };
    let port = parsed
        .port()
        .map(|port| format!(":{port}"))
        .unwrap_or_default();
    let host = format!("{}{port}", parsed.host_str().unwrap_or_default());
    let find = |name: &str| -> Result<Option<String>> {
        match secrets.read_text(&format!("{name}.{host}"))? {
            Some(own) => Ok(Some(own)),
            None => secrets.read_text(name),
        }
    };
    let header = match find("GIT_AUTH_HEADER")? {
        Some(header) => Some(header),
        None => find("GIT_AUTH_TOKEN")?.map(|token| {
            use base64::Engine as _;
            let pair = format!("x-access-token:{token}");
            let encoded = base64::engine::general_purpose::STANDARD.encode(pair);
            format!("basic {encoded}")
        }),
    };
    let Some(header) = header else {
        return Ok(Vec::new());
    };
    let scope = format!("http.{}://{host}/.extraheader", parsed.scheme());
    Ok(vec![(scope, format!("Authorization: {header}"))])
}

struct Git<'a> {
    folder: &'a Path,
    configuration: Vec<(String, String)>,
}

impl Git<'_> {
    /// Runs git on the checkout; answers what it printed.
    async fn run(&self, arguments: &[&str]) -> Result<String> {
        let mut command = Command::new("git");
        command
            .current_dir(self.folder)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", "/nonexistent")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_ALLOW_PROTOCOL", "https:http:ssh:git")
            .env(
                "GIT_SSH_COMMAND",
                "ssh -oBatchMode=yes -oStrictHostKeyChecking=accept-new",
            )
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        // By the environment, where no other user of the machine sees it, not by arguments.
        let fixed = [
            ("core.hooksPath", "/dev/null"),
            ("protocol.file.allow", "never"),
            ("core.fsmonitor", "false"),
            ("core.symlinks", "true"),
            ("advice.detachedHead", "false"),
            ("init.defaultBranch", "main"),
            ("safe.directory", "*"),
        ];
        let settings = fixed
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .chain(self.configuration.iter().cloned());
        let mut count = 0;
        for (name, value) in settings {
            command.env(format!("GIT_CONFIG_KEY_{count}"), name);
            command.env(format!("GIT_CONFIG_VALUE_{count}"), value);
            count += 1;
        }
        command.env("GIT_CONFIG_COUNT", count.to_string());
        command.args(arguments);
        let output = command
            .output()
            .await
            .map_err(|error| BuildError::Machine {
                message: "start git".to_owned(),
                hint: Some("Install git: contexts and ADD from repositories need it.".to_owned()),
                source: Some(std::sync::Arc::new(error)),
            })?;
        if !output.status.success() {
            let words = String::from_utf8_lossy(&output.stderr);
            return Err(BuildError::step(format!(
                "git {}: {}",
                arguments.first().unwrap_or(&""),
                words.trim()
            )));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

fn explain_fetch(error: BuildError, url: &GitUrl) -> BuildError {
    match error {
        BuildError::Step { message, .. } => BuildError::Step {
            message: format!("failed to fetch {}: {message}", url.remote),
            hint: Some(
                "A private repository needs --secret id=GIT_AUTH_TOKEN,env=… or an ssh agent."
                    .to_owned(),
            ),
            excerpt: None,
        },
        other => other,
    }
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

/// The repository's own folder. A submodule's `.git` file stays, as BuildKit leaves it: it leads nowhere by then.
fn remove_git_folder(folder: &Path) -> std::io::Result<()> {
    match std::fs::remove_dir_all(folder.join(".git")) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
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
