//! Bodies that are too large, too deep, too many, or never end.

use std::{
    io::{ErrorKind, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use bytes::Bytes;
use reqwest::Method;
use serde_json::json;
use wharf_testkit::{Blob, ImageMaker, Repository, image::media_type, raw::RawConnection};

use crate::{
    measure::{Memory, expect_healthy},
    wire,
    world::World,
};

const MANIFEST_BYTES: usize = 4 * 1024 * 1024;

/// What one hostile manifest may cost. The list of attacks says 50 ms; a build without optimization is that much slower.
const AT_ONCE: Duration = if cfg!(debug_assertions) {
    Duration::from_millis(750)
} else {
    Duration::from_millis(50)
};

/// What may be sent into a connection that refuses: buffers of two kernels, and what the server lets a client finish.
const IN_FLIGHT: usize = 48 * 1024 * 1024;

fn repository_with_config() -> Repository {
    let repository = World::get().attacker_repository();
    repository.push_blob(&Blob::empty_config());
    repository
}

/// Sends pieces of a body without an end until the server has had enough; answers how many bytes it took.
fn send_endlessly(connection: &mut TcpStream) -> usize {
    connection
        .set_write_timeout(Some(Duration::from_secs(10)))
        .expect("a socket option");
    let mut chunk = b"10000\r\n".to_vec();
    chunk.extend_from_slice(&[b' '; 0x10000]);
    chunk.extend_from_slice(b"\r\n");
    let mut sent = 0;
    while sent <= IN_FLIGHT {
        match connection.write_all(&chunk) {
            Ok(()) => sent += chunk.len(),
            Err(error) => {
                assert_ne!(
                    error.kind(),
                    ErrorKind::WouldBlock,
                    "silence after {sent} bytes"
                );
                return sent;
            }
        }
    }
    panic!("the server takes {sent} bytes and more");
}

#[test]
fn m70_a_manifest_over_4_mib_is_refused_without_being_held() {
    let world = World::get();
    let repository = repository_with_config();
    let memory = Memory::watch(world.server);
    expect_healthy(world.server, || {
        let body = Bytes::from(vec![b' '; MANIFEST_BYTES + 1]);
        for _ in 0..4 {
            repository
                .put_manifest_bytes("v1", media_type::OCI_MANIFEST, body.clone())
                .expect(413)
                .error_codes();
        }
        // One that says how long it will be is refused before it comes.
        let authorization = world.attacker_login().authorization().expect("credentials");
        let head = format!(
            "PUT {} HTTP/1.1\r\nHost: x\r\nAuthorization: {authorization}\r\nContent-Type: {}\r\n",
            repository.path("manifests/v1"),
            media_type::OCI_MANIFEST
        );
        for length in [
            "4194305",
            "4294967296",
            "9223372036854775807",
            "18446744073709551615",
        ] {
            let mut connection = RawConnection::open(world.server);
            let announced = format!("{head}Content-Length: {length}\r\n\r\n");
            connection
                .write(announced.as_bytes())
                .expect("an open connection");
            let status = connection.read_answer().expect("an answer").status;
            assert!([400, 413, 431].contains(&status), "{length}: {status}");
        }
        // One that does not is cut off.
        for _ in 0..3 {
            let mut connection =
                TcpStream::connect(world.server.authority()).expect("a connection");
            let endless = format!("{head}Transfer-Encoding: chunked\r\n\r\n");
            connection
                .write_all(endless.as_bytes())
                .expect("an open connection");
            send_endlessly(&mut connection);
        }
    });
    memory.expect_growth_below(64);
    repository.get_manifest("v1").expect(404);
    // The same request with an end to it is fine.
    let image = ImageMaker::new(repository.name()).make();
    repository.push_image("v1", &image);
}

/// A document with an image's fields and one more, as it stands.
fn make_document(field: &str) -> Vec<u8> {
    let config = Blob::empty_config().descriptor();
    format!(
        r#"{{"schemaVersion":2,"mediaType":"{}","config":{config},"layers":[],{field}}}"#,
        media_type::OCI_MANIFEST
    )
    .into_bytes()
}

#[test]
fn m71_a_hostile_document_is_refused_at_once() {
    let world = World::get();
    let repository = repository_with_config();
    // The document itself is welcome.
    let plain = make_document("\"x\":[[]]");
    repository
        .put_manifest_bytes("v1", media_type::OCI_MANIFEST, plain)
        .expect(201);

    let descriptor = Blob::empty_config().descriptor().to_string();
    let keys: Vec<String> = (0..350_000).map(|key| format!("\"{key:x}\":0")).collect();
    let documents = [
        make_document(&format!(
            "\"x\":{}{}",
            "[".repeat(100_000),
            "]".repeat(100_000)
        )),
        make_document(&format!("\"x\":{}", "[".repeat(1_000_000))),
        make_document(&format!(
            "\"x\":{}0{}",
            "{\"a\":".repeat(100_000),
            "}".repeat(100_000)
        )),
        make_document(&format!("\"x\":{{{}}}", keys.join(","))),
        make_document(&format!("\"x\":[{}0]", "0,".repeat(1_000_000))),
        make_document(&format!(
            "\"annotations\":{{\"a\":\"{}\"}}",
            "x".repeat(1 << 20)
        )),
        // 50,000 layers are more bytes than a manifest may have; these are as many as fit.
        make_document(&format!(
            "\"manifests\":[{}{descriptor}]",
            format!("{descriptor},").repeat(25_000)
        )),
        make_document(&format!("\"x\":\"{}", "\\\\".repeat(1_000_000))),
        vec![0xff; 1_000_000],
        vec![b'"'; 1_000_000],
        vec![b'{'; MANIFEST_BYTES],
    ];
    let memory = Memory::watch(world.server);
    expect_healthy(world.server, || {
        for document in &documents {
            let took = (0..3)
                .map(|_| {
                    let started = Instant::now();
                    let shown = String::from_utf8_lossy(&document[..document.len().min(160)]);
                    let answer = repository.put_manifest_bytes(
                        "v2",
                        media_type::OCI_MANIFEST,
                        document.clone(),
                    );
                    assert!(
                        [400, 413].contains(&answer.status.as_u16()),
                        "{shown}\n{}",
                        answer.describe()
                    );
                    started.elapsed()
                })
                .min()
                .expect("three times");
            let shown = String::from_utf8_lossy(&document[..document.len().min(160)]);
            assert!(took < AT_ONCE, "{took:?} for {shown}");
        }
    });
    memory.expect_growth_below(96);
    repository.get_manifest("v2").expect(404);
}

#[test]
fn m71_a_hostile_config_harms_neither_the_push_nor_the_page() {
    let world = World::get();
    let repository = world.attacker_repository();
    let target = format!(
        "/repositories/{}/tags/v1",
        wharf_testkit::encode_segment(repository.name())
    );
    for config in [
        "[".repeat(100_000),
        format!("{{\"history\":[{}0]}}", "{},".repeat(200_000)),
        format!("{{\"os\":{}}}", "9".repeat(10_000)),
        "{\"os\":\"\\u0000\",\"architecture\":\"\\ud800\"}".to_owned(),
        String::new(),
    ] {
        let config = Blob::new(media_type::OCI_CONFIG, config);
        repository.push_blob(&config);
        let manifest = wharf_testkit::Manifest::from_json(&json!({
            "schemaVersion": 2, "mediaType": media_type::OCI_MANIFEST,
            "config": config.descriptor(), "layers": [],
        }));
        repository.push_manifest("v1", &manifest);
        world.attacker_api().get(&target).expect(200);
    }
}

#[test]
fn m100_a_parameter_of_any_size_is_refused_with_4xx() {
    let world = World::get();
    let server = world.server;
    let admin = server.admin();
    let authorization = admin.authorization().expect("credentials");
    let long = "a".repeat(60_000);
    let registry = server.registry(&admin);
    registry
        .get(&format!("/v2/_catalog?last={long}"))
        .expect_one_of(&[200, 400]);
    registry.get(&format!("/v2/{long}/tags/list")).expect(400);
    registry
        .get(&format!("/v2/a/b/manifests/{long}"))
        .expect(404);
    registry
        .get(&format!("/v2/a/b/blobs/uploads/{long}"))
        .expect(404);
    let api = world.admin_api();
    for target in [
        format!("/search?q={long}"),
        format!("/repositories?q={long}"),
        format!("/users?after={long}"),
    ] {
        api.get(&target).expect_problem(400, "invalid_field");
    }
    for target in [format!("/users/{long}"), format!("/namespaces/{long}")] {
        api.get(&target).expect_problem(404, "not_found");
    }
    api.get(&format!("/audit?actor={long}"))
        .expect_one_of(&[200, 400]);

    let megabytes = "x".repeat(2 << 20);
    for (method, target, body) in [
        (
            Method::POST,
            "/users",
            json!({ "username": "long", "password": megabytes }),
        ),
        (
            Method::POST,
            "/namespaces",
            json!({ "name": "long", "description": megabytes }),
        ),
        (
            Method::POST,
            "/tokens",
            json!({ "name": megabytes, "actions": ["pull"] }),
        ),
    ] {
        let answer = api.request(method, target).json(body).send();
        answer.expect_problem(413, "too_large");
    }
    // Announced sizes are believed: nobody waits for four gigabytes that will be refused.
    for (target, length) in [
        ("/api/v1/users", "4294967296"),
        ("/api/v1/users", "18446744073709551615"),
        ("/auth/token", "4294967296"),
    ] {
        let request = format!(
            "POST {target} HTTP/1.1\r\nHost: x\r\nAuthorization: {authorization}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
        );
        let exchange = wire::exchange(server, request.as_bytes(), Duration::from_secs(5));
        let statuses = exchange.statuses();
        assert!(
            statuses.len() == 1 && [400, 413, 431].contains(&statuses[0]),
            "{target} {length}: {exchange:?}"
        );
    }
    // A head is held in memory whole, so it has an end too.
    let request = format!(
        "GET /v2/ HTTP/1.1\r\nHost: x\r\nX-Long: {}\r\n\r\n",
        "a".repeat(1 << 20)
    );
    let exchange = wire::exchange(server, request.as_bytes(), Duration::from_secs(5));
    assert!(
        exchange.closed
            && exchange
                .statuses()
                .iter()
                .all(|status| [400, 431].contains(status))
    );
    world.victim_registry().get("/v2/").expect(200);
}

#[test]
fn m100_numbers_too_large_for_a_row_are_refused_or_clamped() {
    let world = World::get();
    let api = world.admin_api();
    for limit in [u64::from(u32::MAX) + 1, u64::MAX] {
        api.request(Method::PATCH, "/users/victim")
            .body(
                "application/json",
                format!("{{\"namespace_limit\":{limit}}}"),
            )
            .send()
            .expect_problem(400, "invalid_field");
    }
    for number in ["-1", "1.5", "1e400", "99999999999999999999"] {
        api.request(Method::PATCH, "/users/victim")
            .body(
                "application/json",
                format!("{{\"namespace_limit\":{number}}}"),
            )
            .send()
            .expect_one_of(&[400]);
    }
    for time in [
        "0000-01-01T00:00:00Z",
        "99999-01-01T00:00:00Z",
        "+292277-01-01T00:00:00Z",
    ] {
        api.get(&format!(
            "/audit?since={}",
            wharf_testkit::encode_segment(time)
        ))
        .expect_one_of(&[200, 400]);
    }
    let repository = repository_with_config();
    // Sizes that add up to more than a row can hold: in an index, whose children may be missing.
    let children: Vec<_> = (0..4_u8)
        .map(|seed| {
            json!({
                "mediaType": media_type::OCI_MANIFEST, "size": i64::MAX,
                "digest": wharf_testkit::image::compute_digest(&[seed]),
            })
        })
        .collect();
    repository.push_manifest("v1", &wharf_testkit::image::make_index(children));
    let target = format!(
        "/repositories/{}/tags/v1",
        wharf_testkit::encode_segment(repository.name())
    );
    world.attacker_api().get(&target).expect(200);
}
