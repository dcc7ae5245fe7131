//! Names give nothing: not to people, not to robots, not to repositories.

use serde_json::json;
use wharf_testkit::Login;

use crate::world::World;

/// What other registries, scanners and identity providers call their privileged accounts.
const GRAND_NAMES: [&str; 3] = ["scanner-x", "build", "accounts.google.com"];
const GRAND_ROBOTS: [&str; 6] = ["admin", "system", "scanner-x", "build", "root", "library"];

/// Asserts that this login reads nothing of the victim's and administers nothing.
fn expect_no_privilege(world: &World, login: &Login, repository: &str) {
    let theirs = world.server.registry(login).repository(repository);
    theirs.get_manifest("v1").expect_error(401, "UNAUTHORIZED");
    theirs.begin_upload("").expect_error(401, "UNAUTHORIZED");
    let library = world.server.registry(login).repository("library/app");
    library.begin_upload("").expect_error(401, "UNAUTHORIZED");
    let api = world.server.api(login);
    api.get("/users").expect_problem(403, "denied");
    api.get("/audit").expect_problem(403, "denied");
    let body = json!({ "username": "made-by-a-name", "admin": true });
    api.post("/users", body).expect_problem(403, "denied");
    api.get(&format!("/namespaces/{}/robots", world.victim.username))
        .expect_problem(404, "not_found");
}

#[test]
fn h38_a_grand_name_gives_no_privilege() {
    let world = World::get();
    let (repository, _) = world.push_secret();
    // The checks below mean something: an administrator and the owner pass them.
    world.admin_api().get("/users").expect(200);
    repository.get_manifest("v1").expect(200);

    for name in GRAND_NAMES {
        let person = world.server.user(name);
        expect_no_privilege(world, &person.login(), repository.name());
    }
    let namespace = &world.attacker.username;
    for name in GRAND_ROBOTS {
        let actions = ["pull", "push", "delete", "build:start", "trigger:run"];
        let login = world.attacker_login();
        let robot = world.server.robot_by(&login, namespace, name, &actions);
        expect_no_privilege(world, &robot.login(), repository.name());
    }
}

#[test]
fn h38_names_that_stand_for_the_server_itself_are_nobodys() {
    let world = World::get();
    for name in ["system", "anonymous", "library", "api", "v2"] {
        let answer = world
            .admin_api()
            .post("/users", json!({ "username": name }))
            .expect_problem(400, "invalid_field");
        assert_eq!(answer.json()["params"]["reason"], "reserved", "{name}");
        world
            .attacker_api()
            .post("/namespaces", json!({ "name": name }))
            .expect_problem(400, "invalid_field");
    }
    // A robot's login has a sign that no person's can have.
    for name in ["victim+ci", "victim$ci", "robot$ci", "victim/ci", "VICTIM"] {
        world
            .admin_api()
            .post("/users", json!({ "username": name }))
            .expect_problem(400, "invalid_field");
    }
}

#[test]
fn a_push_makes_no_namespace_that_the_management_api_would_refuse() {
    let world = World::get();
    let admin = world.server.registry(&world.server.admin());
    let long = "a".repeat(65);
    for namespace in ["system", "api", long.as_str()] {
        admin
            .repository(&format!("{namespace}/app"))
            .begin_upload("")
            .expect_one_of(&[400, 403]);
        let list = world.admin_api().read_all("/namespaces", 1000);
        assert!(
            list.iter().all(|found| found["name"] != namespace),
            "{namespace} was made"
        );
    }
    // Where the name is a good one, an administrator's push makes it.
    let good = wharf_testkit::unique_name("by-push");
    let repository = admin.repository(&format!("{good}/app"));
    repository.begin_upload("").expect(202);
    world
        .admin_api()
        .get(&format!("/namespaces/{good}"))
        .expect(200);
}

#[test]
fn a_namespace_made_by_a_push_is_in_the_audit_log() {
    let world = World::get();
    let admin = world.server.registry(&world.server.admin());
    let namespace = wharf_testkit::unique_name("quiet");
    admin
        .repository(&format!("{namespace}/app"))
        .begin_upload("")
        .expect(202);
    let target = format!("/audit?action=namespace.create&target={namespace}");
    let found = world.admin_api().get(&target).expect(200).json();
    assert_eq!(found["items"][0]["actor"], "admin", "{found}");
}

#[test]
fn robots_work_in_their_own_namespace_only() {
    let world = World::get();
    let (repository, _) = world.push_secret();
    let own = world.attacker_repository();
    let actions = ["pull", "push", "delete"];
    let robot = world.server.robot_by(
        &world.attacker_login(),
        &world.attacker.username,
        &wharf_testkit::unique_name("stays-home"),
        &actions,
    );
    let client = world.server.registry(&robot.login());
    own.seen_by(&client).push_bytes("at home");
    let theirs = repository.seen_by(&client);
    theirs.get_manifest("v1").expect_error(401, "UNAUTHORIZED");
    theirs.begin_upload("").expect_error(401, "UNAUTHORIZED");
    theirs
        .delete_manifest("v1")
        .expect_error(401, "UNAUTHORIZED");
    let name = world.fresh_name(&world.victim);
    client
        .repository(&name)
        .begin_upload("")
        .expect_error(401, "UNAUTHORIZED");
    let api = world.server.api(&robot.login());
    for (namespace, status, code) in [
        (world.attacker.username.as_str(), 403, "denied"),
        (world.victim.username.as_str(), 404, "not_found"),
    ] {
        let robots = format!("/namespaces/{namespace}/robots");
        let body = json!({ "name": "child", "actions": ["pull"] });
        api.post(&robots, body).expect_problem(status, code);
        let member = format!("/namespaces/{namespace}/members/attacker");
        api.put(&member, json!({ "role": "owner" }))
            .expect_problem(status, code);
    }
    let body = json!({ "name": "mine", "actions": ["pull"] });
    api.post("/tokens", body).expect_problem(403, "denied");
    api.post("/namespaces", json!({ "name": "of-a-robot" }))
        .expect_problem(403, "denied");
}
