//! Builds whose server or worker dies, whose line is cut, which are canceled: in every phase.
//!
//! Whatever happens, the record says how it ended, a tag names what it named before or the whole new image, and no
//! process of the build is left.

use std::{fs, sync::Mutex};

use serde_json::{Value, json};
use wharf_tests::building::{Rule, Site, read_busybox, wait_for};

/// One at a time: what is left over is looked for on the whole machine.
static ALONE: Mutex<()> = Mutex::new(());

/// How often a phase may be missed because it was over too soon.
const TRIES: usize = 20;

/// Long enough in each phase that it can be met: some data to hash, compress and take in, and a step that waits.
const DOCKERFILE: &str = "\
FROM scratch
COPY --chmod=755 busybox /bin/sh
COPY --chmod=755 busybox /bin/busybox
ARG RUN=0
RUN /bin/busybox dd if=/dev/urandom of=/big bs=1M count=48 2>/dev/null; /bin/busybox sleep 1
";

/// A rule whose first image is there.
fn prepare(site: &Site) -> Option<Rule<'_>> {
    let busybox = read_busybox()?;
    let rule = site.make_rule(json!({ "cache": false }));
    let tree = rule.code.clone_work_tree();
    fs::write(tree.path().join("busybox"), busybox).expect("a file");
    tree.write("Dockerfile", DOCKERFILE);
    tree.commit("Take a while");
    tree.push(&["main"]);
    rule.wait_for_success(rule.start("main"));
    Some(rule)
}

/// Starts builds until one is met in `phase`; answers its number.
fn meet(rule: &Rule<'_>, phase: &str) -> u64 {
    for _ in 0..TRIES {
        let number = rule.start("main");
        let met = wait_for(|| {
            let shown = rule.show(number);
            match (shown["state"].as_str(), shown["phase"].as_str()) {
                (Some("running"), Some(now)) if now == phase => Some(true),
                (Some("queued" | "running"), _) => None,
                _ => Some(false),
            }
        });
        if met {
            return number;
        }
    }
    panic!("no build was met in the phase {phase}");
}

/// Processes of this program that belong to builds.
fn list_workers() -> Vec<i32> {
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

/// What of a build could be left on the machine beside processes, and half-made on the disk.
fn list_leftovers(site: &Site) -> Vec<String> {
    let server = site.server.pid().to_string();
    let folder = site.server.data_dir().display().to_string();
    let mut left = Vec::new();
    for controller in ["memory", "pids", "cpu", "unified", ""] {
        let groups = format!("/sys/fs/cgroup/{controller}");
        left.extend(list_names(&groups, |name| is_group_left(name, &server)));
    }
    left.extend(list_names("/sys/class/net", is_link_of_cell));
    left.extend(list_names("/run/netns", |name| name.starts_with("wharf")));
    for device in list_names("/sys/block", |name| name.starts_with("loop")) {
        let file = fs::read_to_string(format!("{device}/loop/backing_file")).unwrap_or_default();
        left.extend(file.contains(&folder).then_some(device));
    }
    // Folders of workers; a cache has one for each scope.
    for scope in list_names(&format!("{folder}/builder"), |name| !name.starts_with('.')) {
        left.extend(list_names(&format!("{scope}/work"), |_| true));
    }
    left.extend(list_names(&format!("{folder}/builds"), |name| {
        name.ends_with(".context")
    }));
    left
}

/// Whatever ran for builds is gone, and nothing of it is left on the machine or half-made on the disk.
fn check_leftovers(site: &Site) {
    wait_for(|| list_workers().is_empty().then_some(()));
    wait_for(|| list_leftovers(site).is_empty().then_some(()));
    let mounts = fs::read_to_string("/proc/self/mounts").expect("mounts");
    let folder = site.server.data_dir().display().to_string();
    let left: Vec<_> = mounts
        .lines()
        .filter(|line| line.contains(&folder))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

/// The image that the tag names is whole; answers its digest.
fn check_tag(rule: &Rule<'_>, site: &Site) -> Value {
    let shown = site.api().get(&rule.path("/tags/main")).expect(200).json();
    let (_, layers) = rule.pull("main");
    assert!(!layers.is_empty());
    shown["digest"].clone()
}

/// Exporting is not among them: it hands open files over, which takes less time than asking for the phase. The tests of
/// workers, who hear of it at once, kill in it.
const PHASES: [&str; 3] = ["cloning", "building", "pushing"];

#[test]
fn f50_a_build_whose_server_is_killed_in_any_phase_is_built_once_more_and_leaves_nothing() {
    let _alone = ALONE
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    let Some(mut site) = Site::start() else {
        return;
    };
    let path = match prepare(&site) {
        Some(rule) => rule.leave(),
        None => return,
    };
    for phase in PHASES {
        let number = meet(&path.enter(&site), phase);
        site.server.kill();
        site.server.restart();
        let rule = path.enter(&site);
        let shown = rule.wait_for_success(number);
        // A kill that came a moment after the commit finds it done.
        assert!(
            shown["attempt"] == 2 || phase == "pushing",
            "{phase}: {shown:#}"
        );
        assert_eq!(check_tag(&rule, &site), shown["digest"]);
        check_leftovers(&site);
    }
}

#[test]
fn f50_a_build_whose_worker_is_killed_is_built_once_more_and_leaves_nothing() {
    let _alone = ALONE
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    let Some(site) = Site::start() else { return };
    let Some(rule) = prepare(&site) else { return };
    for phase in ["cloning", "building"] {
        let number = meet(&rule, phase);
        kill_workers();
        let shown = rule.wait_for_success(number);
        assert_eq!(shown["attempt"], 2, "{phase}: {shown:#}");
        check_leftovers(&site);
    }
}

#[test]
fn f51_a_worker_that_goes_at_the_final_push_leaves_the_old_tag_or_the_whole_new_image() {
    let _alone = ALONE
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    let Some(site) = Site::start() else { return };
    let Some(rule) = prepare(&site) else { return };
    for _ in 0..3 {
        let before = check_tag(&rule, &site);
        let number = meet(&rule, "pushing");
        kill_workers();
        let shown = rule.wait_for_end(number);
        let now = check_tag(&rule, &site);
        match shown["state"].as_str() {
            Some("succeeded") => assert_eq!(now, shown["digest"]),
            _ => assert_eq!(now, before, "{shown:#}"),
        }
        check_leftovers(&site);
    }
}

#[test]
fn f52_a_build_that_is_canceled_in_any_phase_sets_no_tag_and_leaves_nothing() {
    let _alone = ALONE
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    let Some(site) = Site::start() else { return };
    let Some(rule) = prepare(&site) else { return };
    for phase in PHASES {
        let before = check_tag(&rule, &site);
        let number = meet(&rule, phase);
        let path = rule.path(&format!("/builds/{number}/cancel"));
        let answer = site.api().request(reqwest::Method::POST, &path).send();
        let shown = rule.wait_for_end(number);
        match answer.status.as_u16() {
            200 if shown["state"] == "canceled" => {
                assert_eq!(check_tag(&rule, &site), before, "{phase}");
            }
            // It was over before it could be canceled.
            200 | 409 => assert_eq!((phase, &shown["state"]), ("pushing", &json!("succeeded"))),
            other => panic!("{other}: {}", answer.describe()),
        }
        check_leftovers(&site);
    }
}

fn kill_workers() {
    for pid in list_workers() {
        // SAFETY: kill(2) touches no memory of this process.
        unsafe { libc::kill(pid, libc::SIGKILL) };
    }
}
