//! A second voice: docker 20.10 with its own, older BuildKit builds some of the corpus' Dockerfiles as well, and
//! configuration and files must be those that wharf makes.
//!
//! Expectations come from one program; here another one answers while the test runs. Where it is known to be wrong, the
//! list says how.

use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Result, bail};
use serde_json::Value;
use wharf_build_tests::builder::wharf::Wharf;
use wharf_build_tests::builder::{Answer, Builder, Output, Request};
use wharf_build_tests::case::Difference;
use wharf_build_tests::compare::{list_differences, sort_out};
use wharf_build_tests::corpus::{Filed, find_folder, list_cases};
use wharf_build_tests::run::{World, run_command};
use wharf_build_tests::workshop::find_program;

use crate::dockerd::start_dockerd;
use crate::tool::find_tool;

/// Cases that use nothing younger than docker 20.10, each with what that one does otherwise, and why it is wrong.
const CASES: &[(&str, &[(&str, &str)])] = &[
    (
        "add/tar",
        &[(
            "1 files /to/p/v xattrs",
            "drops attributes of archives that ADD unpacks",
        )],
    ),
    ("add/tar-gz-into-existing", &[]),
    ("add/url", &[]),
    ("config/cmd-entrypoint", &[]),
    ("config/cmd-shell-form-uses-shell", &[]),
    ("config/created-and-author", &[]),
    ("config/healthcheck-partial", &[]),
    ("config/onbuild-triggered", &[]),
    ("config/user", &[]),
    ("config/volume", &[]),
    ("config/workdir", &[]),
    ("config/workdir-owner", &[]),
    ("config/workdir-symlink", &[]),
    ("context/ignore-exceptions", &[]),
    ("context/ignore-plain", &[]),
    ("context/ignore-globs", &[]),
    ("context/ignore-dir-then-file-within", &[]),
    ("copy/chown-names", &[]),
    ("copy/context-root", &[]),
    ("copy/dir-contents", &[]),
    ("copy/file-to-existing-dir", &[]),
    ("copy/from-stage", &[]),
    ("copy/glob-star-in-dir", &[]),
    ("copy/hardlinks", &[]),
    ("copy/several-sources", &[]),
    ("copy/symlink-dest-dir", &[]),
    ("from/config-is-changed", &[]),
    ("run/delete-dir", &[]),
    ("run/environment", &[]),
    ("run/hardlink", &[]),
    (
        "run/mount-bind",
        &[("1 files /ctx", "leaves the stub of a mount in the layer")],
    ),
    (
        "run/mount-cache",
        &[
            ("1 files /cache", "leaves the stub of a mount in the layer"),
            (
                "1 files /elsewhere",
                "leaves the stub of a mount in the layer",
            ),
            ("1 files /list *", "the next step lists the stub"),
        ],
    ),
    ("run/mount-over-content", &[]),
    ("run/replace-dir", &[]),
    ("run/setuid-and-sticky", &[]),
    ("run/symlinks", &[]),
    (
        "run/user-name-and-group",
        &[(
            "1 files /tmp/out *",
            "does not count the group of USER among the supplementary ones, as newer ones do",
        )],
    ),
    ("vars/arg-in-run", &[]),
    ("vars/env-uses-itself", &[]),
    ("vars/in-instructions", &[]),
    ("vars/onbuild-expanded-later", &[]),
];

/// `docker build` of Debian's package.
struct Docker {
    client: PathBuf,
    socket: String,
    builds: AtomicU32,
}

impl Docker {
    fn command(&self, request: &Request) -> Command {
        let mut command = Command::new(&self.client);
        command
            .env_clear()
            .envs(&request.env)
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", &request.folder)
            .env("DOCKER_HOST", &self.socket)
            .env("DOCKER_BUILDKIT", "1")
            .current_dir(&request.folder);
        command
    }
}

impl Builder for Docker {
    fn name_version(&self) -> Result<String> {
        bail!("nothing is recorded from it")
    }

