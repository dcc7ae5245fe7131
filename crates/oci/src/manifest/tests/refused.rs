//! Documents that are refused, and what the answer tells.

use super::*;

#[test]
fn a_format_that_is_unclear_or_unknown_is_refused() {
    let image = oci_image().to_string();
    assert_refused(
        Some(media_type::OCI_INDEX),
        &image,
        "differs from the manifest's mediaType",
    );
    assert_refused(Some("application/json"), &image, "differs");
    let bare = without(oci_image(), "mediaType").to_string();
    assert_refused(Some("application/json"), &bare, media_type::DOCKER_LIST);
    let other = with(oci_image(), "/mediaType", json!("application/vnd.x")).to_string();
    assert_refused(
        None,
        &other,
        "application/vnd.x are not accepted, only application/vnd.oci",
    );
    assert_refused(None, r#"{"schemaVersion":2}"#, "names no media type");
    // The same bytes must not be an image to one reader and an index to another.
    let both = with(oci_image(), "/manifests", json!([])).to_string();
    assert_refused(None, &both, "not both");
    let both = with(oci_index(), "/layers", json!([])).to_string();
    assert_refused(None, &both, "not both");
    let both = json!({"mediaType": media_type::OCI_ARTIFACT, "blobs": [], "layers": []});
    assert_refused(None, &both.to_string(), "not config and layers");
    let both = json!({"mediaType": media_type::OCI_ARTIFACT, "manifests": []});
    assert_refused(None, &both.to_string(), "in an index only");
}

#[test]
fn schema_1_is_refused_with_advice() {
    let unsigned = r#"{"schemaVersion":1,"name":"a","tag":"b","fsLayers":[],"history":[]}"#;
    let advice = "push the image again with Docker 1.10 or newer";
    for content_type in [
        None,
        Some("application/json"),
        Some(media_type::DOCKER_SCHEMA1),
        Some(media_type::DOCKER_SCHEMA1_SIGNED),
    ] {
        assert_refused(content_type, unsigned, advice);
    }
    let named = json!({"mediaType": media_type::DOCKER_SCHEMA1_SIGNED}).to_string();
    assert_refused(None, &named, advice);
}

#[test]
fn a_mistake_is_reported_with_its_place() {
    let upper = digest_of("x").to_uppercase();
    let good = digest_of("abc");
    for (pointer, value, expected) in [
        ("/schemaVersion", json!(3), "schemaVersion"),
        ("/schemaVersion", json!("2"), "schemaVersion"),
        ("/schemaVersion", Value::Null, "schemaVersion"),
        ("/config", Value::Null, "config is required"),
        ("/config", json!([]), "expected an object"),
        ("/config/digest", Value::Null, "config.digest"),
        ("/config/mediaType", json!(5), "config.mediaType"),
        ("/config/mediaType", json!("a\nb"), "config.mediaType"),
        ("/layers/0/size", json!(-1), "layers[0].size"),
        ("/layers/0/size", json!(1.5), "layers[0].size"),
        ("/layers/0/size", json!("3"), "layers[0].size"),
        ("/layers/0/size", json!(u64::MAX), "layers[0].size"),
        ("/layers/1/size", Value::Null, "layers[1].size"),
        ("/layers/1/digest", json!(upper), "layers[1].digest"),
        (
            "/layers/1/digest",
            json!("sha256:../../x"),
            "layers[1].digest",
        ),
        (
            "/layers/1/digest",
            json!("md5:d41d8cd98f00b204e9800998ecf8427e"),
            "layers[1].digest",
        ),
        ("/layers/1/urls", json!("x"), "expected a sequence"),
        (
            "/layers/1/artifactType",
            json!("\u{0}"),
            "layers[1].artifactType",
        ),
        (
            "/layers/0",
            json!([media_type::OCI_CONFIG, good, 3]),
            "expected an object",
        ),
        ("/subject", json!({"digest": "x"}), "subject.mediaType"),
        ("/artifactType", json!("a\u{0}b"), "artifactType"),
        ("/artifactType", json!("a".repeat(256)), "artifactType"),
        ("/annotations", json!({"a": 1}), "expected a string"),
        ("/annotations", json!("a"), "expected a map"),
    ] {
        let document = with(oci_image(), pointer, value).to_string();
        assert_refused(None, &document, expected);
    }
    let document = with(oci_index(), "/manifests/1/digest", json!("x")).to_string();
    assert_refused(None, &document, "manifests[1].digest");
    let document = without(oci_index(), "manifests");
    assert_refused(None, &document.to_string(), "manifests is required");
    let document = json!({"mediaType": media_type::OCI_ARTIFACT, "blobs": [{}]}).to_string();
    assert_refused(None, &document, "blobs[0].mediaType");
}

#[test]
fn data_must_be_the_content_the_descriptor_names() {
    let with_data = |data: &str| with(oci_image(), "/config/data", json!(data));
    let manifest = parse_ok(&with_data("Y29uZmln"));
    assert_eq!(
        manifest.config.and_then(|config| config.data).as_deref(),
        Some("Y29uZmln")
    );
    for (data, expected) in [
        (
            "Y29uZmlo",
            "config.data: does not have the descriptor's digest",
        ),
        (
            "Y29uZmlnMQ==",
            "config.data: does not have the descriptor's size",
        ),
        ("", "config.data: does not have the descriptor's size"),
        ("Y29u Zmln", "config.data: is not base64"),
    ] {
        assert_refused(None, &with_data(data).to_string(), expected);
    }
}

#[test]
fn text_that_is_not_one_json_object_is_refused() {
    let image = oci_image().to_string();
    for document in [
        "",
        " ",
        "null",
        "2",
        "\"\"",
        "[]",
        "{",
        "[2,\"application/vnd.oci.image.index.v1+json\",null,null,null,[]]",
        &format!("{image}{image}"),
        &format!("\u{feff}{image}"),
    ] {
        assert_refused(None, document, "");
    }
    let twice = image.replacen(
        "\"schemaVersion\":2",
        "\"schemaVersion\":2,\"schemaVersion\":2",
        1,
    );
    assert_refused(None, &twice, "duplicate field");
    let mut bytes = image.into_bytes();
    bytes.extend([b' ', 0xff]);
    let error = Manifest::parse(None, &bytes).expect_err("not UTF-8");
    assert!(error.message().contains("not UTF-8"));
}

#[test]
fn a_message_never_repeats_a_megabyte_of_the_request() {
    let large = "x".repeat(1_000_000);
    let document = with(oci_image(), "/config", json!(large.as_str())).to_string();
    let error = Manifest::parse(None, document.as_bytes()).expect_err("config is a text");
    assert!(error.message().len() < 1000);
    let error = Manifest::parse(Some(&large), b"{}").expect_err("unknown type");
    assert!(error.message().len() < 1000);
}

/// M70
#[test]
fn m70_a_manifest_above_4_mib_is_413_and_one_of_4_mib_is_taken() {
    let mut document = oci_image().to_string().into_bytes();
    document.resize(MAX_MANIFEST_BYTES, b' ');
    assert!(Manifest::parse(None, &document).is_ok());
    document.push(b' ');
    let error = Manifest::parse(None, &document).expect_err("too large");
    assert_eq!(
        (error.status(), error.code()),
        (413, ErrorCode::ManifestInvalid)
    );
}

/// M71
#[test]
fn m71_hostile_documents_are_refused_before_they_cost_anything() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let nested = |depth: usize| {
            let inner = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            with(oci_image(), "/x", json!("MARK"))
                .to_string()
                .replace("\"MARK\"", &inner)
        };
        // The object around it is a level too.
        assert!(Manifest::parse(None, nested(63).as_bytes()).is_ok());
        assert_refused(None, &nested(64), "levels deep");
    }
    assert_refused(None, &"[".repeat(100_000), "levels deep");
    let many_keys = format!("{{{}}}", vec!["\"k\":0"; 600_000].join(","));
    assert_refused(None, &many_keys, "values");
    let layer = format!(
        r#"{{"mediaType":"","digest":"{}","size":0}}"#,
        digest_of("l")
    );
    let many_layers = with(oci_image(), "/layers", json!("MARK"))
        .to_string()
        .replace("\"MARK\"", &format!("[{}]", vec![layer; 10_000].join(",")));
    assert_refused(None, &many_layers, "10000 descriptors");
    for pointer in ["/annotations", "/layers/0/annotations"] {
        let large = json!({"k": "v".repeat(1_000_000)});
        let document = with(oci_image(), pointer, large).to_string();
        assert_refused(None, &document, "annotation of more than");
    }
}
