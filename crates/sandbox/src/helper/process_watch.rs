//! Memory and process limits where no control group enforces them: the supervisor adds up what it sees.

use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{AtFlags, Dir, Mode, OFlags};

/// What all processes of a step use at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct ProcessUse {
    /// Bytes that are not shared with a file.
    pub(super) memory: u64,
    /// Threads of all processes.
    pub(super) tasks: u64,
}

/// Adds up the processes in the step's own /proc, which shows exactly those of its pid namespace.
pub(super) fn count_processes(proc: &OwnedFd) -> ProcessUse {
    let mut total = ProcessUse::default();
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let Ok(folder) = rustix::fs::openat(proc, c".", flags, Mode::empty()) else {
        return total;
    };
    let Ok(mut entries) = Dir::read_from(&folder) else {
        return total;
    };
    while let Some(Ok(entry)) = entries.read() {
        let Some(pid) = entry
            .file_name()
            .to_str()
            .ok()
            .filter(|name| is_number(name))
        else {
            continue;
        };
        let tasks = rustix::fs::statat(&folder, format!("{pid}/task"), AtFlags::empty());
        total.tasks += tasks.map_or(1, |stat| stat.st_nlink.saturating_sub(2).max(1));
        total.memory += read_memory(folder.as_fd(), pid);
    }
    total
}

fn is_number(name: &str) -> bool {
    name.bytes().all(|letter| letter.is_ascii_digit())
}

/// Resident pages without those of files (`statm`, proc(5)).
fn read_memory(proc: std::os::fd::BorrowedFd<'_>, pid: &str) -> u64 {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC;
    let Ok(file) = rustix::fs::openat(proc, format!("{pid}/statm"), flags, Mode::empty()) else {
        return 0;
    };
    let mut bytes = [0; 128];
    let length = rustix::io::read(&file, &mut bytes).unwrap_or(0);
    let text = String::from_utf8_lossy(bytes.get(..length).unwrap_or_default()).into_owned();
    let mut fields = text
        .split(' ')
        .map(|field| field.trim().parse().unwrap_or(0_u64));
    let (resident, shared) = (fields.nth(1).unwrap_or(0), fields.next().unwrap_or(0));
    resident.saturating_sub(shared) * rustix::param::page_size() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_counted() {
        let proc = OwnedFd::from(std::fs::File::open("/proc").unwrap());
        let total = count_processes(&proc);
        assert!(total.tasks >= 1 && total.memory > 0, "{total:?}");
    }
}
