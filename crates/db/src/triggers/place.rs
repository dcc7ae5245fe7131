//! Whose triggers: a repository's, or a namespace's own. Made from the proof that the caller may.

use wharf_model::{
    Granted, NamespaceId, RepositoryId,
    rights::{
        ManageNamespaceTriggers, ManageTriggers, RunNamespaceTriggers, RunTriggers,
        ViewNamespaceTriggers, ViewTriggers,
    },
};

/// Whose triggers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TriggerOwner {
    /// A repository's.
    Repository {
        /// Its namespace.
        namespace: NamespaceId,
        /// Which.
        repository: RepositoryId,
    },
    /// A namespace's own.
    Namespace(NamespaceId),
}

impl TriggerOwner {
    /// The namespace that it is or belongs to.
    pub fn namespace(self) -> NamespaceId {
        match self {
            Self::Repository { namespace, .. } | Self::Namespace(namespace) => namespace,
        }
    }

    /// The repository; none of a namespace's own.
    pub fn repository(self) -> Option<RepositoryId> {
        match self {
            Self::Repository { repository, .. } => Some(repository),
            Self::Namespace(_) => None,
        }
    }
}

macro_rules! proofs {
    ($($(#[$doc:meta])* $name:ident from $repository:ident, $namespace:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name(TriggerOwner);

        impl $name {
            /// Whose they are.
            pub fn owner(self) -> TriggerOwner {
                self.0
            }
        }

        impl From<&Granted<$repository>> for $name {
            fn from(granted: &Granted<$repository>) -> Self {
                Self(TriggerOwner::Repository {
                    namespace: granted.subject().namespace,
                    repository: granted.repository(),
                })
            }
        }

        impl From<&Granted<$namespace>> for $name {
            fn from(granted: &Granted<$namespace>) -> Self {
                Self(TriggerOwner::Namespace(granted.subject().namespace))
            }
        }
    )+};
}
proofs!(
    /// The caller may see these triggers, and what they sent.
    TriggerView from ViewTriggers, ViewNamespaceTriggers;
    /// The caller may run them, send again and call off.
    TriggerRun from RunTriggers, RunNamespaceTriggers;
    /// The caller may change them.
    TriggerEdit from ManageTriggers, ManageNamespaceTriggers;
);
