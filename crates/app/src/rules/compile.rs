//! A rule's texts become what decides and names: every mistake is found when a rule is saved, and said with the field.

use super::definition::{Definition, FormText, LineText, NamingText, TriggerText};
use crate::Error;
use wharf_model::builds::{
    BuildDirectory, DockerfilePath, ExpressionRule, Expressions, NamingForm, Parts, Pattern,
    RefFilter, RefKind, RuleTrigger, TagNaming, TriggerError,
};
use wharf_oci::Tag;

/// Most of each list: more than anybody reads, few enough to work through at every push.
const MAX_LIST: usize = 50;

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
        .map_err(|error| Error::refused("dockerfile", "refused_text", error))?;
    let directory = match &definition.directory {
        Some(text) => text
            .parse()
            .map_err(|error| Error::refused("directory", "refused_text", error))?,
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
            Error::refused("trigger", "refused_text", error)
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
            .map_err(|error| Error::refused(format!("{field}[{place}]"), "pattern", error))
    });
    Ok(RefFilter::Matching(compiled.collect::<Result<_, _>>()?))
}

/// What images are called.
pub(super) fn compile_naming(text: &NamingText) -> Result<TagNaming, Error> {
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
            .map_err(|error| Error::refused(format!("naming.also[{place}]"), "tag", error))
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
            .map_err(|error| Error::refused("naming.prefix", "template", error))
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
        template.parse().map_err(|error| {
            Error::refused(format!("naming.templates[{place}]"), "template", error)
        })
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
            .map_err(|error| Error::refused(field("source"), "pattern", error))?;
        let kind = if line.of_tags {
            RefKind::Tag
        } else {
            RefKind::Branch
        };
        ExpressionRule::new(kind, source, &line.tags, line.automatic)
            .map_err(|error| Error::refused(field("tags"), "template", error))
    });
    Ok(Expressions(compiled.collect::<Result<_, _>>()?))
}

fn check_count(field: &'static str, count: usize) -> Result<(), Error> {
    if count > MAX_LIST {
        return Err(Error::refused(field, "too_many", MAX_LIST));
    }
    Ok(())
}
