//! How many streams somebody may have open: each looks for news all the time.

use crate::{Context, Error};
use parking_lot::Mutex;
use std::{collections::HashMap, sync::Arc};

/// Most streams of one account, or of one address where nobody signed in. Fewer would cut off people with many tabs, more let
/// one account keep the database busy.
const MOST_STREAMS: usize = 24;

/// Who has how many streams open.
#[derive(Clone, Default)]
pub(crate) struct StreamRoom(Arc<Mutex<HashMap<String, usize>>>);

/// A place that one stream takes, until it is dropped.
pub(super) struct Place {
    room: StreamRoom,
    whose: String,
}

impl StreamRoom {
    /// Takes a place. [`Error::LimitReached`] when there is none.
    pub(super) fn enter(&self, context: &Context) -> Result<Place, Error> {
        let whose = match context.caller.is_anonymous() {
            true => context.address.to_string(),
            false => context.caller.principal(),
        };
        let mut open = self.0.lock();
        let count = open.entry(whose.clone()).or_default();
        if *count >= MOST_STREAMS {
            return Err(Error::LimitReached {
                what: "streams",
                limit: MOST_STREAMS as u64,
            });
        }
        *count += 1;
        Ok(Place {
            room: self.clone(),
            whose,
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.room.0.lock();
        if let Some(count) = open.get_mut(&self.whose) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.whose);
            }
        }
    }
}
