use super::*;
use crate::builds::{Pattern, RefKind, RefUpdate, Verdict, decide_ref};

const COMMIT: &str = "a1b2c3d4e5f60718293a4b5c6d7e8f9001122334";

fn tags_of(
    naming: &TagNaming,
    reference: Option<&str>,
    number: Option<u64>,
) -> Result<Vec<String>, NamingError> {
    let reference = reference.map(|text| text.parse::<RefName>().unwrap());
    let arguments = BTreeMap::from([
        ("VERSION".to_owned(), "1.0.0".to_owned()),
        ("ODD".to_owned(), "1.0 beta".to_owned()),
        ("NONE".to_owned(), String::new()),
    ]);
    let facts = NamingFacts {
        reference: reference.as_ref(),
        commit: &COMMIT.parse().unwrap(),
        // 2026-11-29T13:00:05Z.
        time: Timestamp::from_seconds(1_795_957_205),
        zone: &TimeZone::fixed(jiff::tz::offset(8)),
        arguments: &arguments,
        number,
    };
    let tags = name_tags(naming, &facts)?;
    Ok(tags.iter().map(Tag::to_string).collect())
}

fn by_parts(prefix: Option<&str>, [reference, time, commit]: [bool; 3]) -> TagNaming {
    let prefix = prefix.map(|text| text.parse().unwrap());
    TagNaming {
        form: NamingForm::Parts(Parts {
            prefix,
            reference,
            time,
            commit,
        }),
        also: vec![],
    }
}

fn by_templates(texts: &[&str]) -> TagNaming {
    let templates = texts.iter().map(|text| text.parse().unwrap()).collect();
    TagNaming {
        form: NamingForm::Templates(templates),
        also: vec![],
    }
}

fn by_lines(lines: &[(RefKind, &str, &str)]) -> Expressions {
    let line = |&(kind, source, tags): &(RefKind, &str, &str)| {
        let source: Pattern = source.parse().unwrap();
        ExpressionRule::new(kind, source, tags, true).unwrap()
    };
    Expressions(lines.iter().map(line).collect())
}

fn one(naming: &TagNaming, reference: &str) -> String {
    tags_of(naming, Some(reference), Some(7)).unwrap().join(" ")
}

#[test]
fn the_parts_are_joined_in_tencents_order() {
    let main = "refs/heads/main";
    let all = by_parts(Some("v-${VERSION}"), [true; 3]);
    assert_eq!(one(&all, main), "v-1.0.0-main-20261129210005-a1b2c3d4");
    assert_eq!(one(&TagNaming::default(), main), "main");
    assert_eq!(
        one(&by_parts(None, [false, true, false]), main),
        "20261129210005"
    );
    assert_eq!(one(&by_parts(None, [false, false, true]), main), "a1b2c3d4");
    assert_eq!(
        one(&by_parts(Some("v-${VERSION}"), [false; 3]), main),
        "v-1.0.0"
    );
    assert_eq!(
        tags_of(&by_parts(None, [false; 3]), Some(main), None),
        Err(NamingError::Nothing)
    );
    let slash = one(&all, "refs/heads/feature/login");
    assert!(
        slash.starts_with("v-1.0.0-feature-login-") && slash.ends_with("-20261129210005-a1b2c3d4")
    );
}

#[test]
fn templates_name_as_many_tags_as_there_are() {
    let tag = "refs/tags/v1.20.3-rc.1";
    let versions = by_templates(&[
        "{semver.version}",
        "{semver.major}.{semver.minor}",
        "{semver.patch}-{semver.prerelease}",
        "{tag}",
        "{ref}.{sha:8}",
        "{date:%Y-%m-%d_%H}",
        "n{build}",
        "${VERSION}",
        "{sha}",
    ]);
    assert_eq!(
        one(&versions, tag),
        format!(
            "1.20.3-rc.1 1.20 3-rc.1 v1.20.3-rc.1 v1.20.3-rc.1.a1b2c3d4 2026-11-29_21 n7 1.0.0 {COMMIT}"
        )
    );
    assert_eq!(
        one(&by_templates(&["{branch}", "latest"]), "refs/heads/main"),
        "main latest"
    );
    assert_eq!(one(&by_templates(&["{date}"]), tag), "20261129210005");
}

