//! The local store as many processes use it at once, killed at any moment, and as other tools read it.
//!
//! This program runs itself as the processes that write and that are killed, which the usual harness cannot do.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use wharf_image::{Content, ImageName, LocalStore};
use wharf_oci::{Algorithm, Digest, media_type};

const WRITE: &str = "--write-into";
/// Tags that each writer sets when it is left alone.
const TAGS: usize = 40;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, command, folder, writer, count] = &arguments[..]
        && command == WRITE
    {
        write_images(
            Path::new(folder),
            writer,
            count.parse().expect("a number"),
            |number| {
                println!("{number}");
                std::io::stdout().flush().expect("a reader");
            },
        );
        return;
    }
    let tests: [(&str, fn()); 3] = [
        ("no tag of parallel writers is lost", keep_every_tag),
        (
            "a store is whole after its writers were killed",
            survive_kills,
        ),
        (
            "what parallel builds use is not removed",
            spare_what_is_used,
        ),
    ];
    for (name, test) in tests {
        test();
        println!("{name} ... ok");
    }
}

fn name(writer: &str, number: usize) -> ImageName {
    format!("{writer}/image:{number}").parse().expect("a name")
}

/// What every writer does: a layer, a configuration, a manifest, a name. Tells each name after it is promised.
fn write_images(folder: &Path, writer: &str, count: usize, tell: impl Fn(usize)) {
    let store = LocalStore::open(folder).expect("a store");
    for number in 0..count {
        let layer = format!("layer {writer} {number} ").repeat(2_000 + number);
        let layer = store.put("text/plain", layer.as_bytes()).expect("a layer");
        let diff_id = layer.digest;
        let config = format!(
            r#"{{"os":"linux","architecture":"amd64","rootfs":{{"type":"layers","diff_ids":["{diff_id}"]}}}}"#
        );
        let config = store
            .put(media_type::OCI_CONFIG, config.as_bytes())
            .expect("a configuration");
        let manifest = serde_json::json!({
            "schemaVersion": 2, "mediaType": media_type::OCI_IMAGE, "config": config, "layers": [layer],
        });
        let manifest = store
            .put(media_type::OCI_IMAGE, manifest.to_string().as_bytes())
            .expect("a manifest");
        store
            .tag(&[name(writer, number)], &manifest)
            .expect("a name");
        tell(number);
    }
}

fn start_writer(folder: &Path, writer: &str, count: usize) -> Child {
    Command::new(std::env::current_exe().expect("this program"))
        .arg(WRITE)
        .arg(folder)
        .args([writer, &count.to_string()])
        .stdout(Stdio::piped())
        .spawn()
        .expect("a writer")
}

/// The names that a writer says it has set.
fn read_promises(child: Child, writer: &str) -> BTreeSet<String> {
    let output = child.wait_with_output().expect("an end");
    let text = String::from_utf8(output.stdout).expect("text");
    // The last line may be cut where the writer was killed.
    let whole = text
        .split_inclusive('\n')
        .filter(|line| line.ends_with('\n'));
    whole
        .map(|line| name(writer, line.trim().parse().expect("a number")).to_string())
        .collect()
}

fn read_names(store: &LocalStore) -> BTreeSet<String> {
    let images = store.list().expect("a list");
    images
        .into_iter()
        .filter_map(|image| Some(image.name?.to_string()))
        .collect()
}

fn keep_every_tag() {
    let folder = tempfile::tempdir().expect("a folder");
    let writers = ["a", "b", "c"];
    let children = writers.map(|writer| start_writer(folder.path(), writer, TAGS));
    std::thread::scope(|scope| {
        for writer in ["d", "e"] {
            scope.spawn({
                let folder = folder.path();
                move || write_images(folder, writer, TAGS, drop)
            });
        }
    });
    let mut promised = BTreeSet::new();
    for (child, writer) in children.into_iter().zip(writers) {
        let said = read_promises(child, writer);
        assert_eq!(said.len(), TAGS, "{writer} ended early");
        promised.extend(said);
    }
    for writer in ["d", "e"] {
        promised.extend((0..TAGS).map(|number| name(writer, number).to_string()));
    }
    let store = LocalStore::open(folder.path()).expect("a store");
    assert_eq!(read_names(&store), promised);
    check_images(&store);
}

/// Every image that has a name is there down to its layers, and every blob is what its name says.
fn check_images(store: &LocalStore) {
    for image in store.list().expect("a list") {
        let digest = image.descriptor.digest;
        assert_eq!(
            store.list_missing(&digest).expect("readable"),
            [],
            "{digest}"
        );
    }
    for entry in std::fs::read_dir(store.folder().join("blobs/sha256")).expect("blobs") {
        let path = entry.expect("an entry").path();
        let bytes = std::fs::read(&path).expect("readable");
        let digest = Digest::of(Algorithm::Sha256, &bytes);
        assert_eq!(
            Some(digest.hex().as_str()),
            path.file_name().and_then(|name| name.to_str())
        );
    }
}

fn survive_kills() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut promised = BTreeSet::new();
    for round in 0..12u64 {
        let writers = [format!("r{round}a"), format!("r{round}b")];
        let children = writers
            .clone()
            .map(|writer| start_writer(folder.path(), &writer, 10_000));
        // Where a writer is when it dies differs from round to round: that is the point, and nothing waits for it.
        let end = Instant::now() + Duration::from_millis(15 + 23 * round);
        while Instant::now() < end {
            std::thread::yield_now();
        }
        for (mut child, writer) in children.into_iter().zip(&writers) {
            child.kill().expect("a living child");
            promised.extend(read_promises(child, writer));
        }
        let store = LocalStore::open(folder.path()).expect("it opens again");
        let found = read_names(&store);
        let lost: Vec<_> = promised.difference(&found).collect();
        assert!(lost.is_empty(), "round {round} lost {lost:?}");
        check_images(&store);
    }
    assert!(!promised.is_empty(), "no writer came as far as a name");
    let left = std::fs::read_dir(folder.path().join("ingest"))
        .expect("a folder")
        .count();
    assert_eq!(left, 0, "unfinished files stay behind");
}

fn spare_what_is_used() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = LocalStore::open(folder.path()).expect("a store");
    let child = start_writer(folder.path(), "a", TAGS);
    let stale = store
        .put("text/plain", b"nobody wants this")
        .expect("a blob")
        .digest;
    // Two minutes from now everything is a minute too old; what has a name stays all the same.
    while store.open(&stale).expect("a look").is_some() {
        let path = folder.path().join("blobs/sha256").join(stale.hex());
        let old = SystemTime::now() - Duration::from_secs(7_200);
        let file = std::fs::File::open(&path).expect("there");
        file.set_modified(old).expect("its owner may");
        store
            .remove_unreferenced(Duration::from_secs(3_600), SystemTime::now(), &|_| false)
            .expect("removed");
    }
    let promised = read_promises(child, "a");
    assert_eq!(promised.len(), TAGS);
    check_images(&store);
    let later = SystemTime::now() + Duration::from_secs(10);
    let kept = store
        .put("text/plain", b"a cache wants this")
        .expect("a blob")
        .digest;
    let lost = store
        .put("text/plain", b"nobody wants this either")
        .expect("a blob")
        .digest;
    store
        .remove_unreferenced(Duration::from_secs(1), later, &|digest| *digest == kept)
        .expect("removed");
    assert!(store.open(&kept).expect("a look").is_some());
    assert!(store.open(&lost).expect("a look").is_none());
    check_images(&store);
    assert_eq!(read_names(&store), promised);
}
