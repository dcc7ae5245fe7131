//! Results of steps, by key: what makes the second build fast.

mod key;
mod record;
mod store;

pub(crate) use key::{Key, KeyMaker};
pub(crate) use record::{LayerRecord, Record};
pub(crate) use store::CacheStore;
