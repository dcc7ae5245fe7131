//! A rule's texts become what decides and names: every mistake is found when a rule is saved, and said with the field.

use super::definition::{Definition, FormText, LineText, NamingText, TriggerText};
use crate::{Error, accounts::check_line};
use std::collections::BTreeMap;
use wharf_client::ImageName;
use wharf_model::builds::{
    BuildBounds, BuildDirectory, DockerfilePath, ExpressionRule, Expressions, NamingForm, Parts,
    Pattern, PushTarget, RefFilter, RefKind, RuleTrigger, SpecLimits, TagNaming, TriggerError,
};
use wharf_oci::Tag;

/// Most of each list: more than anybody reads, few enough to work through at every push.
const MAX_LIST: usize = 50;

/// Longest value of a build argument, in bytes. Longer ones are files, and belong into the repository.
const MAX_ARGUMENT: usize = 8192;

/// A definition, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Compiled {
    /// Which refs it builds.
    pub trigger: RuleTrigger,
    /// What its images are called.
    pub naming: TagNaming,
    /// Where the Dockerfile is.
    pub dockerfile: DockerfilePath,
    /// Where the build runs.
    pub directory: BuildDirectory,
}

/// Understands a definition.
///
/// # Errors
/// [`Error::Refused`] with the field, and with what would be right.
pub(super) fn compile(definition: &Definition) -> Result<Compiled, Error> {
    let naming = compile_naming(&definition.naming)?;
    let dockerfile: DockerfilePath = definition
        .dockerfile
        .parse()
        .map_err(|error| Error::told("dockerfile", "refused_text", &error))?;
    let directory = match &definition.directory {
        Some(text) => text
            .parse()
            .map_err(|error| Error::told("directory", "refused_text", &error))?,
        None if definition.naming.form == FormText::DockerHub => dockerfile.folder(),
        None => BuildDirectory::default(),
    };
    Ok(Compiled {
        trigger: compile_trigger(&definition.trigger, &naming)?,
        naming,
        dockerfile,
        directory,
    })
}

fn compile_trigger(text: &TriggerText, naming: &TagNaming) -> Result<RuleTrigger, Error> {
    if let NamingForm::Expressions(lines) = &naming.form {
        if *text != TriggerText::default() {
            return Err(Error::invalid("trigger", "lines_are_the_trigger"));
        }
        return Ok(lines.trigger());
    }
    let trigger = RuleTrigger {
        tags: compile_filter("trigger.tag_patterns", text.tags, &text.tag_patterns)?,
        branches: compile_filter(
            "trigger.branch_patterns",
            text.branches,
            &text.branch_patterns,
        )?,
    };
    trigger.check().map_err(|error| match error {
        TriggerError::NoPattern | TriggerError::TooManyPatterns => {
            Error::told("trigger", "refused_text", &error)
        }
    })?;
    Ok(trigger)
}

fn compile_filter(field: &str, on: bool, patterns: &[String]) -> Result<RefFilter, Error> {
    if !on {
        return match patterns {
            [] => Ok(RefFilter::None),
            _ => Err(Error::refused(field, "box_is_off", "")),
        };
    }
    if patterns.is_empty() {
        return Ok(RefFilter::All);
    }
    let compiled = patterns.iter().enumerate().map(|(place, text)| {
        text.parse::<Pattern>()
            .map_err(|error| Error::told(format!("{field}[{place}]"), "pattern", &error))
    });
    Ok(RefFilter::Matching(compiled.collect::<Result<_, _>>()?))
}

/// What images are called.
pub(crate) fn compile_naming(text: &NamingText) -> Result<TagNaming, Error> {
    check_count("naming.templates", text.templates.len())?;
    check_count("naming.lines", text.lines.len())?;
    check_count("naming.also", text.also.len())?;
    let form = match text.form {
        FormText::Parts => NamingForm::Parts(compile_parts(text)?),
        FormText::Templates => NamingForm::Templates(compile_templates(text)?),
        FormText::DockerHub => NamingForm::Expressions(compile_lines(&text.lines)?),
    };
    let also = text.also.iter().enumerate().map(|(place, name)| {
        name.parse::<Tag>()
            .map_err(|error| Error::told(format!("naming.also[{place}]"), "tag", &error))
    });
    Ok(TagNaming {
        form,
        also: also.collect::<Result<_, _>>()?,
    })
}

fn compile_parts(text: &NamingText) -> Result<Parts, Error> {
    let prefix = text.prefix.as_deref().filter(|prefix| !prefix.is_empty());
    if prefix.is_none() && !text.reference && !text.time && !text.commit && text.also.is_empty() {
        return Err(Error::invalid("naming", "names_nothing"));
    }
    let prefix = prefix.map(|prefix| {
        prefix
            .parse()
            .map_err(|error| Error::told("naming.prefix", "template", &error))
    });
    Ok(Parts {
        prefix: prefix.transpose()?,
        reference: text.reference,
        time: text.time,
        commit: text.commit,
    })
}

fn compile_templates(text: &NamingText) -> Result<Vec<wharf_model::builds::Template>, Error> {
    if text.templates.is_empty() {
        return Err(Error::invalid("naming.templates", "empty"));
    }
    let compiled = text.templates.iter().enumerate().map(|(place, template)| {
        template
            .parse()
            .map_err(|error| Error::told(format!("naming.templates[{place}]"), "template", &error))
    });
    compiled.collect()
}

