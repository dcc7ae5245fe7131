//! What `wharf check` tells about building on this machine.

use std::fs;
use std::path::Path;

use super::{Host, Mode};
use crate::cgroup::Controller;
use crate::ids::{CountedId, find_subordinate_ranges};

/// Something that is missing or weaker than it could be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// No step can run before this is solved.
    pub is_fatal: bool,
    /// What is so, in one sentence.
    pub text: String,
    /// What to do about it.
    pub hint: String,
}

impl Host {
    /// Everything that keeps this machine from running steps well. Starts nothing and changes nothing.
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        if let Err(error) = self.require_kernel() {
            problems.push(fatal(error.to_string(), error.hint().unwrap_or_default()));
        }
        problems.extend(self.find_namespace_problems());
        problems.extend(self.find_id_problems());
        if let Err(reason) = &self.uplink {
            problems.push(Problem {
                is_fatal: false,
                text: "steps have no network".to_owned(),
                hint: reason.clone(),
            });
        }
        problems.extend(
            self.cgroups
                .missing()
                .into_iter()
                .map(|controller| Problem {
                    is_fatal: false,
                    text: weaker_without(controller).to_owned(),
                    hint: self.cgroup_hint(controller),
                }),
        );
        problems
    }

    fn find_namespace_problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let read = |path: &str| fs::read_to_string(path).map(|text| text.trim().to_owned());
        if self.mode != Mode::Rootful {
            for (path, bad, name) in [
                (
                    "/proc/sys/user/max_user_namespaces",
                    "0",
                    "user.max_user_namespaces=96365",
                ),
                (
                    "/proc/sys/kernel/unprivileged_userns_clone",
                    "0",
                    "kernel.unprivileged_userns_clone=1",
                ),
                (
                    "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
                    "1",
                    "kernel.apparmor_restrict_unprivileged_userns=0",
                ),
            ] {
                let applies = self.mode == Mode::User || name.starts_with("user.");
                if applies && read(path).is_ok_and(|value| value == bad) {
                    problems.push(fatal(
                        "the kernel refuses user namespaces",
                        format!("sysctl -w {name}"),
                    ));
                }
            }
        }
        let filesystems = read("/proc/filesystems").unwrap_or_default();
        if !filesystems.lines().any(|line| line.ends_with("\toverlay")) {
            problems.push(fatal(
                "the kernel has not loaded the overlay file system",
                "modprobe overlay",
            ));
        }
        problems
    }

    fn find_id_problems(&self) -> Vec<Problem> {
        if self.mode != Mode::User {
            return Vec::new();
        }
        let mut problems = Vec::new();
        let user = CountedId {
            name: self.user_name.clone(),
            id: rustix::process::geteuid().as_raw(),
        };
        if let Err(error) = find_subordinate_ranges(&user, Path::new("/etc")) {
            problems.push(fatal(error.to_string(), error.hint().unwrap_or_default()));
        }
        let folders = ["/usr/bin", "/bin", "/usr/local/bin", "/run/wrappers/bin"];
        for program in ["newuidmap", "newgidmap"] {
            if !folders
                .iter()
                .any(|folder| Path::new(folder).join(program).exists())
            {
                problems.push(fatal(
                    format!("`{program}` is not installed"),
                    "install the package `uidmap` (Debian, Ubuntu) or `shadow-utils` (Fedora)",
                ));
            }
        }
        problems
    }

    fn cgroup_hint(&self, controller: Controller) -> String {
        let name = controller.name();
        match self.mode {
            Mode::User => format!(
                "have systemd delegate it (Delegate={name} for user@.service), and start wharf with \
                 systemd-run --user --scope"
            ),
            Mode::Cell => {
                "the server's own control groups decide; `wharf check` tells about them".to_owned()
            }
            Mode::Root | Mode::Rootful => {
                format!(
                    "mount the control group `{name}` writable (in a container: --cgroupns=host, or privileged)"
                )
            }
        }
    }
}

fn fatal(text: impl Into<String>, hint: impl Into<String>) -> Problem {
    Problem {
        is_fatal: true,
        text: text.into(),
        hint: hint.into(),
    }
}

/// What stands in for the controller, and what that does not catch.
fn weaker_without(controller: Controller) -> &'static str {
    match controller {
        Controller::Memory => {
            "no memory control group: a step's memory is added up fifty times a second, so it may exceed its limit for a \
             moment, and files in memory are not counted"
        }
        Controller::Pids => {
            "no process control group: processes are limited per user of a step (RLIMIT_NPROC) and counted fifty times a \
             second"
        }
        Controller::Cpu => "no processor control group: a step may use every processor",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cgroup::Cgroups;

    #[test]
    fn a_machine_without_control_groups_is_told_what_is_weaker() {
        let host = Host {
            mode: Mode::Rootful,
            kernel: (6, 1),
            user_name: "root".to_owned(),
            cgroups: Cgroups::default(),
            uplink: Err("install the package `passt`".to_owned()),
            outside: Vec::new(),
        };
        let problems = host.problems();
        let has = |words: &str| {
            problems
                .iter()
                .any(|problem| problem.text.contains(words) || problem.hint.contains(words))
        };
        assert!(has("no memory control group") && has("every processor") && has("`passt`"));
        assert!(problems.iter().all(|problem| !problem.hint.is_empty()));
    }
}
