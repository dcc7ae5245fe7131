//! What a code host knows.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::delivery::{Held, Misbehavior, SentDelivery};
use super::device::DeviceCode;
use super::web_login::WebCode;
use crate::git::{GitRepository, GitRequest};

/// Which product is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForgeProduct {
    /// As GitHub Enterprise Server: the API is below `/api/v3`.
    GitHub,
    /// Below `/api/v4`.
    GitLab,
    /// Below `/api/v1`.
    Gitea,
}

impl ForgeProduct {
    /// What stands before each path of the API.
    pub(super) fn api_base(self) -> &'static str {
        match self {
            Self::GitHub => "/api/v3",
            Self::GitLab => "/api/v4",
            Self::Gitea => "/api/v1",
        }
    }

    /// The scopes with which everything works.
    pub(super) fn all_scopes(self) -> &'static [&'static str] {
        match self {
            Self::GitHub => &["repo", "read:org"],
            Self::GitLab => &["api", "read_user"],
            Self::Gitea => &["write:repository", "read:user", "read:organization"],
        }
    }
}

/// A token and what it may do.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) scopes: BTreeSet<String>,
    /// Has permissions instead of scopes, and does not tell them.
    pub(super) is_fine_grained: bool,
    pub(super) is_expired: bool,
}

/// A webhook as somebody registered it.
#[derive(Debug, Clone)]
pub struct RegisteredHook {
    /// Its number.
    pub id: u64,
    /// Where deliveries go.
    pub url: String,
    /// The shared secret, if any.
    pub secret: Option<String>,
    /// GitLab: the key by which deliveries are signed.
    pub signing_token: Option<String>,
    /// The product's words for what it tells of.
    pub events: BTreeSet<String>,
    /// Whether it is switched on.
    pub is_active: bool,
    /// Whether our certificate would be checked.
    pub verifies_tls: bool,
    /// `json` or `form`.
    pub content_type: String,
    /// GitLab stopped sending by itself.
    pub is_disabled: bool,
}

/// A deploy key as somebody added it.
#[derive(Debug, Clone)]
pub struct RegisteredKey {
    /// Its number.
    pub id: u64,
    /// The name that people see.
    pub title: String,
    /// The public key.
    pub key: String,
    /// Whether it may only read.
    pub is_read_only: bool,
}

/// What was said about a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportedStatus {
    /// The commit.
    pub commit: String,
    /// The product's word.
    pub state: String,
    /// What tells statuses of one commit apart.
    pub context: String,
    /// Where to read more.
    pub target_url: String,
    /// The sentence.
    pub description: String,
}

#[derive(Debug)]
pub(super) struct Repository {
    pub(super) id: u64,
    /// `owner/name`.
    pub(super) path: String,
    pub(super) is_private: bool,
    /// `None` for one that is only in lists.
    pub(super) git: Option<GitRepository>,
    pub(super) hooks: Vec<RegisteredHook>,
    pub(super) keys: Vec<RegisteredKey>,
    pub(super) statuses: Vec<ReportedStatus>,
}

impl Repository {
    pub(super) fn owner(&self) -> &str {
        self.path.rsplit_once('/').expect("owner/name").0
    }

    pub(super) fn name(&self) -> &str {
        self.path.rsplit_once('/').expect("owner/name").1
    }
}

/// Everything that changes while a server runs.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) tokens: BTreeMap<String, Token>,
    /// Groups or organizations by path, with their number.
    pub(super) groups: BTreeMap<String, u64>,
    pub(super) repositories: Vec<Repository>,
    /// Paths that repositories had, with their number.
    pub(super) former_paths: BTreeMap<String, u64>,
    pub(super) last_id: u64,
    pub(super) rate_limit: Option<Duration>,
    pub(super) redirect: Option<String>,
    /// Whether a GitLab knows signing tokens.
    pub(super) signs: bool,
    /// Entries a page at most, below what the product allows.
    pub(super) page_limit: usize,
    pub(super) requests: Vec<GitRequest>,
    pub(super) unknown: Vec<String>,
    pub(super) deliveries: Vec<SentDelivery>,
    pub(super) misbehavior: Misbehavior,
    pub(super) held: VecDeque<Held>,
    pub(super) devices: Vec<DeviceCode>,
    pub(super) web_codes: Vec<WebCode>,
    pub(super) refuses_web_logins: bool,
    /// GitHub: who everybody is.
    pub(super) account: String,
    pub(super) refresh_tokens: BTreeSet<String>,
}

impl State {
    pub(super) fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    pub(super) fn find(&self, path: &str) -> Option<&Repository> {
        self.repositories
            .iter()
            .find(|repository| repository.path.eq_ignore_ascii_case(path))
    }

    pub(super) fn find_mut(&mut self, path: &str) -> Option<&mut Repository> {
        self.repositories
            .iter_mut()
            .find(|repository| repository.path.eq_ignore_ascii_case(path))
    }

    pub(super) fn find_by_id(&self, id: &str) -> Option<&Repository> {
        self.repositories
            .iter()
            .find(|repository| repository.id.to_string() == id)
    }
}

/// What all threads of a server share.
pub(super) struct Shared {
    pub(super) product: ForgeProduct,
    /// `http://127.0.0.1:PORT`, or https.
    pub(super) url: String,
    pub(super) folder: std::path::PathBuf,
    state: Mutex<State>,
}

impl Shared {
    pub(super) fn new(product: ForgeProduct, url: String, folder: std::path::PathBuf) -> Arc<Self> {
        let state = State {
            page_limit: 100,
            account: "ada".to_owned(),
            ..State::default()
        };
        Arc::new(Self {
            product,
            url,
            folder,
            state: Mutex::new(state),
        })
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
