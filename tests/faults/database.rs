//! F21, F22, F23: another process holds the database, its file is damaged, its library is too old.

use std::{
    fs::OpenOptions,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use rusqlite::Connection;
use wharf_testkit::{Image, Server};

use crate::{
    client::{Client, Failed},
    place::{describe_server_in, make_image, run_fsck, try_fsck},
};

const REPOSITORY: &str = "rows/app";

/// How long the other process holds on at least: twice what the server waits.
const HELD: Duration = Duration::from_secs(10);

/// A write may wait for the one before it, and then as long itself.
const LONGEST_ANSWER: Duration = Duration::from_secs(12);

fn expect_refusal(write: impl Fn() -> Result<(), Failed>) {
    let began = Instant::now();
    let failed = write().expect_err("the database is held");
    failed.expect_unavailable();
    let took = began.elapsed();
    assert!(took < LONGEST_ANSWER, "refused after {took:?}");
}

#[test]
fn f21_a_database_that_another_process_holds_refuses_writes_in_time_and_heals() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = describe_server_in(folder.path()).start();
    let client = Client::new(&server);
    let kept = make_image(1, &[20_000]);
    let new = make_image(2, &[20_000]);
    client
        .push_image(REPOSITORY, "kept", &kept)
        .expect("a healthy server");
    for blob in new.blobs() {
        client
            .push_bytes(REPOSITORY, &blob.bytes)
            .expect("a healthy server");
    }

    let other = Connection::open(server.data_dir().join("wharf.db")).expect("a second process");
    other.execute_batch("BEGIN IMMEDIATE").expect("the lock");
    let since = Instant::now();
    thread::scope(|scope| {
        let (client, new) = (&client, &new.manifest);
        for tag in ["new", "newer"] {
            scope.spawn(move || expect_refusal(|| client.put_manifest(REPOSITORY, tag, new)));
        }
        scope.spawn(move || expect_refusal(|| client.begin(REPOSITORY).map(drop)));
        while since.elapsed() < HELD {
            let began = Instant::now();
            client.expect_image(REPOSITORY, "kept", &kept);
            let took = began.elapsed();
            assert!(took < Duration::from_secs(2), "a pull took {took:?}");
            thread::sleep(Duration::from_millis(100));
        }
    });
    other
        .execute_batch("ROLLBACK")
        .expect("the lock is given back");

    for tag in ["new", "newer"] {
        let target = format!("/v2/{REPOSITORY}/manifests/{tag}");
        assert_eq!(client.get_status(&target), 404, "refused means not done");
    }
    client
        .push_image(REPOSITORY, "new", &new)
        .expect("healed without a restart");
    client.expect_image(REPOSITORY, "new", &new);
    run_fsck(&server);
}

/// A folder with two images, its server stopped, all rows moved from the log into the file.
fn make_folder_with_images() -> (tempfile::TempDir, PathBuf, Vec<Image>) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut server = describe_server_in(folder.path()).start();
    let client = Client::new(&server);
    let images: Vec<Image> = (1..3).map(|seed| make_image(seed, &[20_000])).collect();
    for (number, image) in images.iter().enumerate() {
        client
            .push_image(REPOSITORY, &format!("v{number}"), image)
            .expect("a healthy server");
    }
    server.terminate();
    let rows = server.data_dir().join("wharf.db");
    let connection = Connection::open(&rows).expect("a database");
    connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .expect("a checkpoint");
    (folder, rows, images)
}

/// Pages that hold rows of this table, and the size of a page.
fn find_pages(rows: &Path, table: &str) -> (Vec<u64>, u64) {
    let connection = Connection::open(rows).expect("a database");
    let size: i64 = connection
        .query_row("PRAGMA page_size", [], |row| row.get(0))
        .expect("a size");
    let mut statement = connection
        .prepare("SELECT pageno FROM dbstat WHERE name = ?1 AND pagetype = 'leaf'")
        .expect("a query");
    let pages = statement
        .query_map([table], |row| row.get::<_, i64>(0))
        .expect("an answer")
        .map(|page| page.expect("a number").unsigned_abs())
        .collect::<Vec<u64>>();
    assert!(!pages.is_empty(), "{table} has pages");
    (pages, size.unsigned_abs())
}

fn overwrite(path: &Path, offset: u64, bytes: &[u8]) {
    let file = OpenOptions::new()
        .write(true)
        .open(path)
        .expect("the database");
    file.write_all_at(bytes, offset).expect("written");
}