    fn run_build(&self, request: &Request) -> Result<Answer> {
        let Output::Local { dest, .. } = &request.output else {
            bail!("the cases here are images");
        };
        let number = self.builds.fetch_add(1, Ordering::Relaxed);
        let name = format!("voice:{number}");
        let mut build = self.command(request);
        build
            .args(["build", "--progress", "plain", "--tag", &name])
            // The daemon here has no bridge.
            .args(["--network", "host"])
            .args(&request.flags)
            .arg(&request.source);
        let mut answer = run_command(&mut build, None)?;
        if answer.success {
            let mut save = self.command(request);
            let saved = run_command(save.args(["save", "--output"]).arg(dest).arg(&name), None)?;
            if !saved.success {
                bail!("docker save: {}", saved.stderr);
            }
            answer.stdout.push_str(&saved.stdout);
        }
        Ok(answer)
    }
}

#[test]
fn docker_makes_the_same_configuration_and_files() {
    let dockerd = start_dockerd!();
    let Some(client) = find_tool("docker") else {
        wharf_testkit::skip!("docker is not installed (make test-deps)");
    };
    let docker = Docker {
        client,
        socket: dockerd.socket(),
        builds: AtomicU32::default(),
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let [ours, theirs] = ["ours", "theirs"].map(|name| {
        let folder = folder.path().join(name);
        std::fs::create_dir(&folder).expect("a folder");
        World::open(&folder).expect("bases, pages and repositories")
    });
    let wharf = Wharf::prepare(&find_program(), folder.path(), &ours.server).expect("a folder");
    let corpus = list_cases(&find_folder()).expect("the corpus can be read");
    let mut problems = Vec::new();
    for (name, reasons) in CASES {
        let case = corpus.iter().find(|case| case.name == *name);
        let case = as_archive(case.unwrap_or_else(|| panic!("no case is called {name}")));
        let images = list_images(&ours, &case, &wharf)
            .and_then(|ours| Ok((ours, list_images(&theirs, &case, &docker)?)));
        let (expected, found) = match images {
            Ok(images) => images,
            Err(error) => {
                problems.push(format!("{name}: {error:#}"));
                continue;
            }
        };
        let reasons: Vec<Difference> = reasons
            .iter()
            .map(|(at, why)| Difference {
                at: (*at).to_owned(),
                why: (*why).to_owned(),
            })
            .collect();
        let (left, unused) = sort_out(list_differences(&expected, &found), &reasons);
        problems.extend(left.iter().map(|left| format!("{name}: {left}")));
        problems.extend(
            unused
                .iter()
                .map(|at| format!("{name}: {at}: said to differ, but agrees")),
        );
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// The case with an archive for `docker load` as its output, the only form that docker 20.10 gives out.
fn as_archive(case: &Filed) -> Filed {
    let mut case = case.clone();
    case.case.output = Some("type=docker".to_owned());
    case.case.metadata = false;
    case
}

/// Configuration and files of the image of each build.
fn list_images(world: &World, case: &Filed, builder: &dyn Builder) -> Result<Value> {
    let results = world.run_case(case, builder)?;
    let images = results.into_iter().map(|result| {
        let image = &result["docker"];
        anyhow::ensure!(image.is_object(), "no image: {result}");
        let mut image = serde_json::json!({"config": image["config"], "files": image["files"]});
        leave_out(&mut image);
        Ok(image)
    });
    images.collect()
}

/// What docker 20.10 does everywhere: it writes `null` for what is not set, gives folders that it copies the time of the
/// copy, and counts `/etc` as changed by each RUN, since it mounts files there.
fn leave_out(image: &mut Value) {
    if let Some(config) = image["config"]["config"].as_object_mut() {
        config.retain(|_, value| !value.is_null());
    }
    let Some(files) = image["files"].as_object_mut() else {
        return;
    };
    files.retain(|path, node| path != "/etc" || node["kind"] != "dir");
    for node in files.values_mut().filter(|node| node["kind"] == "dir") {
        node["mtime"] = Value::Null;
    }
}
