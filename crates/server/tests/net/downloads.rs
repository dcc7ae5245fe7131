//! Files leave byte for byte, by `sendfile` and by buffers, and never longer than they are.

use std::fs;
use std::num::NonZeroU64;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use rustix::fs::Advice;

use crate::client::Client;
use crate::server::{Server, Stage, as_slice, make_bytes, make_file, stage_file, wait_until};

const SIZE: u64 = 9 * 1024 * 1024 + 17;

/// Around every border that the implementation knows, and the whole.
fn ranges() -> Vec<std::ops::Range<u64>> {
    let k = 1024;
    vec![
        0..1,
        0..64 * k - 1,
        0..64 * k,
        1..64 * k + 2,
        4095..4096 + 256 * k,
        SIZE - 1..SIZE,
        SIZE - 65 * k..SIZE,
        5..2048 * k + 6,
        0..SIZE,
        1024 * k..SIZE,
    ]
}

#[test]
fn every_range_arrives_unchanged_on_one_kept_connection() {
    let bytes = make_bytes(SIZE as usize);
    let server = Server::start(stage_file(&bytes, SIZE));
    let mut client = Client::connect(server.address);
    for range in ranges() {
        client.get_range("/file", &range);
        let (status, body) = client.read_response();
        assert_eq!(status, 200);
        assert!(body == as_slice(&bytes, &range), "{range:?}");
    }
}

#[test]
fn pipelined_requests_get_their_own_bytes_in_order() {
    let bytes = make_bytes(SIZE as usize);
    let server = Server::start(stage_file(&bytes, SIZE));
    let mut client = Client::connect(server.address);
    let mut writer = client.stream.try_clone().expect("clone");
    let mut requests = String::new();
    for range in ranges().iter().chain(ranges().iter().rev()) {
        let (start, last) = (range.start, range.end - 1);
        requests +=
            &format!("GET /file HTTP/1.1\r\nhost: x\r\nrange: bytes={start}-{last}\r\n\r\n");
        requests += "GET /hello HTTP/1.1\r\nhost: x\r\n\r\n";
    }
    std::io::Write::write_all(&mut writer, requests.as_bytes()).expect("send all at once");
    for range in ranges().iter().chain(ranges().iter().rev()) {
        assert!(
            client.read_response().1 == as_slice(&bytes, range),
            "{range:?}"
        );
        assert_eq!(client.read_response().1, b"hello");
    }
}

#[test]
fn an_empty_file_is_an_empty_body() {
    let server = Server::start(stage_file(b"", 0));
    let mut client = Client::connect(server.address);
    client.get("/file");
    assert_eq!(client.read_head().content_length(), Some(0));
    client.get("/hello");
    assert_eq!(client.read_response().1, b"hello");
}

#[test]
fn a_file_that_is_not_in_the_page_cache_arrives_unchanged() {
    let bytes = make_bytes(SIZE as usize);
    let file = make_file(&bytes);
    file.sync_all().expect("sync");
    let whole = NonZeroU64::new(SIZE);
    rustix::fs::fadvise(&file, 0, whole, Advice::DontNeed).expect("advice");
    let server = Server::start(Stage {
        file: Some((file, SIZE)),
        ..Stage::default()
    });
    let mut client = Client::connect(server.address);
    client.get("/file");
    assert!(client.read_response().1 == bytes);
}

/// The promise on which memory and speed rest, and which an update of the HTTP library could break.
#[test]
fn a_file_under_way_takes_no_memory_and_nothing_is_left_of_it() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("a-file-under-way");
    fs::write(&path, vec![7; 64 << 20]).expect("write");
    let file = Arc::new(fs::File::open(&path).expect("open"));
    let server = Server::start(Stage {
        file: Some((file, 64 << 20)),
        ..Stage::default()
    });
    let mut client = Client::connect(server.address);
    client.get("/file");
    client.read_head();
    client.read_exactly(16 << 20);
    assert_eq!(
        mapped_memory(&path),
        Some(0),
        "kB of the mapping are present"
    );
    client.read_exactly(48 << 20);
    wait_until("the mapping is gone", || mapped_memory(&path).is_none());

    client.get("/file");
    client.read_exactly(1 << 20);
    assert_eq!(mapped_memory(&path), Some(0));
    drop(client);
    wait_until("the mapping is gone with the client", || {
        mapped_memory(&path).is_none()
    });
}

/// Resident kB of this process's mapping of `path`, if there is one.
fn mapped_memory(path: &std::path::Path) -> Option<u64> {
    let maps = fs::read_to_string("/proc/self/smaps").expect("smaps");
    let (_, map) = maps.split_once(path.to_str().expect("text"))?;
    let resident = map
        .lines()
        .find_map(|line| line.strip_prefix("Rss:"))
        .expect("Rss");
    Some(
        resident
            .trim()
            .trim_end_matches(" kB")
            .parse()
            .expect("a number"),
    )
}

#[test]
fn a_file_shorter_than_promised_breaks_the_connection_and_is_never_padded() {
    for (real, claimed) in [
        (3 << 20, 8 << 20),
        (0, 1 << 20),
        (100, 5000),
        (1 << 20, (1 << 20) + 1),
    ] {
        let bytes = make_bytes(real);
        let server = Server::start(stage_file(&bytes, claimed));
        let mut client = Client::connect(server.address);
        client.get("/file");
        // A body that cannot even begin may take its head down with it.
        if let Some(head) = client.try_read_head() {
            assert_eq!(head.content_length(), Some(claimed));
        }
        let body = client.read_to_end();
        assert!(body.len() <= real, "{} of {real} bytes", body.len());
        assert!(bytes.starts_with(&body));
        client = Client::connect(server.address);
        client.get("/hello");
        assert_eq!(client.read_response().0, 200);
    }
}

#[test]
fn offsets_beyond_four_gigabytes_are_exact() {
    let size = 5 << 30;
    let border = 4_u64 << 30;
    let bytes = make_bytes(1 << 20);
    let file = make_file(b"");
    file.set_len(size).expect("sparse file");
    file.write_all_at(&bytes, border - (1 << 19))
        .expect("write");
    let server = Server::start(Stage {
        file: Some((file, size)),
        ..Stage::default()
    });
    let mut client = Client::connect(server.address);
    client.get_range("/file", &(border - (1 << 19)..border + (1 << 19)));
    assert!(client.read_response().1 == bytes);
    client.get("/file");
    assert_eq!(client.read_head().content_length(), Some(size));
    assert!(client.read_exactly(3 << 20).iter().all(|&byte| byte == 0));
}
