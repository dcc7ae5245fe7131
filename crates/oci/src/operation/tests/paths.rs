//! What a method and a path ask for.

use super::*;

#[test]
fn every_endpoint_of_the_specification_is_one_operation() {
    let session = "0197f0a2-6f1e-7a51-9c3c-8d7f1f0e2b11";
    for (line, expected, repository) in [
        ("GET /v2/".to_owned(), "ping", None),
        ("HEAD /v2".to_owned(), "ping", None),
        ("GET /v2/_catalog".to_owned(), "list_catalog", None),
        (
            format!("GET /v2/a/b/blobs/{SHA256}"),
            "get_blob",
            Some("a/b"),
        ),
        (
            "GET /v2/a/manifests/latest".to_owned(),
            "get_manifest",
            Some("a"),
        ),
        (
            format!("HEAD /v2/a/manifests/{SHA256}"),
            "get_manifest",
            Some("a"),
        ),
        (
            "POST /v2/a/blobs/uploads/".to_owned(),
            "start_upload",
            Some("a"),
        ),
        (
            "POST /v2/a/blobs/uploads".to_owned(),
            "start_upload",
            Some("a"),
        ),
        (
            format!("PATCH /v2/a/blobs/uploads/{session}"),
            "write_upload",
            Some("a"),
        ),
        (
            format!("PUT /v2/a/blobs/uploads/{session}?digest={SHA256}"),
            "finish_upload",
            Some("a"),
        ),
        (
            "PUT /v2/a/manifests/latest".to_owned(),
            "put_manifest",
            Some("a"),
        ),
        ("GET /v2/a/tags/list".to_owned(), "list_tags", Some("a")),
        (
            "DELETE /v2/a/manifests/latest".to_owned(),
            "delete_manifest",
            Some("a"),
        ),
        (
            format!("DELETE /v2/a/blobs/{SHA256}"),
            "delete_blob",
            Some("a"),
        ),
        (
            format!("GET /v2/a/referrers/{SHA256}"),
            "list_referrers",
            Some("a"),
        ),
        (
            format!("GET /v2/a/blobs/uploads/{session}"),
            "get_upload",
            Some("a"),
        ),
        (
            format!("DELETE /v2/a/blobs/uploads/{session}"),
            "cancel_upload",
            Some("a"),
        ),
    ] {
        let operation = parse_ok(&line);
        assert_eq!(operation.name(), expected, "{line}");
        assert_eq!(
            operation.repository().map(RepositoryName::as_str),
            repository,
            "{line}"
        );
    }
}

#[test]
fn a_name_may_hold_every_keyword_of_the_path_grammar() {
    for (line, expected, repository) in [
        ("GET /v2/tags/list/tags/list", "list_tags", "tags/list"),
        (
            "GET /v2/manifests/manifests/manifests",
            "get_manifest",
            "manifests",
        ),
        ("GET /v2/a/manifests/list", "get_manifest", "a"),
        ("GET /v2/a/tags/manifests/list", "get_manifest", "a/tags"),
        (
            "GET /v2/a/blobs/uploads/manifests/v1",
            "get_manifest",
            "a/blobs/uploads",
        ),
        (
            "GET /v2/a/blobs/uploads/tags/list",
            "list_tags",
            "a/blobs/uploads",
        ),
        (
            "POST /v2/blobs/uploads/blobs/uploads/",
            "start_upload",
            "blobs/uploads",
        ),
        (
            "PATCH /v2/blobs/uploads/blobs/uploads/list",
            "write_upload",
            "blobs/uploads",
        ),
        (
            "PATCH /v2/uploads/blobs/uploads/s",
            "write_upload",
            "uploads",
        ),
        ("GET /v2/v2/manifests/v2", "get_manifest", "v2"),
        (
            "GET /v2/referrers/referrers/manifests/x",
            "get_manifest",
            "referrers/referrers",
        ),
    ] {
        let operation = parse_ok(line);
        assert_eq!(operation.name(), expected, "{line}");
        assert_eq!(operation.repository(), Some(&name(repository)), "{line}");
    }
}

#[test]
fn a_path_that_is_no_endpoint_is_404() {
    for path in [
        "/",
        "",
        "/v1/",
        "/v2x",
        "/v22/",
        "/v2/a",
        "/v2/a/",
        "/v2/_catalog/",
        "/v2/a/tags/list/",
        "/v2/a/tags/",
        "/v2/a/tags/other",
        "/v2/a/manifests/",
        "/v2/a/blobs/",
        "/v2/a/referrers/",
        "/v2/a/uploads/s",
        "/v2/a/x/uploads/",
        "/v2/a/m%61nifests/latest",
        "/v2/a/MANIFESTS/latest",
    ] {
        assert_refused(&format!("GET {path}"), 404, ErrorCode::Unsupported);
    }
}

