//! Every row as every principal, public and private.

use std::sync::Mutex;

use wharf_testkit::{Answer, RegistryClient, registry::Challenge};

use crate::{
    api_rows,
    principal::Principal,
    rights::{Outcome, Right, decide, decide_through_tokens},
    row::{Attempt, Row},
    v2_rows,
    world::World,
};

/// Which of the two interfaces answers, as they say the same things differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Interface {
    Registry,
    Management,
}

/// What is wrong with an answer; none when it is what the rules say.
fn find_fault(
    interface: Interface,
    row: &Row,
    outcome: Outcome,
    answer: &Answer,
) -> Option<String> {
    let status = answer.status.as_u16();
    let wanted = match (outcome, interface) {
        (Outcome::Allowed, _) => row.success,
        (Outcome::Denied, _) => 403,
        (Outcome::Unauthenticated, _) | (Outcome::Hidden, Interface::Registry) => 401,
        (Outcome::Hidden, Interface::Management) => 404,
    };
    if status != wanted {
        return Some(format!("{status} instead of {wanted} ({outcome:?})"));
    }
    if outcome == Outcome::Allowed || answer.body.is_empty() {
        return None;
    }
    let body = answer.json();
    let (code, wanted) = match interface {
        Interface::Registry => (
            &body["errors"][0]["code"],
            if status == 403 {
                "DENIED"
            } else {
                "UNAUTHORIZED"
            },
        ),
        Interface::Management => (
            &body["code"],
            match status {
                403 => "denied",
                401 => "unauthenticated",
                _ => "not_found",
            },
        ),
    };
    if code != wanted {
        return Some(format!("code {code} instead of {wanted}"));
    }
    // The token service is where a challenge leads to, so it has none itself.
    let needs_challenge =
        interface == Interface::Registry && status == 401 && !answer.url.contains("/auth/token");
    (needs_challenge && Challenge::find(answer).is_none())
        .then(|| "401 without a challenge".to_owned())
}

/// Runs the rows and panics with a list of every cell that came out wrong.
fn run_rows(
    interface: Interface,
    rows: &[Row],
    decide: fn(Principal, Right, bool) -> Outcome,
    client_of: impl Fn(&World, Principal) -> RegistryClient + Sync,
) {
    let world = World::get();
    let faults = Mutex::new(Vec::new());
    wharf_tests::run_in_parallel(rows.len() * 2, |number| {
        let (row, public) = (&rows[number / 2], number % 2 == 0);
        let mut scene = (row.prepare)(world, public);
        for principal in Principal::ALL {
            let outcome = decide(principal, row.right, public);
            let answer = (row.act)(&Attempt {
                world,
                principal,
                scene: &scene,
                registry: &client_of(world, principal),
                api: &world.server.api(world.login(principal)),
            });
            if let Some(fault) = find_fault(interface, row, outcome, &answer) {
                let visibility = if public { "public" } else { "private" };
                let text = format!(
                    "{} {} × {principal:?} × {visibility}: {fault}\n    {}",
                    row.operation,
                    row.note,
                    answer.describe().replace('\n', "\n    ")
                );
                faults.lock().expect("no thread panics here").push(text);
            }
            if row.consumes && answer.status.is_success() {
                scene = (row.prepare)(world, public);
            }
        }
    });
    let faults = faults.into_inner().expect("no thread panics here");
    assert!(
        faults.is_empty(),
        "{} cells came out wrong:\n{}",
        faults.len(),
        faults.join("\n")
    );
}

#[test]
fn the_registry_answers_every_caller_as_the_rules_say() {
    run_rows(
        Interface::Registry,
        &v2_rows(),
        decide,
        |world, principal| world.server.registry(world.login(principal)),
    );
}

#[test]
fn the_registry_answers_the_same_through_tokens() {
    run_rows(
        Interface::Registry,
        &v2_rows(),
        decide_through_tokens,
        |world, principal| {
            world
                .server
                .registry(world.login(principal))
                .with_token_flow()
        },
    );
}

#[test]
fn the_management_api_answers_every_caller_as_the_rules_say() {
    run_rows(
        Interface::Management,
        &api_rows(),
        decide,
        |world, principal| world.server.registry(world.login(principal)),
    );
}
