//! Reads what a server has cost from `/proc`: CPU seconds and resident memory.
//! Refuses nothing but missing processes; the kernel's own writeback threads are counted for nobody.
//! Called by the crew, the closed loop's measures and the memory measure.

use std::fs;

use anyhow::{Context, Result};

/// A process to watch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pid(pub(crate) u32);

/// Resident memory in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Memory {
    pub(crate) now: u64,
    /// The highest since the start or the last [`reset_peak`].
    pub(crate) peak: u64,
}

/// User and system CPU seconds of the process and its ended threads, in steps of one clock tick (10 ms).
///
/// # Errors
/// The process is gone.
pub(crate) fn read_cpu_seconds(pid: Pid) -> Result<f64> {
    let path = format!("/proc/{}/stat", pid.0);
    let stat = fs::read_to_string(&path).with_context(|| path.clone())?;
    let ticks = parse_cpu_ticks(&stat).with_context(|| format!("{path} is malformed"))?;
    Ok(ticks as f64 / rustix::param::clock_ticks_per_second() as f64)
}

/// # Errors
/// The process is gone.
pub(crate) fn read_memory(pid: Pid) -> Result<Memory> {
    let path = format!("/proc/{}/status", pid.0);
    let status = fs::read_to_string(&path).with_context(|| path.clone())?;
    parse_memory(&status).with_context(|| format!("{path} is malformed"))
}

/// Lets the peak start again from what is resident now, so that it leaves out start and login.
///
/// # Errors
/// The process is gone or belongs to somebody else.
pub(crate) fn reset_peak(pid: Pid) -> Result<()> {
    let path = format!("/proc/{}/clear_refs", pid.0);
    // 5 resets the peak; see proc_pid_clear_refs(5).
    fs::write(&path, "5").with_context(|| path)
}

/// Bytes that could be allocated now without swapping.
///
/// # Errors
/// `/proc/meminfo` cannot be read.
pub(crate) fn read_available_memory() -> Result<u64> {
    let text = fs::read_to_string("/proc/meminfo").context("/proc/meminfo")?;
    parse_kilobytes(&text, "MemAvailable:").context("/proc/meminfo is malformed")
}

/// Fields 14 and 15, counted behind the command's closing parenthesis, as the command may hold spaces.
fn parse_cpu_ticks(stat: &str) -> Option<u64> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

fn parse_memory(status: &str) -> Option<Memory> {
    Some(Memory {
        now: parse_kilobytes(status, "VmRSS:")?,
        peak: parse_kilobytes(status, "VmHWM:")?,
    })
}

fn parse_kilobytes(text: &str, name: &str) -> Option<u64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
    let kilobytes: u64 = rest.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_found_behind_a_strange_command() {
        let stat = "42 (a ) b (c) S 1 2 3 4 5 6 7 8 9 10 250 31 0 0 20 0 8 0 1 2 3";
        assert_eq!(parse_cpu_ticks(stat), Some(281));
        assert_eq!(parse_cpu_ticks("42 (x) S 1"), None);
    }

    #[test]
    fn memory_is_read_in_bytes() {
        let status = "Name:\tx\nVmHWM:\t   2048 kB\nVmRSS:\t   1024 kB\n";
        let memory = Memory {
            now: 1 << 20,
            peak: 2 << 20,
        };
        assert_eq!(parse_memory(status), Some(memory));
        assert_eq!(parse_memory("Name:\tx\n"), None);
    }

    #[test]
    fn own_process_has_memory_and_time() {
        let own = Pid(std::process::id());
        assert!(read_cpu_seconds(own).unwrap() >= 0.0);
        let memory = read_memory(own).unwrap();
        assert!(memory.now > 0 && memory.peak >= memory.now);
        assert!(read_available_memory().unwrap() > 0);
    }
}
