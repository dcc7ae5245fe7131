//! What is told.

use crate::builds::{LogIndex, LogLine};
use wharf_model::{
    AuditAction, EventId, Timestamp, TriggerDeliveryId, builds::BuildState, triggers::DeliveryState,
};
use wharf_oci::RepositoryName;

/// Something that is told.
#[derive(Debug, Clone)]
pub enum News {
    /// A tag moved, a build is in another state, or an image was made, edited or deleted.
    Event {
        /// Its id: after a connection was lost the same event may be told twice.
        id: EventId,
        /// `tag_created`, `build.started`, …
        kind: String,
        /// Where.
        repository: RepositoryName,
        /// JSON.
        payload: String,
        /// When.
        at: Timestamp,
    },
    /// A delivery stands otherwise.
    Delivery {
        /// Its id.
        id: TriggerDeliveryId,
        /// Its state.
        state: DeliveryState,
        /// How often it was tried.
        attempts: u32,
    },
    /// Somebody changed something, or something stands otherwise that the topic is about: read it again.
    Change(Change),
    /// The queue changed.
    Queue,
    /// The caller's rights changed.
    Rights,
    /// More happened than is told one by one: read again what is shown.
    Gap,
    /// Lines of a log, in order.
    Lines(Vec<LogLine>),
    /// The sections of a log.
    Sections(LogIndex),
    /// A build is over, and all of its log was told.
    LogEnd(BuildState),
}

/// What changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Somebody did this.
    Done(AuditAction),
    /// Build rules, or their webhooks.
    Rules,
    /// Code sources, their webhooks, or what is to be removed at hosts.
    Sources,
    /// Clusters, as they were found.
    Clusters,
    /// A check of the storage came on or ended.
    StorageCheck,
}

impl Change {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done(action) => action.as_str(),
            Self::Rules => "rules",
            Self::Sources => "sources",
            Self::Clusters => "clusters",
            Self::StorageCheck => "storage_check",
        }
    }
}

/// News with the topic that they belong to.
#[derive(Debug, Clone)]
pub struct Told {
    /// As it was asked for, without a place in a log.
    pub topic: String,
    /// The news.
    pub news: News,
}
