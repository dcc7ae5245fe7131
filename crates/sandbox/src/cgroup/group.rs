//! The group of one step: made before it, read and removed after it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::{Cgroups, Controller};
use crate::error::{Context, Result};
use crate::step::Limits;

/// The period of processor time that a limit is a share of, the kernel's default. A shorter one costs switches, a longer
/// one makes a step stutter.
const PERIOD_MICROS: u64 = 100_000;

/// How often removing an empty group is tried, a millisecond apart: the last process leaves its group a moment after it
/// was waited for.
const REMOVALS: u32 = 200;

/// The control groups of one step. Dropping it removes them; that fails only while processes are in them.
#[derive(Debug, Default)]
pub(crate) struct Group {
    folders: Vec<(Vec<Controller>, PathBuf)>,
}

/// What a group counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counted {
    pub(crate) out_of_memory: bool,
    pub(crate) forks_refused: bool,
    pub(crate) peak_memory: Option<u64>,
    pub(crate) cpu: Option<Duration>,
}

impl Group {
    /// Makes groups for the limits that are set, where the machine has the controller.
    pub(crate) fn make(cgroups: &Cgroups, limits: &Limits, number: &AtomicU64) -> Result<Self> {
        let wanted: Vec<Controller> = Controller::ALL
            .into_iter()
            .filter(|controller| is_limited(*controller, limits))
            .collect();
        let name = format!(
            "{PREFIX}{}-{}",
            std::process::id(),
            number.fetch_add(1, Ordering::Relaxed)
        );
        let mut group = Self::default();
        if let Some(parent) = &cgroups.unified {
            let here: Vec<Controller> = wanted
                .iter()
                .copied()
                .filter(|wanted| cgroups.unified_controllers.contains(wanted))
                .collect();
            if !here.is_empty() {
                pass_on(parent, &here)?;
                group.add(here, parent.join(&name), limits, true)?;
            }
        }
        for (controller, parent) in &cgroups.legacy {
            if wanted.contains(controller) {
                group.add(vec![*controller], parent.join(&name), limits, false)?;
            }
        }
        Ok(group)
    }

