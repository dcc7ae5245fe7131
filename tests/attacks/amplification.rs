//! Requests that cost little to send and much to answer: what one client stored, another makes the server read at once.
//!
//! The rows are written beside the server while it is down; pushing them would only take longer.

use std::{
    io::Write,
    net::TcpStream,
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use reqwest::Method;
use rusqlite::Connection;
use serde_json::{Value, json};
use wharf_testkit::{
    Engine, Image, ImageMaker, Manifest, RegistryClient, Repository, Server,
    image::{compute_digest, make_artifact, make_index, media_type},
};

use crate::measure::{Memory, expect_healthy};

/// What one answer may take of the server's memory: a page of a list is never more than a few manifests.
const ONE_ANSWER: u64 = 64;

/// The largest manifest.
const MANIFEST_BYTES: usize = 4 * 1024 * 1024;

/// A server whose lists are as large as clients can make them.
struct Flooded {
    server: Server,
    image: Image,
}

impl Flooded {
    fn get() -> &'static Self {
        static FLOODED: OnceLock<Flooded> = OnceLock::new();
        FLOODED.get_or_init(Self::create)
    }

    fn create() -> Self {
        let mut server = Server::builder().engine(Engine::Sqlite).start();
        let admin = server.registry(&server.admin());
        let image = ImageMaker::new("flooded").make();
        let subject = image.manifest.descriptor();
        let empty = Vec::from("{}");
        for name in ["victims/app", "many/app", "large/app"] {
            let repository = admin.repository(name);
            repository.push_image("v1", &image);
            repository.push_bytes(empty.clone());
        }
        let small = make_artifact("application/x-flood", &[], Some(&subject));
        admin
            .repository("many/app")
            .push_manifest(&small.digest(), &small);
        let large = make_artifact("application/x-large", &[], Some(&subject));
        let large = large.with_fields(json!({ "annotations": make_annotations(7) }));
        admin
            .repository("large/app")
            .push_manifest(&large.digest(), &large);
        let tagged = admin.repository("tagged/app");
        tagged.push_manifest("base", &make_index(Vec::new()));
        let described = json!({ "name": "described/app", "description": "d".repeat(100_000) });
        server
            .api(&server.admin())
            .post("/repositories", described)
            .expect(201);

        server.terminate();
        let path = server.data_dir().join("wharf.db");
        let database = Connection::open(path).expect("the server's database");
        // Rows refer to each other while they are being copied.
        database
            .pragma_update(None, "foreign_keys", false)
            .expect("a setting");
        for (table, key, digest, count) in [
            ("manifests", "digest", small.digest(), 100_000),
            ("repository_manifests", "digest", small.digest(), 100_000),
            ("manifests", "digest", large.digest(), 40),
            ("repository_manifests", "digest", large.digest(), 40),
            ("tags", "name", "base".to_owned(), 20_000),
        ] {
            copy_row(&database, table, key, &digest, count);
        }
        copy_repositories(&database, 500);
        drop(database);
        server.restart();
        server.registry(&server.admin()).get("/v2/").expect(200);
        Self { server, image }
    }

    fn admin(&self) -> RegistryClient {
        self.server.registry(&self.server.admin())
    }

    fn repository(&self, name: &str) -> Repository {
        self.admin().repository(name)
    }
}

/// As many annotations of the largest size as this says; together they almost fill a manifest.
fn make_annotations(count: usize) -> Value {
    let entries = (0..count).map(|key| (format!("{key}"), json!("a".repeat(512 * 1024 - 8))));
    Value::Object(entries.collect())
}

/// Copies the row with this key `count` times, under keys that are numbers (in the form of digests for digests).
fn copy_row(database: &Connection, table: &str, key: &str, value: &str, count: u32) {
    let statement = database
        .prepare(&format!("SELECT * FROM {table}"))
        .expect("a table");
    let columns: Vec<&str> = statement
        .column_names()
        .filter(|name| *name != key)
        .collect();
    let columns = columns.join(", ");
    let new = match key {
        // The first digits of the original keep the copies of different rows apart.
        "digest" => format!("'{}' || printf('%056x', i)", &value[..15]),
        _ => "'t' || i".to_owned(),
    };
    let sql = format!(
        "WITH RECURSIVE numbers(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < {count})
         INSERT INTO {table} ({key}, {columns}) SELECT {new}, {columns} FROM numbers, {table} WHERE {key} = ?1"
    );
    let copied = database.execute(&sql, [value]).expect("rows");
    assert_eq!(copied, count as usize, "{table}");
}

