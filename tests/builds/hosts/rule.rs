//! A rule of a test: what it decided, what it built.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use wharf_testkit::{GitRepository, encode_segment};
use wharf_tests::building::wait_for;

use super::{kinds::Host, place::Place};

/// An image, the rule `main` that builds it, and the repository that it builds from.
pub(super) struct Rule<'a> {
    pub(super) place: &'a Place,
    pub(super) code: GitRepository,
    pub(super) remote: String,
    pub(super) image: String,
}

impl Rule<'_> {
    /// `/repositories/IMAGE` and what follows.
    pub(super) fn path(&self, rest: &str) -> String {
        format!("/repositories/{}{rest}", encode_segment(&self.image))
    }

    pub(super) fn show(&self) -> Value {
        let shown = self.place.api.get(&self.path("/rules/main"));
        shown.expect(200).json()
    }

    /// Waits until what is there now is seen, and the host tells of what comes, where it can.
    pub(super) fn wait_until_it_listens(&self) {
        wait_for(|| {
            let seen = self.decisions();
            seen.iter().any(|it| it["decision"] == "seen").then_some(())
        });
        match &self.place.host {
            Host::Forge(forge) if self.place.kind.is_told() => {
                wait_for(|| (self.show()["watch"]["webhook"] == "active").then_some(()));
                assert_eq!(forge.webhooks(&self.remote).len(), 1);
            }
            Host::Forge(forge) => {
                wait_for(|| (self.show()["watch"]["webhook"] == "polling").then_some(()));
                assert_eq!(forge.webhooks(&self.remote).len(), 0);
            }
            Host::Ssh(..) if self.place.kind.is_told() => self.install_hook(),
            Host::Ssh(..) | Host::Plain(_) => {}
        }
    }

    /// The line that wharf gives out, in the repository's own hook.
    pub(super) fn install_hook(&self) {
        use std::os::unix::fs::PermissionsExt;
        let path = self.place.webhook_path(&self.remote, "/secret");
        let made = self.place.api.post(&path, json!({})).expect(200).json();
        let line = made["line"].as_str().expect("a line");
        let hook = self.code.path().join("hooks/post-receive");
        std::fs::write(&hook, format!("#!/bin/sh\n{line}\n")).expect("a hook");
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(&hook, mode).expect("a hook that runs");
    }

    /// From now on nobody tells.
    pub(super) fn remove_hook(&self) {
        let hook = self.code.path().join("hooks/post-receive");
        std::fs::remove_file(hook).expect("it is there");
    }

    /// All decisions, the oldest first.
    pub(super) fn decisions(&self) -> Vec<Value> {
        let path = self.path("/rules/main/decisions");
        let mut all = self.place.api.read_all(&path, 1000);
        all.reverse();
        all
    }

    /// Waits for the decision that a ref came to this commit or tag object.
    pub(super) fn wait_for_decision(&self, reference: &str, object: &str) -> Value {
        wait_for(|| {
            let all = self.decisions();
            all.into_iter()
                .find(|it| it["ref"] == reference && it["new"] == object)
        })
    }

    /// Every update has one decision: each ref's are counted without a gap, each step begins where the one before it ended,
    /// and what was overtaken stands there once.
    pub(super) fn assert_each_update_decided_once(&self) {
        let mut steps: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for made in self.decisions() {
            let name = made["ref"].as_str().expect("a ref").to_owned();
            steps.entry(name).or_default().push(made);
        }
        for (name, made) in steps {
            let numbers: Vec<_> = made
                .iter()
                .filter_map(|it| it["sequence"].as_i64())
                .collect();
            let expected: Vec<_> = (numbers[0]..).take(numbers.len()).collect();
            assert_eq!(numbers, expected, "{name}: {made:#?}");
            let (overtaken, steps): (Vec<_>, Vec<_>) =
                made.iter().partition(|it| it["decision"] == "superseded");
            for (earlier, later) in steps.iter().zip(&steps[1..]) {
                assert_eq!(earlier["new"], later["old"], "{name}: {made:#?}");
            }
            let updates: BTreeSet<_> = overtaken
                .iter()
                .map(|it| (it["old"].as_str(), it["new"].as_str()))
                .collect();
            assert_eq!(updates.len(), overtaken.len(), "{name}: {made:#?}");
        }
    }

    /// The numbers of all builds.
    pub(super) fn builds(&self) -> Vec<Value> {
        self.place.api.read_all(&self.path("/builds"), 1000)
    }

    /// Starts a build by hand; answers its number.
    pub(super) fn start(&self, body: Value) -> u64 {
        let made = self.place.api.post(&self.path("/builds"), body);
        made.expect(201).json()["number"]
            .as_u64()
            .expect("a number")
    }

    /// Waits until a build is over, and answers its record; one that did not succeed shows its log.
    pub(super) fn wait_for_success(&self, number: u64) -> Value {
        let shown = self.wait_for_end(number);
        let path = self.path(&format!("/builds/{number}/log"));
        let read = self.place.api.request(reqwest::Method::GET, &path);
        let log = read.send_undescribed().body;
        let log = String::from_utf8_lossy(&log);
        assert_eq!(shown["state"], "succeeded", "{shown:#}\n{log}");
        shown
    }

    pub(super) fn wait_for_end(&self, number: u64) -> Value {
        let path = self.path(&format!("/builds/{number}"));
        wait_for(|| {
            let shown = self.place.api.get(&path).expect(200).json();
            let open = matches!(shown["state"].as_str(), Some("queued" | "running"));
            (!open).then_some(shown)
        })
    }

    /// The number of the build that a decision led to.
    pub(super) fn build_of(decision: &Value) -> u64 {
        assert_eq!(decision["decision"], "built", "{decision:#}");
        decision["build"].as_u64().expect("a number")
    }

    /// `HOST/IMAGE:TAG`, as docker names it.
    pub(super) fn name(&self, tag: &str) -> String {
        format!("{}/{}:{tag}", self.place.server.authority(), self.image)
    }
}
