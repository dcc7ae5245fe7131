//! References between stages.

use super::*;
use crate::{
    Dockerfile, EnvList,
    scope::{BuildArguments, GlobalArguments},
};
use std::collections::BTreeSet;
use wharf_oci::Platform;

fn host() -> Platform {
    Platform {
        os: "linux".to_owned(),
        architecture: "amd64".to_owned(),
        ..Platform::default()
    }
}

fn build(text: &str, contexts: &[&str]) -> Result<(Dockerfile, StageGraph), String> {
    let file = Dockerfile::parse(text.as_bytes()).map_err(|error| error.to_string())?;
    let global = GlobalArguments::resolve(&file, EnvList::new(), &BuildArguments::new())
        .map_err(|error| error.to_string())?;
    let contexts: BTreeSet<String> = contexts.iter().map(|name| (*name).to_owned()).collect();
    let graph =
        StageGraph::new(&file, &global, &contexts, &host()).map_err(|error| error.to_string())?;
    Ok((file, graph))
}

fn graph(text: &str) -> StageGraph {
    build(text, &[]).expect(text).1
}

fn reach(text: &str, target: Option<&str>) -> Result<Vec<usize>, String> {
    let (file, graph) = build(text, &[])?;
    let target = graph
        .find_target(target)
        .map_err(|error| error.to_string())?;
    graph
        .find_reachable(&file, target)
        .map_err(|error| error.to_string())
}

#[test]
fn a_base_is_a_stage_above_an_image_or_nothing() {
    let graph = graph(
        "ARG V=1\nFROM a:$V AS X\nFROM x AS y\nFROM Y\nFROM scratch\nFROM later\nFROM b AS later",
    );
    let bases: Vec<&Base> = graph.stages.iter().map(|stage| &stage.base).collect();
    let image = |name: &str| Base::Image(name.to_owned());
    assert_eq!(
        bases,
        [
            &image("a:1"),
            &Base::Stage(0),
            &Base::Stage(1),
            &Base::Scratch,
            &image("later"),
            &image("b"),
        ]
    );
    assert!(graph.stages[0].used_arguments.contains("V"));
}

#[test]
fn copies_and_mounts_name_stages_numbers_and_images() {
    let text = "FROM a AS x\nFROM b\nCOPY --from=X a b\nCOPY --from=0 a b\nCOPY --from=busybox a b\nRUN --mount=from=x,target=/a --mount=type=cache,target=/b --mount=from=scratch,target=/c --mount=from=0,target=/d c\nCOPY a b";
    let found: Vec<_> = graph(text).stages[1]
        .uses
        .iter()
        .map(|used| (used.place, used.mount, used.origin.clone()))
        .collect();
    let image = |name: &str| Origin::Image(name.to_owned());
    let at = Place::Statement;
    assert_eq!(
        found,
        [
            (at(0), None, Origin::Stage(0)),
            (at(1), None, Origin::Stage(0)),
            (at(2), None, image("busybox")),
            (at(3), Some(0), Origin::Stage(0)),
            (at(3), Some(2), Origin::Scratch),
            (at(3), Some(3), image("0")),
        ]
    );
}

#[test]
fn a_target_needs_its_bases_and_what_they_copy() {
    let text = "FROM s AS a\nFROM s AS b\nFROM a AS c\nCOPY --from=b x y\nFROM s AS d\nRUN --mount=from=c,target=/c x\nFROM s AS e";
    assert_eq!(reach(text, Some("D")), Ok(vec![0, 1, 2, 3]));
    assert_eq!(reach(text, Some("b")), Ok(vec![1]));
    assert_eq!(reach(text, None), Ok(vec![4]));
    assert_eq!(
        reach(text, Some("f")),
        Err("target stage \"f\" could not be found (did you mean a?)".to_owned())
    );
}

