//! Ids are UUIDv7 newtypes: time-ordered, never sequential numbers that tell how many there are.

use crate::Timestamp;
use std::{fmt, str::FromStr};
use uuid::Uuid;

/// The text is no UUID.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an id")]
pub struct IdError(String);

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id, later than all that this process made before.
            #[allow(clippy::new_without_default)]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }

            /// The UUID itself.
            pub fn as_uuid(&self) -> Uuid {
                self.0
            }

            /// When it was made, to the millisecond (RFC 9562, 5.7).
            pub fn made_at(&self) -> Timestamp {
                let time = self.0.get_timestamp().map(|time| time.to_unix());
                let (seconds, nanos) = time.unwrap_or_default();
                Timestamp::from_micros(seconds as i64 * 1_000_000 + i64::from(nanos / 1000))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Uuid::try_parse(text).map(Self).map_err(|_| IdError(text.into()))
            }
        }
    )+};
}

id!(
    /// A person's account.
    UserId,
    /// A namespace: the first segment of repository names.
    NamespaceId,
    /// A repository.
    RepositoryId,
    /// A robot account of a namespace.
    RobotId,
    /// A personal access token.
    TokenId,
    /// Somebody signed in at a browser.
    SessionId,
    /// An upload session.
    UploadKey,
    /// An event, written in the transaction that made it happen.
    EventId,
    /// A line of the audit log.
    AuditId,
    /// One HTTP request, as logs and answers name it.
    RequestId,
    /// A person's account on a code host.
    SourceId,
    /// A namespace's account on another registry.
    CredentialId,
    /// A webhook on a code host.
    WebhookId,
    /// A rule: what shall be built of a repository.
    RuleId,
    /// What was decided about one update of a ref.
    DecisionId,
    /// A link from an image to what stands on it.
    LinkId,
    /// An address that starts a build.
    TriggerUrlId,
    /// A context archive that waits for its build.
    ContextId,
    /// A build on the server.
    BuildId,
    /// The delivery of a build's image to a further registry.
    BuildPushId,
    /// A sign-in to a code host by device code that is under way.
    DeviceLoginId,
    /// One delivery of a code host.
    DeliveryId,
    /// Something that must still be removed at a code host.
    RemovalId,
    /// A trigger: what shall happen when a tag is pushed.
    TriggerId,
    /// One action of a trigger.
    ActionId,
    /// What one event makes one action of a trigger do: one stable id over all attempts.
    TriggerDeliveryId,
    /// A Kubernetes cluster.
    ClusterId,
    /// A namespace's right to use namespaces of a cluster.
    GrantId,
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_tells_when_it_was_made() {
        let id: EventId = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f".parse().unwrap();
        // The example of RFC 9562, A.6.
        assert_eq!(id.made_at(), Timestamp::from_micros(1_645_557_742_000_000));
    }

    #[test]
    fn ids_grow_and_survive_their_text() {
        let (first, second) = (UserId::new(), UserId::new());
        assert!(first < second);
        assert_eq!(first.to_string().parse::<UserId>(), Ok(first));
        assert!("12".parse::<UserId>().is_err());
    }
}
