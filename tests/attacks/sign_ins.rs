//! Sign-ins cost the server work; no crowd of them may cost everybody else the server.

use std::{
    sync::Mutex,
    thread,
    time::{Duration, Instant},
};

use wharf_testkit::{Answer, Login, Server};

use crate::measure::{Memory, expect_healthy};

const LOGINS: usize = 1000;
const AT_ONCE: usize = 50;

#[test]
fn m80_a_thousand_sign_ins_at_once_burden_nobody() {
    // A server of its own: what it counts against this address must not meet other tests.
    let server = Server::start();
    let admin = server.registry(&server.admin());
    admin.get("/v2/").expect(200);
    let answers = Mutex::new(Vec::<Answer>::new());
    let memory = Memory::watch(&server);
    let started = Instant::now();
    expect_healthy(&server, || {
        thread::scope(|scope| {
            for thread in 0..AT_ONCE {
                let (server, answers) = (&server, &answers);
                scope.spawn(move || {
                    let client = server.registry(&Login::basic(format!("user-{thread}"), "wrong"));
                    for _ in 0..LOGINS / AT_ONCE {
                        let answer = client.get("/v2/");
                        answers.lock().expect("no test panics here").push(answer);
                    }
                });
            }
        });
    });
    assert!(started.elapsed() < Duration::from_secs(30));
    // A password is hashed in 19 MiB; two at a time, and what a thousand requests take besides.
    memory.expect_growth_below(120);

    let answers = answers.into_inner().expect("no test panics here");
    let count = |status: u16| {
        answers
            .iter()
            .filter(|answer| answer.status == status)
            .count()
    };
    assert_eq!(count(401) + count(429) + count(503), LOGINS);
    assert!(
        count(429) > LOGINS / 2,
        "{} of {LOGINS} with 429",
        count(429)
    );
    for answer in answers.iter().filter(|answer| answer.status != 401) {
        let seconds: u64 = answer.header("retry-after").parse().expect("seconds");
        assert!(seconds > 0);
        assert_eq!(
            answer.header("docker-distribution-api-version"),
            "registry/2.0"
        );
    }
    // Whoever was believed before still is.
    admin.get("/v2/").expect(200);
}

#[test]
fn m80_a_password_of_a_megabyte_is_not_hashed() {
    let world = crate::world::World::get();
    let server = world.server;
    let memory = Memory::watch(server);
    let started = Instant::now();
    for length in [257, 513, 30_000] {
        let login = Login::basic("admin", "x".repeat(length));
        server
            .registry(&login)
            .get("/v2/")
            .expect_one_of(&[400, 401, 431]);
        let answer = server.api(&login).get("/me");
        assert!(answer.status.is_client_error(), "{}", answer.describe());
    }
    for length in [513, 1 << 20] {
        let form = format!(
            "grant_type=password&service=x&client_id=x&username=admin&password={}",
            "x".repeat(length)
        );
        server
            .registry(&Login::Anonymous)
            .request(reqwest::Method::POST, "/auth/token")
            .typed_body("application/x-www-form-urlencoded", form)
            .send()
            .expect_one_of(&[400, 401, 413]);
    }
    assert!(started.elapsed() < Duration::from_secs(10));
    memory.expect_growth_below(64);
    // The longest that there can be works.
    let person = wharf_testkit::Person {
        username: wharf_testkit::unique_name("long-winded"),
        password: "p4ss".repeat(64),
    };
    let body = serde_json::json!({ "username": person.username, "password": person.password });
    world.admin_api().post("/users", body).expect(201);
    server.registry(&person.login()).get("/v2/").expect(200);
    let body = serde_json::json!({ "username": "too-long", "password": "p4ss".repeat(64) + "x" });
    world
        .admin_api()
        .post("/users", body)
        .expect_problem(400, "weak_password");
}