#[test]
fn a_variable_without_value_is_an_error_that_says_why() {
    for (template, reference, words) in [
        (
            "{branch}",
            Some("refs/tags/v1"),
            "`{branch}` has no value: a tag is built, not a branch",
        ),
        (
            "{tag}",
            Some("refs/heads/main"),
            "`{tag}` has no value: a branch is built, not a tag",
        ),
        ("{ref}", None, "`{ref}` has no value: a commit is built"),
        (
            "{semver.major}",
            Some("refs/tags/nightly"),
            "`nightly` is no version like 1.2.3",
        ),
        (
            "{semver.prerelease}",
            Some("refs/tags/v1.2.3"),
            "the version `v1.2.3` has no such part",
        ),
        (
            "{semver.version}",
            Some("refs/tags/v1.2"),
            "has no such part",
        ),
        ("{build}", Some("refs/heads/main"), "no number yet"),
        (
            "${MISSING}",
            Some("refs/heads/main"),
            "`${MISSING}` has no value",
        ),
        ("${NONE}", Some("refs/heads/main"), "or it is empty"),
        (
            "${ODD}",
            Some("refs/heads/main"),
            "the build argument ODD is `1.0 beta`",
        ),
    ] {
        let error = tags_of(&by_templates(&[template]), reference, None).unwrap_err();
        assert!(error.to_string().contains(words), "{template}: {error}");
    }
    let parts = tags_of(&TagNaming::default(), None, None).unwrap_err();
    assert!(parts.to_string().contains("a commit is built"));
}

#[test]
fn docker_hubs_lines_name_by_what_matched() {
    let lines = by_lines(&[
        (RefKind::Branch, "main", "latest"),
        (RefKind::Tag, "/^v([0-9.]+)$/", "release-{\\1}"),
        (
            RefKind::Tag,
            "/^v([0-9]+)\\.([0-9]+)(-rc[0-9]+)?/",
            "{\\1}.{\\2}{\\3},{\\1}, {sourceref}",
        ),
        (RefKind::Branch, "/^feature\\/(.+)$/", "f-{\\1}"),
    ]);
    let naming = TagNaming {
        form: NamingForm::Expressions(lines),
        also: vec![],
    };
    assert_eq!(one(&naming, "refs/heads/main"), "latest");
    assert_eq!(one(&naming, "refs/tags/v1.2"), "release-1.2 1.2 1 v1.2");
    assert_eq!(one(&naming, "refs/tags/v1.2-rc1"), "1.2-rc1 1 v1.2-rc1");
    assert_eq!(one(&naming, "refs/heads/feature/login"), "f-login");
    assert!(one(&naming, "refs/heads/feature/a/b").starts_with("f-a-b-"));
    assert_eq!(
        tags_of(&naming, Some("refs/tags/main"), None),
        Err(NamingError::NoLineMatches("tag `main`".into()))
    );
    assert!(tags_of(&naming, None, None).is_err());
}

#[test]
fn docker_hubs_lines_say_what_is_built() {
    let mut lines = by_lines(&[
        (RefKind::Branch, "main", "latest"),
        (RefKind::Tag, "/^v/", "{sourceref}"),
    ]);
    let hand = ExpressionRule::new(RefKind::Branch, "dev".parse().unwrap(), "dev", false).unwrap();
    lines.0.push(hand);
    let trigger = lines.trigger();
    let decide = |reference: &str| {
        let update = RefUpdate {
            reference: reference.parse().unwrap(),
            old: None,
            new: Some(COMMIT.parse().unwrap()),
        };
        decide_ref(&trigger, &update, None)
    };
    assert_eq!(decide("refs/heads/main"), Verdict::Build);
    assert_eq!(decide("refs/tags/v1"), Verdict::Build);
    assert_ne!(decide("refs/tags/main"), Verdict::Build);
    assert_ne!(decide("refs/heads/dev"), Verdict::Build);
    let naming = TagNaming {
        form: NamingForm::Expressions(lines),
        also: vec![],
    };
    assert_eq!(one(&naming, "refs/heads/dev"), "dev");
}

#[test]
fn a_line_refers_only_to_groups_that_it_has() {
    let refused = ExpressionRule::new(RefKind::Tag, "/^v(.*)$/".parse().unwrap(), "{\\2}", true);
    assert_eq!(
        refused,
        Err(TemplateError::Group {
            group: 2,
            groups: 1
        })
    );
    assert!(ExpressionRule::new(RefKind::Tag, "v*".parse().unwrap(), "{\\1}", true).is_err());
    assert!(ExpressionRule::new(RefKind::Tag, "v*".parse().unwrap(), "latest,", true).is_err());
}

#[test]
fn tags_besides_are_set_too_and_none_twice() {
    let mut naming = TagNaming {
        also: vec!["latest".parse().unwrap(), "main".parse().unwrap()],
        ..TagNaming::default()
    };
    assert_eq!(one(&naming, "refs/heads/main"), "main latest");
    assert_eq!(one(&naming, "refs/tags/v1"), "v1 latest main");
    // A commit alone may be an old one.
    let commit = TagNaming {
        also: naming.also.clone(),
        ..by_parts(None, [false, false, true])
    };
    assert_eq!(tags_of(&commit, None, None).unwrap(), ["a1b2c3d4"]);
    naming.also = (0..MAX_TAGS)
        .map(|number| format!("t{number}").parse().unwrap())
        .collect();
    assert_eq!(
        tags_of(&naming, Some("refs/heads/x"), None),
        Err(NamingError::TooMany)
    );
    assert_eq!(
        tags_of(&by_templates(&[]), Some("refs/heads/x"), None),
        Err(NamingError::Nothing)
    );
}