#[test]
fn a_stage_can_not_use_itself_or_one_below() {
    for (text, expected) in [
        (
            "FROM s AS a\nCOPY --from=a x y",
            "line 2, column 1: circular dependency detected on stage: a",
        ),
        (
            "FROM s AS a\nCOPY --from=b x y\nFROM s AS b\nCOPY --from=a x y",
            "line 2, column 1: circular dependency detected on stage: a",
        ),
        (
            "FROM s AS a\nCOPY --from=b x y\nFROM a AS b",
            "line 2, column 13: cannot use stage \"b\" here, it needs to be defined before the current stage \"a\"",
        ),
        (
            "FROM s\nCOPY --from=1 x y",
            "line 2, column 13: invalid stage index 1",
        ),
        (
            "FROM s\nCOPY --from=$x x y",
            "line 2, column 6: variable expansion is not supported for --from, define a new stage with FROM using ARG from global scope",
        ),
        (
            "FROM $x",
            "line 1, column 6: base name ($x) should not be blank",
        ),
        (
            "ARG PLAT=linux/arm64\nFROM --platform=$PLTA s",
            "line 2, column 17: empty platform value from expression $PLTA (did you mean PLAT?)",
        ),
        (
            "FROM Image",
            "line 1, column 6: invalid image name \"Image\": lower-case letters, digits and . _ - / before the tag",
        ),
        (
            "FROM s\nCOPY --from=x: a b",
            "line 2, column 13: invalid image name \"x:\": lower-case letters, digits and . _ - / before the tag",
        ),
        (
            "FROM --platform=a/b/c/d s",
            "line 1, column 17: invalid platform \"a/b/c/d\": more than three parts",
        ),
    ] {
        assert_eq!(reach(text, None).err().as_deref(), Some(expected), "{text}");
    }
    // What nobody builds may be out of order.
    assert_eq!(
        reach("FROM s AS a\nCOPY --from=b x y\nFROM s AS b", Some("b")),
        Ok(vec![1])
    );
}

#[test]
fn triggers_of_a_base_stage_run_in_the_stages_built_on_it() {
    let text = "FROM s AS a\nFROM s AS b\nONBUILD COPY --from=a x y\nONBUILD RUN z\nFROM b\nRUN q\nFROM b AS c";
    let graph = graph(text);
    assert_eq!(graph.stages[2].triggers.len(), 2);
    assert_eq!(graph.stages[2].uses[0].place, Place::Trigger(0));
    assert_eq!(reach(text, Some("c")), Ok(vec![0, 1, 3]));
}

#[test]
fn triggers_of_a_base_image_are_taken_over() {
    let (file, mut graph) = build("FROM s AS a\nFROM image", &[]).expect("a graph");
    graph
        .adopt_triggers(&file, 1, &["COPY --from=a x y", "RUN <<E\nz\nE"])
        .expect("triggers");
    assert_eq!(graph.find_reachable(&file, 1), Ok(vec![0, 1]));
    for trigger in ["ONBUILD RUN a", "FROM x", "NOPE x", "RUN a\nRUN b", ""] {
        let error = graph
            .adopt_triggers(&file, 1, &[trigger])
            .expect_err(trigger);
        assert_eq!(error.position().map(|at| at.line), Some(2), "{trigger}");
    }
}

#[test]
fn a_named_context_stands_in_for_a_stage() {
    let text = "FROM s AS a\nCOPY --from=nothing x y\nFROM s\nCOPY --from=a x y";
    let (_, graph) = build(text, &["a"]).expect("a graph");
    assert!(graph.stages[0].is_replaced && graph.stages[0].uses.is_empty());
    assert_eq!(graph.stages[1].uses[0].origin, Origin::Stage(0));
}

#[test]
fn of_two_stages_with_one_name_the_later_counts() {
    let graph = graph("FROM s AS a\nFROM a AS a\nFROM a");
    assert_eq!(graph.stages[1].base, Base::Stage(0));
    assert_eq!(graph.stages[2].base, Base::Stage(1));
}
