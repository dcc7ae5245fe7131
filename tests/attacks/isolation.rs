//! What is private stays private: to nobody signed in, and to people who have the right digest but not the right.

use std::time::{Duration, Instant};

use wharf_testkit::{
    Answer, Login, RegistryClient, Repository, encode_segment,
    image::{compute_digest, make_artifact, make_random_bytes},
    registry::TokenRequest,
};

use crate::{
    jwt::read_claims,
    measure::find_median,
    world::{World, erase, fetch_token},
};

/// Everything that reads from a repository.
fn read_everything(repository: &Repository, manifest: &str, blob: &str) -> Vec<Answer> {
    vec![
        repository.get_manifest("v1"),
        repository.head_manifest("v1"),
        repository.get_manifest(manifest),
        repository.head_manifest(manifest),
        repository.get_blob(blob),
        repository.head_blob(blob),
        repository.get_blob_with(blob, "range", "bytes=0-0"),
        repository.get_blob_with(blob, "if-none-match", "*"),
        repository.get_manifest_with("v1", "if-none-match", "*"),
        repository.list_tags(""),
        repository.list_referrers(manifest, ""),
    ]
}

#[test]
fn c19_an_anonymous_token_opens_no_private_repository() {
    let world = World::get();
    let (repository, image) = world.push_secret();
    let (manifest, blob) = (image.digest(), image.layers[0].digest());
    let signature = make_artifact(
        "application/x-signature",
        &[],
        Some(&image.manifest.descriptor()),
    );
    repository.push_bytes("{}");
    repository.push_manifest(&signature.digest(), &signature);
    let anonymous = world.server.registry(&Login::Anonymous);

    // The same requests work for the owner, and with such a token on what is public.
    for answer in read_everything(&repository, &manifest, &blob) {
        answer.expect_one_of(&[200, 206, 304]);
    }
    let (public, public_image) = world.push_secret();
    world.server.set_visibility(public.name(), true);
    let token = fetch_token(&anonymous, &[&format!("repository:{}:pull", public.name())]);
    let with_token = anonymous.with_login(Login::Bearer(token));
    let seen = public.seen_by(&with_token);
    let digests = (public_image.digest(), public_image.layers[0].digest());
    for answer in read_everything(&seen, &digests.0, &digests.1) {
        answer.expect_one_of(&[200, 206, 304]);
    }

    let scope = format!("repository:{}:pull,push,delete", repository.name());
    let request = TokenRequest::default().service("wharf").scope(&scope);
    let body = anonymous.fetch_token(&request).expect(200).json();
    assert_eq!(body["scope"], "");
    let token = body["token"].as_str().expect("a token");
    assert_eq!(read_claims(token)["access"], serde_json::json!([]));

    let missing = world.fresh_name(&world.victim);
    for client in [
        anonymous.with_login(Login::Bearer(token.to_owned())),
        with_token,
        anonymous.clone(),
    ] {
        let hidden = read_everything(&repository.seen_by(&client), &manifest, &blob);
        let absent = read_everything(&client.repository(&missing), &manifest, &blob);
        for (hidden, absent) in hidden.into_iter().zip(absent) {
            let hidden = hidden.expect(401);
            if hidden.method != "HEAD" {
                hidden.clone().expect_error(401, "UNAUTHORIZED");
            }
            let names = [repository.name(), missing.as_str()];
            assert_eq!(erase(&hidden, &names), erase(&absent, &names));
        }
    }
    c19_expect_unlisted(&anonymous, repository.name(), public.name());
}

/// The catalog asks for a scope; who has it sees what is public.
fn c19_expect_unlisted(anonymous: &RegistryClient, private: &str, public: &str) {
    anonymous.list_catalog("").expect_error(401, "UNAUTHORIZED");
    let token = fetch_token(anonymous, &[&format!("repository:{private}:pull")]);
    anonymous
        .with_login(Login::Bearer(token))
        .list_catalog("")
        .expect_error(401, "UNAUTHORIZED");
    let token = fetch_token(anonymous, &["registry:catalog:*"]);
    let catalog = anonymous
        .with_login(Login::Bearer(token))
        .list_catalog(&format!("n=1000&last={}", &public[..public.len() - 1]))
        .expect(200)
        .json();
    let names = catalog["repositories"].as_array().expect("names");
    assert!(names.iter().any(|name| name == public), "{catalog}");
    assert!(names.iter().all(|name| name != private), "{catalog}");
}

