//! Logging in and out.

use wharf_testkit::Login;

use super::start_dockerd;
use crate::site::Site;

#[test]
fn docker_logs_in_with_a_password_and_is_told_when_it_is_wrong() {
    let dockerd = start_dockerd!();
    let site = Site::start();
    let docker = dockerd.client("alice");

    docker
        .log_in(
            site.address(),
            &Login::basic(&site.alice.username, "wrong-horse-battery"),
        )
        .expect_failure()
        .expect_text("unauthorized");
    docker
        .log_in(site.address(), &site.alice.login())
        .expect_success()
        .expect_text("Login Succeeded");
}

#[test]
fn docker_logs_in_with_a_personal_access_token_that_may_pull_only() {
    let dockerd = start_dockerd!();
    let site = Site::start();
    let docker = dockerd.client("alice");
    let image = site.image("app:1");
    docker
        .log_in(site.address(), &site.alice.login())
        .expect_success();
    docker.build(&image, &["by a password"]);
    docker.push(&image);

    let laptop = dockerd.client("laptop");
    let token = site.server.token(&site.alice, "laptop", &["pull"]).login();
    laptop
        .log_in(site.address(), &token)
        .expect_success()
        .expect_text("Login Succeeded");
    laptop.run(["pull", &image]).expect_success();
    laptop
        .run(["push", &image])
        .expect_failure()
        .expect_text("denied");
}

#[test]
fn docker_logs_in_as_a_robot() {
    let dockerd = start_dockerd!();
    let site = Site::start();
    let robot = site
        .server
        .robot(&site.alice.username, "machine", &["pull", "push"])
        .login();
    let machine = dockerd.client("machine");
    let image = site.image("app:1");

    machine.log_in(site.address(), &robot).expect_success();
    machine.build(&image, &["by a machine"]);
    machine.push(&image);

    // A robot's namespace is where its rights end.
    let bob = site.server.user("bob");
    let elsewhere = format!("{}/{}/app:1", site.address(), bob.username);
    machine.run(["tag", &image, &elsewhere]).expect_success();
    machine
        .run(["push", &elsewhere])
        .expect_failure()
        .expect_text("unauthorized");
}
