//! The product's nouns and its pure rules: who someone is, what a role may do, what a page of a list is.
//!
//! No I/O, no SQL, no JSON layout: those live in `wharf-db` and `wharf-server`. Everything here can be tested with values alone.

mod access;
mod account;
mod audit;
pub mod builds;
mod id;
mod page;
mod secret_text;
mod sources;
pub mod stats;
mod tell;
mod time;
pub mod triggers;
mod words;

pub use access::{
    Action, Actions, Caller, CallerKind, Facts, Granted, Identity, NamespaceFacts, Refusal, Right,
    Role, Scope, ScopeEntry, Sponsor, Verb, decide, decide_namespace, decide_system,
    list_build_verbs, list_cluster_verbs, list_namespace_verbs, list_repository_verbs,
    list_rule_verbs, list_system_verbs, list_trigger_verbs, rights,
};
pub use account::{
    NameError, NamespaceName, PASSWORD_LENGTH, PasswordError, RobotName, Username, check_password,
};
pub use audit::AuditAction;
pub use id::{
    ActionId, AuditId, BuildId, BuildPushId, ClusterId, ContextId, CredentialId, DecisionId,
    DeliveryId, DeviceLoginId, EventId, GrantId, IdError, LinkId, NamespaceId, RemovalId,
    RepositoryId, RequestId, RobotId, RuleId, SessionId, SourceId, TokenId, TriggerDeliveryId,
    TriggerId, TriggerUrlId, UploadKey, UserId, WebhookId,
};
pub use page::{Limit, MAX_LIMIT};
pub use secret_text::SecretText;
pub use sources::{
    AddressError, HostKeyOrigin, RemoteError, RemotePath, SourceAddress, SourceKind, SourceMethod,
    SourceScheme,
};
pub use tell::{Tell, Told};
pub use time::Timestamp;
pub use words::UnknownWord;
