//! Programs of others read what is written here: skopeo, podman, docker and the containerd beside it.

// The files themselves, because the crates around them bring an HTTP client, two databases and a whole server.
#[allow(
    dead_code,
    unreachable_pub,
    reason = "shared with other suites, which use more of it"
)]
#[path = "../../testkit/src/image/archive.rs"]
mod archive;
#[allow(dead_code, reason = "shared with other suites, which use more of it")]
#[path = "../../../tests/e2e/daemon.rs"]
mod daemon;
#[path = "../../testkit/src/skip.rs"]
pub mod skip;
#[allow(
    dead_code,
    unused_macros,
    unused_imports,
    reason = "shared with other suites, which use more of it"
)]
#[path = "../../../tests/e2e/tool.rs"]
mod tool;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;
use wharf_image::{
    ArchiveOptions, AssembleOptions, Assembled, Built, BuiltImage, BuiltLayer, DaemonAddress,
    ImageName, LocalStore, Transfer, assemble, load_archive, write_docker_archive,
    write_oci_archive,
};
use wharf_oci::{Algorithm, Digest, Platform};

use daemon::Daemon;
use tool::find_tool;

struct Silent;

impl Transfer for Silent {
    fn moved(&self, _item: &str, _current: u64, _total: Option<u64>) {}
}

/// A store with an image of two layers in it, one plain and one compressed.
struct Fixture {
    folder: TempDir,
    store: LocalStore,
    image: Assembled,
    diff_ids: [Digest; 2],
}

const NAME: &str = "wharf/try:1";

fn make_fixture(architectures: &[&str], docker_media_types: bool) -> Fixture {
    let folder = tempfile::tempdir().expect("a folder");
    let store = LocalStore::open(folder.path().join("store")).expect("a store");
    let plain = archive::tar_files(&[("plain", b"1")]);
    let packed = archive::tar_files(&[("packed", b"2")]);
    let diff_ids = [&plain, &packed].map(|tar| Digest::of(Algorithm::Sha256, tar));
    let layer = |media_type, bytes: &[u8], diff_id| BuiltLayer {
        descriptor: store.put(media_type, bytes).expect("kept"),
        diff_id,
    };
    let layers = vec![
        layer(
            "application/vnd.oci.image.layer.v1.tar",
            &plain,
            diff_ids[0],
        ),
        layer(
            "application/vnd.oci.image.layer.v1.tar+gzip",
            &archive::gzip_stored(&packed),
            diff_ids[1],
        ),
    ];
    let image = |architecture: &&str| {
        BuiltImage {
        platform: Platform { os: "linux".into(), architecture: (*architecture).to_owned(), ..Platform::default() },
        config: format!(
            r#"{{"architecture":"{architecture}","os":"linux","config":{{"Cmd":["/plain"]}},"rootfs":{{"type":"layers","diff_ids":["{}","{}"]}}}}"#,
            diff_ids[0], diff_ids[1]
        )
        .into_bytes(),
        layers: layers.clone(),
        tree: Vec::new(),
        annotations: Default::default(),
    }
    };
    let built = Built {
        images: architectures.iter().map(image).collect(),
    };
    let options = AssembleOptions {
        docker_media_types,
        ..AssembleOptions::default()
    };
    let image = assemble(&built, &options).expect("documents");
    Fixture {
        folder,
        store,
        image,
        diff_ids,
    }
}

