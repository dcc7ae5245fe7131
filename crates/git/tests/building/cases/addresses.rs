//! Attack row C15: words of a person that git would take for something else. Each attack is first shown at work.

use std::path::Path;
use std::process::Command;

use wharf_git::{GitRemote, ObjectId, RefName};
use wharf_testkit::GitServer;

use super::Case;
use crate::kit::Kit;

pub(super) const CASES: &[Case] = &[
    (
        "c15_an_option_in_place_of_an_address_or_a_ref_runs_nothing",
        refuse_options,
    ),
    (
        "c15_a_transport_helper_or_a_local_path_is_no_address",
        refuse_helpers,
    ),
];

/// Git without any of the guards.
fn run_git(arguments: &[&str]) -> bool {
    let output = Command::new("git")
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .expect("git starts");
    output.status.success()
}

fn refuse_options() {
    let (kit, server) = (Kit::new(), GitServer::start());
    let repository = server.create("app");
    repository.push_files("main", "first", &[("a", "1")]);
    let path = repository.path().to_str().expect("a path");
    let mark = kit.folder.path().join("mark");
    let option = format!("--upload-pack=touch {};git-upload-pack", mark.display());
    run_git(&["ls-remote", &option, path]);
    assert!(mark.exists(), "the attack works without the guard");

    let output = kit.folder.path().join("output");
    let option_of_log = format!("--output={}", output.display());
    run_git(&["-C", path, "log", "-1", "-p", &option_of_log]);
    assert!(output.exists(), "the attack works without the guard");

    for word in [option.as_str(), &option_of_log, "--exec=x", "-u", "a\nb"] {
        assert!(GitRemote::parse(word).is_err(), "{word:?}");
        assert!(word.parse::<RefName>().is_err(), "{word:?}");
        assert!(word.parse::<ObjectId>().is_err(), "{word:?}");
        assert!(RefName::branch(word).is_err(), "{word:?}");
        // Also on the way between processes.
        let text = serde_json::to_string(word).expect("text");
        assert!(
            serde_json::from_str::<GitRemote>(&text).is_err(),
            "{word:?}"
        );
        assert!(serde_json::from_str::<RefName>(&text).is_err(), "{word:?}");
        assert!(serde_json::from_str::<ObjectId>(&text).is_err(), "{word:?}");
    }
}

fn refuse_helpers() {
    let kit = Kit::new();
    let mark = kit.folder.path().join("mark");
    let helper = format!("ext::sh -c touch% {}", mark.display());
    run_git(&["-c", "protocol.ext.allow=always", "ls-remote", &helper]);
    assert!(
        Path::new(&mark).exists(),
        "the attack works without the guard"
    );
    let server = GitServer::start();
    let repository = server.create("app");
    repository.push_files("main", "first", &[("a", "1")]);
    let file = format!("file://{}", repository.path().display());
    assert!(
        run_git(&["ls-remote", &file]),
        "the attack works without the guard"
    );

    let upper = helper.replacen("ext", "EXT", 1);
    let path = repository.path().to_string_lossy().into_owned();
    for address in [
        helper.as_str(),
        &upper,
        &file,
        &path,
        "https:///h",
        "fd::7",
        "git://127.0.0.1/x",
    ] {
        let error = GitRemote::parse(address).expect_err(address);
        assert!(error.hint().is_some(), "{address}");
    }
}
