//! Resource limits of a step's processes: what `--ulimit` names, and what stands in for a missing control group.

use rustix::process::{Resource, Rlimit};

use crate::failure::{Attempt, Failure, Setup};
use crate::step::Ulimit;
use crate::wire::StepPlan;

/// Processes above the limit that the kernel allows, because the supervisor is to see and name what went wrong. Fewer,
/// and a fork bomb ends as a program that could not fork; more, and it costs the machine.
const FORKS_BETWEEN_LOOKS: u64 = 512;

pub(super) fn set_limits(step: &StepPlan) -> Setup<()> {
    if let Some(disk) = step.limits.disk {
        // A sparse file takes no room here, but as long as it is in the layer.
        set(Resource::Fsize, "fsize", disk, disk)?;
    }
    if step.watch.pids
        && let Some(pids) = step.limits.pids
    {
        let most = u64::from(pids) + FORKS_BETWEEN_LOOKS;
        set(Resource::Nproc, "nproc", most, most)?;
    }
    for Ulimit { name, soft, hard } in &step.limits.ulimits {
        let resource = find_resource(name)
            .ok_or_else(|| Failure::refused(format!("there is no ulimit called {name}")))?;
        set(resource, name, *soft, *hard)?;
    }
    Ok(())
}

/// Lowers a limit; raising one above the helper's own needs a right that it may not have.
fn set(resource: Resource, name: &str, soft: u64, hard: u64) -> Setup<()> {
    let own = rustix::process::getrlimit(resource);
    let allowed = |wanted: u64| own.maximum.map_or(wanted, |maximum| wanted.min(maximum));
    let wanted = Rlimit {
        current: Some(soft),
        maximum: Some(hard),
    };
    let possible = Rlimit {
        current: Some(allowed(soft)),
        maximum: Some(allowed(hard)),
    };
    rustix::process::setrlimit(resource, wanted)
        .or_else(|_| rustix::process::setrlimit(resource, possible))
        .attempt(|| format!("set the limit {name} to {soft}:{hard}"))
}

fn find_resource(name: &str) -> Option<Resource> {
    Some(match name {
        "as" => Resource::As,
        "core" => Resource::Core,
        "cpu" => Resource::Cpu,
        "data" => Resource::Data,
        "fsize" => Resource::Fsize,
        "locks" => Resource::Locks,
        "memlock" => Resource::Memlock,
        "msgqueue" => Resource::Msgqueue,
        "nice" => Resource::Nice,
        "nofile" => Resource::Nofile,
        "nproc" => Resource::Nproc,
        "rss" => Resource::Rss,
        "rtprio" => Resource::Rtprio,
        "rttime" => Resource::Rttime,
        "sigpending" => Resource::Sigpending,
        "stack" => Resource::Stack,
        _ => return None,
    })
}