impl Fixture {
    fn names(&self) -> Vec<ImageName> {
        vec![NAME.parse().expect("a name")]
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn options(&self) -> ArchiveOptions {
        ArchiveOptions {
            names: self.names(),
            created: None,
        }
    }

    fn write_docker_tar(&self) -> PathBuf {
        let path = self.path("docker.tar");
        let mut file = File::create(&path).expect("a file");
        write_docker_archive(
            &mut file,
            &self.image,
            0,
            &self.store,
            &self.options(),
            &Silent,
        )
        .expect("written");
        path
    }
}

/// A program's output; a failure shows what it said.
#[track_caller]
fn run(program: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let output: Output = Command::new(program)
        .args(arguments)
        .envs(variables.iter().copied())
        .output()
        .expect("a program that starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(
        output.status.success(),
        "{program:?} {arguments:?}: {}{}",
        text(&output.stdout),
        text(&output.stderr)
    );
    text(&output.stdout)
}

#[test]
fn skopeo_reads_the_store_in_place_and_the_archive() {
    let Some(skopeo) = find_tool("skopeo") else {
        skip!("skopeo is not installed (make test-deps)");
    };
    let fixture = make_fixture(&["amd64", "arm64"], false);
    fixture
        .store
        .keep(&fixture.image, &fixture.store, &fixture.names())
        .expect("kept");
    let other: ImageName = "other".parse().expect("a name");
    // With Docker's media types skopeo 1.9 does not find an image by its name in a layout.
    let single = make_fixture(&["amd64"], false);
    fixture
        .store
        .keep(&single.image, &single.store, &[other])
        .expect("kept");
    let tar = fixture.path("oci.tar");
    let mut file = File::create(&tar).expect("a file");
    write_oci_archive(
        &mut file,
        &fixture.image,
        &fixture.store,
        &fixture.options(),
        &Silent,
    )
    .expect("written");

    let store = fixture.store.folder().display();
    for (number, source) in [
        format!("oci:{store}:docker.io/{NAME}"),
        format!("oci:{store}:docker.io/library/other:latest"),
        format!("oci-archive:{}:1", tar.display()),
    ]
    .iter()
    .enumerate()
    {
        let to = fixture.path(&format!("copy-{number}"));
        let to_layout = format!("dir:{}", to.display());
        run(
            &skopeo,
            &["--insecure-policy", "copy", "--all", source, &to_layout],
            &[],
        );
        let root = if number == 1 {
            &single.image.root
        } else {
            &fixture.image.root
        };
        let manifest = fs::read(to.join("manifest.json")).expect("a manifest");
        assert_eq!(
            Digest::of(Algorithm::Sha256, &manifest),
            root.digest,
            "{source}"
        );
    }
}

#[test]
fn podman_loads_the_docker_archive() {
    let Some(podman) = find_tool("podman") else {
        skip!("podman is not installed (make test-deps)");
    };
    if !tool::is_root() {
        skip!("podman needs root");
    }
    for docker_media_types in [false, true] {
        let fixture = make_fixture(&["amd64"], docker_media_types);
        let tar = fixture.write_docker_tar();
        let folder = |name: &str| fixture.path(name).display().to_string();
        let (root, run_root) = (folder("root"), folder("run"));
        let base = [
            "--root",
            &root,
            "--runroot",
            &run_root,
            "--storage-driver",
            "vfs",
            "--cgroup-manager",
            "cgroupfs",
        ];
        let podman = |arguments: &[&str]| run(&podman, &[&base[..], arguments].concat(), &[]);
        podman(&["load", "--input", &tar.display().to_string()]);
        let id = podman(&[
            "image",
            "inspect",
            "--format",
            "{{.Id}}",
            &format!("docker.io/{NAME}"),
        ]);
        assert_eq!(id.trim(), fixture.image.id().hex());
    }
}

#[test]
fn docker_and_containerd_load_the_docker_archive() {
    let (Some(dockerd), Some(docker)) = (find_tool("dockerd"), find_tool("docker")) else {
        skip!("docker is not installed (make test-deps)");
    };
    if !tool::is_root() {
        skip!("dockerd needs root");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let host = format!("unix://{}", path("socket"));
    let arguments = [
        "--data-root",
        &path("data"),
        "--exec-root",
        &path("exec"),
        "--pidfile",
        &path("pid"),
    ];
    let arguments = [
        &arguments[..],
        &["--host", &host, "--iptables=false", "--bridge=none"],
    ]
    .concat();
    let mut daemon = Daemon::start(&dockerd, &arguments, folder.path());
    let home = path("home");
    let variables = [
        ("DOCKER_HOST", host.as_str()),
        ("DOCKER_CONFIG", home.as_str()),
    ];
    let answers = || {
        Command::new(&docker)
            .arg("version")
            .envs(variables)
            .output()
            .is_ok_and(|output| output.status.success())
    };
    if let Err(reason) = daemon.wait_until(answers) {
        skip!("no dockerd here: {reason}");
    }

    for docker_media_types in [false, true] {
        let fixture = make_fixture(
            &["amd64", "arm64"][..2 - usize::from(docker_media_types)],
            docker_media_types,
        );
        let tar = fixture.write_docker_tar();
        let main = &fixture.image.images[0];
        let check = || {
            let format = "{{.Id}} {{json .RootFS.Layers}}";
            let told = run(
                &docker,
                &["image", "inspect", "--format", format, NAME],
                &variables,
            );
            let [one, two] = fixture.diff_ids;
            assert_eq!(
                told.trim(),
                format!("{} [\"{one}\",\"{two}\"]", main.config.digest)
            );
            run(&docker, &["rmi", NAME], &variables);
        };
        run(
            &docker,
            &["load", "--input", &tar.display().to_string()],
            &variables,
        );
        check();
        let loaded = load(&host, &fixture).expect("loaded");
        assert_eq!(loaded, [format!("Loaded image: {NAME}")]);
        check();

        let Some(ctr) = find_tool("ctr") else {
            skip!("ctr is not installed (make test-deps)");
        };
        let socket = path("exec/containerd/containerd.sock");
        run(
            &ctr,
            &[
                "--address",
                &socket,
                "images",
                "import",
                "--all-platforms",
                "--no-unpack",
                &tar.display().to_string(),
            ],
            &[],
        );
        let listed = run(&ctr, &["--address", &socket, "images", "list"], &[]);
        assert!(
            listed.contains(&fixture.image.root.digest.to_string()),
            "{listed}"
        );
    }
    refuse_damaged(&host);
}

/// `--load`: the archive goes through the engine's socket while it is written.
fn load(host: &str, fixture: &Fixture) -> Result<Vec<String>, wharf_image::ImageError> {
    let address: DaemonAddress = host.parse().expect("an address");
    let (image, store, options) = (
        fixture.image.clone(),
        fixture.store.clone(),
        fixture.options(),
    );
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(load_archive(&address, move |output| {
        write_docker_archive(output, &image, 0, &store, &options, &Silent)
    }))
}

/// docker's own reason comes back when an image is not what it says.
fn refuse_damaged(host: &str) {
    let mut fixture = make_fixture(&["amd64"], false);
    let config = fixture.image.documents[0].bytes.clone();
    let wrong = String::from_utf8(config)
        .expect("text")
        .replace(&fixture.diff_ids[0].hex(), &fixture.diff_ids[1].hex());
    fixture.image.documents[0].bytes = wrong.into_bytes();
    let error = load(host, &fixture).expect_err("refused");
    assert!(error.to_string().contains("refused the image"), "{error}");
}
