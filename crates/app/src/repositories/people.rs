//! Who pushed, and which build: told to whoever has a role in the namespace. Everybody may read what is public, but not who
//! the members are, nor that anything is built here.

use wharf_db::{tag_history::TagChange, tags::TagPage, versions::VersionPage};
use wharf_model::{Caller, Facts, decide, rights::ViewBuilds};

/// Something that names who made it.
pub(crate) trait NamesPeople {
    /// Leaves the name out.
    fn hide_people(&mut self);
}

impl NamesPeople for TagPage {
    fn hide_people(&mut self) {
        self.pushed_by = None;
    }
}

impl NamesPeople for VersionPage {
    fn hide_people(&mut self) {
        self.pushed_by = None;
    }
}

impl NamesPeople for TagChange {
    fn hide_people(&mut self) {
        self.actor = None;
    }
}

/// Whether the caller may know who the members of a repository's namespace are, and what is built.
pub(crate) fn sees_people(caller: &Caller, repository: &Facts) -> bool {
    decide::<ViewBuilds>(caller, repository).is_ok()
}

/// Leaves out what the caller may not know.
pub(crate) fn hide_people<'a, T: NamesPeople + 'a>(
    caller: &Caller,
    repository: &Facts,
    shown: impl IntoIterator<Item = &'a mut T>,
) {
    if !sees_people(caller, repository) {
        shown.into_iter().for_each(NamesPeople::hide_people);
    }
}
