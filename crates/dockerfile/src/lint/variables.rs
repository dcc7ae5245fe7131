//! Variables that nothing sets.

use super::{Rule, collector::Collector, walk::Visit};
use crate::instruction::Instruction;

/// Arguments for the builder are no variables.
pub(super) fn check_variables(visit: &Visit<'_>, collector: &mut Collector) {
    if !visit.is_environment_known {
        return;
    }
    // What the instruction itself sets has no value in it yet.
    let own: Vec<&str> = match &visit.expanded.instruction {
        Instruction::Env(env) => env.pairs.iter().map(|pair| pair.name.as_str()).collect(),
        Instruction::Arg(arg) => {
            let definitions = arg.definitions.iter();
            definitions.map(|found| found.name.as_str()).collect()
        }
        _ => Vec::new(),
    };
    for name in &visit.expanded.unset {
        if name.starts_with("BUILDKIT_SBOM_SCAN_") {
            continue;
        }
        let names = visit.scope.environment().iter().map(|(known, _)| known);
        let names = names.filter(|known| !own.contains(known));
        let suggestion = collector.suggest(name, "$", names);
        let message = format!("Usage of undefined variable '${name}'{suggestion}");
        visit.report(Rule::UndefinedVar, message, collector);
    }
}
