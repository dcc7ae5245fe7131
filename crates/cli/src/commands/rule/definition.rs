//! Options to the JSON of a definition: only what was given is changed.
//!
//! Whether a pattern, a template or a path is right is the server's to say; here is only what a command line writes
//! otherwise than JSON does: lists, sizes, spans, Docker Hub's lines.

use std::io::Read;
use std::path::Path;

use serde_json::{Map, Value, json};
use wharf_dockerfile::values::{Duration, parse_byte_size};

use super::options::{
    AfterOptions, BoundOptions, BuildOptions, DefinitionOptions, NamingOptions, TriggerOptions,
};
use crate::commands::request::set_given;
use crate::failure::Failure;
use crate::session::Session;

/// Changes `definition` as the options say. Fails with a usage failure for what cannot be read, and where the file cannot.
pub(super) fn change_definition(
    session: &Session,
    definition: &mut Value,
    options: DefinitionOptions,
) -> Result<(), Failure> {
    if let Some(path) = &options.definition {
        *definition = read_definition(session, path)?;
    }
    change_trigger(definition, options.trigger);
    change_naming(session, definition, options.naming)?;
    change_build(session, definition, options.build)?;
    change_bounds(session, definition, options.bounds)?;
    change_after(definition, options.after);
    Ok(())
}

fn read_definition(session: &Session, path: &Path) -> Result<Value, Failure> {
    let mut bytes = Vec::new();
    let outcome = if path == Path::new("-") {
        std::io::stdin().read_to_end(&mut bytes).map(|_| ())
    } else {
        std::fs::read(path).map(|read| bytes = read)
    };
    let shown = path.display().to_string();
    let unreadable = |error: &dyn std::error::Error| {
        Failure::new(session.text("cli.file_unreadable", &[("path", &shown)])).caused_by(error)
    };
    outcome.map_err(|error| unreadable(&error))?;
    let value: Value = serde_json::from_slice(&bytes).map_err(|error| unreadable(&error))?;
    // The whole rule, as `show` prints it, has its definition inside.
    Ok(match value.get("definition") {
        Some(inner) => inner.clone(),
        None => value,
    })
}

/// The object under `name`, made where there is none.
fn part<'a>(definition: &'a mut Value, name: &str) -> &'a mut Value {
    if !definition.is_object() {
        *definition = json!({});
    }
    let part = &mut definition[name];
    if !part.is_object() {
        *part = Value::Object(Map::new());
    }
    part
}

fn change_trigger(definition: &mut Value, options: TriggerOptions) {
    set_given(definition, "skip_ci", options.skip_ci);
    let trigger = part(definition, "trigger");
    for (given, patterns, box_name, list_name) in [
        (options.tags, options.tag_patterns, "tags", "tag_patterns"),
        (
            options.branches,
            options.branch_patterns,
            "branches",
            "branch_patterns",
        ),
    ] {
        if !patterns.is_empty() {
            trigger[box_name] = given.unwrap_or(true).into();
            trigger[list_name] = patterns.into();
        } else if let Some(given) = given {
            trigger[box_name] = given.into();
            // The box alone means all: patterns of before would still choose.
            trigger[list_name] = json!([]);
        }
    }
}

fn change_naming(
    session: &Session,
    definition: &mut Value,
    options: NamingOptions,
) -> Result<(), Failure> {
    let naming = part(definition, "naming");
    if !options.name_by.is_empty() || options.name_prefix.is_some() {
        naming["form"] = "parts".into();
    }
    if !options.name_by.is_empty() {
        for (word, field) in [("ref", "reference"), ("time", "time"), ("commit", "commit")] {
            naming[field] = options.name_by.iter().any(|part| part == word).into();
        }
    }
    if let Some(prefix) = options.name_prefix {
        naming["prefix"] = if prefix.is_empty() {
            Value::Null
        } else {
            prefix.into()
        };
    }
    if !options.names.is_empty() {
        naming["form"] = "templates".into();
        naming["templates"] = options.names.into();
    }
    if !options.lines.is_empty() {
        naming["form"] = "docker_hub".into();
        let lines: Result<Vec<Value>, Failure> = options
            .lines
            .iter()
            .map(|text| parse_line(session, text))
            .collect();
        naming["lines"] = lines?.into();
    }
    if !options.also.is_empty() {
        naming["also"] = take_list(options.also);
    }
    Ok(())
}

