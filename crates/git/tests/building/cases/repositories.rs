//! Attack row C16: what a repository holds to make git do something. Each attack is first shown at work, where git still
//! lets it work.

use std::path::Path;
use std::process::Command;

use wharf_git::{FetchOptions, GitError};
use wharf_testkit::{GitRepository, GitServer, WorkTree};

use super::Case;
use crate::kit::{Kit, anonymous, branch, list_files, names};

pub(super) const CASES: &[Case] = &[
    (
        "submodules_are_fetched_when_asked_for_from_the_same_host",
        fetch_submodules,
    ),
    (
        "c16_a_submodule_from_a_local_path_is_refused",
        refuse_file_submodule,
    ),
    (
        "c16_a_submodule_of_another_host_is_refused",
        refuse_foreign_submodule,
    ),
    (
        "c16_a_submodule_whose_path_ends_with_a_control_character_is_refused",
        refuse_odd_path,
    ),
    (
        "c16_a_submodule_named_after_the_hooks_is_refused",
        refuse_hooks_name,
    ),
    (
        "c16_a_submodule_behind_a_link_lands_at_its_own_path",
        separate_link,
    ),
    (
        "c16_a_tree_with_a_link_and_a_folder_of_one_name_is_refused",
        refuse_duplicates,
    ),
    (
        "c16_no_filter_runs_and_large_files_stay_pointers",
        run_no_filter,
    ),
    (
        "c16_a_repository_among_the_files_monitors_nothing",
        run_no_monitor,
    ),
    (
        "a_repository_that_has_itself_as_a_submodule_ends",
        end_recursion,
    ),
];

const WITH_SUBMODULES: FetchOptions = FetchOptions {
    submodules: true,
    keep_git_directory: false,
};

/// Git without any of the guards.
fn run_git(folder: &Path, arguments: &[&str]) -> bool {
    let output = Command::new("git")
        .current_dir(folder)
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .expect("git starts");
    output.status.success()
}