/// Refused with what to do about it, or found by fsck; and never served as something else.
fn check_damage_is_told(folder: &Path, images: &[Image], what: &str) {
    let server = match describe_server_in(folder).try_start() {
        Ok(server) => server,
        Err(failure) => return check_refusal(&failure, what),
    };
    let client = Client::new(&server);
    for (number, image) in images.iter().enumerate() {
        let target = format!("/v2/{REPOSITORY}/manifests/{}", image.digest());
        let reply = client.get(&target).expect("an answer");
        assert!(
            reply.status >= 400 || reply.body == image.manifest.bytes,
            "{what}: wrong bytes for v{number}"
        );
    }
    let (code, output) = try_fsck(&server);
    assert_eq!(code, Some(1), "{what}: {output}");
}

fn check_refusal(failure: &wharf_testkit::server::StartFailure, what: &str) {
    let code = failure.status.and_then(|status| status.code());
    assert_eq!(code, Some(1), "{what}: {failure}");
    assert!(
        failure.log.contains("damaged") && failure.log.contains("restore"),
        "{what}: the text says what to do: {failure}"
    );
}

#[test]
fn f22_a_damaged_header_of_the_database_is_refused_with_what_to_do() {
    let (folder, rows, _) = make_folder_with_images();
    overwrite(&rows, 0, &[0x5a; 64]);
    let Err(failure) = describe_server_in(folder.path()).try_start() else {
        panic!("a database without a header was opened");
    };
    check_refusal(&failure, "header");
}

#[test]
fn f22_a_damaged_page_of_the_database_is_refused_or_found_by_fsck() {
    for table in [
        "sqlite_schema",
        "blobs",
        "repository_blobs",
        "manifests",
        "tags",
        "users",
    ] {
        let (folder, rows, images) = make_folder_with_images();
        let (pages, size) = find_pages(&rows, table);
        // The first page keeps its header: the test above is about that.
        let skip = if pages[0] == 1 { 100 } else { 0 };
        let noise = vec![0xff; (size - skip) as usize];
        overwrite(&rows, (pages[0] - 1) * size + skip, &noise);
        check_damage_is_told(folder.path(), &images, table);
    }
}

#[test]
fn f22_a_flipped_byte_in_a_stored_manifest_is_found_by_fsck() {
    let (folder, rows, images) = make_folder_with_images();
    let stored = std::fs::read(&rows).expect("the database");
    let bytes = &images[0].manifest.bytes[..];
    let place = stored
        .windows(bytes.len())
        .position(|window| window == bytes);
    let place = place.expect("the manifest lies in one page") as u64;
    // One letter's case: still JSON, still of the same length.
    let letter = bytes
        .iter()
        .position(u8::is_ascii_uppercase)
        .expect("schemaVersion");
    overwrite(
        &rows,
        place + letter as u64,
        &[bytes[letter].to_ascii_lowercase()],
    );
    let server = describe_server_in(folder.path()).start();
    let (code, output) = try_fsck(&server);
    assert_eq!(code, Some(1), "{output}");
    assert!(output.contains(&images[0].digest()), "{output}");
}

#[test]
fn f22_a_truncated_log_of_the_database_leaves_an_older_state_that_is_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut server = describe_server_in(folder.path()).start();
    let client = Client::new(&server);
    let images: Vec<Image> = (1..3).map(|seed| make_image(seed, &[20_000])).collect();
    client
        .push_image(REPOSITORY, "v0", &images[0])
        .expect("a healthy server");
    let log = server.data_dir().join("wharf.db-wal");
    let length = std::fs::metadata(&log).expect("a log").len();
    client
        .push_image(REPOSITORY, "v1", &images[1])
        .expect("a healthy server");
    server.kill();
    let file = OpenOptions::new().write(true).open(&log).expect("the log");
    file.set_len(length + 1_000).expect("cut");

    server.restart();
    check_older_state(&server, &images);
}

/// The first image is there and whole, the second one is gone, and its files are named by fsck.
fn check_older_state(server: &Server, images: &[Image]) {
    let client = Client::new(server);
    client.expect_image(REPOSITORY, "v0", &images[0]);
    let target = format!("/v2/{REPOSITORY}/manifests/v1");
    assert_eq!(client.get_status(&target), 404);
    let (_, output) = try_fsck(server);
    let layer = images[1].layers[0].digest();
    let (_, hex) = layer.split_once(':').expect("a digest");
    assert!(
        output.contains(hex),
        "the file of a lost row is named:\n{output}"
    );
    client
        .push_image(REPOSITORY, "v1", &images[1])
        .expect("it can be pushed again");
    client.expect_image(REPOSITORY, "v1", &images[1]);
    run_fsck(server);
}

#[test]
fn f23_the_sqlite_that_is_linked_has_no_known_way_to_damage_a_log() {
    // One Cargo.lock: the program is linked to the same one as this test.
    assert!(
        rusqlite::version_number() >= 3_051_003,
        "SQLite {} can damage a write-ahead log; 3.51.3 is the first that cannot",
        rusqlite::version()
    );
}
