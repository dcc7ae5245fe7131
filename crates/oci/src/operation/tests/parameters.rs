//! What the query of a request adds.

use super::*;

fn sha512() -> Digest {
    Digest::of(Algorithm::Sha512, b"")
}

#[test]
fn a_push_by_digest_carries_each_tag_once_and_in_order() {
    let line =
        format!("PUT /v2/a/manifests/{SHA256}?tag=1.2&ns=docker.io&tag=1&tag=1.2&tag=latest");
    match parse_ok(&line) {
        Operation::PutManifest { tags, .. } => {
            assert_eq!(
                tags.iter().map(Tag::as_str).collect::<Vec<_>>(),
                ["1.2", "1", "latest"]
            );
        }
        other => panic!("{other:?}"),
    }
    assert_refused("PUT /v2/a/manifests/v1?tag=v2", 400, ErrorCode::TagInvalid);
    for value in ["", ".x", "%00", "a%2Fb"] {
        let line = format!("PUT /v2/a/manifests/{SHA256}?tag={value}");
        assert_refused(&line, 400, ErrorCode::TagInvalid);
    }
    let tags = |count: usize| (0..count).map(|n| format!("&tag=t{n}")).collect::<String>();
    parse_ok(&format!(
        "PUT /v2/a/manifests/{SHA256}?{}",
        tags(Operation::MAX_PUSH_TAGS)
    ));
    let line = format!(
        "PUT /v2/a/manifests/{SHA256}?{}",
        tags(Operation::MAX_PUSH_TAGS + 1)
    );
    assert_refused(&line, 414, ErrorCode::TagInvalid);
}

/// What a `POST` to the uploads path asks for: mount, from, digest, algorithm.
type Start = (
    Option<Digest>,
    Option<RepositoryName>,
    Option<Digest>,
    Algorithm,
);

fn start(query: &str) -> Start {
    match parse_ok(&format!("POST /v2/a/blobs/uploads/?{query}")) {
        Operation::StartUpload {
            mount,
            from,
            digest,
            algorithm,
            ..
        } => (mount, from, digest, algorithm),
        other => panic!("{query}: {other:?}"),
    }
}

#[test]
fn the_start_of_an_upload_says_how_it_will_be_hashed() {
    let small: Digest = SHA256.parse().expect("a digest");
    let large = sha512();
    for (query, expected) in [
        (String::new(), (None, None, None, Algorithm::Sha256)),
        ("digest=".to_owned(), (None, None, None, Algorithm::Sha256)),
        (
            "digest-algorithm=sha512".to_owned(),
            (None, None, None, Algorithm::Sha512),
        ),
        (
            format!("digest={large}"),
            (None, None, Some(large), Algorithm::Sha512),
        ),
        (
            format!("digest={large}&digest-algorithm=sha512"),
            (None, None, Some(large), Algorithm::Sha512),
        ),
        (
            format!("mount={small}&from=b/c"),
            (Some(small), Some(name("b/c")), None, Algorithm::Sha256),
        ),
        (
            format!("mount={large}"),
            (Some(large), None, None, Algorithm::Sha512),
        ),
        (
            format!("mount={large}&from=b%2Fc&ns=x"),
            (Some(large), Some(name("b/c")), None, Algorithm::Sha512),
        ),
        ("from=b".to_owned(), (None, None, None, Algorithm::Sha256)),
    ] {
        assert_eq!(start(&query), expected, "{query}");
    }
    for query in [
        "digest-algorithm=md5".to_owned(),
        "digest-algorithm=SHA256".to_owned(),
        format!("digest={SHA256}&digest-algorithm=sha512"),
        format!("digest={SHA256}&digest={SHA256}"),
    ] {
        let line = format!("POST /v2/a/blobs/uploads/?{query}");
        assert_refused(&line, 400, ErrorCode::DigestInvalid);
    }
}

