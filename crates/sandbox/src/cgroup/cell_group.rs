//! The control groups of a cell: limits for all that is in it, and below them a place for groups of its own.

use std::fs;
use std::io;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::group::{is_limited, kill_members, pass_on, settings};
use super::{Cgroups, Controller, remove_folder};
use crate::error::{Context, Error, Result};
use crate::step::Limits;

/// Groups whose name begins so are cells'; the process that made them comes next.
const PREFIX: &str = "wharf-cell-";

/// Where a cell's own process is in version 2, because a group with processes passes no controllers on.
const OWN: &str = "own";

/// The groups of one cell. Dropping it removes them with all that is below.
#[derive(Debug, Default)]
pub(crate) struct CellGroup {
    /// Name in the cell, controllers, folder.
    tops: Vec<(String, Vec<Controller>, PathBuf)>,
    procs: Vec<PathBuf>,
    is_delegated: bool,
}

impl CellGroup {
    /// Makes them wherever the machine has a controller, and gives them to `owner`, if this user may do that.
    pub(crate) fn make(
        cgroups: &Cgroups,
        limits: &Limits,
        owner: Option<u32>,
        number: &AtomicU64,
    ) -> Result<Self> {
        loop {
            let number = number.fetch_add(1, Ordering::Relaxed);
            let name = format!("{PREFIX}{}-{number}", std::process::id());
            match Self::make_named(cgroups, limits, owner, &name) {
                // Another part of this process counts for itself.
                Err(Error::Io { source, .. }) if source.kind() == io::ErrorKind::AlreadyExists => {}
                made => return made,
            }
        }
    }

    fn make_named(
        cgroups: &Cgroups,
        limits: &Limits,
        owner: Option<u32>,
        name: &str,
    ) -> Result<Self> {
        let mut group = Self::default();
        if let Some(parent) = &cgroups.unified
            && !cgroups.unified_controllers.is_empty()
        {
            let controllers = cgroups.unified_controllers.clone();
            pass_on(parent, &controllers)?;
            group.add("unified", controllers, parent.join(name), limits, true)?;
        }
        for (controller, parent) in &cgroups.legacy {
            let folder = parent.join(name);
            group.add(controller.name(), vec![*controller], folder, limits, false)?;
        }
        if let Some(owner) = owner {
            group.give_to(owner)?;
        }
        Ok(group)
    }

    fn add(
        &mut self,
        name: &str,
        controllers: Vec<Controller>,
        folder: PathBuf,
        limits: &Limits,
        unified: bool,
    ) -> Result<()> {
        fs::create_dir(&folder).context(format!("make the control group {}", folder.display()))?;
        self.tops
            .push((name.to_owned(), controllers.clone(), folder.clone()));
        for controller in controllers {
            // A step that runs out of memory has a group of its own; the worker must outlive it to say so.
            let wanted = settings(controller, limits, unified).into_iter();
            for setting in wanted.filter(|setting| setting.file != "memory.oom.group") {
                let path = folder.join(setting.file);
                match fs::write(&path, &setting.value) {
                    Err(error) if is_limited(controller, limits) && !setting.optional => {
                        return Err(error).context(format!("set {}", path.display()));
                    }
                    _ => {}
                }
            }
        }
        if unified {
            let own = folder.join(OWN);
            fs::create_dir(&own).context(format!("make the control group {}", own.display()))?;
            self.procs.push(own.join("cgroup.procs"));
        } else {
            self.procs.push(folder.join("cgroup.procs"));
        }
        Ok(())
    }

    /// What delegation is made of (cgroups(7), "Delegation"): the folder, and the files that move processes and enable
    /// controllers below it. Limits stay the giver's.
    fn give_to(&mut self, owner: u32) -> Result<()> {
        for (_, _, folder) in &self.tops {
            for file in [
                "",
                "cgroup.procs",
                "cgroup.threads",
                "cgroup.subtree_control",
                "tasks",
            ] {
                match chown(folder.join(file), Some(owner), Some(owner)) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => {
                        return Err(error)
                            .context(format!("give the control group {} away", folder.display()));
                    }
                    _ => {}
                }
            }
        }
        self.is_delegated = true;
        Ok(())
    }

    /// Files that take a process into them.
    pub(crate) fn procs(&self) -> Vec<PathBuf> {
        self.procs.clone()
    }

    /// All folders.
    pub(crate) fn folders(&self) -> Vec<PathBuf> {
        self.tops
            .iter()
            .map(|(_, _, folder)| folder.clone())
            .collect()
    }

    /// What the cell may use: name, controllers, folder.
    pub(crate) fn delegated(&self) -> &[(String, Vec<Controller>, PathBuf)] {
        if self.is_delegated { &self.tops } else { &[] }
    }
}

impl Drop for CellGroup {
    fn drop(&mut self) {
        for (_, _, folder) in &self.tops {
            remove_group_tree(folder);
        }
    }
}

/// Removes a group with all groups below it, whose last processes end now.
pub(crate) fn remove_group_tree(folder: &Path) {
    for below in list_folders(folder) {
        remove_group_tree(&below);
    }
    remove_folder(folder);
}

/// Ends and removes cells of processes that died without removing them.
pub(crate) fn remove_stale_cell_groups(cgroups: &Cgroups) {
    let parents = cgroups
        .unified
        .iter()
        .chain(cgroups.legacy.iter().map(|(_, folder)| folder));
    for folder in parents.flat_map(|parent| list_folders(parent)) {
        let owner = folder
            .file_name()
            .and_then(|name| name.to_str())
            .and_then(|name| name.strip_prefix(PREFIX))
            .and_then(|rest| rest.split_once('-'))
            .and_then(|(pid, _)| pid.parse::<u32>().ok());
        if let Some(pid) = owner
            && !Path::new(&format!("/proc/{pid}")).exists()
        {
            kill_members(&folder);
            remove_group_tree(&folder);
        }
    }
}

fn list_folders(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .map(|entry| entry.path())
        .collect()
}
