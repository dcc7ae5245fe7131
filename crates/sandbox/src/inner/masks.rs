//! The parts of /proc and /sys that Docker hides or makes read-only, because they tell about or change the host.

use rustix::fs::FileType;
use rustix::mount::{MountFlags, mount, mount_bind, mount_remount};

use crate::failure::{Attempt, Setup};

/// Docker's list of hidden paths, those of hardware that has come to it included.
const HIDDEN: [&str; 14] = [
    "/proc/acpi",
    "/proc/asound",
    "/proc/interrupts",
    "/proc/kcore",
    "/proc/keys",
    "/proc/latency_stats",
    "/proc/sched_debug",
    "/proc/scsi",
    "/proc/timer_list",
    "/proc/timer_stats",
    "/sys/devices/virtual/powercap",
    "/sys/firmware",
    "/sys/fs/bpf",
    "/sys/kernel/debug",
];

const READ_ONLY: [&str; 5] = [
    "/proc/bus",
    "/proc/fs",
    "/proc/irq",
    "/proc/sys",
    "/proc/sysrq-trigger",
];

/// Hides them. Called inside the new root, whose /proc and /sys are the sandbox's own mounts.
pub(super) fn apply_masks() -> Setup<()> {
    for path in HIDDEN {
        let Ok(stat) = rustix::fs::lstat(path) else {
            continue;
        };
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::Directory => mount(
                c"tmpfs",
                path,
                c"tmpfs",
                MountFlags::RDONLY | MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC,
                Some(c"size=4k"),
            ),
            _ => mount_bind(c"/dev/null", path),
        }
        .attempt(|| format!("hide {path}"))?;
    }
    for path in READ_ONLY {
        if rustix::fs::lstat(path).is_err() {
            continue;
        }
        let locked = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
        mount_bind(path, path)
            .and_then(|()| mount_remount(path, MountFlags::BIND | MountFlags::RDONLY | locked, c""))
            .attempt(|| format!("make {path} read-only"))?;
    }
    Ok(())
}
