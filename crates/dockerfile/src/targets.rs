//! `--call=targets`: the stages that can be built.

use crate::{Dockerfile, Lines};
use serde::Serialize;

/// A stage as a target of a build.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Target {
    /// None for a stage without a name, which can be built only when it is the last.
    pub name: Option<String>,
    pub description: Option<String>,
    /// Built when no target is named.
    pub is_default: bool,
    /// As written, variables included.
    pub base: String,
    pub platform: Option<String>,
    pub lines: Lines,
}

pub fn list_targets(dockerfile: &Dockerfile) -> Vec<Target> {
    let last = dockerfile.stages.len().saturating_sub(1);
    let stages = dockerfile.stages.iter().enumerate();
    stages
        .map(|(index, stage)| Target {
            name: stage.from.name.clone(),
            description: stage.from.description.clone(),
            is_default: index == last,
            base: stage.from.base.clone(),
            platform: stage.from.platform.clone(),
            lines: stage.from.lines,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stage_is_listed_with_its_comment() {
        let text = "# base has the tools\nFROM --platform=$P a:$V AS Base\nFROM base\n";
        let file = Dockerfile::parse(text.as_bytes()).expect("a file");
        let targets = list_targets(&file);
        assert_eq!(
            targets[0],
            Target {
                name: Some("base".to_owned()),
                description: Some("has the tools".to_owned()),
                is_default: false,
                base: "a:$V".to_owned(),
                platform: Some("$P".to_owned()),
                lines: Lines::single(2),
            }
        );
        assert!(targets[1].is_default && targets[1].name.is_none());
    }
}
