//! Where this process may make control groups (cgroups(7)).

use std::fs;
use std::path::{Path, PathBuf};

use rustix::fs::Access;

use super::Controller;

/// The folders in which a group for a step can be made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Cgroups {
    /// Version 2: one folder for all its controllers.
    pub(crate) unified: Option<PathBuf>,
    /// Which controllers that folder has.
    pub(crate) unified_controllers: Vec<Controller>,
    /// Version 1: one folder per controller.
    pub(crate) legacy: Vec<(Controller, PathBuf)>,
}

impl Cgroups {
    /// Looks at this process's groups. Makes nothing.
    pub(crate) fn detect() -> Self {
        let own = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
        let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
        Self::choose(&own, &mounts, &is_writable)
    }

    /// Controllers that no writable folder has.
    pub(crate) fn missing(&self) -> Vec<Controller> {
        Controller::ALL
            .into_iter()
            .filter(|controller| !self.has(*controller))
            .collect()
    }

    pub(crate) fn has(&self, controller: Controller) -> bool {
        self.unified_controllers.contains(&controller)
            || self.legacy.iter().any(|(legacy, _)| *legacy == controller)
    }

    fn choose(own: &str, mounts: &str, writable: &dyn Fn(&Path) -> bool) -> Self {
        let mut found = Self::default();
        for line in own.lines() {
            let mut fields = line.splitn(3, ':');
            let (Some(_), Some(names), Some(path)) = (fields.next(), fields.next(), fields.next())
            else {
                continue;
            };
            if names.is_empty() {
                found.choose_unified(mounts, path, writable);
                continue;
            }
            for controller in Controller::ALL {
                if !names.split(',').any(|name| name == controller.name()) {
                    continue;
                }
                let mount = find_mount(mounts, |kind, options| {
                    kind == "cgroup" && options.split(',').any(|name| name == controller.name())
                });
                if let Some(folder) = mount.map(|mount| mount.folder_of(path))
                    && writable(&folder)
                {
                    found.legacy.push((controller, folder));
                }
            }
        }
        found
    }

    /// The nearest group at or above this process's own that passes controllers on to groups within it.
    fn choose_unified(&mut self, mounts: &str, path: &str, writable: &dyn Fn(&Path) -> bool) {
        let Some(mount) = find_mount(mounts, |kind, _| kind == "cgroup2") else {
            return;
        };
        let own = mount.folder_of(path);
        let candidates = own
            .ancestors()
            .take_while(|folder| folder.starts_with(&mount.point));
        for folder in candidates {
            if !writable(folder) {
                return;
            }
            let controllers = passed_on(folder);
            if !controllers.is_empty() {
                self.unified = Some(folder.to_owned());
                self.unified_controllers = controllers;
                return;
            }
        }
    }
}

/// Controllers that groups within `folder` have, or can be given: a group with processes of its own cannot pass them on.
fn passed_on(folder: &Path) -> Vec<Controller> {
    let words = |file: &str| fs::read_to_string(folder.join(file)).unwrap_or_default();
    let has_processes = !words("cgroup.procs").is_empty() && folder.join("cgroup.type").exists();
    let list = if has_processes {
        words("cgroup.subtree_control")
    } else {
        words("cgroup.controllers")
    };
    Controller::ALL
        .into_iter()
        .filter(|controller| {
            list.split_whitespace()
                .any(|name| name == controller.name())
        })
        .collect()
}

fn is_writable(folder: &Path) -> bool {
    let access = |path: &Path| rustix::fs::access(path, Access::WRITE_OK).is_ok();
    access(folder) && access(&folder.join("cgroup.procs"))
}

struct Mount {
    root: PathBuf,
    point: PathBuf,
}

impl Mount {
    /// The folder of a group, which the mount may show from somewhere below the top.
    fn folder_of(&self, path: &str) -> PathBuf {
        let path = Path::new(path);
        let below = path.strip_prefix(&self.root).unwrap_or(Path::new(""));
        if below.as_os_str().is_empty() {
            self.point.clone()
        } else {
            self.point.join(below)
        }
    }
}

/// The first mount whose file system type and options are wanted (`/proc/PID/mountinfo`, proc(5)).
fn find_mount(mountinfo: &str, wanted: impl Fn(&str, &str) -> bool) -> Option<Mount> {
    mountinfo.lines().find_map(|line| {
        let (left, right) = line.split_once(" - ")?;
        let mut right = right.split(' ');
        let (kind, _, options) = (right.next()?, right.next()?, right.next()?);
        let mut left = left.split(' ').skip(3);
        let (root, point) = (left.next()?, left.next()?);
        wanted(kind, options).then(|| Mount {
            root: root.into(),
            point: point.into(),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HYBRID: &str = "\
31 30 0:26 / /sys/fs/cgroup/memory rw shared:5 - cgroup cgroup rw,memory
32 30 0:27 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
33 30 0:28 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
";

    #[test]
    fn version_1_groups_are_made_within_the_own_one() {
        let own = "4:memory:/jobs/7\n1:cpu,cpuacct:/\n0::/\n";
        let found = Cgroups::choose(own, HYBRID, &|_| true);
        assert_eq!(
            found.legacy,
            [
                (
                    Controller::Memory,
                    PathBuf::from("/sys/fs/cgroup/memory/jobs/7")
                ),
                (Controller::Cpu, PathBuf::from("/sys/fs/cgroup/cpu,cpuacct")),
            ]
        );
        assert_eq!(found.missing(), [Controller::Pids]);
    }

    #[test]
    fn a_mount_of_a_part_shows_paths_from_there() {
        let part = "31 30 0:26 /docker/abc /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n";
        let found = Cgroups::choose("4:memory:/docker/abc\n", part, &|_| true);
        assert_eq!(found.legacy[0].1, Path::new("/sys/fs/cgroup/memory"));
    }

    #[test]
    fn without_the_right_to_write_there_is_nothing() {
        let found = Cgroups::choose("4:memory:/\n", HYBRID, &|_| false);
        assert_eq!(found, Cgroups::default());
        assert_eq!(found.missing().len(), 3);
    }

    #[test]
    fn version_2_takes_the_nearest_group_that_passes_controllers_on() {
        let top = tempfile::tempdir().unwrap();
        let slice = top.path().join("app.slice");
        let scope = slice.join("wharf.scope");
        fs::create_dir_all(&scope).unwrap();
        for (folder, passed) in [(&scope, ""), (&slice, "memory pids")] {
            fs::write(folder.join("cgroup.procs"), "1\n").unwrap();
            fs::write(folder.join("cgroup.type"), "domain\n").unwrap();
            fs::write(folder.join("cgroup.controllers"), "cpu memory pids").unwrap();
            fs::write(folder.join("cgroup.subtree_control"), passed).unwrap();
        }
        let mounts = format!(
            "33 30 0:28 / {} rw - cgroup2 cgroup2 rw\n",
            top.path().display()
        );
        let found = Cgroups::choose("0::/app.slice/wharf.scope\n", &mounts, &|_| true);
        assert_eq!(found.unified.as_deref(), Some(slice.as_path()));
        assert_eq!(found.missing(), [Controller::Cpu]);
    }
}
