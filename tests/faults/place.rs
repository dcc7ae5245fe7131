//! Servers to be hurt, what is pushed to them, and the checker that follows.

use std::{
    fs,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use bytes::Bytes;
use serde_json::json;
use wharf_testkit::{
    Blob, Engine, Image, Manifest, Server,
    image::{make_random_bytes, media_type},
    server::{ServerBuilder, find_binary},
};

use crate::client::Client;

/// Longer than any healing takes that needs no restart.
const HEALING: Duration = Duration::from_secs(15);

/// Ends the calling test, saying why, when what it needs is an error with the reason.
macro_rules! need {
    ($what:expr) => {
        match $what {
            Ok(found) => found,
            Err(reason) => wharf_testkit::skip!("{reason}"),
        }
    };
}
pub(crate) use need;

/// A server on SQLite, whatever engine the environment names: files are what these faults hit.
pub(crate) fn describe_server() -> ServerBuilder {
    // Every request of a storm in the log would hide the line that matters.
    Server::builder()
        .engine(Engine::Sqlite)
        .env("WHARF_LOG", "warn")
}

/// The same with its data in this folder.
pub(crate) fn describe_server_in(folder: &Path) -> ServerBuilder {
    describe_server().data_dir(folder.join("data"))
}

/// The same with its rows in another folder.
pub(crate) fn describe_split_server(blobs: &Path, rows: &Path) -> ServerBuilder {
    let rows = rows.join("rows.db");
    describe_server_in(blobs).env("WHARF_DATABASE_URL", format!("sqlite://{}", rows.display()))
}

/// An image of layers of these sizes; another seed shares no blob with it.
pub(crate) fn make_image(seed: u64, sizes: &[usize]) -> Image {
    let layers: Vec<Blob> = sizes
        .iter()
        .enumerate()
        .map(|(place, size)| {
            let bytes = make_random_bytes(seed * 100 + place as u64, *size);
            Blob::new(media_type::OCI_LAYER, bytes)
        })
        .collect();
    let config = json!({
        "architecture": "amd64",
        "os": "linux",
        "config": { "Labels": { "seed": seed.to_string() } },
    });
    let config = Blob::new(media_type::OCI_CONFIG, config.to_string());
    let manifest = Manifest::from_json(&json!({
        "schemaVersion": 2,
        "mediaType": media_type::OCI_MANIFEST,
        "config": config.descriptor(),
        "layers": layers.iter().map(Blob::descriptor).collect::<Vec<_>>(),
    }));
    Image {
        config,
        layers,
        manifest,
    }
}

/// Bytes of this number and seed.
pub(crate) fn make_bytes(seed: u64, length: usize) -> Bytes {
    make_random_bytes(seed, length)
}

/// Compares rows with files, and files with their digests, beside the running server; panics unless all agree.
#[track_caller]
pub(crate) fn run_fsck(server: &Server) {
    let (code, output) = try_fsck(server);
    assert_eq!(code, Some(0), "fsck:\n{output}");
}

/// The same for tests in which something must be found: exit code and output.
pub(crate) fn try_fsck(server: &Server) -> (Option<i32>, String) {
    let folder = server.data_dir().to_str().expect("a plain path");
    let checked = server.run(&["fsck", "--read-bytes", "--data-dir", folder]);
    let text = [checked.stdout, checked.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    (checked.status.code(), text)
}

/// Waits until `/readyz` answers this.
#[track_caller]
pub(crate) fn wait_until_ready_is(client: &Client, status: u16) {
    let deadline = Instant::now() + HEALING;
    while client.get_status("/readyz") != status {
        assert!(Instant::now() < deadline, "/readyz never answered {status}");
        thread::sleep(Duration::from_millis(50));
    }
}

/// Whether the program under test has failpoints: `cargo test --workspace` builds it with them, a release has none.
pub(crate) fn need_failpoints() -> Result<(), String> {
    let program = find_binary();
    let bytes = fs::read(&program).expect("the program under test");
    let name = b"WHARF_FAILPOINT";
    match bytes.windows(name.len()).any(|window| window == name) {
        true => Ok(()),
        false => Err(format!(
            "{} has no failpoints (build it with -p wharf-cli -p wharf-blobs --features failpoints)",
            program.display()
        )),
    }
}