#[test]
fn a_mount_from_an_impossible_repository_becomes_an_upload_and_not_a_mount_from_anywhere() {
    for from in ["UPPER", "a%2F%2Fb", ".."] {
        let started = start(&format!("mount={}&from={from}", sha512()));
        assert_eq!(started, (None, None, None, Algorithm::Sha512), "{from}");
    }
}

#[test]
fn closing_an_upload_needs_a_digest() {
    for query in ["", "?digest=", "?digest", "?Digest=x"] {
        let line = format!("PUT /v2/a/blobs/uploads/s{query}");
        assert_refused(&line, 400, ErrorCode::DigestInvalid);
    }
}

/// M73
#[test]
fn m73_page_numbers_are_checked_and_clamped() {
    for list in ["/v2/_catalog", "/v2/a/tags/list"] {
        for (query, n) in [
            ("", None),
            ("?n=", None),
            ("?n=0", Some(0)),
            ("?n=1", Some(1)),
            ("?n=1000", Some(1000)),
            ("?n=1001", Some(1000)),
            ("?n=1000000000000000000", Some(1000)),
            ("?n=99999999999999999999999999", Some(1000)),
        ] {
            let page = match parse_ok(&format!("GET {list}{query}")) {
                Operation::Catalog { page } | Operation::ListTags { page, .. } => page,
                other => panic!("{other:?}"),
            };
            assert_eq!(
                (page.n, page.limit()),
                (n, n.unwrap_or(1000)),
                "{list}{query}"
            );
        }
        for n in [
            "-1", "abc", "1e18", "1e9", "+1", "%2B1", "1.0", "0x1", "%20", "1%00", "%zz", "1&n=2",
        ] {
            let line = format!("GET {list}?n={n}");
            assert_refused(&line, 400, ErrorCode::PaginationNumberInvalid);
        }
    }
}

#[test]
fn the_last_entry_may_be_unknown_but_not_unprintable() {
    match parse_ok("GET /v2/_catalog?last=some%2Fwhere&n=2") {
        Operation::Catalog { page } => assert_eq!(page.last.as_deref(), Some("some/where")),
        other => panic!("{other:?}"),
    }
    assert_refused("GET /v2/_catalog?last=%00", 400, ErrorCode::NameInvalid);
    assert_refused("GET /v2/a/tags/list?last=%0a", 400, ErrorCode::TagInvalid);
}

#[test]
fn referrers_may_be_filtered_by_a_type_with_or_without_escapes() {
    for query in ["application/vnd.x+json", "application%2Fvnd.x%2Bjson"] {
        match parse_ok(&format!(
            "GET /v2/a/referrers/{SHA256}?artifactType={query}&n=3&last=k"
        )) {
            Operation::ListReferrers {
                artifact_type,
                page,
                ..
            } => {
                assert_eq!(artifact_type.as_deref(), Some("application/vnd.x+json"));
                assert_eq!((page.n, page.last.as_deref()), (Some(3), Some("k")));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_proxy_namespace_and_unknown_parameters_are_ignored_on_every_operation() {
    for line in [
        "GET /v2/".to_owned(),
        "GET /v2/_catalog".to_owned(),
        "GET /v2/a/tags/list".to_owned(),
        "GET /v2/a/manifests/x".to_owned(),
        "PUT /v2/a/manifests/x".to_owned(),
        "DELETE /v2/a/manifests/x".to_owned(),
        format!("GET /v2/a/blobs/{SHA256}"),
        format!("DELETE /v2/a/blobs/{SHA256}"),
        "POST /v2/a/blobs/uploads/".to_owned(),
        "GET /v2/a/blobs/uploads/s".to_owned(),
        "PATCH /v2/a/blobs/uploads/s".to_owned(),
        "DELETE /v2/a/blobs/uploads/s".to_owned(),
        format!("GET /v2/a/referrers/{SHA256}"),
    ] {
        let ignored = format!("{line}?ns=docker.io&ns=%zz&&_state=%ff&x");
        assert_eq!(parse_ok(&ignored), parse_ok(&line), "{line}");
    }
}
