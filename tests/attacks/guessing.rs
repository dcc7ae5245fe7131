//! Guessing passwords ends after a few tries, and no header makes a guesser somebody else.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use reqwest::Method;
use serde_json::json;
use wharf_testkit::{Answer, Login, Server, unique_name};

/// Few, since each costs the hashing of a password.
const ALLOWED: usize = 3;
const WINDOW: u64 = 900;

fn start(more: &str) -> Server {
    let limits = format!("[limits]\nlogin_failures = {ALLOWED}\nlogin_window_seconds = {WINDOW}");
    Server::builder().config(more).config(&limits).start()
}

fn guess(server: &Server, username: &str, password: &str, forwarded: &[(&str, &str)]) -> Answer {
    let client = server.registry(&Login::basic(username, password));
    let mut request = client.request(Method::GET, "/v2/");
    for (name, value) in forwarded {
        request = request.header(name, value);
    }
    request.send()
}

/// Asserts that an answer is the refusal of somebody who guessed too often.
#[track_caller]
fn expect_locked(answer: Answer, window: u64) {
    let answer = answer.expect_error(429, "TOOMANYREQUESTS");
    let seconds: u64 = answer.header("retry-after").parse().expect("seconds");
    assert!((1..=window).contains(&seconds), "{seconds}");
}

#[test]
fn m82_guesses_end_after_a_few_whatever_the_headers_say() {
    let server = start("");
    let person = server.user("guessed");
    for number in 0..ALLOWED {
        let address = format!("203.0.113.{number}");
        let forwarded = [
            ("x-forwarded-for", address.as_str()),
            ("forwarded", "for=198.51.100.7"),
            ("x-real-ip", address.as_str()),
        ];
        guess(
            &server,
            &person.username,
            &format!("guess {number}"),
            &forwarded,
        )
        .expect_error(401, "UNAUTHORIZED");
    }
    // From now on not even the right one is looked at, wherever the guesser claims to be and whichever door it takes.
    for number in 0..50 {
        let address = format!("203.0.113.{}", 100 + number);
        let forwarded = [
            ("x-forwarded-for", address.as_str()),
            ("client-ip", &address),
        ];
        let answer = guess(&server, &person.username, &person.password, &forwarded);
        expect_locked(answer, WINDOW);
    }
    let answer = server.api(&person.login()).get("/me");
    let answer = answer.expect_problem(429, "too_many_attempts");
    assert!(!answer.header("retry-after").is_empty());
    let form = format!(
        "grant_type=password&service=x&client_id=x&username={}&password={}",
        person.username,
        wharf_testkit::encode_segment(&person.password)
    );
    server
        .registry(&Login::Anonymous)
        .request(Method::POST, "/auth/token")
        .typed_body("application/x-www-form-urlencoded", form)
        .send()
        .expect(429);
    server
        .registry(&person.login())
        .fetch_token(&wharf_testkit::registry::TokenRequest::default())
        .expect(429);
    // Nobody else is locked out.
    server.registry(&server.admin()).get("/v2/").expect(200);

    // An administrator's new password ends it.
    let target = format!("/users/{}/password", person.username);
    let body = json!({ "new_password": "a better password" });
    server.api(&server.admin()).post(&target, body).expect(200);
    guess(&server, &person.username, "a better password", &[]).expect(200);
}

#[test]
fn m82_a_trusted_proxy_tells_guessers_apart() {
    let server = start("[server]\ntrusted_proxies = [\"127.0.0.1\"]\ninsecure_login = true");
    let person = server.user("behind-a-proxy");
    let from = |address: &str, password: &str| {
        let forwarded = [("x-forwarded-for", address)];
        guess(&server, &person.username, password, &forwarded)
    };
    for number in 0..ALLOWED {
        from("203.0.113.1", &format!("guess {number}")).expect_error(401, "UNAUTHORIZED");
    }
    expect_locked(from("203.0.113.1", &person.password), WINDOW);
    // What the client itself wrote before the proxy's own entry counts for nothing.
    expect_locked(from("198.51.100.9, 203.0.113.1", &person.password), WINDOW);
    from("203.0.113.2", &person.password).expect(200);
}

#[test]
fn m82_a_network_of_addresses_is_one_guesser() {
    // Whoever has one address of IPv6 has a whole /64 of them.
    let server = start("[server]\ntrusted_proxies = [\"127.0.0.1\"]\ninsecure_login = true");
    let namespace = server.namespace("guarded");
    let robot = server.robot(&namespace, "ci", &["pull"]);
    let from = |address: &str, secret: &str| {
        guess(
            &server,
            &robot.username,
            secret,
            &[("x-forwarded-for", address)],
        )
    };
    for number in 0..ALLOWED {
        let address = format!("2001:db8:1:2::{number}");
        from(&address, &format!("wharf_bot_{number}")).expect_error(401, "UNAUTHORIZED");
    }
    expect_locked(from("2001:db8:1:2:ffff::1", "wharf_bot_guess"), WINDOW);
    from("2001:db8:1:3::1", &robot.secret).expect(200);
}

