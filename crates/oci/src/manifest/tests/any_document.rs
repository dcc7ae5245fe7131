//! No document is fatal.

use super::*;
use proptest::prelude::*;

/// Arbitrary JSON whose keys are often those of a manifest.
fn documents() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        Just(json!(2)),
        "[a-z:/+.]{0,12}".prop_map(Value::from),
        Just(json!(media_type::OCI_IMAGE)),
        Just(json!(digest_of("x"))),
        Just(oci_image()["config"].clone()),
    ];
    let keys = prop_oneof![
        Just("schemaVersion"),
        Just("mediaType"),
        Just("config"),
        Just("layers"),
        Just("manifests"),
        Just("blobs"),
        Just("subject"),
        Just("annotations"),
        Just("digest"),
        Just("size"),
        Just("data"),
        Just("platform"),
        Just("urls"),
        Just("os"),
    ];
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((keys.clone(), inner), 0..6).prop_map(|fields| {
                fields
                    .into_iter()
                    .map(|(key, value)| (key.to_owned(), value))
                    .collect::<Value>()
            }),
        ]
    })
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Err(error) = Manifest::parse(None, &bytes) {
            prop_assert_eq!(error.code(), ErrorCode::ManifestInvalid);
        }
    }

    #[test]
    fn no_json_makes_the_reader_panic_and_what_it_takes_is_well_formed(document in documents()) {
        if let Ok(manifest) = parse(&document) {
            prop_assert_eq!(manifest.kind.is_image(), manifest.config.is_some());
            prop_assert!(manifest.kind.is_index() || manifest.children.is_empty());
            prop_assert!(manifest.kind.is_image() || manifest.layers.is_empty());
            prop_assert!(manifest.references().all(|r| r.descriptor.size <= i64::MAX as u64));
        }
    }

    #[test]
    fn a_damaged_manifest_is_refused_or_still_a_manifest(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = oci_image().to_string().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(manifest) = Manifest::parse(None, &bytes) {
            prop_assert!(manifest.config.is_some());
        }
    }
}
