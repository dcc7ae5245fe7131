//! Names of stages: each once, and none that means something else.

use super::{Rule, collector::Collector};
use crate::{Dockerfile, quote::quote};
use std::collections::BTreeSet;

const RESERVED: [&str; 2] = ["context", "scratch"];

pub(super) fn check_stage_names(dockerfile: &Dockerfile, collector: &mut Collector) {
    let mut seen = BTreeSet::new();
    for stage in &dockerfile.stages {
        let Some(name) = stage.from.name.as_deref() else {
            continue;
        };
        if RESERVED.contains(&name) {
            let message = format!(
                "Stage name should not use the same name as reserved stage {}",
                quote(name)
            );
            collector.report(Rule::ReservedStageName, stage.from.lines, message);
        }
        if !seen.insert(name) {
            let message = format!(
                "Duplicate stage name {}, stage names should be unique",
                quote(name)
            );
            collector.report(Rule::DuplicateStageName, stage.from.lines, message);
        }
    }
}
