//! Variables that nothing sets.

use super::{Rule, collector::Collector, walk::Visit};

/// Arguments for the builder are no variables.
pub(super) fn check_variables(visit: &Visit<'_>, collector: &mut Collector) {
    if !visit.is_environment_known {
        return;
    }
    for name in &visit.expanded.unset {
        if name.starts_with("BUILDKIT_SBOM_SCAN_") {
            continue;
        }
        let names = visit.scope.environment().iter().map(|(known, _)| known);
        let names = names.filter(|known| !visit.introduced.contains(known));
        let suggestion = collector.suggest(name, "$", names);
        let message = format!("Usage of undefined variable '${name}'{suggestion}");
        visit.report(Rule::UndefinedVar, message, collector);
    }
}