/// Adds a submodule without git's own checks.
fn add_link(tree: &WorkTree, path: &str, commit: &str, section: &str) {
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

fn section(name: &str, path: &str, url: &str) -> String {
    format!("[submodule \"{name}\"]\n\tpath = {path}\n\turl = {url}\n")
}

/// Commits what is in the index, links to missing folders included, and pushes.
fn publish(tree: &WorkTree) {
    tree.git(&["commit", "--quiet", "--message", "links"]);
    tree.push(&["main"]);
}

fn start() -> (Kit, GitServer, GitRepository, String) {
    let server = GitServer::start();
    let library = server.create("group/library");
    let commit = library.push_files("main", "library", &[("lib.txt", "library\n")]);
    let app = server.create("group/app");
    (Kit::new(), server, app, commit)
}

fn fetch_submodules() {
    let (kit, server, app, library) = start();
    let middle = server.create("middle");
    let tree = middle.clone_work_tree();
    tree.write("middle.txt", "middle\n");
    add_link(
        &tree,
        "deep/lib",
        &library,
        &section("x", "deep/lib", "../group/library.git"),
    );
    publish(&tree);
    let tree = app.clone_work_tree();
    tree.write("app.txt", "app\n");
    let middle_url = server.url("middle.git");
    add_link(
        &tree,
        "parts/middle",
        &middle.commit_of("main"),
        &section("m", "parts/middle", &middle_url),
    );
    add_link(
        &tree,
        "lib",
        &library,
        &section("l", "lib", "../library.git"),
    );
    // A link that nothing says anything about is passed over, as git does.
    add_link(&tree, "lost", &library, "");
    publish(&tree);

    let access = anonymous(app.url());
    let (fetched, into) = kit
        .fetch(&access, &branch("main"), "without", FetchOptions::default())
        .expect("files");
    assert_eq!(names(&into), [".gitmodules", "app.txt"]);
    assert_eq!(fetched.left_out, ["lib", "lost", "parts/middle"]);
    let (fetched, into) = kit
        .fetch(&access, &branch("main"), "with", WITH_SUBMODULES)
        .expect("files");
    assert_eq!(
        names(&into),
        [
            ".gitmodules",
            "app.txt",
            "lib/lib.txt",
            "parts/middle/.gitmodules",
            "parts/middle/deep/lib/lib.txt",
            "parts/middle/middle.txt",
        ]
    );
    assert!(fetched.left_out.is_empty());
}

fn refuse_file_submodule() {
    let (kit, server, app, _) = start();
    let secret = server.create("secret");
    let commit = secret.push_files("main", "secret", &[("secret", "of this machine\n")]);
    let tree = app.clone_work_tree();
    let url = format!("file://{}", secret.path().display());
    add_link(&tree, "stolen", &commit, &section("s", "stolen", &url));
    publish(&tree);
    let plain = kit.make_folder("plain");
    run_git(
        &plain,
        &[
            "-c",
            "protocol.file.allow=always",
            "clone",
            "-q",
            "--recurse-submodules",
            app.url(),
            ".",
        ],
    );
    assert!(
        plain.join("stolen/secret").exists(),
        "the attack works without the guard"
    );

    let access = anonymous(app.url());
    let (_, into) = kit
        .fetch(&access, &branch("main"), "without", FetchOptions::default())
        .expect("files");
    assert_eq!(names(&into), [".gitmodules"]);
    let error = kit
        .fetch(&access, &branch("main"), "with", WITH_SUBMODULES)
        .expect_err("refused");
    assert!(
        matches!(&error, GitError::Submodule { path, .. } if path == "stolen"),
        "{error:?}"
    );
    assert!(error.to_string().contains("file"), "{error}");
}

fn refuse_foreign_submodule() {
    let (kit, _server, app, library) = start();
    let other = GitServer::start();
    let url = other.url("x.git");
    for (number, url) in [url.as_str(), "../../../x.git", "https://127.0.0.1/x"]
        .iter()
        .enumerate()
    {
        let tree = app.clone_work_tree();
        tree.git(&["rm", "-q", "-r", "--cached", "--ignore-unmatch", "."]);
        tree.write(".gitmodules", "");
        add_link(&tree, "lib", &library, &section("l", "lib", url));
        publish(&tree);
        let name = format!("n{number}");
        let error = kit
            .fetch(
                &anonymous(app.url()),
                &branch("main"),
                &name,
                WITH_SUBMODULES,
            )
            .expect_err(url);
        assert!(
            matches!(error, GitError::Submodule { .. }),
            "{url}: {error:?}"
        );
    }
    assert_eq!(other.requests().len(), 0);
}

/// CVE-2025-48384: git wrote such a path without the character, and so into a link beside it.
fn refuse_odd_path() {
    let (kit, _server, app, library) = start();
    let tree = app.clone_work_tree();
    std::os::unix::fs::symlink("hooks", tree.path().join("sub")).expect("a link");
    tree.write("hooks/keep", "");
    add_link(
        &tree,
        "sub\r",
        &library,
        &section("s", "\"sub\r\"", "../library.git"),
    );
    publish(&tree);
    let error = kit
        .fetch(&anonymous(app.url()), &branch("main"), "a", WITH_SUBMODULES)
        .expect_err("odd");
    assert!(matches!(error, GitError::Submodule { .. }), "{error:?}");
    assert!(
        !list_files(&kit.folder.path().join("a"))
            .keys()
            .any(|name| name.contains("lib.txt"))
    );
}

fn refuse_hooks_name() {
    let (kit, _server, app, library) = start();
    let tree = app.clone_work_tree();
    add_link(
        &tree,
        "lib",
        &library,
        &section("../../hooks", "lib", "../library.git"),
    );
    publish(&tree);
    let error = kit
        .fetch(&anonymous(app.url()), &branch("main"), "a", WITH_SUBMODULES)
        .expect_err("refused");
    assert!(error.to_string().contains("gitmodulesName"), "{error}");
}

/// CVE-2024-32002 needs a file system that does not tell `A` from `a`. On others the names are what they are.
fn separate_link() {
    let (kit, server, app, _) = start();
    let hooks = server.create("group/hooks");
    let commit = hooks.push_files("main", "hooks", &[("hooks/post-checkout", "#!/bin/sh\n")]);
    let tree = app.clone_work_tree();
    std::os::unix::fs::symlink(".git", tree.path().join("a")).expect("a link");
    add_link(
        &tree,
        "A/modules/x",
        &commit,
        &section("x/y", "A/modules/x", "../hooks.git"),
    );
    publish(&tree);
    let options = FetchOptions {
        submodules: true,
        keep_git_directory: true,
    };
    let (_, into) = kit
        .fetch(&anonymous(app.url()), &branch("main"), "a", options)
        .expect("files");
    let files = list_files(&into);
    assert_eq!(files.get("a").map(String::as_str), Some("-> .git"));
    assert!(files.contains_key("A/modules/x/hooks/post-checkout"));
    assert!(
        !files
            .keys()
            .any(|name| name.starts_with(".git/") && name.contains("hooks")),
        "{files:?}"
    );
}

fn refuse_duplicates() {
    let (kit, _server, app, _) = start();
    app.push_files("main", "first", &[("x", "1")]);
    let blob = app.git(&["rev-parse", "main:x"]);
    let folder = app.git(&["rev-parse", "main^{tree}"]);
    let lines = format!("120000 blob {blob}\ta\n040000 tree {folder}\ta\n");
    let listed = kit.folder.path().join("tree");
    std::fs::write(&listed, lines).expect("a file");
    let script = format!("git mktree < {}", listed.display());
    let output = Command::new("sh")
        .args(["-c", &script])
        .current_dir(app.path())
        .output()
        .expect("a shell");
    let tree = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let commit = app.git(&["commit-tree", "-m", "twice", &tree]);
    app.git(&["update-ref", "refs/heads/main", &commit]);
    let plain = kit.make_folder("plain");
    assert!(
        run_git(&plain, &["clone", "-q", "--bare", app.url(), "."]),
        "git takes it without the guard"
    );
    let error = kit
        .fetch(
            &anonymous(app.url()),
            &branch("main"),
            "a",
            FetchOptions::default(),
        )
        .expect_err("refused");
    assert!(error.to_string().contains("duplicateEntries"), "{error}");
}

fn run_no_filter() {
    let (kit, server, app, _) = start();
    let mark = kit.folder.path().join("mark");
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n";
    let lfs = format!("[lfs]\n\turl = {}\n", server.url("lfs"));
    app.push_files(
        "main",
        "filters",
        &[
            (
                ".gitattributes",
                "*.txt filter=evil\n*.bin filter=lfs diff=lfs merge=lfs -text\n",
            ),
            (".lfsconfig", &lfs),
            ("a.txt", "text\n"),
            ("large.bin", pointer),
        ],
    );
    let plain = kit.make_folder("plain");
    let smudge = format!("filter.evil.smudge=touch {}; cat", mark.display());
    assert!(run_git(
        &plain,
        &["-c", &smudge, "clone", "-q", app.url(), "."]
    ));
    assert!(
        mark.exists(),
        "the attack works where somebody has set the filter up"
    );
    std::fs::remove_file(&mark).expect("the mark is there");

    let (_, into) = kit
        .fetch(
            &anonymous(app.url()),
            &branch("main"),
            "a",
            FetchOptions::default(),
        )
        .expect("files");
    let files = list_files(&into);
    assert_eq!(files["large.bin"], pointer);
    assert_eq!(files["a.txt"], "text\n");
    assert!(!mark.exists());
    assert!(
        !server
            .requests()
            .iter()
            .any(|request| request.path.contains("lfs"))
    );
}

/// A repository among the files brings a configuration of its own, which counts for whoever runs git in there.
fn run_no_monitor() {
    let (kit, _server, app, _) = start();
    let mark = kit.folder.path().join("mark");
    let settings = format!(
        "[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = .\n\tfsmonitor = \"touch {};false\"\n",
        mark.display()
    );
    app.push_files(
        "main",
        "a repository in a repository",
        &[
            ("evil/HEAD", "ref: refs/heads/main\n"),
            ("evil/config", &settings),
            ("evil/objects/keep", ""),
            ("evil/refs/keep", ""),
        ],
    );
    let plain = kit.make_folder("plain");
    assert!(run_git(&plain, &["clone", "-q", app.url(), "."]));
    run_git(&plain.join("evil"), &["status"]);
    assert!(mark.exists(), "the attack works without the guard");
    std::fs::remove_file(&mark).expect("the mark is there");

    let access = anonymous(app.url());
    for (name, options) in [("a", FetchOptions::default()), ("b", WITH_SUBMODULES)] {
        let (_, into) = kit
            .fetch(&access, &branch("main"), name, options)
            .expect("files");
        assert!(into.join("evil/config").exists());
        assert!(!mark.exists());
    }
}

fn end_recursion() {
    let (kit, _server, app, _) = start();
    let first = app.push_files("main", "first", &[("a", "1")]);
    let tree = app.clone_work_tree();
    // As deep as history goes: each commit has the one before it as a submodule.
    let mut before = first;
    for _ in 0..10 {
        tree.write(".gitmodules", "");
        add_link(
            &tree,
            "again",
            &before,
            &section("again", "again", "../app.git"),
        );
        tree.git(&["commit", "--quiet", "--message", "again"]);
        before = tree.head();
    }
    tree.push(&["main"]);
    let error = kit
        .fetch(&anonymous(app.url()), &branch("main"), "a", WITH_SUBMODULES)
        .expect_err("no end");
    assert!(
        matches!(&error, GitError::Submodule { reason, .. } if reason.contains("levels")),
        "{error:?}"
    );
}
