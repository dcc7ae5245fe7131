//! What builds could leave behind: processes, control groups, mounts, folders. Looked for by tests that kill.

use super::{PATIENCE, Site};
use std::{
    fmt::Debug,
    fs,
    thread::sleep,
    time::{Duration, Instant},
};

/// Processes of this program that belong to builds.
pub fn list_workers() -> Vec<i32> {
    let binary = wharf_testkit::server::find_binary();
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").expect("/proc").flatten() {
        let Some(pid) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok())
        else {
            continue;
        };
        let same = fs::read_link(entry.path().join("exe")).is_ok_and(|exe| exe == binary);
        let arguments = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let inner = arguments.split(|byte| *byte == 0).nth(1);
        if same && inner.is_some_and(|word| word.starts_with(b"__")) {
            found.push(pid);
        }
    }
    found
}

/// Names in a folder that tell whose they are.
fn list_names(folder: &str, is_ours: impl Fn(&str) -> bool) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names
        .filter(|name| is_ours(name))
        .map(|name| format!("{folder}/{name}"))
        .collect()
}

/// Links of cells, by their numbers: steps have lower ones, and those of others who build here meanwhile.
fn is_link_of_cell(name: &str) -> bool {
    let number = name
        .strip_prefix("wharf")
        .and_then(|rest| rest.parse().ok());
    number.is_some_and(|number: u32| number >= 12_288)
}

/// Control groups whose maker is gone or this server: `wharf-cell-PID-…`.
fn is_group_left(name: &str, server: &str) -> bool {
    let maker = name
        .strip_prefix("wharf-cell-")
        .and_then(|rest| rest.split('-').next());
    maker.is_some_and(|maker| maker == server)
}

/// What of this server's builds could be left beside processes: control groups, loop devices, folders of workers.
/// Others who build on this machine meanwhile are nobody's business.
fn list_own_leftovers(site: &Site) -> Vec<String> {
    let server = site.server.pid().to_string();
    let folder = site.server.data_dir().display().to_string();
    let mut left = Vec::new();
    for controller in ["memory", "pids", "cpu", "unified", ""] {
        let groups = format!("/sys/fs/cgroup/{controller}");
        left.extend(list_names(&groups, |name| is_group_left(name, &server)));
    }
    for device in list_names("/sys/block", |name| name.starts_with("loop")) {
        let file = fs::read_to_string(format!("{device}/loop/backing_file")).unwrap_or_default();
        left.extend(file.contains(&folder).then_some(device));
    }
    // A cache has a folder of workers for each scope.
    for scope in list_names(&format!("{folder}/builder"), |name| !name.starts_with('.')) {
        left.extend(list_names(&format!("{scope}/work"), |_| true));
    }
    left
}

/// The same, what is of nobody's server (links of cells and their networks), and uploaded archives, which are kept for
/// a retry. For who builds alone, and uploads none.
fn list_leftovers(site: &Site) -> Vec<String> {
    let mut left = list_own_leftovers(site);
    left.extend(list_names("/sys/class/net", is_link_of_cell));
    left.extend(list_names("/run/netns", |name| name.starts_with("wharf")));
    let archives = site.server.data_dir().join("builds").display().to_string();
    left.extend(list_names(&archives, |name| name.ends_with(".context")));
    left
}

/// No file system of a build is mounted where everybody sees it.
fn check_mounts(site: &Site) {
    let mounts = fs::read_to_string("/proc/self/mounts").expect("mounts");
    let folder = site.server.data_dir().display().to_string();
    let left: Vec<_> = mounts
        .lines()
        .filter(|line| line.contains(&folder))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

/// Whatever ran for builds is gone, and nothing of it is left on the machine or half-made on the disk.
pub fn check_leftovers(site: &Site) {
    wait_for_none("workers run on", list_workers);
    wait_for_none("left behind", || list_leftovers(site));
    check_mounts(site);
}

/// The same for who builds beside others: only what is of this server's builds is looked for.
pub fn check_own_leftovers(site: &Site) {
    wait_for_none("left behind", || list_own_leftovers(site));
    check_mounts(site);
}

/// Wait until nothing is found, and name it where something stays.
fn wait_for_none<T: Debug>(what: &str, list: impl Fn() -> Vec<T>) {
    let begun = Instant::now();
    loop {
        let left = list();
        if left.is_empty() {
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "{what}: {left:?}");
        sleep(Duration::from_millis(50));
    }
}
