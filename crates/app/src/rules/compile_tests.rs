use super::*;
use wharf_model::builds::{RefName, SpecLimits};

/// Where a definition is refused, and why.
fn refusal(definition: &Definition) -> Option<(String, &'static str)> {
    let checked = compile(definition)
        .map(drop)
        .and_then(|()| check_rest(definition, &BuildBounds::default()));
    match checked {
        Ok(()) => None,
        Err(Error::Refused { field, reason, .. }) => Some((field, reason)),
        Err(Error::Invalid { field, reason }) => Some((field.to_owned(), reason)),
        Err(other) => panic!("{other:?}"),
    }
}

fn with(change: impl FnOnce(&mut Definition)) -> Option<(String, &'static str)> {
    let mut definition = Definition::default();
    change(&mut definition);
    refusal(&definition)
}

#[test]
fn every_mistake_is_told_with_its_field() {
    let refused = |field: &str, reason| Some((field.to_owned(), reason));
    assert_eq!(with(|_| {}), None);
    assert_eq!(
        with(|rule| {
            rule.trigger.tags = true;
            rule.trigger.tag_patterns = vec!["v*".into(), "/(a/".into()];
        }),
        refused("trigger.tag_patterns[1]", "pattern")
    );
    assert_eq!(
        with(|rule| rule.trigger.branch_patterns = vec!["main".into()]),
        refused("trigger.branch_patterns", "box_is_off")
    );
    assert_eq!(
        with(|rule| rule.naming.prefix = Some("v-${".into())),
        refused("naming.prefix", "template")
    );
    assert_eq!(
        with(|rule| rule.naming.reference = false),
        refused("naming", "names_nothing")
    );
    assert_eq!(
        with(|rule| rule.naming.also = vec!["la test".into()]),
        refused("naming.also[0]", "tag")
    );
    assert_eq!(
        with(|rule| rule.dockerfile = "../Dockerfile".into()),
        refused("dockerfile", "refused_text")
    );
    assert_eq!(
        with(|rule| rule.platforms = vec!["linux".into()]),
        refused("platforms[0]", "platform")
    );
    assert_eq!(
        with(|rule| {
            rule.build_args.insert("A-B".into(), "1".into());
        }),
        refused("build_args", "argument_name")
    );
    assert_eq!(
        with(|rule| rule.limits.memory_bytes = Some(1 << 40)),
        refused("limits.memory_bytes", "out_of_bounds")
    );
    assert_eq!(
        with(|rule| rule.limits = SpecLimits {
            timeout_seconds: Some(0),
            ..SpecLimits::default()
        }),
        refused("limits.timeout_seconds", "out_of_bounds")
    );
}

#[test]
fn a_further_registry_is_named_with_its_host_and_without_a_tag() {
    let push = |image: &str| {
        with(|rule| {
            rule.push_also = vec![PushTarget {
                image: image.into(),
                tags: Vec::new(),
            }]
        })
        .map(|(_, reason)| reason)
    };
    assert_eq!(push("docker.io/acme/web"), None);
    assert_eq!(push("registry.cn-hangzhou.aliyuncs.com/acme/web"), None);
    assert_eq!(push("localhost:5001/web"), None);
    assert_eq!(push("acme/web"), Some("registry_missing"));
    assert_eq!(push("docker.io"), Some("registry_missing"));
    assert_eq!(push("docker.io/acme/web:latest"), Some("tags_apart"));
    assert_eq!(push("docker.io/ACME/web"), Some("refused_text"));
}

#[test]
fn docker_hubs_lines_are_the_trigger_and_find_their_folder() {
    let mut definition = Definition {
        dockerfile: "/docker/web/Dockerfile".into(),
        ..Definition::default()
    };
    definition.naming.form = FormText::DockerHub;
    definition.naming.lines = vec![LineText {
        of_tags: true,
        source: "/^v([0-9.]+)$/".into(),
        tags: "release-{\\1}".into(),
        automatic: true,
    }];
    let compiled = compile(&definition).unwrap();
    assert_eq!(compiled.directory.as_str(), "docker/web");
    assert!(compiled.trigger.chooses(&RefName::tag("v1.2").unwrap()));
    assert!(!compiled.trigger.chooses(&RefName::branch("main").unwrap()));
    definition.directory = Some("/".into());
    assert!(compile(&definition).unwrap().directory.is_root());
    definition.trigger.tags = true;
    assert_eq!(
        refusal(&definition),
        Some(("trigger".into(), "lines_are_the_trigger"))
    );
    definition.trigger = TriggerText::default();
    definition.naming.form = FormText::Parts;
    definition.directory = None;
    assert!(
        compile(&definition).unwrap().directory.is_root(),
        "elsewhere the root is the default"
    );
}

#[test]
fn m79_a_pattern_that_would_take_exponential_time_or_memory_is_refused_or_harmless() {
    let pattern = |text: String| {
        with(|rule| {
            rule.trigger.tags = true;
            rule.trigger.tag_patterns = vec![text];
        })
        .map(|(_, reason)| reason)
    };
    assert_eq!(pattern("/a{1000}{1000}/".into()), Some("pattern"));
    assert_eq!(pattern("a".repeat(50_000)), Some("pattern"));
    // Linear whatever it is matched with.
    assert_eq!(pattern("/(a+)+$/".into()), None);
    let mut definition = Definition::default();
    definition.trigger.tags = true;
    definition.trigger.tag_patterns = vec!["/(a+)+$/".into()];
    let trigger = compile(&definition).unwrap().trigger;
    let name = format!("{}b", "a".repeat(1000));
    let started = std::time::Instant::now();
    assert!(!trigger.chooses(&RefName::tag(&name).unwrap()));
    assert!(started.elapsed().as_secs() < 2);
}
