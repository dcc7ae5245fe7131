//! What one build may use up: the settings', unless an option says otherwise.

use wharf_builder::request::BuildLimits;

use crate::commands::build::arguments::StepArguments;
use crate::commands::build::options::{OptionProblem, read_cpu_millis, read_size};
use crate::config::BuildConfig;

pub(super) fn collect_limits(
    steps: &StepArguments,
    settings: &BuildConfig,
) -> Result<BuildLimits, OptionProblem> {
    let (mut memory, mut quota, mut period) = (None, None, None);
    for text in &steps.resources {
        let refuse = |key| OptionProblem::new(key, "--resource", text);
        let (name, value) = text.split_once('=').ok_or_else(|| refuse("pair_form"))?;
        match name.trim() {
            "memory" => memory = Some(value.trim()),
            "cpu-quota" => quota = Some(value.trim()),
            "cpu-period" => period = Some(value.trim()),
            "memory-swap" | "cpu-shares" | "cpuset-cpus" | "cpuset-mems" => {
                return Err(refuse("limit_other"));
            }
            _ => {
                return Err(refuse("field_unknown")
                    .with("field", name)
                    .with("known", "memory, cpu-quota, cpu-period"));
            }
        }
    }
    let mut limits = settings.limits.clone();
    if let Some(text) = steps.memory.as_deref().or(memory) {
        // Docker's own zero: no bound.
        limits.memory = Some(read_size("--memory", text)?).filter(|bytes| *bytes > 0);
    }
    let cpu = read_cpu_millis(
        steps.cpus.as_deref(),
        steps.cpu_quota.as_deref().or(quota),
        steps.cpu_period.as_deref().or(period),
    )?;
    limits.cpu_millis = cpu.or(limits.cpu_millis);
    Ok(limits)
}
