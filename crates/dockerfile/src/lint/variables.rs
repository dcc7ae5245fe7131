//! Variables that nothing sets.

use super::{Rule, collector::Collector, walk::Visit};
use crate::{Variables, suggest::suggest};

/// Arguments for the builder are no variables.
pub(super) fn check_variables(visit: &Visit<'_>, collector: &mut Collector) {
    if !visit.is_environment_known {
        return;
    }
    for name in &visit.expanded.unset {
        if name.starts_with("BUILDKIT_SBOM_SCAN_") {
            continue;
        }
        let known = visit.scope.environment().names();
        let mut message = format!("Usage of undefined variable '${name}'");
        if let Some(suggestion) = suggest(name, known) {
            message.push_str(&format!(" (did you mean ${suggestion}?)"));
        }
        visit.report(Rule::UndefinedVar, message, collector);
    }
}
