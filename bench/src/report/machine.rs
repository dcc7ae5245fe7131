//! Describes the machine that the numbers belong to.
//! Refuses to fail: what cannot be read is left out. Called by the entry point.

use std::fs;
use std::path::Path;
use std::thread;

/// `TMPFS_MAGIC` and `EXT_SUPER_MAGIC` and their like, from statfs(2).
const FILE_SYSTEMS: [(i64, &str); 5] = [
    (0x0102_1994, "tmpfs (NO DISK: durable numbers mean nothing)"),
    (0xEF53, "ext4"),
    (0x5846_5342, "xfs"),
    (0x9123_683E, "btrfs"),
    (0x794c_7630, "overlayfs"),
];

/// Two lines: processor, memory, kernel, and the file system of `folder`.
pub(crate) fn describe_machine(folder: &Path) -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let cores = thread::available_parallelism().map_or(0, usize::from);
    let sha = if find_field(&cpu, "flags").is_some_and(|flags| flags.contains("sha_ni")) {
        "with SHA instructions"
    } else {
        "without SHA instructions"
    };
    let kilobytes = find_field(&memory, "MemTotal")
        .and_then(|total| total.split(' ').next())
        .and_then(|kilobytes| kilobytes.parse::<u64>().ok())
        .unwrap_or(0);
    format!(
        "{cores} x {} {sha}, {} GiB\n{}, data on {}",
        find_field(&cpu, "model name").unwrap_or("unknown processor"),
        kilobytes.div_ceil(1 << 20),
        rustix::system::uname().release().to_string_lossy(),
        name_file_system(folder)
    )
}

fn name_file_system(folder: &Path) -> String {
    let Ok(stat) = rustix::fs::statfs(folder) else {
        return "an unknown file system".to_owned();
    };
    let kind = stat.f_type;
    let known = FILE_SYSTEMS.iter().find(|(magic, _)| *magic == kind);
    known.map_or(format!("file system {kind:#x}"), |(_, name)| {
        (*name).to_owned()
    })
}

/// The value of the first `name : value` line.
fn find_field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let mut fields = text.lines().filter_map(|line| line.split_once(':'));
    fields
        .find(|(key, _)| key.trim() == name)
        .map(|(_, value)| value.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_by_their_whole_name() {
        let text = "model\t\t: 1\nmodel name\t: EPYC\nflags : a sha_ni\n";
        assert_eq!(find_field(text, "model name"), Some("EPYC"));
        assert_eq!(find_field(text, "flag"), None);
    }

    #[test]
    fn machine_is_described_in_two_lines() {
        let text = describe_machine(Path::new("/proc"));
        assert_eq!(text.lines().count(), 2);
        assert!(text.contains("data on file system"), "{text}");
    }
}
