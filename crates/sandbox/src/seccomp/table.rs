//! Which calls are allowed, per architecture.

use std::collections::BTreeMap;

const CALLS: &str = include_str!("calls.txt");

/// For whom a filter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// A step's command: Docker's default.
    Step,
    /// A file job: no other programs, no sockets of its own.
    FileJob,
}

/// What a file job does not get beyond a step.
const NOT_IN_FILE_JOBS: [&str; 12] = [
    "bind",
    "connect",
    "execve",
    "execveat",
    "listen",
    "memfd_secret",
    "personality",
    "process_vm_readv",
    "process_vm_writev",
    "ptrace",
    "socket",
    "chroot",
];

/// What happens to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Allow,
    Refuse,
    Absent,
    Clone,
    Socket,
    Personality,
}

/// A table of numbers that the kernel distinguishes by `seccomp_data.arch`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Architecture {
    /// `AUDIT_ARCH_*` (linux/audit.h).
    pub(super) audit: u32,
    column: usize,
}

#[cfg(target_arch = "x86_64")]
pub(super) const ARCHITECTURES: &[Architecture] = &[
    Architecture {
        audit: 0xc000_003e,
        column: 2,
    },
    Architecture {
        audit: 0x4000_0003,
        column: 3,
    },
];

#[cfg(target_arch = "aarch64")]
pub(super) const ARCHITECTURES: &[Architecture] = &[Architecture {
    audit: 0xc000_00b7,
    column: 4,
}];

/// The verdicts of one architecture by number; what is not in it is refused.
pub(super) fn read_table(architecture: Architecture, profile: Profile) -> BTreeMap<u32, Verdict> {
    let mut verdicts = BTreeMap::new();
    for line in CALLS.lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split(' ').collect();
        let number = fields
            .get(architecture.column)
            .and_then(|number| number.parse().ok());
        let (Some(number), [rule, name, ..]) = (number, &fields[..]) else {
            continue;
        };
        let verdict = match *rule {
            _ if profile == Profile::FileJob && NOT_IN_FILE_JOBS.contains(name) => Verdict::Refuse,
            "allow" => Verdict::Allow,
            "absent" => Verdict::Absent,
            "clone" => Verdict::Clone,
            "socket" => Verdict::Socket,
            "personality" => Verdict::Personality,
            _ => Verdict::Refuse,
        };
        verdicts.insert(number, verdict);
    }
    verdicts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_has_a_known_rule_and_three_numbers() {
        for line in CALLS.lines().filter(|line| !line.starts_with('#')) {
            let fields: Vec<&str> = line.split(' ').collect();
            assert_eq!(fields.len(), 5, "{line}");
            let rules = ["allow", "absent", "clone", "socket", "personality"];
            assert!(rules.contains(&fields[0]), "{line}");
            for number in &fields[2..] {
                assert!(*number == "-" || number.parse::<u32>().is_ok(), "{line}");
            }
        }
    }

    #[test]
    fn numbers_are_those_of_this_architecture() {
        let table = read_table(ARCHITECTURES[0], Profile::Step);
        for number in [
            libc::SYS_openat,
            libc::SYS_read,
            libc::SYS_renameat2,
            libc::SYS_futex,
            libc::SYS_statx,
        ] {
            assert_eq!(
                table.get(&(number as u32)),
                Some(&Verdict::Allow),
                "{number}"
            );
        }
        for number in [
            libc::SYS_mount,
            libc::SYS_bpf,
            libc::SYS_keyctl,
            libc::SYS_io_uring_setup,
            libc::SYS_unshare,
            libc::SYS_userfaultfd,
            libc::SYS_perf_event_open,
            libc::SYS_open_by_handle_at,
            libc::SYS_fsopen,
        ] {
            assert_eq!(table.get(&(number as u32)), None, "{number}");
        }
        assert_eq!(
            table.get(&(libc::SYS_clone3 as u32)),
            Some(&Verdict::Absent)
        );
        assert_eq!(table.get(&(libc::SYS_clone as u32)), Some(&Verdict::Clone));
        assert_eq!(
            table.get(&(libc::SYS_socket as u32)),
            Some(&Verdict::Socket)
        );
    }
}
