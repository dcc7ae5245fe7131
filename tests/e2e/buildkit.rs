//! BuildKit: its registry cache, which is an index of blobs, and the images that `buildx` pushes.

use std::{fs, path::PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use crate::{
    client::{Client, Run, write_docker_config},
    daemon::Daemon,
    site::Site,
    tool::{need_root, need_tool},
};

struct Scene {
    // Fields are dropped in this order: the daemon has to be gone before its folder.
    _daemon: Daemon,
    buildctl: Client,
    site: Site,
    home: TempDir,
}

impl Scene {
    /// A buildkitd without a cache, a client logged in as Alice, and a context of two layers; the reason when this machine
    /// cannot run one.
    fn start(buildkitd: PathBuf, buildctl: PathBuf) -> Result<Self, String> {
        let site = Site::start();
        let home = tempfile::tempdir().expect("a temporary folder");
        let path = |name: &str| home.path().join(name).display().to_string();
        let config = format!("[registry.\"{}\"]\n  http = true\n", site.address());
        fs::write(home.path().join("buildkitd.toml"), config).expect("a folder that takes files");
        fs::create_dir(home.path().join("context")).expect("a folder for the context");
        for (name, content) in [
            ("Dockerfile", "FROM scratch\nCOPY one /\nCOPY two /\n"),
            ("one", "first layer"),
            ("two", "second layer"),
        ] {
            fs::write(home.path().join("context").join(name), content)
                .expect("a context that takes files");
        }

        let socket = format!("unix://{}", path("socket"));
        let arguments = [
            "--config",
            &path("buildkitd.toml"),
            "--root",
            &path("root"),
            "--addr",
            &socket,
            "--otel-socket-path",
            &path("otel"),
            "--containerd-worker=false",
            // Copies instead of mounts: nothing to clean up, and it works inside a container.
            "--oci-worker-snapshotter=native",
        ];
        let mut daemon = Daemon::start(&buildkitd, &arguments, home.path());
        let buildctl = Client::new(buildctl, home.path()).with_leading(["--addr", &socket]);
        daemon.wait_until(|| buildctl.run(["debug", "workers"]).is_success())?;
        write_docker_config(home.path(), site.address(), &site.alice.login());
        Ok(Self {
            _daemon: daemon,
            buildctl,
            site,
            home,
        })
    }

    fn build(&self, options: &[&str]) -> Run {
        let context = [
            "build",
            "--progress=plain",
            "--frontend=dockerfile.v0",
            "--local=context=context",
            "--local=dockerfile=context",
        ];
        self.buildctl.run([&context, options].concat())
    }

    fn fetch(&self, repository: &str, reference: &str) -> Value {
        self.site
            .repository(repository)
            .get_manifest(reference)
            .expect(200)
            .json()
    }
}

/// A scene, or the end of the calling test with the reason why there is none.
macro_rules! start_scene {
    () => {{
        need_root!("buildkitd");
        need_tool!("runc");
        match Scene::start(need_tool!("buildkitd"), need_tool!("buildctl")) {
            Ok(scene) => scene,
            Err(reason) => wharf_testkit::skip!("no buildkitd here: {reason}"),
        }
    }};
}

#[test]
fn buildkit_keeps_its_cache_in_the_registry_as_an_index_of_blobs() {
    let scene = start_scene!();
    let cache = format!("ref={}", scene.site.image("app:cache"));
    scene
        .build(&[&format!(
            "--export-cache=type=registry,mode=max,image-manifest=false,{cache}"
        )])
        .expect_success();

    let index = scene.fetch("app", "cache");
    assert_eq!(
        index["mediaType"],
        "application/vnd.oci.image.index.v1+json"
    );
    let types: Vec<_> = index["manifests"]
        .as_array()
        .expect("an index has entries")
        .iter()
        .map(|entry| entry["mediaType"].as_str().unwrap_or_default())
        .collect();
    assert_eq!(
        types,
        [
            "application/vnd.oci.image.layer.v1.tar+gzip",
            "application/vnd.oci.image.layer.v1.tar+gzip",
            "application/vnd.buildkit.cacheconfig.v0"
        ]
    );

    scene.buildctl.run(["prune", "--all"]).expect_success();
    let output = format!(
        "--output=type=image,push=true,name={}",
        scene.site.image("app:1")
    );
    let rebuilt = scene
        .build(&[&format!("--import-cache=type=registry,{cache}"), &output])
        .expect_success();
    let cached = rebuilt.stderr.matches(" CACHED").count();
    assert_eq!(
        cached,
        2,
        "both layers come from the cache:\n{}",
        rebuilt.describe()
    );
    assert_eq!(
        scene.fetch("app", "1")["layers"].as_array().map(Vec::len),
        Some(2)
    );
}

#[test]
fn buildkit_keeps_its_cache_in_the_registry_as_an_image() {
    let scene = start_scene!();
    let cache = format!("ref={}", scene.site.image("app:cache"));
    scene
        .build(&[&format!(
            "--export-cache=type=registry,mode=max,image-manifest=true,{cache}"
        )])
        .expect_success();
    let manifest = scene.fetch("app", "cache");
    assert_eq!(
        manifest["config"]["mediaType"],
        "application/vnd.buildkit.cacheconfig.v0"
    );

    scene.buildctl.run(["prune", "--all"]).expect_success();
    let rebuilt = scene
        .build(&[&format!("--import-cache=type=registry,{cache}")])
        .expect_success();
    assert_eq!(
        rebuilt.stderr.matches(" CACHED").count(),
        2,
        "{}",
        rebuilt.describe()
    );
}

#[test]
fn buildkit_pushes_two_platforms_with_their_attestations() {
    let scene = start_scene!();
    let output = format!(
        "--output=type=image,push=true,name={}",
        scene.site.image("app:1")
    );
    scene
        .build(&[
            "--opt=platform=linux/amd64,linux/arm64",
            "--opt=attest:provenance=mode=max",
            &output,
        ])
        .expect_success();
    let index = scene.fetch("app", "1");
    let entries = index["manifests"].as_array().expect("an index has entries");
    let platforms: Vec<_> = entries
        .iter()
        .map(|entry| {
            entry["platform"]["architecture"]
                .as_str()
                .unwrap_or_default()
        })
        .collect();
    assert_eq!(platforms, ["amd64", "arm64", "unknown", "unknown"]);
    for entry in entries {
        scene.fetch("app", entry["digest"].as_str().expect("a digest"));
    }
}

#[test]
fn buildkit_pushes_layers_packed_by_zstd() {
    let scene = start_scene!();
    let output = format!(
        "--output=type=image,push=true,oci-mediatypes=true,compression=zstd,force-compression=true,name={}",
        scene.site.image("app:1")
    );
    scene.build(&[&output]).expect_success();
    for layer in scene.fetch("app", "1")["layers"]
        .as_array()
        .expect("an image has layers")
    {
        assert_eq!(
            layer["mediaType"],
            "application/vnd.oci.image.layer.v1.tar+zstd"
        );
    }
}

#[test]
fn buildkit_may_not_push_where_its_person_may_not() {
    let scene = start_scene!();
    let bob = scene.site.server.user("bob");
    let target = format!("{}/{}/app:1", scene.site.address(), bob.username);
    let output = format!("--output=type=image,push=true,name={target}");
    scene.build(&[&output]).expect_failure();

    write_docker_config(scene.home.path(), scene.site.address(), &bob.login());
    scene.build(&[&output]).expect_success();
}
