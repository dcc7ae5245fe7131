//! Events for the unit tests of this room.

use wharf_model::triggers::{BuildFacts, EventFacts, EventKind};
use wharf_model::{EventId, Timestamp};

pub(super) const DIGEST: &str =
    "sha256:1111111111111111111111111111111111111111111111111111111111111111";
pub(super) const COMMIT: &str = "2222222222222222222222222222222222222222";

/// An event with everything that its kind has.
pub(super) fn make_facts(kind: EventKind) -> EventFacts {
    let is_build = kind.is_build();
    let has_digest = !matches!(kind, EventKind::BuildStarted | EventKind::BuildFailed);
    EventFacts {
        event: EventId::new(),
        kind,
        at: Timestamp::from_seconds(1_700_000_000),
        actor: "alice".to_owned(),
        host: "registry.example:5000".to_owned(),
        server_url: "https://registry.example:5000".to_owned(),
        repository: "team/sub/app".parse().expect("a name"),
        is_public: false,
        tag: (!is_build).then(|| "v1".parse().expect("a tag")),
        digest: has_digest.then(|| DIGEST.parse().expect("a digest")),
        previous_digest: (kind == EventKind::TagChanged)
            .then(|| DIGEST.replace('1', "3").parse().expect("a digest")),
        build: is_build.then(|| BuildFacts {
            number: 12,
            rule: Some("main".to_owned()),
            reference: Some("refs/heads/main".parse().expect("a ref")),
            commit: Some(COMMIT.parse().expect("a commit")),
            tags: vec!["v1".parse().expect("a tag")],
            reason: (kind == EventKind::BuildFailed).then(|| "step_failed".to_owned()),
        }),
        is_by_hand: false,
    }
}