/// What takes a list away: an option cannot be given no times and mean something.
const NONE: &str = "none";

fn take_list(words: Vec<String>) -> Value {
    match words.as_slice() {
        [only] if only == NONE => json!([]),
        _ => words.into(),
    }
}

/// Reads `TYPE:SOURCE=TAG`. An expression may hold any of the signs, a tag none of them.
fn parse_line(session: &Session, text: &str) -> Result<Value, Failure> {
    let parsed = text.split_once(':').and_then(|(kind, rest)| {
        let (source, tags) = rest.rsplit_once('=')?;
        let is_known = matches!(kind, "branch" | "tag");
        is_known.then(|| json!({ "source_type": kind, "source": source, "tags": tags }))
    });
    parsed.ok_or_else(|| {
        Failure::usage(session.text("cli.rule.bad_line", &[("value", text)]))
            .with_hint(session.text("cli.rule.bad_line_hint", &[]))
    })
}

fn change_build(
    session: &Session,
    definition: &mut Value,
    options: BuildOptions,
) -> Result<(), Failure> {
    set_given(definition, "dockerfile", options.file);
    set_given(definition, "directory", options.directory);
    if let Some(target) = options.target {
        definition["target"] = if target.is_empty() {
            Value::Null
        } else {
            target.into()
        };
    }
    if !options.platforms.is_empty() {
        definition["platforms"] = take_list(options.platforms);
    }
    set_given(definition, "cache", options.cache);
    set_given(definition, "submodules", options.submodules);
    set_given(definition, "network", options.network);
    for text in options.build_args {
        let Some((name, value)) = text.split_once('=').filter(|(name, _)| !name.is_empty()) else {
            return Err(Failure::usage(
                session.text("cli.rule.bad_argument", &[("value", &text)]),
            ));
        };
        let arguments = part(definition, "build_args");
        if value.is_empty() {
            if let Some(arguments) = arguments.as_object_mut() {
                arguments.remove(name);
            }
        } else {
            arguments[name] = value.into();
        }
    }
    Ok(())
}

fn change_bounds(
    session: &Session,
    definition: &mut Value,
    options: BoundOptions,
) -> Result<(), Failure> {
    let limits = part(definition, "limits");
    if let Some(text) = options.timeout {
        let span = Duration::parse(&text)
            .map_err(|_| bad_value(session, &text, "cli.rule.bad_time_hint"))?;
        limits["timeout_seconds"] = (span.as_nanos() / 1_000_000_000).into();
    }
    if let Some(cpus) = options.cpus {
        // Below a thousandth nothing is left; the server says what the least is.
        limits["cpu_millis"] = ((cpus * 1000.0).round().max(0.0) as u64).into();
    }
    for (text, field) in [
        (options.memory, "memory_bytes"),
        (options.disk, "disk_bytes"),
        (options.log_size, "log_bytes"),
    ] {
        if let Some(text) = text {
            let bytes = parse_byte_size(&text)
                .map_err(|_| bad_value(session, &text, "cli.rule.bad_size_hint"))?;
            limits[field] = bytes.into();
        }
    }
    Ok(())
}

fn bad_value(session: &Session, text: &str, hint: &'static str) -> Failure {
    Failure::usage(session.text("cli.rule.bad_value", &[("value", text)]))
        .with_hint(session.text(hint, &[]))
}

fn change_after(definition: &mut Value, options: AfterOptions) {
    if !options.push_also.is_empty() {
        definition["push_also"] = match options.push_also.as_slice() {
            [only] if only == NONE => json!([]),
            images => images.iter().map(|image| push_target(image)).collect(),
        };
    }
    set_given(definition, "readme", options.readme);
    set_given(definition, "report_status", options.report_status);
    set_given(definition, "rebuild_tags", options.rebuild_tags);
}

