//! Places: how much somebody may have under way at once, so that nobody takes all of a thing that is there for everybody.
//!
//! A [`Tally`] counts what is open or under way for each holder; [`WorkPlaces`] lets a few pieces of heavy work be done at
//! once and bounds who waits for that. Neither knows what the work is. Called by rooms that read logs, look at texts people
//! send, or hold connections open.

mod tally;
mod work;

pub use tally::Place;
#[cfg(test)]
pub(crate) use tally::tests::person;
pub(crate) use tally::{Bounds, Tally};
pub(crate) use work::{Asker, WorkPlaces};
