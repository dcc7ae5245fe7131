//! Paths built from any name are read back, and no request line is fatal.

use super::*;
use proptest::prelude::*;

/// Names whose components are often the grammar's own keywords.
fn keyword_names() -> impl Strategy<Value = String> {
    let component = prop_oneof![
        Just("blobs".to_owned()),
        Just("tags".to_owned()),
        Just("manifests".to_owned()),
        Just("uploads".to_owned()),
        Just("referrers".to_owned()),
        Just("list".to_owned()),
        "[a-z0-9]{1,4}((\\.|_|__|-{1,3})[a-z0-9]{1,3}){0,2}",
    ];
    proptest::collection::vec(component, 1..7).prop_map(|parts| parts.join("/"))
}

proptest! {
    #[test]
    fn any_name_comes_back_from_any_path(
        text in keyword_names(),
        tag in "[a-zA-Z0-9_][a-zA-Z0-9._-]{0,20}",
        session in "[a-zA-Z0-9_-]{1,40}",
        bytes in any::<[u8; 32]>(),
        last in "[a-z0-9+/é ]{1,10}",
    ) {
        let repository = name(&text);
        let digest = Digest::from_raw(Algorithm::Sha256, &bytes).expect("32 bytes");
        let page = Page { n: Some(7), last: Some(last.clone()) };
        let escaped: String = last.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let cases = [
            (
                format!("GET /v2/{text}/manifests/{tag}"),
                Operation::GetManifest {
                    repository: repository.clone(),
                    reference: Reference::Tag(tag.parse().expect("a tag")),
                    head: false,
                },
            ),
            (
                format!("HEAD /v2/{text}/manifests/{digest}"),
                Operation::GetManifest {
                    repository: repository.clone(),
                    reference: Reference::Digest(digest),
                    head: true,
                },
            ),
            (
                format!("HEAD /v2/{text}/blobs/{digest}"),
                Operation::GetBlob { repository: repository.clone(), digest, head: true },
            ),
            (
                format!("GET /v2/{text}/tags/list?last={escaped}&n=7"),
                Operation::ListTags { repository: repository.clone(), page },
            ),
            (
                format!("PATCH /v2/{text}/blobs/uploads/{session}"),
                Operation::WriteUpload { repository: repository.clone(), session: session.clone() },
            ),
            (
                format!("PUT /v2/{text}/blobs/uploads/{session}?digest={digest}"),
                Operation::FinishUpload { repository: repository.clone(), session, digest },
            ),
            (
                format!("POST /v2/{text}/blobs/uploads/"),
                Operation::StartUpload {
                    repository: repository.clone(),
                    mount: None,
                    from: None,
                    digest: None,
                    algorithm: Algorithm::Sha256,
                },
            ),
            (
                format!("GET /v2/{text}/referrers/{digest}"),
                Operation::ListReferrers {
                    repository,
                    digest,
                    artifact_type: None,
                    page: Page::default(),
                },
            ),
        ];
        for (line, expected) in cases {
            prop_assert_eq!(parse_ok(&line), expected, "{}", line);
        }
    }

    #[test]
    fn no_request_line_makes_the_parser_panic(
        method in "GET|HEAD|PUT|POST|PATCH|DELETE",
        path in "(/v2)?(/(blobs|uploads|tags|list|manifests|referrers|[a-z%:.é\\PC]{0,8})){0,6}",
        query in "((n|last|digest|mount|from|tag|artifactType)=[0-9a-f%&=é\\PC]{0,12}&){0,4}",
    ) {
        if let Ok(operation) = Operation::parse(&method, &path, Some(&query)) {
            prop_assert!(!operation.name().is_empty());
        }
    }
}