fn compile_lines(lines: &[LineText]) -> Result<Expressions, Error> {
    if lines.is_empty() {
        return Err(Error::invalid("naming.lines", "empty"));
    }
    let compiled = lines.iter().enumerate().map(|(place, line)| {
        let field = |name: &str| format!("naming.lines[{place}].{name}");
        let source: Pattern = line
            .source
            .parse()
            .map_err(|error| Error::told(field("source"), "pattern", &error))?;
        let kind = if line.of_tags {
            RefKind::Tag
        } else {
            RefKind::Branch
        };
        ExpressionRule::new(kind, source, &line.tags, line.automatic)
            .map_err(|error| Error::told(field("tags"), "template", &error))
    });
    Ok(Expressions(compiled.collect::<Result<_, _>>()?))
}

/// Checks what needs no understanding: arguments, platforms, bounds, further registries.
pub(crate) fn check_rest(definition: &Definition, ceiling: &BuildBounds) -> Result<(), Error> {
    check_arguments(&definition.build_args)?;
    if let Some(target) = &definition.target {
        check_line("target", target, 128)?;
        if target.is_empty() {
            return Err(Error::invalid("target", "empty"));
        }
    }
    check_count("platforms", definition.platforms.len())?;
    for (place, platform) in definition.platforms.iter().enumerate() {
        if !is_platform(platform) {
            return Err(Error::refused(
                format!("platforms[{place}]"),
                "platform",
                platform,
            ));
        }
    }
    check_limits(&definition.limits, ceiling)?;
    check_count("push_also", definition.push_also.len())?;
    for (place, target) in definition.push_also.iter().enumerate() {
        check_target(place, target)?;
    }
    Ok(())
}

pub(crate) fn check_arguments(arguments: &BTreeMap<String, String>) -> Result<(), Error> {
    check_count("build_args", arguments.len())?;
    for (name, value) in arguments {
        let legal = name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && !name.starts_with(|first: char| first.is_ascii_digit());
        if name.is_empty() || name.len() > 128 || !legal {
            return Err(Error::refused("build_args", "argument_name", name));
        }
        if value.len() > MAX_ARGUMENT {
            return Err(Error::refused(format!("build_args.{name}"), "too_long", ""));
        }
        if value.contains('\0') {
            return Err(Error::refused(
                format!("build_args.{name}"),
                "invalid_characters",
                "",
            ));
        }
    }
    Ok(())
}

fn is_platform(text: &str) -> bool {
    let parts: Vec<_> = text.split('/').collect();
    let is_part = |part: &&str| {
        !part.is_empty()
            && part.len() <= 32
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
    };
    matches!(parts.len(), 2 | 3) && parts.iter().all(is_part)
}

/// Each bound is enough to run anything, and within what the operator allows.
fn check_limits(limits: &SpecLimits, ceiling: &BuildBounds) -> Result<(), Error> {
    let bounds: [(&str, Option<u64>, u64, u64); 5] = [
        ("limits.log_bytes", limits.log_bytes, 4 << 10, ceiling.log),
        (
            "limits.timeout_seconds",
            limits.timeout_seconds,
            1,
            ceiling.timeout.as_secs(),
        ),
        (
            "limits.cpu_millis",
            limits.cpu_millis.map(u64::from),
            100,
            u64::from(ceiling.cpu_millis),
        ),
        (
            "limits.memory_bytes",
            limits.memory_bytes,
            16 << 20,
            ceiling.memory,
        ),
        (
            "limits.disk_bytes",
            limits.disk_bytes,
            16 << 20,
            ceiling.disk,
        ),
    ];
    for (field, wanted, least, most) in bounds {
        if wanted.is_some_and(|wanted| wanted < least || wanted > most) {
            return Err(Error::refused(
                field,
                "out_of_bounds",
                format!("{least}–{most}"),
            ));
        }
    }
    Ok(())
}

fn check_target(place: usize, target: &PushTarget) -> Result<(), Error> {
    let field = || format!("push_also[{place}].image");
    let first = target.image.split('/').next().unwrap_or_default();
    let names_registry = first == "localhost" || first.contains(['.', ':']);
    if !names_registry || !target.image.contains('/') {
        return Err(Error::refused(field(), "registry_missing", &target.image));
    }
    let name: ImageName = target
        .image
        .parse()
        .map_err(|error| Error::refused(field(), "refused_text", error))?;
    let last = target.image.rsplit('/').next().unwrap_or_default();
    if name.digest.is_some() || last.contains(':') {
        return Err(Error::refused(field(), "tags_apart", &target.image));
    }
    check_count("push_also.tags", target.tags.len())?;
    for (tag_place, tag) in target.tags.iter().enumerate() {
        tag.parse::<Tag>().map_err(|error| {
            Error::told(
                format!("push_also[{place}].tags[{tag_place}]"),
                "tag",
                &error,
            )
        })?;
    }
    Ok(())
}

fn check_count(field: &'static str, count: usize) -> Result<(), Error> {
    if count > MAX_LIST {
        return Err(Error::refused(field, "too_many", MAX_LIST));
    }
    Ok(())
}

#[cfg(test)]
#[path = "compile_tests.rs"]
mod tests;
