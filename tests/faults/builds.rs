//! Builds whose server or worker dies, whose line is cut, which are canceled: in every phase.
//!
//! Whatever happens, the record says how it ended, a tag names what it named before or the whole new image, and no
//! process of the build is left.

use std::{fs, sync::Mutex};

use serde_json::{Value, json};
use wharf_tests::building::{Rule, Site, check_leftovers, list_workers, read_busybox, wait_for};

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
