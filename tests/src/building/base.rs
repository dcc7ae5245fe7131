//! A base image with a shell, for Dockerfiles that run something, and how images are seen where people use them.

use std::{fs, process::Command};

use reqwest::Method;
use serde_json::json;
use wharf_testkit::{Dockerd, Server, encode_segment, skip::record_skip};

use super::{Site, read_busybox, wait_for};

/// Everything that a busybox can do, by its usual names.
const DOCKERFILE: &str = "\
FROM scratch
COPY --chmod=755 busybox /bin/busybox
RUN [\"/bin/busybox\", \"--install\", \"-s\", \"/bin\"]
CMD [\"sh\"]
";

/// Its name here; public, so that every namespace may build on it.
const IMAGE: &str = "base/busybox";

impl Site {
    /// The name of a base image of this registry that every build here may stand on. It was built here, from an archive
    /// that was uploaded. None, after saying why, without a busybox.
    pub fn base_image(&self) -> Option<&str> {
        let made = self.base.get_or_init(|| self.build_base());
        if made.is_none() {
            // Says why for this test too.
            read_busybox();
        }
        made.as_deref()
    }

    fn build_base(&self) -> Option<String> {
        let busybox = read_busybox()?;
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("busybox"), busybox).expect("a file");
        fs::write(folder.path().join("Dockerfile"), DOCKERFILE).expect("a file");
        self.server.create_repository(IMAGE, true);
        let context = self.upload_context(IMAGE, folder.path());
        let path = format!("/repositories/{}/builds", encode_segment(IMAGE));
        let body = json!({ "context": context, "version": "1" });
        let started = self.api().post(&path, body).expect(201).json();
        let path = format!("{path}/{}", started["number"]);
        let built = wait_for(|| {
            let shown = self.api().get(&path).expect(200).json();
            let open = matches!(shown["state"].as_str(), Some("queued" | "running"));
            (!open).then_some(shown)
        });
        assert_eq!(built["state"], "succeeded", "{built:#}");
        Some(format!("{}/{IMAGE}:1", self.server.authority()))
    }

    /// Uploads a folder as a context archive, and answers its id.
    pub fn upload_context(&self, image: &str, folder: &std::path::Path) -> String {
        let mut tar = Command::new("tar");
        tar.arg("-C").arg(folder).args(["-cz", "."]);
        let archive = tar.output().expect("tar starts");
        assert!(archive.status.success(), "{archive:?}");
        let path = format!("/repositories/{}/build-contexts", encode_segment(image));
        let request = self.api();
        let request = request.request(Method::POST, &path);
        let kept = request.body("application/gzip", archive.stdout).send();
        let kept = kept.expect(201).json();
        kept["id"].as_str().expect("an id").to_owned()
    }

    /// Pulls an image with a real docker and runs it; answers what it printed. None, after saying why, where there is no
    /// docker.
    pub fn run_in_docker(&self, image: &str, tag: &str) -> Option<String> {
        run_in_docker(&self.server, image, tag)
    }
}

/// The same with an image of any server.
pub fn run_in_docker(server: &Server, image: &str, tag: &str) -> Option<String> {
    let dockerd = match Dockerd::get() {
        Ok(dockerd) => dockerd,
        Err(reason) => {
            record_skip(&format!("no dockerd here: {reason}"));
            return None;
        }
    };
    let registry = server.authority();
    let docker = dockerd.sign_in(registry, &server.admin());
    let name = format!("{registry}/{image}:{tag}");
    docker.run(&["pull", "--quiet", &name]);
    let printed = docker.run(&["run", "--rm", "--network", "none", &name]);
    docker.run(&["rmi", &name]);
    Some(printed)
}
