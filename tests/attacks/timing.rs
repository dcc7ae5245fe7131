//! How long a refusal takes tells nothing about who exists.

use std::time::{Duration, Instant};

use wharf_testkit::{Login, unique_name};

use crate::{measure::find_median, world::World};

/// Times refusals of two kinds of sign-in in turns, so that whatever else the machine does meets both alike.
fn compare(samples: usize, one: impl Fn() -> Login, other: impl Fn() -> Login) -> [Duration; 2] {
    let server = World::get().server;
    let client = server.registry(&Login::Anonymous);
    let time = |login: Login| {
        let client = client.with_login(login);
        let started = Instant::now();
        client.get("/v2/").expect_error(401, "UNAUTHORIZED");
        started.elapsed()
    };
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..samples {
        times[0].push(time(one()));
        times[1].push(time(other()));
    }
    times.map(find_median)
}

/// Asserts that the medians lie so near each other that the samples of both mix.
#[track_caller]
fn expect_alike([one, other]: [Duration; 2], slack: Duration) {
    let allowed = one.min(other) / 2 + slack;
    assert!(one.abs_diff(other) < allowed, "{one:?} against {other:?}");
}

#[test]
fn m81_an_unknown_user_is_refused_as_slowly_as_a_known_one() {
    // The password is another one each time, else the second refusal would be remembered if anything were.
    let known = || Login::basic("victim", unique_name("wrong password"));
    let unknown = || Login::basic(unique_name("nobody"), "wrong password");
    // The first sign-in of a process may have more to do than the others.
    compare(1, known, unknown);
    let medians = compare(12, known, unknown);
    expect_alike(medians, Duration::from_millis(5));
    // Names that nobody can have are no faster either.
    let impossible = || Login::basic("No such NAME!", unique_name("wrong password"));
    expect_alike(compare(8, known, impossible), Duration::from_millis(5));
}

#[test]
fn m81_an_unknown_robot_is_refused_like_a_known_one() {
    let world = World::get();
    let namespace = &world.victim.username;
    let robot = world
        .server
        .robot_by(&world.victim_login(), namespace, "timed", &["pull"]);
    // The right beginning of a secret is worth nothing.
    let near = format!("{}0000", &robot.secret[..robot.secret.len() - 4]);
    let known = || Login::basic(&robot.username, near.as_str());
    let unknown = || Login::basic(unique_name("victim+nobody"), near.as_str());
    let far = || Login::basic(&robot.username, format!("wharf_bot_{}", "0".repeat(40)));
    let slack = Duration::from_micros(500);
    compare(5, known, unknown);
    expect_alike(compare(100, known, unknown), slack);
    expect_alike(compare(100, known, far), slack);
    world
        .server
        .registry(&robot.login())
        .get("/v2/")
        .expect(200);
}

#[test]
fn m81_refusals_of_known_and_unknown_are_the_same_text() {
    let server = World::get().server;
    let refuse = |username: &str, password: &str| {
        let answer = server
            .registry(&Login::basic(username, password))
            .get("/v2/")
            .expect(401);
        crate::world::erase(&answer, &[])
    };
    let known = refuse("victim", "wrong password");
    assert_eq!(known, refuse("nobody-at-all", "wrong password"));
    assert_eq!(known, refuse("victim+nobody", "wharf_bot_x"));
    assert_eq!(known, refuse("victim", "wharf_pat_x"));
    assert_eq!(known, refuse("", ""));
    assert_eq!(known, refuse("victim", ""));
}