#[test]
fn m82_one_address_cannot_try_every_account() {
    let server = start("");
    let admin = server.registry(&server.admin());
    admin.get("/v2/").expect(200);
    // Robots' secrets are refused without hashing a password, so this costs little.
    let guess = |number: usize| {
        guess(
            &server,
            &format!("space+bot-{number}"),
            "wharf_bot_guess",
            &[],
        )
    };
    let first = (0..50).position(|number| guess(number).status == 429);
    let tried = first.expect("the address is refused in the end");
    assert!(tried <= 10 * ALLOWED, "{tried} accounts were tried");
    expect_locked(guess(99), WINDOW);
    // Who was believed before is served from the same address.
    admin.get("/v2/").expect(200);
}

#[test]
fn the_lockout_lasts_as_long_as_it_says() {
    const SHORT: u64 = 2;
    let limits = format!("[limits]\nlogin_failures = 2\nlogin_window_seconds = {SHORT}");
    let server = Server::builder().config(&limits).start();
    let namespace = server.namespace("slow");
    let robot = server.robot(&namespace, "bot", &["pull"]);
    let slip = || guess(&server, &robot.username, "wharf_bot_wrong", &[]).expect(401);

    let pause = Duration::from_millis(SHORT * 1000 * 3 / 4);
    let begun = Instant::now();
    slip();
    thread::sleep(pause);
    slip();
    let answer = guess(&server, &robot.username, "wharf_bot_wrong", &[]);
    let answer = answer.expect(429);
    let seconds: u64 = answer.header("retry-after").parse().expect("seconds");
    thread::sleep(Duration::from_secs(seconds));
    guess(&server, &robot.username, &robot.secret, &[]).expect(200);
    let lasted = begun.elapsed();
    assert!(lasted < Duration::from_secs(3 * SHORT), "{lasted:?}");
}

#[test]
fn wrong_access_tokens_of_one_machine_lock_out_no_other_token() {
    let server = start("");
    let person = server.user("token-owner");
    let good = server.token(&person, &unique_name("good"), &["pull", "admin"]);
    let revoked = Login::Bearer(format!("wharf_pat_{}", "0".repeat(40)));
    // A forgotten job goes on with a token that was deleted.
    for _ in 0..ALLOWED + 1 {
        server.api(&revoked).get("/me").expect_one_of(&[401, 429]);
    }
    server.api(&good.bearer()).get("/me").expect(200);
}

#[test]
fn a_token_that_works_pardons_no_guessed_password() {
    let server = start("");
    let person = server.user("pardoned");
    // Whoever found a token that pulls may not use it to try passwords for ever.
    let tokens = ["one", "two"].map(|name| server.token(&person, name, &["pull"]));
    let mut refused = 0;
    for token in &tokens {
        for _ in 0..ALLOWED - 1 {
            let answer = guess(&server, &person.username, &unique_name("guess"), &[]);
            refused += usize::from(answer.status == 401);
        }
        server
            .registry(&token.login())
            .get("/v2/")
            .expect_one_of(&[200, 429]);
    }
    assert!(refused <= ALLOWED, "{refused} guesses were looked at");
}

#[test]
fn guesses_made_at_once_are_no_more_than_guesses_made_in_turn() {
    let server = start("");
    let person = server.user("crowded");
    let looked_at = AtomicUsize::new(0);
    thread::scope(|scope| {
        for number in 0..16 {
            let (server, person, looked_at) = (&server, &person, &looked_at);
            scope.spawn(move || {
                let answer = guess(server, &person.username, &format!("guess {number}"), &[]);
                if answer.status == 401 {
                    looked_at.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    let looked_at = looked_at.into_inner();
    assert!(looked_at <= ALLOWED, "{looked_at} guesses were looked at");
}

#[test]
fn a_stolen_token_does_not_help_to_guess_the_password_behind_it() {
    let server = start("");
    let person = server.user("robbed");
    let token = server.token(&person, "stolen", &["pull", "admin"]);
    let api = server.api(&token.bearer());
    let change = |current: &str| {
        let body =
            json!({ "current_password": current, "new_password": "a password of the thief" });
        api.post("/me/password", body)
    };
    for number in 0..ALLOWED {
        change(&format!("guess {number}")).expect_problem(403, "wrong_password");
    }
    change(&person.password).expect_problem(429, "too_many_attempts");
    let login = Login::basic(&person.username, "a password of the thief");
    server
        .registry(&login)
        .get("/v2/")
        .expect_one_of(&[401, 429]);
}
