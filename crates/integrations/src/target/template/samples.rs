//! Facts that show a template's mistakes before a real event does.
//!
//! For each kind of event: everything there and plain; everything there and full of quotes, braces and line breaks; and
//! as little as an event of that kind can have.

use crate::target::facts::{SpokenBuild, SpokenFacts};
use wharf_model::triggers::EventKind;

/// What no name of ours can be, and every careless place of a template stumbles over.
const NASTY: &str = "a\"b\\c\n}}{% endraw %}, <!channel> @all";

pub(super) fn make_samples(kinds: &[EventKind]) -> Vec<SpokenFacts> {
    let each = kinds.iter().flat_map(|kind| {
        [
            make_sample(*kind, "word", true),
            make_sample(*kind, NASTY, true),
            make_sample(*kind, "word", false),
        ]
    });
    each.collect()
}

fn make_sample(kind: EventKind, word: &str, is_full: bool) -> SpokenFacts {
    let text = || word.to_owned();
    let optional = || is_full.then(text);
    let build = SpokenBuild {
        number: 12,
        rule: optional(),
        reference: optional(),
        commit: optional(),
        tags: optional().into_iter().cycle().take(2).collect(),
        reason: (kind == EventKind::BuildFailed).then(text),
    };
    SpokenFacts {
        event: kind.as_str(),
        event_id: text(),
        delivery_id: text(),
        time: text(),
        actor: text(),
        registry: text(),
        server_url: text(),
        repository: text(),
        namespace: text(),
        name: text(),
        is_public: false,
        image: text(),
        tag: (!kind.is_build()).then(text),
        digest: match kind {
            EventKind::BuildStarted | EventKind::BuildFailed => None,
            EventKind::TagCreated | EventKind::TagChanged => Some(text()),
            EventKind::TagDeleted | EventKind::BuildSucceeded => optional(),
        },
        previous_digest: (kind == EventKind::TagChanged).then(text),
        reference: text(),
        url: text(),
        is_by_hand: false,
        build: (is_full || kind.is_build()).then_some(build),
    }
}