    fn add(
        &mut self,
        controllers: Vec<Controller>,
        folder: PathBuf,
        limits: &Limits,
        unified: bool,
    ) -> Result<()> {
        fs::create_dir(&folder).context(format!("make the control group {}", folder.display()))?;
        self.folders.push((controllers.clone(), folder.clone()));
        for controller in controllers {
            for setting in settings(controller, limits, unified) {
                let path = folder.join(setting.file);
                match fs::write(&path, &setting.value) {
                    Err(error) if !setting.optional => {
                        return Err(error).context(format!("set {}", path.display()));
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// Files that take a process into the group.
    pub(crate) fn procs(&self) -> Vec<PathBuf> {
        self.files("cgroup.procs")
    }

    /// Files that count refused forks.
    pub(crate) fn pids_events(&self) -> Vec<PathBuf> {
        self.folders
            .iter()
            .filter(|(controllers, _)| controllers.contains(&Controller::Pids))
            .map(|(_, folder)| folder.join("pids.events"))
            .collect()
    }

    fn files(&self, name: &str) -> Vec<PathBuf> {
        self.folders
            .iter()
            .map(|(_, folder)| folder.join(name))
            .collect()
    }

    /// What happened in it, after its processes are gone.
    pub(crate) fn count(&self) -> Counted {
        let mut counted = Counted::default();
        for (_, folder) in &self.folders {
            let read = |file: &str| fs::read_to_string(folder.join(file)).unwrap_or_default();
            let number = |file: &str| read(file).trim().parse::<u64>().ok();
            for file in ["memory.events", "memory.oom_control"] {
                counted.out_of_memory |= find_count(&read(file), "oom_kill") > 0;
            }
            counted.forks_refused |= find_count(&read("pids.events"), "max") > 0;
            let peak = number("memory.peak").or_else(|| number("memory.max_usage_in_bytes"));
            counted.peak_memory = peak.or(counted.peak_memory);
            let micros = find_count(&read("cpu.stat"), "usage_usec");
            let nanos = number("cpuacct.usage");
            if micros > 0 {
                counted.cpu = Some(Duration::from_micros(micros));
            } else if let Some(nanos) = nanos {
                counted.cpu = Some(Duration::from_nanos(nanos));
            }
        }
        counted
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        for (_, folder) in &self.folders {
            remove_folder(folder);
        }
    }
}

pub(super) fn kill_members(folder: &Path) {
    if fs::write(folder.join("cgroup.kill"), "1").is_ok() {
        return;
    }
    let members = fs::read_to_string(folder.join("cgroup.procs")).unwrap_or_default();
    for pid in members.lines().filter_map(|line| line.parse().ok()) {
        if let Some(pid) = rustix::process::Pid::from_raw(pid) {
            // It may have ended since.
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        }
    }
}

/// Removes a group whose last process ends now.
pub(crate) fn remove_folder(folder: &Path) {
    for _ in 0..REMOVALS {
        match fs::remove_dir(folder) {
            Err(error) if error.kind() == io::ErrorKind::ResourceBusy => {
                // Usually nothing: only a helper that died leaves a step running.
                kill_members(folder);
                std::thread::sleep(Duration::from_millis(1));
            }
            // What cannot be removed now is found by its name at the next start.
            _ => return,
        }
    }
}

const PREFIX: &str = "wharf-";

/// Removes groups of processes that died without removing them.
pub(crate) fn remove_stale_groups(cgroups: &Cgroups) {
    let parents = cgroups
        .unified
        .iter()
        .chain(cgroups.legacy.iter().map(|(_, folder)| folder));
    for entry in parents
        .filter_map(|folder| fs::read_dir(folder).ok())
        .flatten()
        .flatten()
    {
        let name = entry.file_name();
        let owner = name
            .to_str()
            .and_then(|name| name.strip_prefix(PREFIX))
            .and_then(|rest| rest.split_once('-'))
            .and_then(|(pid, _)| pid.parse::<u32>().ok());
        if let Some(pid) = owner
            && !Path::new(&format!("/proc/{pid}")).exists()
        {
            // One that still has processes stays for the next start.
            let _ = fs::remove_dir(entry.path());
        }
    }
}

/// The number after a word of a file with one `word number` per line.
pub(crate) fn find_count(text: &str, word: &str) -> u64 {
    text.lines()
        .filter_map(|line| line.split_once(' '))
        .find(|(name, _)| *name == word)
        .and_then(|(_, number)| number.trim().parse().ok())
        .unwrap_or(0)
}

pub(super) fn pass_on(parent: &Path, controllers: &[Controller]) -> Result<()> {
    let file = parent.join("cgroup.subtree_control");
    let passed = fs::read_to_string(&file).unwrap_or_default();
    for controller in controllers {
        if !passed
            .split_whitespace()
            .any(|name| name == controller.name())
        {
            fs::write(&file, format!("+{}", controller.name())).context(format!(
                "enable {} in {}",
                controller.name(),
                file.display()
            ))?;
        }
    }
    Ok(())
}

pub(super) fn is_limited(controller: Controller, limits: &Limits) -> bool {
    match controller {
        Controller::Memory => limits.memory.is_some(),
        Controller::Pids => limits.pids.is_some(),
        Controller::Cpu => limits.cpu_millis.is_some(),
    }
}

pub(super) struct Setting {
    pub(super) file: &'static str,
    pub(super) value: String,
    /// Not every kernel is configured to have it.
    pub(super) optional: bool,
}

pub(super) fn settings(controller: Controller, limits: &Limits, unified: bool) -> Vec<Setting> {
    let set = |file, value: String| Setting {
        file,
        value,
        optional: false,
    };
    let try_set = |file, value: String| Setting {
        file,
        value,
        optional: true,
    };
    match (controller, unified) {
        (Controller::Memory, true) => {
            let bytes = limits.memory.unwrap_or(u64::MAX).to_string();
            vec![
                set("memory.max", bytes),
                try_set("memory.swap.max", "0".to_owned()),
                // A step that lost one process to the limit is not worth going on.
                try_set("memory.oom.group", "1".to_owned()),
            ]
        }
        (Controller::Memory, false) => {
            let bytes = limits.memory.unwrap_or(u64::MAX).to_string();
            vec![
                set("memory.limit_in_bytes", bytes.clone()),
                try_set("memory.memsw.limit_in_bytes", bytes),
            ]
        }
        (Controller::Pids, _) => {
            vec![set("pids.max", limits.pids.unwrap_or(u32::MAX).to_string())]
        }
        (Controller::Cpu, unified) => {
            // The kernel takes no share below a millisecond per period.
            let quota =
                (u64::from(limits.cpu_millis.unwrap_or(1000)) * PERIOD_MICROS / 1000).max(1000);
            if unified {
                vec![set("cpu.max", format!("{quota} {PERIOD_MICROS}"))]
            } else {
                vec![
                    set("cpu.cfs_period_us", PERIOD_MICROS.to_string()),
                    set("cpu.cfs_quota_us", quota.to_string()),
                ]
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_found_by_their_whole_name() {
        let events = "low 0\nmax 12\noom 2\noom_kill 1\noom_group_kill 0\n";
        assert_eq!(find_count(events, "oom_kill"), 1);
        assert_eq!(find_count("max 3\n", "max"), 3);
        assert_eq!(find_count("", "max"), 0);
    }

    #[test]
    fn half_a_processor_is_half_of_the_period() {
        let limits = Limits {
            cpu_millis: Some(500),
            ..Limits::default()
        };
        assert_eq!(
            settings(Controller::Cpu, &limits, true)[0].value,
            "50000 100000"
        );
        assert_eq!(settings(Controller::Cpu, &limits, false)[1].value, "50000");
    }
}