#[test]
fn c25_a_digest_opens_no_blob_of_another_repository() {
    let world = World::get();
    let (repository, image) = world.push_secret();
    let layer = &image.layers[0];
    let (digest, bytes) = (layer.digest(), layer.bytes.clone());
    let mine = world.attacker_repository();
    mine.push_blob(&image.config);
    let unknown = compute_digest(b"nobody has this");

    let expect_closed = || {
        mine.get_blob(&digest).expect_error(404, "BLOB_UNKNOWN");
        mine.head_blob(&digest).expect(404);
        mine.get_blob_with(&digest, "range", "bytes=0-0")
            .expect_error(404, "BLOB_UNKNOWN");
    };
    expect_closed();
    mine.delete_blob(&digest).expect_error(404, "BLOB_UNKNOWN");
    let names = [digest.as_str(), unknown.as_str()];
    assert_eq!(
        erase(&mine.get_blob(&digest), &names),
        erase(&mine.get_blob(&unknown), &names)
    );
    let refused = mine.put_manifest("v1", &image.manifest);
    let refused = refused.expect_one_of(&[400, 404]);
    assert_eq!(refused.error_codes(), ["MANIFEST_BLOB_UNKNOWN"]);
    expect_closed();
    mine.get_manifest("v1").expect(404);
    // Neither a mount, from where it is or from anywhere, nor somebody else's bytes under its name.
    for from in [None, Some(repository.name())] {
        mine.mount_blob(&digest, from).expect(202);
    }
    mine.post_blob(&digest, "other bytes")
        .expect_error(400, "DIGEST_INVALID");
    expect_closed();
    // An index may name it; that opens nothing either.
    let index = wharf_testkit::image::make_index(vec![layer.descriptor()]);
    mine.push_manifest("index", &index);
    expect_closed();

    // Whoever has the bytes may have the blob; its owner had it all along.
    repository.get_blob(&digest).expect(200);
    mine.push_bytes(bytes);
    mine.get_blob(&digest).expect(200);
    mine.push_manifest("v1", &image.manifest);
}

#[test]
fn c25_a_blob_of_another_repository_answers_as_fast_as_none() {
    let world = World::get();
    let (repository, _) = world.push_secret();
    let digest = repository.push_bytes(make_random_bytes(25, 256 * 1024));
    let unknown = compute_digest(b"nobody has this either");
    let mine = world.attacker_repository();
    mine.push_bytes("something, so that the repository is there");
    let time = |digest: &str| {
        let started = Instant::now();
        mine.head_blob(digest).expect(404);
        started.elapsed()
    };
    // In turns, so that the machine's moods meet both alike.
    let (mut there, mut nowhere) = (Vec::new(), Vec::new());
    for _ in 0..80 {
        there.push(time(&digest));
        nowhere.push(time(&unknown));
    }
    let (there, nowhere) = (find_median(there), find_median(nowhere));
    let difference = there.abs_diff(nowhere);
    assert!(
        difference < nowhere / 2 + Duration::from_micros(300),
        "{there:?} for what another has, {nowhere:?} for what nobody has"
    );
}

#[test]
fn lists_and_search_show_no_private_repository() {
    let world = World::get();
    let (repository, _) = world.push_secret();
    let name = repository.name();
    let (_, short) = name.split_once('/').expect("a namespace");
    let encoded = encode_segment(name);
    let lists = [
        format!("/repositories?q={short}"),
        format!("/repositories?namespace={}", world.victim.username),
        format!("/search?q={short}"),
    ];
    let holds = |answer: Answer| answer.expect(200).text().contains(&format!("\"{name}\""));
    let anonymous = world.server.api(&Login::Anonymous);
    for list in &lists {
        assert!(holds(world.victim_api().get(list)), "{list}");
        for client in [&world.attacker_api(), &anonymous] {
            assert!(!holds(client.get(list)), "{list}");
        }
    }
    for target in ["", "/tags", "/tags/v1"] {
        let target = format!("/repositories/{encoded}{target}");
        for client in [&world.attacker_api(), &anonymous] {
            client.get(&target).expect_problem(404, "not_found");
        }
    }
    let found = anonymous_search(world, short);
    assert!(!found.contains(name), "{found}");
    world.server.set_visibility(name, true);
    assert!(anonymous_search(world, short).contains(name));
}

fn anonymous_search(world: &World, term: &str) -> String {
    let client = world.server.registry(&Login::Anonymous);
    client
        .get(&format!("/v1/search?q={term}&n=100"))
        .expect(200)
        .text()
}

#[test]
fn a_credential_that_may_not_pull_cannot_tell_hidden_from_missing() {
    let world = World::get();
    let (repository, image) = world.push_secret();
    let missing = world.fresh_name(&world.victim);
    let robot = wharf_testkit::unique_name("push-only");
    let robot = world.server.robot_by(
        &world.victim_login(),
        &world.victim.username,
        &robot,
        &["push"],
    );
    let client = world.server.registry(&robot.login());
    let names = [repository.name(), missing.as_str()];
    let (manifest, blob) = (image.digest(), image.layers[0].digest());
    let hidden = read_everything(&repository.seen_by(&client), &manifest, &blob);
    let absent = read_everything(&client.repository(&missing), &manifest, &blob);
    for (hidden, absent) in hidden.iter().zip(&absent) {
        assert_eq!(
            erase(hidden, &names),
            erase(absent, &names),
            "{}",
            hidden.url
        );
    }
}
