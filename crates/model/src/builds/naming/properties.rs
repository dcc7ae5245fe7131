//! What holds for every naming: legal, deterministic, and two refs that must be rewritten are two images.

use super::*;
use proptest::prelude::*;
use std::collections::HashMap;

/// Names as people and tools make them: with slashes, signs, other scripts, long ones.
fn references() -> impl Strategy<Value = RefName> {
    let name = prop_oneof![
        "[a-z]{1,8}(/[a-z0-9._+#@=-]{1,12}){0,3}",
        "[A-Za-z0-9._-]{1,200}",
        "[^\\x00-\\x20~^:?*\\[\\\\]{1,40}",
        "(feature/)?[a-z]{100,300}(/[a-z]{1,5})?",
    ];
    (name, any::<bool>()).prop_filter_map("git allows no such ref", |(name, tag)| {
        let reference = if tag {
            RefName::tag(&name)
        } else {
            RefName::branch(&name)
        };
        reference.ok()
    })
}

fn namings() -> impl Strategy<Value = TagNaming> {
    let texts = [
        "{ref}",
        "x-{ref}-{sha:8}",
        "{ref}{ref}",
        "{sha}-{ref}-{sha}",
        "{date:%Y}.{ref}",
    ];
    let templates = prop::sample::subsequence(texts.to_vec(), 1..4)
        .prop_map(|texts| texts.iter().map(|text| text.parse().unwrap()).collect())
        .prop_map(NamingForm::Templates);
    let parts = ("[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,300}", any::<[bool; 4]>()).prop_map(
        |(prefix, [with_prefix, reference, time, commit])| {
            NamingForm::Parts(Parts {
                prefix: with_prefix.then(|| prefix.parse().unwrap()),
                reference,
                time,
                commit,
            })
        },
    );
    prop_oneof![templates, parts].prop_map(|form| TagNaming { form, also: vec![] })
}

fn name(naming: &TagNaming, reference: &RefName, micros: i64) -> Result<Vec<Tag>, NamingError> {
    let facts = NamingFacts {
        reference: Some(reference),
        commit: &"0123456789abcdef0123456789abcdef01234567".parse().unwrap(),
        time: Timestamp::from_micros(micros),
        zone: &TimeZone::UTC,
        arguments: &BTreeMap::new(),
        number: None,
    };
    name_tags(naming, &facts)
}

proptest! {
    #[test]
    fn every_name_is_a_legal_tag_and_the_same_again(
        naming in namings(),
        reference in references(),
        micros in 0i64..4_000_000_000_000_000,
    ) {
        match name(&naming, &reference, micros) {
            Ok(tags) => {
                for tag in &tags {
                    prop_assert!(tag.as_str().parse::<Tag>().is_ok(), "{tag}");
                }
                prop_assert_eq!(name(&naming, &reference, micros), Ok(tags));
            }
            Err(error) => prop_assert_eq!(error, NamingError::Nothing),
        }
    }

    #[test]
    fn a_name_that_a_tag_can_have_is_kept(name_text in "[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}") {
        let reference = RefName::branch(&name_text);
        prop_assume!(reference.is_ok());
        let tags = name(&TagNaming::default(), &reference.unwrap(), 0).unwrap();
        prop_assert_eq!(tags[0].as_str(), name_text);
    }

    #[test]
    fn refs_that_must_be_rewritten_stay_apart(all in prop::collection::hash_set("[a-c/+]{1,6}|x{125,135}/?[yz]{0,2}", 2..40)) {
        let mut seen: HashMap<Tag, String> = HashMap::new();
        for text in all {
            let Ok(reference) = RefName::branch(&text) else { continue };
            if text.parse::<Tag>().is_ok() {
                continue;
            }
            let tag = name(&TagNaming::default(), &reference, 0).unwrap().remove(0);
            let earlier = seen.insert(tag, text.clone());
            prop_assert_eq!(earlier, None, "{}", text);
        }
    }
}