#[test]
fn a_method_an_endpoint_does_not_have_is_405_and_lists_the_others() {
    for (line, allow) in [
        ("POST /v2/", &["GET", "HEAD"][..]),
        ("DELETE /v2/_catalog", &["GET", "HEAD"]),
        ("PUT /v2/a/tags/list", &["GET", "HEAD"]),
        ("POST /v2/a/manifests/x", &["GET", "HEAD", "PUT", "DELETE"]),
        ("get /v2/a/manifests/x", &["GET", "HEAD", "PUT", "DELETE"]),
        ("PUT /v2/a/blobs/x", &["GET", "HEAD", "DELETE"]),
        ("GET /v2/a/blobs/uploads/", &["POST"]),
        (
            "POST /v2/a/blobs/uploads/s",
            &["GET", "HEAD", "PATCH", "PUT", "DELETE"],
        ),
        ("POST /v2/a/referrers/x", &["GET", "HEAD"]),
    ] {
        assert_refused(line, 405, ErrorCode::Unsupported);
        assert_eq!(parse(line).expect_err(line).allow(), allow, "{line}");
    }
}

#[test]
fn malformed_names_are_name_invalid() {
    for raw in [
        "", "A", "a//b", "/a", "a/", "a..b", "-a", "a-", "a___b", "..", "../a", "a/../b", ".",
        "a%2fb", "a%2Fb", "a%00", "a%", "a%zz", "a%ff", "_catalog", "a b", "é",
    ] {
        assert_refused(
            &format!("GET /v2/{raw}/manifests/x"),
            400,
            ErrorCode::NameInvalid,
        );
        assert_refused(
            &format!("POST /v2/{raw}/blobs/uploads/"),
            400,
            ErrorCode::NameInvalid,
        );
    }
    let long = "a".repeat(256);
    assert_refused(
        &format!("GET /v2/{long}/tags/list"),
        400,
        ErrorCode::NameInvalid,
    );
}

/// H55
#[test]
fn h55_a_malformed_digest_reads_nothing_and_writes_nothing() {
    for digest in [
        "sha256:..%2F..%2Fx".to_owned(),
        SHA256.to_uppercase().replace("SHA256", "sha256"),
        SHA256[..SHA256.len() - 1].to_owned(),
        format!("{SHA256}0"),
        "md5:d41d8cd98f00b204e9800998ecf8427e".to_owned(),
        SHA256.replace("sha256", "sha512"),
        "sha256:%00".to_owned(),
        "sha256:".to_owned(),
        ":".to_owned(),
    ] {
        for method in ["GET", "HEAD"] {
            assert_refused(
                &format!("{method} /v2/a/blobs/{digest}"),
                404,
                ErrorCode::BlobUnknown,
            );
            let line = format!("{method} /v2/a/manifests/{digest}");
            assert_refused(&line, 404, ErrorCode::ManifestUnknown);
        }
        for line in [
            format!("DELETE /v2/a/blobs/{digest}"),
            format!("PUT /v2/a/manifests/{digest}"),
            format!("DELETE /v2/a/manifests/{digest}"),
            format!("GET /v2/a/referrers/{digest}"),
            format!("PUT /v2/a/blobs/uploads/s?digest={digest}"),
            format!("POST /v2/a/blobs/uploads/?digest={digest}"),
            format!("POST /v2/a/blobs/uploads/?mount={digest}&from=b"),
        ] {
            assert_refused(&line, 400, ErrorCode::DigestInvalid);
        }
    }
    // A dot segment that arrives unescaped is a path of another shape.
    assert_refused(
        "GET /v2/a/blobs/sha256:../../x",
        404,
        ErrorCode::Unsupported,
    );
}

#[test]
fn a_malformed_tag_reads_nothing_and_cannot_be_written() {
    let long = "t".repeat(129);
    for tag in [".bad", "-bad", "a%20b", "a%2Fb", "a+b", "%C3%A9", &long] {
        assert_refused(
            &format!("GET /v2/a/manifests/{tag}"),
            404,
            ErrorCode::ManifestUnknown,
        );
        assert_refused(
            &format!("PUT /v2/a/manifests/{tag}"),
            400,
            ErrorCode::TagInvalid,
        );
        assert_refused(
            &format!("DELETE /v2/a/manifests/{tag}"),
            400,
            ErrorCode::TagInvalid,
        );
    }
    assert_refused("PUT /v2/a/manifests/%zz", 400, ErrorCode::ManifestInvalid);
}

#[test]
fn escaped_characters_that_need_no_escape_are_read_as_themselves() {
    let escaped = SHA256.replace(':', "%3A");
    let plain = parse_ok(&format!("GET /v2/a-b/c/blobs/{SHA256}"));
    assert_eq!(
        parse_ok(&format!("GET /v2/a%2Db/%63/blobs/{escaped}")),
        plain
    );
}

#[test]
fn a_session_id_that_was_never_given_out_is_unknown() {
    let long = "s".repeat(129);
    for session in ["..", "a.b", "a%2Fb", "%2e%2e", "a~", "é", &long] {
        let line = format!("PATCH /v2/a/blobs/uploads/{session}");
        assert_refused(&line, 404, ErrorCode::BlobUploadUnknown);
    }
}
