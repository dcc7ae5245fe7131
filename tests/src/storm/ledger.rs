//! What one pusher knows: what was acknowledged, and the one change that is undecided.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex},
};

use super::{Dice, picture::Recipe};

/// A thing in the repository that is there or not.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Tag(String),
    Manifest(String),
}

/// What stands under a key: a digest, or nothing.
pub(super) type Value = Option<String>;

/// One request's effect, all of it or none.
#[derive(Debug, Clone, Default)]
pub(super) struct Change(pub(super) Vec<(Key, Value)>);

/// The record of one repository.
#[derive(Default)]
pub(super) struct Ledger {
    pub(super) state: BTreeMap<Key, Value>,
    pub(super) undecided: Option<Change>,
    /// Changed since the last check.
    pub(super) touched: BTreeSet<Key>,
    /// Blobs answered with 201 since the last check, with their sizes; no manifest may need them yet.
    pub(super) blobs: HashMap<String, usize>,
    /// How to make the image of a manifest's digest again.
    pub(super) recipes: HashMap<String, Recipe>,
    pub(super) acknowledged: u64,
}

impl Ledger {
    pub(super) fn get(&self, key: &Key) -> Value {
        self.state.get(key).cloned().flatten()
    }

    /// The server said that it happened.
    pub(super) fn apply(&mut self, change: Change) {
        for (key, value) in change.0 {
            self.touched.insert(key.clone());
            self.state.insert(key, value);
        }
    }

    /// Nobody knows whether it happened.
    pub(super) fn leave_undecided(&mut self, change: Change) {
        for (key, _) in &change.0 {
            self.touched.insert(key.clone());
            self.state.entry(key.clone()).or_default();
        }
        self.undecided = Some(change);
    }

    /// Tags that name a manifest.
    pub(super) fn list_tags(&self) -> Vec<(String, String)> {
        let tags = self.state.iter().filter_map(|(key, value)| match key {
            Key::Tag(tag) => Some((tag.clone(), value.clone()?)),
            Key::Manifest(_) => None,
        });
        tags.collect()
    }
}

/// A tag that pullers may ask for; `number` tells this announcement from an earlier one of the same tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Notice {
    pub(super) repository: String,
    pub(super) tag: String,
    number: u64,
}

/// Every tag that is acknowledged and not being deleted.
#[derive(Clone, Default)]
pub(super) struct Noticeboard(Arc<Mutex<Notices>>);

#[derive(Default)]
struct Notices {
    list: Vec<Notice>,
    next: u64,
}

impl Noticeboard {
    /// Called after the 201. A tag that is there already stays as it is: it named something all the time.
    pub(super) fn announce(&self, repository: &str, tag: &str) {
        let mut notices = self.0.lock().expect("no client panics here");
        let same = |notice: &Notice| notice.repository == repository && notice.tag == tag;
        if !notices.list.iter().any(same) {
            let number = notices.next;
            notices.next += 1;
            notices.list.push(Notice {
                repository: repository.to_owned(),
                tag: tag.to_owned(),
                number,
            });
        }
    }

    /// Called before the request that deletes it.
    pub(super) fn withdraw(&self, repository: &str, tag: &str) {
        let mut notices = self.0.lock().expect("no client panics here");
        notices
            .list
            .retain(|notice| notice.repository != repository || notice.tag != tag);
    }

    pub(super) fn pick(&self, dice: &mut Dice) -> Option<Notice> {
        let notices = self.0.lock().expect("no client panics here");
        (!notices.list.is_empty()).then(|| dice.pick(&notices.list).clone())
    }

    /// Whether the tag has been there ever since this notice was picked.
    pub(super) fn is_up(&self, notice: &Notice) -> bool {
        let notices = self.0.lock().expect("no client panics here");
        notices.list.contains(notice)
    }
}
