//! From the caller's words to a request: every folder once, trees by number, contents as descriptors.

use std::net::IpAddr;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use crate::error::{Context, Result};
use crate::memory_file;
use crate::step::{Dns, Mount, Step};
use crate::tree::Tree;
use crate::wire::{MountPlan, Source, TreePlan};

/// The folders and trees of a request, while it is put together.
#[derive(Debug, Default)]
pub(crate) struct Folders {
    pub(crate) sources: Vec<Source>,
    pub(crate) trees: Vec<TreePlan>,
}

impl Folders {
    /// The number of a folder.
    fn add(&mut self, path: &Path, writable: bool) -> usize {
        let source = Source {
            path: path.to_owned(),
            writable,
        };
        if let Some(known) = self.sources.iter().position(|known| *known == source) {
            return known;
        }
        self.sources.push(source);
        self.sources.len() - 1
    }

    /// The number of a tree.
    pub(crate) fn add_tree(&mut self, tree: &Tree) -> usize {
        let plan = TreePlan {
            lowers: tree
                .lowers
                .iter()
                .map(|lower| self.add(lower, false))
                .collect(),
            in_place: tree.in_place.as_ref().map(|folder| self.add(folder, true)),
            upper: tree
                .upper
                .as_ref()
                .map(|upper| self.add(&upper.folder, true)),
        };
        self.trees.push(plan);
        self.trees.len() - 1
    }
}

/// What the mounts of a step become.
#[derive(Debug, Default)]
pub(crate) struct PlannedMounts {
    pub(crate) mounts: Vec<MountPlan>,
    pub(crate) contents: Vec<OwnedFd>,
    pub(crate) agents: Vec<PathBuf>,
}

/// Plans the mounts; the root is tree 0 already.
pub(crate) fn plan_mounts(mounts: &[Mount], folders: &mut Folders) -> Result<PlannedMounts> {
    let mut planned = PlannedMounts::default();
    for mount in mounts {
        let plan = match mount.clone() {
            Mount::Bind {
                tree,
                source,
                target,
            } => MountPlan::Bind {
                tree: folders.add_tree(&tree),
                source,
                target,
            },
            Mount::Cache {
                folder,
                source,
                target,
                read_only,
            } => MountPlan::Cache {
                folder: folders.add(&folder, true),
                source,
                target,
                read_only,
            },
            Mount::Tmpfs { target, size } => MountPlan::Tmpfs { target, size },
            Mount::File {
                content,
                is_program,
                target,
                mode,
                uid,
                gid,
            } => {
                let file = memory_file::hold(&content).context("make a file in memory")?;
                planned.contents.push(file.into());
                MountPlan::File {
                    is_program,
                    target,
                    mode,
                    uid,
                    gid,
                }
            }
            Mount::Machine { path, target } => MountPlan::Machine { path, target },
            Mount::SshSocket {
                agent,
                target,
                mode,
                uid,
                gid,
            } => {
                planned.agents.push(agent);
                MountPlan::Socket {
                    target,
                    mode,
                    uid,
                    gid,
                }
            }
        };
        planned.mounts.push(plan);
    }
    Ok(planned)
}

/// /etc/hosts as the reference writes it.
pub(crate) fn render_hosts(step: &Step) -> String {
    let mut text = format!(
        "127.0.0.1\tlocalhost {}\n::1\tlocalhost ip6-localhost ip6-loopback\n",
        step.hostname
    );
    for (name, address) in &step.hosts_entries {
        text.push_str(&format!("{address}\t{name}\n"));
    }
    text
}

/// resolv.conf(5) of a step, with these servers.
pub(crate) fn render_resolv_conf(dns: &Dns, servers: &[IpAddr]) -> String {
    let mut text = String::new();
    for server in servers {
        text.push_str(&format!("nameserver {server}\n"));
    }
    if !dns.search.is_empty() {
        text.push_str(&format!("search {}\n", dns.search.join(" ")));
    }
    if !dns.options.is_empty() {
        text.push_str(&format!("options {}\n", dns.options.join(" ")));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_opened_once_for_reading_and_once_for_writing() {
        let mut folders = Folders::default();
        folders.add_tree(&Tree::read_only(vec!["/a".into(), "/b".into()]));
        folders.add_tree(&Tree::writable(vec!["/b".into()], "/a"));
        assert_eq!(folders.sources.len(), 3);
        assert_eq!(folders.trees[1].lowers, [1]);
        assert_eq!(folders.trees[1].upper, Some(2));
    }
}
