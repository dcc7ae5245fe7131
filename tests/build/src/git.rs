//! The git repositories of a run, with commits that are the same on every machine, and their smart HTTP service.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::case::Entry;
use crate::context::make_entries;
use crate::places::Places;
use crate::serve::{Answer, Question};

/// Commands that make `sample.git`, beside which `library.git` lies: one a line, run by git in a work tree.
const SAMPLE: &[(&str, &[&str])] = &[
    (
        "first",
        &[
            "a.txt",
            "sub/b.txt",
            "sub/Dockerfile",
            "run.sh",
            "link",
            "Dockerfile",
        ],
    ),
    ("second", &["c.txt"]),
];

/// Makes the repositories in `folder` and lets `@COMMIT1@` and `@COMMIT2@` stand for their commits.
///
/// `sample.git` has branch `main` (two commits, the first tagged `v1`, the second `v2` with a message), branch
/// `feature`, a submodule `library` on branch `with-library`.
///
/// # Errors
/// git is missing or fails.
pub fn make_repositories(folder: &Path, places: &mut Places) -> Result<()> {
    let library = folder.join("library");
    std::fs::create_dir_all(&library)?;
    run_git(&library, &["init", "-q", "-b", "main"])?;
    std::fs::write(library.join("lib.txt"), "library\n")?;
    commit_all(&library, "library")?;
    publish(&library, folder, "library.git")?;

    let work = folder.join("sample");
    std::fs::create_dir_all(&work)?;
    run_git(&work, &["init", "-q", "-b", "main"])?;
    let entries: Vec<Entry> = toml::from_str::<Entries>(FILES)?.entry;
    for (index, (name, paths)) in SAMPLE.iter().enumerate() {
        let chosen: Vec<Entry> = entries
            .iter()
            .filter(|entry| paths.contains(&entry.path.as_str()))
            .cloned()
            .collect();
        make_entries(&work, &chosen, places)?;
        commit_all(&work, name)?;
        let commit = run_git(&work, &["rev-parse", "HEAD"])?;
        places.set(["@COMMIT1@", "@COMMIT2@"][index], commit.trim());
        if index == 0 {
            run_git(&work, &["tag", "v1"])?;
        }
    }
    run_git(&work, &["tag", "-a", "-m", "second", "v2"])?;
    run_git(&work, &["checkout", "-q", "-b", "feature"])?;
    std::fs::write(work.join("feature.txt"), "feature\n")?;
    commit_all(&work, "feature")?;
    run_git(&work, &["checkout", "-q", "-b", "with-library", "main"])?;
    let from = folder.join("library.git");
    let from = from.to_str().context("a path that is text")?;
    run_git(
        &work,
        &[
            "-c",
            "protocol.file.allow=always",
            "submodule",
            "--quiet",
            "add",
            from,
            "library",
        ],
    )?;
    // Relative, so that the commit does not depend on this folder or on a port.
    std::fs::write(
        work.join(".gitmodules"),
        "[submodule \"library\"]\n\tpath = library\n\turl = ../library.git\n",
    )?;
    commit_all(&work, "with library")?;
    run_git(&work, &["checkout", "-q", "main"])?;
    publish(&work, folder, "sample.git")
}

#[derive(serde::Deserialize)]
struct Entries {
    entry: Vec<Entry>,
}

const FILES: &str = r##"
entry = [
  { path = "a.txt", content = "a\n" },
  { path = "sub/b.txt", content = "b\n" },
  { path = "sub/Dockerfile", content = "FROM scratch\nCOPY b.txt /sub.txt\n" },
  { path = "run.sh", content = "#!/bin/sh\necho hi\n", mode = 0o755 },
  { path = "link", kind = "symlink", target = "sub/b.txt" },
  { path = "Dockerfile", content = "FROM scratch\nCOPY . /src/\n" },
  { path = "c.txt", content = "c\n" },
]
"##;

fn commit_all(work: &Path, message: &str) -> Result<()> {
    run_git(work, &["add", "-A"])?;
    run_git(work, &["commit", "-q", "-m", message]).map(drop)
}

fn publish(work: &Path, folder: &Path, name: &str) -> Result<()> {
    let from = work.to_str().context("a path that is text")?;
    run_git(folder, &["clone", "-q", "--bare", from, name])?;
    let bare = folder.join(name);
    // Builders fetch single commits by their id.
    run_git(&bare, &["config", "uploadpack.allowAnySHA1InWant", "true"])?;
    run_git(&bare, &["config", "http.receivepack", "false"]).map(drop)
}

fn run_git(folder: &Path, arguments: &[&str]) -> Result<String> {
    let output = Command::new("git")
        .current_dir(folder)
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .envs([
            ("GIT_AUTHOR_NAME", "A"),
            ("GIT_AUTHOR_EMAIL", "a@example.com"),
            ("GIT_AUTHOR_DATE", "2001-09-09T01:46:40Z"),
            ("GIT_COMMITTER_NAME", "A"),
            ("GIT_COMMITTER_EMAIL", "a@example.com"),
            ("GIT_COMMITTER_DATE", "2001-09-09T01:46:40Z"),
        ])
        .stdin(Stdio::null())
        .output()
        .context("run git")?;
    if !output.status.success() {
        bail!(
            "git {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Answers a request under `/git/` through `git http-backend`.
///
/// # Errors
/// git is missing.
pub(crate) fn answer_request(question: &Question, repositories: &Path) -> Result<Answer> {
    let path = question.path.trim_start_matches("/git");
    if let Some(inner) = path.strip_prefix("/private") {
        // `x-access-token:s3cret`, which is what builders make of the secret GIT_AUTH_TOKEN.
        let login = question
            .header("authorization")
            .and_then(|header| header.split_once(' '));
        if login.map(|(_, login)| login) != Some("eC1hY2Nlc3MtdG9rZW46czNjcmV0") {
            return Ok(
                Answer::text(401, "who are you?").with("WWW-Authenticate", "Basic realm=\"git\"")
            );
        }
        return run_backend(question, inner, repositories);
    }
    run_backend(question, path, repositories)
}

fn run_backend(question: &Question, path: &str, repositories: &Path) -> Result<Answer> {
    let mut child = Command::new("git")
        .arg("http-backend")
        .env("GIT_PROJECT_ROOT", repositories)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("GIT_CONFIG_COUNT", "1")
        .env("GIT_CONFIG_KEY_0", "safe.directory")
        .env("GIT_CONFIG_VALUE_0", "*")
        .env("PATH_INFO", path)
        .env("QUERY_STRING", &question.query)
        .env("REQUEST_METHOD", &question.method)
        .env(
            "CONTENT_TYPE",
            question.header("content-type").unwrap_or_default(),
        )
        .env("CONTENT_LENGTH", question.body.len().to_string())
        .env(
            "HTTP_CONTENT_ENCODING",
            question.header("content-encoding").unwrap_or_default(),
        )
        .env(
            "GIT_PROTOCOL",
            question.header("git-protocol").unwrap_or_default(),
        )
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .context("run git http-backend")?;
    child
        .stdin
        .take()
        .context("a pipe")?
        .write_all(&question.body)?;
    let output = child.wait_with_output()?.stdout;
    let split = output
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .context("no headers")?;
    let mut answer = Answer {
        status: 200,
        headers: Vec::new(),
        body: output[split + 4..].to_vec(),
    };
    for line in String::from_utf8_lossy(&output[..split]).lines() {
        match line.split_once(": ") {
            Some(("Status", value)) => answer.status = value[..3].parse()?,
            Some((name, value)) => answer = answer.with(name, value),
            None => {}
        }
    }
    Ok(answer)
}
