//! Attack row C16: what a repository holds to make git do something. Each attack is first shown at work, where git still
//! lets it work.

use std::process::Command;

use wharf_git::FetchOptions;

use super::Case;
use super::crafted::{WITH_SUBMODULES, run_git, start};
use crate::kit::{anonymous, branch, list_files};

pub(super) const CASES: &[Case] = &[
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
];

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
