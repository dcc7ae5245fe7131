//! Content is what its digest says, and a digest is nothing but hexadecimal digits.

use reqwest::Method;
use serde_json::Value;
use wharf_testkit::{
    Repository, encode_segment,
    image::{compute_digest, compute_sha512, make_artifact, media_type},
};

use crate::{wire, world::World};

/// What the management API says about a repository's content.
fn read_totals(world: &World, repository: &Repository) -> (Value, Value) {
    let target = format!("/repositories/{}", encode_segment(repository.name()));
    let page = world.attacker_api().get(&target).expect(200).json();
    (page["size_bytes"].clone(), page["tag_count"].clone())
}

#[test]
fn h54_content_under_a_wrong_digest_is_refused_and_nothing_of_it_stays() {
    let world = World::get();
    let repository = world.attacker_repository();
    repository.push_bytes("{}");
    let before = read_totals(world, &repository);
    let bytes = repository.name().as_bytes().to_vec();
    let (right, right_sha512) = (compute_digest(&bytes), compute_sha512(&bytes));
    let wrong = compute_digest(b"something else");
    let wrong_sha512 = compute_sha512(b"something else");

    for digest in [&wrong, &wrong_sha512] {
        let location = repository.begin_upload("").expect(202).location();
        repository
            .put_upload(&location, digest, bytes.clone())
            .expect_error(400, "DIGEST_INVALID");
        repository
            .get_upload(&location)
            .expect_error(404, "BLOB_UPLOAD_UNKNOWN");
        let location = repository.begin_upload("").expect(202).location();
        let location = repository
            .patch_upload(&location, None, bytes.clone())
            .expect(202)
            .location();
        repository
            .put_upload(&location, digest, "")
            .expect_error(400, "DIGEST_INVALID");
        repository
            .post_blob(digest, bytes.clone())
            .expect_error(400, "DIGEST_INVALID");
    }
    // The right digits under the other algorithm's name.
    let sha512_digits = right_sha512.strip_prefix("sha512:").expect("sha512");
    let mixed = [
        format!("sha512:{}", right.strip_prefix("sha256:").expect("sha256")),
        format!("sha256:{sha512_digits}"),
        format!("sha256:{}", &sha512_digits[..64]),
    ];
    for digest in &mixed {
        repository
            .post_blob(digest, bytes.clone())
            .expect_error(400, "DIGEST_INVALID");
    }
    for digest in [&right, &right_sha512, &wrong, &wrong_sha512, &mixed[2]] {
        repository.head_blob(digest).expect(404);
    }

    let artifact = make_artifact("application/x-wrong", &[], None);
    for digest in [&wrong, &wrong_sha512] {
        repository
            .put_manifest(digest, &artifact)
            .expect_error(400, "DIGEST_INVALID");
        repository
            .put_manifest(&format!("{digest}?tag=v1"), &artifact)
            .expect_error(400, "DIGEST_INVALID");
        repository.get_manifest(digest).expect(404);
    }
    repository.get_manifest(&artifact.digest()).expect(404);
    repository.get_manifest("v1").expect(404);
    assert_eq!(read_totals(world, &repository), before);

    // The same bytes under their own digests are welcome.
    repository.post_blob(&right, bytes.clone()).expect(201);
    repository.post_blob(&right_sha512, bytes).expect(201);
    let tagged = format!("{}?tag=v1", artifact.digest());
    repository.put_manifest(&tagged, &artifact).expect(201);
    assert_ne!(read_totals(world, &repository), before);
}

/// Texts that some other registry once took for a digest.
fn list_bad_digests() -> Vec<String> {
    let good = compute_digest(b"");
    let (name, hex) = good.split_once(':').expect("a digest");
    vec![
        "sha256:../../x".into(),
        "sha256:..%2f..%2f..%2fkeys%2fregistry-token.key".into(),
        "sha256:%2e%2e/%2e%2e/keys/registry-token.key".into(),
        "sha256:%00".into(),
        format!("sha256:{hex}%00"),
        format!("{name}:{}", hex.to_uppercase()),
        format!("SHA256:{hex}"),
        format!("{name}:{}", &hex[..63]),
        format!("{name}:{hex}0"),
        format!("{name}:{}g", &hex[..63]),
        format!("{name}:+{}", &hex[..63]),
        format!("md5:{}", &hex[..32]),
        format!("sha1:{}", &hex[..40]),
        format!("sha512:{hex}"),
        format!("sha256+b64u:{hex}"),
        format!("{name}::{hex}"),
        format!(":{hex}"),
        format!("{name}:"),
        ":".into(),
    ]
}

