//! Docker Hub's build rules: source type, source, tag.
//!
//! The forms are those of docs.docker.com/docker-hub/repos/manage/builds/setup: a source is a name or `/…/`, a tag may
//! refer to the expression's groups as `{\1}` to `{\9}` and to the whole name as `{sourceref}`, and may be several,
//! separated by commas.

use super::compose::compose;
use super::render::render;
use super::{NamingError, NamingFacts, Template, TemplateError};
use crate::builds::{Pattern, RefFilter, RefKind, RuleTrigger};
use wharf_oci::Tag;

/// One line: which branches or tags, and what their images are called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpressionRule {
    kind: RefKind,
    source: Pattern,
    tags: String,
    templates: Vec<Template>,
    automatic: bool,
}

impl ExpressionRule {
    /// A line; `tags` as Docker Hub has it: `latest`, `release-{\1}`, `{\1}.{\2},{\1}`. A line that is not `automatic`
    /// (Docker Hub's "Autobuild" switch) names what is built by hand.
    pub fn new(
        kind: RefKind,
        source: Pattern,
        tags: &str,
        automatic: bool,
    ) -> Result<Self, TemplateError> {
        let groups = source.count_groups();
        let templates = tags
            .split(',')
            .map(|text| Template::parse(text.trim(), groups))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            kind,
            source,
            tags: tags.to_owned(),
            templates,
            automatic,
        })
    }

    /// Branches or tags.
    pub fn kind(&self) -> RefKind {
        self.kind
    }

    /// Which of them.
    pub fn source(&self) -> &Pattern {
        &self.source
    }

    /// What their images are called, as written.
    pub fn tags(&self) -> &str {
        &self.tags
    }

    /// Whether a push starts a build.
    pub fn is_automatic(&self) -> bool {
        self.automatic
    }
}

/// Docker Hub's lines of one image. They say both what is built and what it is called.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expressions(pub Vec<ExpressionRule>);

impl Expressions {
    /// The trigger that goes with the lines: what any automatic line matches is built.
    pub fn trigger(&self) -> RuleTrigger {
        let filter = |kind: RefKind| {
            let patterns: Vec<Pattern> = self
                .0
                .iter()
                .filter(|line| line.kind == kind && line.automatic)
                .map(|line| line.source.clone())
                .collect();
            if patterns.is_empty() {
                RefFilter::None
            } else {
                RefFilter::Matching(patterns)
            }
        };
        RuleTrigger {
            tags: filter(RefKind::Tag),
            branches: filter(RefKind::Branch),
        }
    }

    /// The tags of all lines that match.
    pub(super) fn name_tags(&self, facts: &NamingFacts<'_>) -> Result<Vec<Tag>, NamingError> {
        let Some(reference) = facts.reference else {
            return Err(NamingError::NoLineMatches("commit".to_owned()));
        };
        let mut tags = Vec::new();
        for line in self.0.iter().filter(|line| line.kind == reference.kind()) {
            let Some(groups) = line.source.captures(reference.short()) else {
                continue;
            };
            for template in &line.templates {
                tags.push(compose(&render(template, facts, Some(&groups))?)?);
            }
        }
        if tags.is_empty() {
            let text = format!("{} `{}`", reference.kind(), reference.short());
            return Err(NamingError::NoLineMatches(text));
        }
        Ok(tags)
    }
}
