//! How many streams somebody may have open: each looks for news all the time.

use crate::{
    Context, Error,
    places::{Bounds, Place, Tally},
};

/// Most streams of one person, or of one network where nobody signed in; of the robots of one person's namespaces, each of
/// which may follow a build; of all networks together, and of everybody. Fewer would cut off people with many tabs, more let
/// one person keep the database busy.
const BOUNDS: Bounds = Bounds {
    each: 24,
    robots: 96,
    network: 24,
    anonymous: 500,
    all: 10_000,
};

/// Who has how many streams open.
#[derive(Clone)]
pub(crate) struct StreamRoom(Tally);

impl Default for StreamRoom {
    fn default() -> Self {
        Self(Tally::new(BOUNDS))
    }
}

impl StreamRoom {
    /// Takes a place. [`Error::LimitReached`] when there is none.
    pub(crate) fn enter(&self, context: &Context) -> Result<Place, Error> {
        self.0.enter(context).ok_or(Error::LimitReached {
            what: "streams",
            limit: self.0.bound(context) as u64,
        })
    }
}