#[test]
fn h55_what_is_no_digest_names_nothing_and_builds_no_path() {
    let world = World::get();
    let server = world.server;
    let repository = world.attacker_repository();
    let good = repository.push_bytes("");
    let authorization = world.attacker_login().authorization().expect("credentials");
    let ask = |method: &str, target: &str| {
        let head = format!(
            "{method} {target} HTTP/1.1\r\nAuthorization: {authorization}\r\nContent-Length: 0\r\nContent-Type: {}",
            media_type::OCI_MANIFEST
        );
        let exchange = wire::ask(server, &head);
        assert_eq!(exchange.statuses().len(), 1, "{target}: {exchange:?}");
        exchange.statuses()[0]
    };
    let path = |rest: &str| repository.path(rest);
    assert_eq!(ask("GET", &path(&format!("blobs/{good}"))), 200);

    let key = crate::jwt::read_key(server);
    for digest in list_bad_digests() {
        for kind in ["blobs", "manifests"] {
            let target = path(&format!("{kind}/{digest}"));
            assert_eq!(ask("GET", &target), 404, "{target}");
            assert_eq!(ask("HEAD", &target), 404, "{target}");
            let deleted = ask("DELETE", &target);
            assert!([400, 404].contains(&deleted), "{target}: {deleted}");
        }
        for (method, target) in [
            ("GET", format!("referrers/{digest}")),
            ("PUT", format!("manifests/{digest}")),
            ("POST", format!("blobs/uploads/?digest={digest}")),
            ("POST", format!("blobs/uploads/?mount={digest}")),
            (
                "POST",
                format!("blobs/uploads/?mount={digest}&from=victim/app"),
            ),
        ] {
            let status = ask(method, &path(&target));
            let slash = digest.contains('/') && !target.contains('?');
            let wanted: &[u16] = if slash { &[400, 404, 405] } else { &[400] };
            assert!(wanted.contains(&status), "{method} {target}: {status}");
        }
        let location = repository.begin_upload("").expect(202).location();
        let target = location
            .strip_prefix(server.url())
            .expect("an own location")
            .to_owned();
        assert_eq!(
            ask("PUT", &format!("{target}?digest={digest}")),
            400,
            "{digest}"
        );
        assert_eq!(ask("DELETE", &target), 204);
    }
    assert_eq!(crate::jwt::read_key(server), key);
    assert_eq!(repository.get_blob(&good).expect(200).body, "");
}

#[test]
fn h55_dots_in_a_path_lead_nowhere() {
    let world = World::get();
    let server = world.server;
    let secret = crate::jwt::read_key(server);
    let secret = String::from_utf8_lossy(&secret).into_owned();
    let authorization = server.admin().authorization().expect("credentials");
    for target in [
        "/v2/../keys/registry-token.key",
        "/v2/a/../../../keys/registry-token.key",
        "/v2/%2e%2e/%2e%2e/keys/registry-token.key",
        "/v2/a%2f..%2f../blobs/uploads/",
        "/v2/a/blobs/uploads/../../../../keys/registry-token.key",
        "/v2/a/blobs/uploads/..%2f..%2fkeys%2fregistry-token.key",
        "/v2/a/b/manifests/..%2f..%2fkeys",
        "/v2/a/./b/tags/list",
        "/v2//a/b/tags/list",
        "/v2/a/b/tags/list/..;/",
        "//v2/",
        "/./v2/",
        "/api/v1/repositories/..%2f..%2fkeys",
        "/api/v1/repositories/a%252fb",
        "/api/v1/users/..%2fadmin",
        "/api/v1/../v1/users",
        "/api/v1//users",
    ] {
        let head = format!("GET {target} HTTP/1.1\r\nAuthorization: {authorization}");
        let exchange = wire::ask(server, &head);
        let status = exchange.statuses()[0];
        // Where the console is built, every address that is nobody's is a page of it.
        let is_page = exchange.text.contains("content-type: text/html");
        assert!(
            (400..500).contains(&status) || is_page,
            "{target}: {exchange:?}"
        );
        assert!(!exchange.text.contains(&secret), "{target}");
    }
    let answer = world
        .server
        .registry(&server.admin())
        .get("/v2/")
        .expect(200);
    assert_eq!(answer.method, Method::GET);
}