/// Copies the repository with the long description.
fn copy_repositories(database: &Connection, count: u32) {
    let sql = format!(
        "WITH RECURSIVE numbers(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < {count})
         INSERT INTO repositories (id, namespace_id, name, public, short_description, description, created_by,
            created_at, tag_count, pull_count)
         SELECT printf('01920000-0000-7000-8000-%012d', i), namespace_id, name || '-' || i, public,
            short_description, description, created_by, created_at, 0, 0
         FROM numbers, repositories WHERE name = 'described/app'"
    );
    assert_eq!(database.execute(&sql, []), Ok(count as usize));
}

#[test]
fn m86_a_hundred_thousand_referrers_come_in_pages() {
    let flooded = Flooded::get();
    let (server, repository) = (&flooded.server, flooded.repository("many/app"));
    let admin = flooded.admin();
    let memory = Memory::watch(server);
    expect_healthy(server, || {
        let mut target = repository.path(&format!("referrers/{}?n=1000", flooded.image.digest()));
        for _ in 0..5 {
            let answer = admin.get(&target).expect(200);
            assert!(
                answer.body.len() < MANIFEST_BYTES,
                "{} bytes",
                answer.body.len()
            );
            let page = answer.json();
            assert_eq!(page["manifests"].as_array().map(Vec::len), Some(1000));
            target = answer.next_link().expect("more pages");
        }
    });
    memory.expect_growth_below(ONE_ANSWER);
}

#[test]
fn m86_referrers_in_one_repository_burden_no_other() {
    let flooded = Flooded::get();
    let victim = flooded.repository("victims/app");
    let digest = flooded.image.digest();
    let memory = Memory::watch(&flooded.server);
    let find_fastest = |digest: &str| {
        let times = (0..8).map(|_| {
            let started = Instant::now();
            let list = victim.list_referrers(digest, "").expect(200).json();
            assert_eq!(list["manifests"], json!([]));
            started.elapsed()
        });
        times.min().expect("eight times")
    };
    let nobody = find_fastest(&compute_digest(b"nobody refers to this"));
    let fastest = find_fastest(&digest);
    assert!(
        fastest < nobody * 4 + Duration::from_millis(3),
        "a list without entries took {fastest:?}, where nobody refers to anything {nobody:?}"
    );
    memory.expect_growth_below(ONE_ANSWER);
}

#[test]
fn m86_large_referrers_are_not_all_read_for_one_page() {
    let flooded = Flooded::get();
    let repository = flooded.repository("large/app");
    let digest = flooded.image.digest();
    let memory = Memory::watch(&flooded.server);
    let answer = repository.list_referrers(&digest, "").expect(200);
    assert!(
        answer.body.len() <= MANIFEST_BYTES,
        "{} bytes",
        answer.body.len()
    );
    assert!(answer.next_link().is_some());
    memory.expect_growth_below(ONE_ANSWER);
}

#[test]
fn a_page_of_repositories_has_a_size_whatever_they_say_about_themselves() {
    let flooded = Flooded::get();
    let api = flooded.server.api(&flooded.server.admin());
    let memory = Memory::watch(&flooded.server);
    // Not held against the document: that would take longer than the attack.
    let target = "/repositories?namespace=described&limit=1000";
    let page = api
        .request(Method::GET, target)
        .send_undescribed()
        .expect(200);
    assert!(
        page.json()["items"]
            .as_array()
            .is_some_and(|items| !items.is_empty())
    );
    memory.expect_growth_below(ONE_ANSWER);
}

