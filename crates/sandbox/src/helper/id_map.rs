//! Giving the child's user namespace its ids.

use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use rustix::process::Pid;

use crate::failure::{AttemptTo, Failure, Setup};
use crate::ids::IdPlan;

/// Writes the maps of a child that is in a user namespace without any.
pub(super) fn write_id_maps(ids: &IdPlan, child: Pid) -> Setup<()> {
    let pid = child.as_raw_nonzero().get();
    match ids {
        IdPlan::Rootful => Ok(()),
        IdPlan::Leased(_) | IdPlan::Within(_) => {
            for (file, map) in [("uid_map", ids.uid_map()), ("gid_map", ids.gid_map())] {
                std::fs::write(format!("/proc/{pid}/{file}"), render(&map))
                    .attempt_to("map the build's range of ids")?;
            }
            Ok(())
        }
        IdPlan::Subordinate { .. } | IdPlan::Apart { .. } => {
            run_mapper("newuidmap", pid, &ids.uid_map())?;
            run_mapper("newgidmap", pid, &ids.gid_map())
        }
    }
}

fn render(map: &[[u32; 3]]) -> String {
    map.iter()
        .map(|[inside, outside, count]| format!("{inside} {outside} {count}\n"))
        .collect()
}

/// newuidmap(1) has the right that the user lacks.
fn run_mapper(program: &str, pid: i32, map: &[[u32; 3]]) -> Setup<()> {
    let missing = || Failure::Unsupported {
        problem: format!("`{program}` is not installed; without root it maps the build's ids"),
        hint: "install the package `uidmap` (Debian, Ubuntu) or `shadow-utils` (Fedora)".to_owned(),
    };
    // The environment is empty, so there is no PATH to trust.
    let path = ["/usr/bin", "/bin", "/usr/local/bin", "/run/wrappers/bin"]
        .map(|folder| Path::new(folder).join(program))
        .into_iter()
        .find(|path| path.exists())
        .ok_or_else(missing)?;
    let output = Command::new(path)
        .arg(pid.to_string())
        .args(map.iter().flatten().map(u32::to_string))
        .stdin(Stdio::null())
        .output()
        .attempt_to("run the program that maps ids")?;
    if output.status.success() {
        return Ok(());
    }
    Err(Failure::Unsupported {
        problem: format!(
            "`{program}` refused: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        ),
        hint: "check that /etc/subuid and /etc/subgid give this user 65536 ids and that the program is setuid root"
            .to_owned(),
    })
}

/// Opens each folder as a mount of its own, with the ids of the child's user namespace.
pub(super) fn map_sources(
    sources: &[crate::wire::Source],
    child: Pid,
) -> Setup<Vec<std::os::fd::OwnedFd>> {
    let namespace = std::fs::File::open(format!("/proc/{}/ns/user", child.as_raw_nonzero()))
        .attempt_to("open the child's user namespace")?;
    sources
        .iter()
        .map(|source| {
            let mount = crate::inner::clone_mount(source)?;
            crate::kernel::map_mount_ids(&mount, &namespace)
                .map_err(|error| explain(error, source))?;
            Ok(mount)
        })
        .collect()
}

fn explain(error: io::Error, source: &crate::wire::Source) -> Failure {
    match error.raw_os_error() {
        Some(libc::EINVAL | libc::EOPNOTSUPP) => Failure::Unsupported {
            problem: format!(
                "the file system of {} cannot map ids",
                source.path.display()
            ),
            hint: "keep the builder's state on ext4, xfs, btrfs or f2fs (not NFS, not overlay)"
                .to_owned(),
        },
        errno => Failure::Setup {
            action: format!("map the ids of {}", source.path.display()),
            errno: errno.unwrap_or(libc::EIO),
        },
    }
}
