//! How many upload sessions one account may have open, and what becomes of them.

use std::{fs, time::Duration};

use wharf_testkit::{Engine, Server, SharedServer, image::compute_digest, unique_name};
use wharf_tests::wait_until;

use crate::measure::{Memory, expect_healthy};

const SESSIONS: usize = 20;

/// Allows few sessions, so that few requests reach the limit.
static SERVER: SharedServer = SharedServer::new(|| {
    Server::builder().config(&format!(
        "[limits]\nupload_sessions_per_principal = {SESSIONS}"
    ))
});

#[test]
fn m74_open_sessions_are_limited_for_each_account() {
    let server = SERVER.get().server();
    let namespace = server.namespace(&unique_name("hoard"));
    let actions = ["pull", "push"];
    let [greedy, other] = ["greedy", "other"].map(|name| server.robot(&namespace, name, &actions));
    let repository = |login| {
        let client = server.registry(login);
        client.repository(&format!("{namespace}/app"))
    };
    let (greedy, other) = (repository(&greedy.login()), repository(&other.login()));

    let memory = Memory::watch(server);
    let mut locations = Vec::new();
    expect_healthy(server, || {
        for _ in 0..SESSIONS {
            let answer = greedy.begin_upload("").expect(202);
            assert!(
                answer
                    .header("oci-chunk-min-length")
                    .parse::<u64>()
                    .is_ok_and(|length| length > 0)
            );
            locations.push(answer.location());
        }
        for _ in 0..10 * SESSIONS {
            let answer = greedy.begin_upload("").expect_error(429, "TOOMANYREQUESTS");
            let seconds: u64 = answer.header("retry-after").parse().expect("seconds");
            assert!(seconds > 0);
        }
    });
    // What was refused left no file behind.
    let files = fs::read_dir(server.data_dir().join("uploads")).expect("a folder");
    assert_eq!(files.count(), SESSIONS);
    memory.expect_growth_below(32);

    // Others are not affected, and whoever ends a session may begin another.
    let theirs = other.begin_upload("").expect(202).location();
    other.delete_upload(&theirs).expect(204);
    greedy
        .put_upload(&locations[0], &compute_digest(b"x"), "x")
        .expect(201);
    greedy.begin_upload("").expect(202);
    greedy.begin_upload("").expect(429);
    for location in &locations[1..] {
        greedy.delete_upload(location).expect(204);
    }
}

#[test]
fn m74_a_blob_in_chunks_of_one_byte_burdens_nobody() {
    let server = SERVER.get().server();
    let namespace = server.namespace(&unique_name("drip"));
    let robot = server.robot(&namespace, "drip", &["pull", "push"]);
    let repository = server
        .registry(&robot.login())
        .repository(&format!("{namespace}/app"));
    let memory = Memory::watch(server);
    let bytes = b"drip".repeat(60);
    expect_healthy(server, || {
        let mut location = repository.begin_upload("").expect(202).location();
        for (place, byte) in bytes.iter().enumerate() {
            let range = format!("{place}-{place}");
            let answer = repository.patch_upload(&location, Some(&range), vec![*byte]);
            location = answer.expect(202).location();
        }
        repository
            .put_upload(&location, &compute_digest(&bytes), "")
            .expect(201);
    });
    memory.expect_growth_below(32);
    // The same in one request of many small pieces.
    let location = repository.begin_upload("").expect(202).location();
    let pieces = vec![bytes::Bytes::from_static(b"y"); 20_000];
    let location = repository
        .stream_upload(&location, pieces)
        .expect(202)
        .location();
    let digest = compute_digest(&b"y".repeat(20_000));
    repository.put_upload(&location, &digest, "").expect(201);
    memory.expect_growth_below(48);
}

#[test]
fn m74_sessions_that_nobody_touches_are_given_up() {
    let mut server = Server::builder().engine(Engine::Sqlite).start();
    let repository = server.registry(&server.admin()).repository("admin/app");
    let location = repository.begin_upload("").expect(202).location();
    let location = repository
        .patch_upload(&location, None, vec![7; 100_000])
        .expect(202)
        .location();
    let uploads = server.data_dir().join("uploads");
    let count_files = || fs::read_dir(&uploads).expect("a folder").count();
    assert_eq!(count_files(), 1);
    server.restart();
    repository.get_upload(&location).expect(204);

    server.terminate();
    let database = server.data_dir().join("wharf.db");
    let database = rusqlite::Connection::open(database).expect("the server's database");
    let aged = database.execute(
        "UPDATE uploads SET touched_at = touched_at - 172800000000",
        [],
    );
    assert_eq!(aged, Ok(1), "one session, two days old");
    drop(database);
    server.restart();
    wait_until("the stale session is gone", || count_files() == 0);
    repository
        .get_upload(&location)
        .expect_error(404, "BLOB_UPLOAD_UNKNOWN");
    assert!(server.terminate() < Duration::from_secs(30));
}
