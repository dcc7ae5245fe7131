//! Repositories that are made by hand, past git's own checks.

use std::path::Path;
use std::process::Command;

use wharf_git::FetchOptions;
use wharf_testkit::{GitRepository, GitServer, WorkTree};

use crate::kit::Kit;

pub(super) const WITH_SUBMODULES: FetchOptions = FetchOptions {
    submodules: true,
    keep_git_directory: false,
};

/// Git without any of the guards.
pub(super) fn run_git(folder: &Path, arguments: &[&str]) -> bool {
    let output = Command::new("git")
        .current_dir(folder)
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .expect("git starts");
    output.status.success()
}

/// Adds a submodule without git's own checks.
pub(super) fn add_link(tree: &WorkTree, path: &str, commit: &str, section: &str) {
    let known = std::fs::read_to_string(tree.path().join(".gitmodules")).unwrap_or_default();
    tree.write(".gitmodules", &format!("{known}{section}"));
    // Links to folders that are not there stay.
    tree.git(&["add", "--no-all", "."]);
    tree.git(&[
        "update-index",
        "--add",
        "--cacheinfo",
        &format!("160000,{commit},{path}"),
    ]);
}

pub(super) fn section(name: &str, path: &str, url: &str) -> String {
    format!("[submodule \"{name}\"]\n\tpath = {path}\n\turl = {url}\n")
}

/// Commits what is in the index, links to missing folders included, and pushes.
pub(super) fn publish(tree: &WorkTree) {
    tree.git(&["commit", "--quiet", "--message", "links"]);
    tree.push(&["main"]);
}

pub(super) fn start() -> (Kit, GitServer, GitRepository, String) {
    let server = GitServer::start();
    let library = server.create("group/library");
    let commit = library.push_files("main", "library", &[("lib.txt", "library\n")]);
    let app = server.create("group/app");
    (Kit::new(), server, app, commit)
}