#[test]
fn a_page_of_tags_has_a_size_whatever_their_manifests_say() {
    let flooded = Flooded::get();
    let server = &flooded.server;
    let repository = flooded.repository("platforms/app");
    let children = (0..32_u8).map(|seed| {
        json!({
            "mediaType": media_type::OCI_MANIFEST, "size": 1, "digest": compute_digest(&[seed]),
            "platform": { "os": "o".repeat(32 * 1024) + &seed.to_string(), "architecture": "a" },
        })
    });
    let index = make_index(children.collect());
    let tags: Vec<String> = (0..90).map(|number| format!("tag=t{number}")).collect();
    let target = format!("{}?{}", index.digest(), tags.join("&"));
    let pushed = repository.put_manifest(&target, &index);
    if pushed.status == 400 {
        // Such a platform is none: refused is as good as cut short.
        return;
    }
    pushed.expect(201);
    let memory = Memory::watch(server);
    let page = server
        .api(&server.admin())
        .request(Method::GET, "/repositories/platforms%2Fapp/tags?limit=1000")
        .send_undescribed()
        .expect(200);
    assert!(
        page.body.len() < 2 * MANIFEST_BYTES,
        "{} bytes",
        page.body.len()
    );
    memory.expect_growth_below(ONE_ANSWER);
}

#[test]
fn manifests_that_never_arrive_whole_are_not_all_held_in_memory() {
    let flooded = Flooded::get();
    let server = &flooded.server;
    let repository = flooded.repository("stalled/app");
    repository.push_bytes("{}");
    let authorization = server.admin().authorization().expect("credentials");
    let head = format!(
        "PUT {} HTTP/1.1\r\nHost: x\r\nAuthorization: {authorization}\r\nContent-Type: {}\r\nContent-Length: {MANIFEST_BYTES}\r\n\r\n",
        repository.path("manifests/v1"),
        media_type::OCI_MANIFEST
    );
    let almost_all = vec![b' '; MANIFEST_BYTES - 1];
    let memory = Memory::watch(server);
    let stalled: Vec<TcpStream> = (0..40)
        .map(|_| {
            let mut stream = TcpStream::connect(server.authority()).expect("a connection");
            let timeout = Some(Duration::from_millis(500));
            stream.set_write_timeout(timeout).expect("a socket option");
            stream
                .write_all(head.as_bytes())
                .expect("an open connection");
            // A server that has enough of them reads no further, or says so.
            let _ = stream.write_all(&almost_all);
            stream
        })
        .collect();
    // An ordinary push goes on meanwhile.
    let started = Instant::now();
    let manifest = make_artifact("application/x-ordinary", &[], None);
    repository.push_manifest("ordinary", &manifest);
    assert!(started.elapsed() < Duration::from_secs(5));
    memory.expect_growth_below(ONE_ANSWER);
    drop(stalled);
}

#[test]
fn deleting_a_version_of_many_tags_keeps_nobody_waiting() {
    let flooded = Flooded::get();
    let server = &flooded.server;
    let tagged = flooded.repository("tagged/app");
    let other = flooded.repository("waiting/app");
    other.push_bytes("so that the repository is there");
    let memory = Memory::watch(server);
    let over = AtomicBool::new(false);
    let longest = thread::scope(|scope| {
        let waiting = scope.spawn(|| {
            let mut longest = Duration::ZERO;
            while !over.load(Ordering::Relaxed) {
                let started = Instant::now();
                let location = other.begin_upload("").expect(202).location();
                other.delete_upload(&location).expect(204);
                longest = longest.max(started.elapsed());
            }
            longest
        });
        let base: Manifest = make_index(Vec::new());
        tagged.get_manifest("t20000").expect(200);
        let deleted = tagged.delete_manifest(&base.digest());
        over.store(true, Ordering::Relaxed);
        deleted.expect(202);
        waiting.join().expect("the other client is served")
    });
    tagged.get_manifest("t20000").expect(404);
    assert!(
        longest < Duration::from_secs(1),
        "somebody else waited {longest:?}"
    );
    memory.expect_growth_below(2 * ONE_ANSWER);
}
