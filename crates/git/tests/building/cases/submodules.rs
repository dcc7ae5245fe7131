//! Submodules, and attack row C16 where it is about them. Each attack is first shown at work, where git still lets it work.

use wharf_git::{FetchOptions, GitError};
use wharf_testkit::GitServer;

use super::Case;
use super::crafted::{WITH_SUBMODULES, add_link, publish, run_git, section, start};
use crate::kit::{Kit, anonymous, branch, list_files, names, with_password};

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
        "a_submodule_of_another_host_is_fetched_as_nobody_where_a_person_says_so",
        go_abroad,
    ),
    (
        "a_repository_that_has_itself_as_a_submodule_ends",
        end_recursion,
    ),
];

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

fn go_abroad() {
    let server = GitServer::builder().login("ada", "hush-hush").start();
    let app = server.create("app");
    let other = GitServer::start();
    let library = other.create("library");
    let commit = library.push_files("main", "library", &[("lib.txt", "library\n")]);
    let tree = app.clone_work_tree();
    add_link(&tree, "lib", &commit, &section("l", "lib", library.url()));
    publish(&tree);
    let kit = Kit::new();
    let access = with_password(app.url(), "ada", "hush-hush");
    kit.fetch(&access, &branch("main"), "at-home", WITH_SUBMODULES)
        .expect_err("not on this host");
    let before = other.requests().len();
    let git = kit.git.clone().with_foreign_submodules();
    let into = kit.make_folder("abroad");
    let fetched = kit
        .wait(git.fetch_commit(&access, &branch("main"), &into, WITH_SUBMODULES))
        .expect("files");
    assert_eq!(names(&into), [".gitmodules", "lib/lib.txt"]);
    assert_eq!(fetched.submodules, ["lib"]);
    let requests = other.requests();
    assert!(requests.len() > before);
    let asked = requests.iter().skip(before);
    assert!(
        asked
            .clone()
            .all(|request| request.header("authorization").is_none())
    );
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