/// `HOST/PATH[:TAG]`; without a tag the image is called there as it is here.
fn push_target(image: &str) -> Value {
    match image.rsplit_once(':') {
        // A slash behind the last colon means that it belonged to a port.
        Some((name, tag)) if !tag.contains('/') => json!({ "image": name, "tags": [tag] }),
        _ => json!({ "image": image }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        options: DefinitionOptions,
    }

    fn change(mut definition: Value, words: &[&str]) -> Value {
        let words = std::iter::once("rule").chain(words.iter().copied());
        let options = Line::try_parse_from(words).unwrap().options;
        change_definition(&Session::for_test(&[]), &mut definition, options).unwrap();
        definition
    }

    #[test]
    fn patterns_tick_their_box_and_a_box_alone_means_all() {
        let given = change(
            json!({}),
            &["--tag", "v*", "--branch", "main", "--branch", "/^dev/"],
        );
        assert_eq!(
            given["trigger"],
            json!({"tags": true, "tag_patterns": ["v*"], "branches": true, "branch_patterns": ["main", "/^dev/"]})
        );
        let given = change(given, &["--tags", "--branches=false"]);
        assert_eq!(
            given["trigger"],
            json!({"tags": true, "tag_patterns": [], "branches": false, "branch_patterns": []})
        );
    }

    #[test]
    fn each_way_to_name_is_chosen_by_its_option() {
        let parts = change(
            json!({}),
            &["--name-prefix", "v-${VERSION}", "--name-by", "ref,commit"],
        );
        assert_eq!(
            parts["naming"],
            json!({"form": "parts", "prefix": "v-${VERSION}", "reference": true, "time": false, "commit": true})
        );
        let templates = change(parts, &["--name", "{tag}", "--also", "latest"]);
        assert_eq!(templates["naming"]["form"], "templates");
        assert_eq!(templates["naming"]["also"], json!(["latest"]));
        let lines = change(
            templates,
            &[
                "--docker-hub",
                "tag:/^v(?:a=b:c)?([0-9.]+)$/=release-{\\1}",
                "--also",
                "none",
            ],
        );
        assert_eq!(lines["naming"]["form"], "docker_hub");
        assert_eq!(lines["naming"]["also"], json!([]));
        assert_eq!(
            lines["naming"]["lines"],
            json!([{"source_type": "tag", "source": "/^v(?:a=b:c)?([0-9.]+)$/", "tags": "release-{\\1}"}])
        );
    }

    #[test]
    fn sizes_spans_and_lists_are_read_as_people_write_them() {
        let given = change(
            json!({"build_args": {"OLD": "1", "KEPT": "2"}}),
            &[
                "--timeout",
                "45m",
                "--cpus",
                "1.5",
                "--memory",
                "2g",
                "--disk",
                "10g",
                "--build-arg",
                "OLD=",
                "--build-arg",
                "NEW=a=b",
                "--push-also",
                "docker.io/acme/web",
                "--push-also",
                "registry.example:5000/web:edge",
                "--platform",
                "linux/amd64,linux/arm64",
                "--cache",
                "false",
            ],
        );
        assert_eq!(
            given["limits"],
            json!({"timeout_seconds": 2700, "cpu_millis": 1500, "memory_bytes": 2u64 << 30, "disk_bytes": 10u64 << 30})
        );
        assert_eq!(given["build_args"], json!({"KEPT": "2", "NEW": "a=b"}));
        assert_eq!(
            given["push_also"],
            json!([{"image": "docker.io/acme/web"}, {"image": "registry.example:5000/web", "tags": ["edge"]}])
        );
        assert_eq!(given["platforms"], json!(["linux/amd64", "linux/arm64"]));
        assert_eq!(given["cache"], json!(false));
    }

    #[test]
    fn what_cannot_be_read_is_a_usage_failure_that_helps() {
        for words in [
            ["--docker-hub", "v1"],
            ["--docker-hub", "commit:x=y"],
            ["--timeout", "soon"],
            ["--memory", "much"],
            ["--build-arg", "X"],
        ] {
            let line = Line::try_parse_from(std::iter::once("rule").chain(words)).unwrap();
            let failure = change_definition(&Session::for_test(&[]), &mut json!({}), line.options);
            assert!(
                failure.unwrap_err().render().starts_with("error: "),
                "{words:?}"
            );
        }
        assert!(Line::try_parse_from(["rule", "--name", "x", "--name-by", "ref"]).is_err());
    }
}
