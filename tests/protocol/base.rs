//! `/v2/` itself, and what every answer below it has.

use reqwest::Method;
use wharf_testkit::{Login, registry::Challenge};

use crate::{SERVER, admin, fresh_repository};

#[test]
fn base_answers_200_to_a_caller_who_is_signed_in_end_1() {
    let answer = admin().get("/v2/").expect(200);
    assert_eq!(
        answer.header("docker-distribution-api-version"),
        "registry/2.0"
    );
}

#[test]
fn base_without_its_slash_is_the_base_too_docker() {
    admin().get("/v2").expect_one_of(&[200, 301, 308]);
}

#[test]
fn base_challenges_a_caller_who_is_not_signed_in_end_1() {
    let server = SERVER.get();
    let answer = server.registry(&Login::Anonymous).get("/v2/");
    let answer = answer.expect_error(401, "UNAUTHORIZED");
    assert_eq!(
        answer.header("docker-distribution-api-version"),
        "registry/2.0"
    );
    let challenge = Challenge::find(&answer).expect("a Bearer challenge");
    assert_eq!(challenge.realm, format!("{}/auth/token", server.url()));
    assert_eq!(challenge.scope, None);
}

#[test]
fn every_error_carries_the_version_header_docker() {
    let answer = fresh_repository().get_manifest("latest").expect(404);
    assert_eq!(
        answer.header("docker-distribution-api-version"),
        "registry/2.0"
    );
    assert_eq!(
        answer.header("content-type").split(';').next(),
        Some("application/json")
    );
}

#[test]
fn a_path_that_is_no_endpoint_answers_404_in_the_specified_form() {
    for path in [
        "/v2/acme/web",
        "/v2/acme/web/manifests",
        "/v2/acme/web/nothing/here",
    ] {
        let answer = admin().get(path).expect(404);
        answer.error_codes();
    }
}

#[test]
fn a_method_that_an_endpoint_does_not_have_answers_405_and_names_those_it_has() {
    let repository = fresh_repository();
    for (method, rest, allowed) in [
        (Method::POST, "manifests/latest", "PUT"),
        (Method::PUT, "tags/list", "GET"),
        (Method::PATCH, "blobs/uploads/", "POST"),
    ] {
        let answer = repository.request(method, rest).send();
        let answer = answer.expect_error(405, "UNSUPPORTED");
        let methods = answer.list_header("allow");
        assert!(
            methods.iter().any(|method| method == allowed),
            "{methods:?}"
        );
    }
}

#[test]
fn errors_have_no_body_for_head() {
    let answer = fresh_repository().head_manifest("latest").expect(404);
    assert!(answer.body.is_empty());
}
