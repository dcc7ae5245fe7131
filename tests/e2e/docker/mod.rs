//! docker: a private dockerd per test and the client of the same package.

mod images;
mod lists;
mod login;
mod names;
mod rights;
mod search;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use tempfile::TempDir;
use wharf_testkit::Login;

use crate::{
    client::{Client, Run, log_in_by_stdin},
    daemon::Daemon,
    tool::find_tool,
};

/// A dockerd with empty storage of its own.
#[derive(Debug)]
pub(crate) struct Dockerd {
    // Fields are dropped in this order: the daemon has to be gone before its folder.
    _daemon: Daemon,
    folder: TempDir,
}

impl Dockerd {
    /// Starts dockerd without any network of its own; the reason when this machine cannot run one.
    pub(crate) fn start() -> Result<Self, String> {
        let program = find_tool("dockerd").ok_or("dockerd is not installed (make test-deps)")?;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = |name: &str| folder.path().join(name).display().to_string();
        let socket = format!("unix://{}", path("socket"));
        let arguments = [
            "--data-root",
            &path("data"),
            "--exec-root",
            &path("exec"),
            "--pidfile",
            &path("pid"),
            "--host",
            &socket,
            "--iptables=false",
            "--bridge=none",
        ];
        let mut daemon = Daemon::start(&program, &arguments, folder.path());
        let client = find_tool("docker").ok_or("docker is not installed (make test-deps)")?;
        let probe = Client::new(client, folder.path()).with_variable("DOCKER_HOST", &socket);
        daemon.wait_until(|| probe.run(["version"]).is_success())?;
        Ok(Self {
            _daemon: daemon,
            folder,
        })
    }

    /// A client with a configuration of its own, named so that two people can use one daemon.
    pub(crate) fn client(&self, person: &str) -> Docker {
        let home = self.folder.path().join(person);
        fs::create_dir_all(&home).expect("a folder for a person");
        let program = find_tool("docker").expect("the daemon was started with it");
        let socket = format!("unix://{}", self.folder.path().join("socket").display());
        let client = Client::new(program, &home)
            .with_variable("DOCKER_HOST", socket)
            .with_variable("DOCKER_CONFIG", home.join(".docker"))
            .with_variable("DOCKER_BUILDKIT", "1");
        Docker { client, home }
    }

    /// Removes every image from the daemon, so that a pull has to fetch all of it again.
    pub(crate) fn forget_images(&self) {
        let anyone = self.client("anyone");
        let listed = anyone
            .run(["images", "--all", "--quiet"])
            .expect_success()
            .stdout;
        // An image with two tags is listed twice, and removed once.
        let images: BTreeSet<_> = listed.lines().collect();
        anyone
            .run(["rmi", "--force"].into_iter().chain(images))
            .expect_success();
        anyone
            .run(["builder", "prune", "--all", "--force"])
            .expect_success();
    }
}

/// A dockerd, or the end of the calling test with the reason why there is none.
macro_rules! start_dockerd {
    () => {{
        $crate::tool::need_root!("dockerd");
        match $crate::docker::Dockerd::start() {
            Ok(dockerd) => dockerd,
            Err(reason) => wharf_testkit::skip!("no dockerd here: {reason}"),
        }
    }};
}
pub(crate) use start_dockerd;

/// One person's `docker`.
#[derive(Debug)]
pub(crate) struct Docker {
    client: Client,
    home: PathBuf,
}

impl Docker {
    pub(crate) fn run<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Run {
        self.client.run(arguments)
    }

    pub(crate) fn log_in(&self, address: &str, login: &Login) -> Run {
        log_in_by_stdin(&self.client, &["login"], address, login)
    }

    /// Builds an image of one layer a content, from nothing, and tags it `image`.
    pub(crate) fn build(&self, image: &str, contents: &[&str]) {
        self.build_for(image, contents, "linux/amd64");
    }

    /// The same for another platform.
    pub(crate) fn build_for(&self, image: &str, contents: &[&str], platform: &str) {
        let context = self.home.join("context");
        write_context(&context, contents);
        let context = context.display().to_string();
        self.run([
            "build",
            "--quiet",
            "--platform",
            platform,
            "--tag",
            image,
            &context,
        ])
        .expect_success();
    }

    /// Pushes `image` and gives back the digest that docker reports.
    #[track_caller]
    pub(crate) fn push(&self, image: &str) -> String {
        self.run(["push", image])
            .expect_success()
            .find_digest("digest: ")
    }
}

/// A build context whose Dockerfile copies each content as a layer of its own.
fn write_context(folder: &Path, contents: &[&str]) {
    fs::create_dir_all(folder).expect("a folder for the context");
    let mut dockerfile = "FROM scratch\n".to_owned();
    for (position, content) in contents.iter().enumerate() {
        let name = format!("file-{position}");
        fs::write(folder.join(&name), content).expect("a context that takes files");
        dockerfile.push_str(&format!("COPY {name} /{name}\n"));
    }
    dockerfile.push_str("CMD [\"/file-0\"]\n");
    fs::write(folder.join("Dockerfile"), dockerfile).expect("a context that takes files");
}
