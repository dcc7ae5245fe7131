//! Code hosts: GitHub, GitLab, Gitea (and Forgejo), behind one trait.
//!
//! Outgoing: [`open_forge`] makes a [`Forge`] for one account; each call is one question or one change, answered within
//! a bounded time and size, and never tried again here: waiting is the caller's business, [`ForgeError`] says how long.
//! [`device`] is the sign-in by device flow, [`web_login`] the one through a browser. Incoming: [`delivery`] checks a webhook's signature before anything is
//! parsed and turns the payload into typed facts.
//!
//! Refuses: to send a token to another origin than the account's, to put one into a URL, to follow a link that a host
//! gives for the next page (only its page number is taken from it), to decide what a push means. Called by `wharf-app`.

mod account;
mod address;
mod answer;
mod call;
mod commit;
mod contract;
pub mod delivery;
mod deploy_key;
pub mod device;
mod error;
mod gitea;
mod github;
mod gitlab;
mod kind;
mod next_page;
mod open;
mod page;
mod repository;
mod status;
mod text;
pub mod web_login;
mod webhook;

pub use account::{Account, Owner, OwnerKind, TokenScopes};
pub use address::ForgeAddress;
pub use commit::{Branch, Commit, Reachability, Tag};
pub use contract::{Forge, GitLogin};
pub use deploy_key::DeployKey;
pub use error::{ForgeError, Result};
pub use kind::{ForgeKind, UnknownKind};
pub use open::{ForgeAccess, open_forge};
pub use page::{Cursor, Page};
pub use repository::{RemoteId, RemoteRepository, RepositoryPath, RepositoryQuery, Visibility};
pub use status::{CommitStatus, StatusState};
pub use webhook::{
    HookAttempt, HookEvent, Webhook, WebhookFault, WebhookId, WebhookReport, WebhookSpec,
};
