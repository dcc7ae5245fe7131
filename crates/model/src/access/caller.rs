//! Who asks: an identity, what it may at most do, and for how long it was believed.

use super::{Actions, Role};
use crate::{BuildId, Facts, NamespaceId, RobotId, Timestamp, TokenId, UserId};
use std::{collections::HashMap, sync::Arc};
use wharf_oci::RepositoryName;

/// The account behind a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Identity {
    /// Nobody signed in.
    Anonymous,
    /// A person.
    User(UserId),
    /// A robot account.
    Robot(RobotId),
    /// A build on this server, while it runs. No credential leads here.
    Build(BuildId),
}

/// Where what a machine has under way is counted: whoever may make robots by the hundred is no more than one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sponsor {
    /// The person who made its namespace.
    User(UserId),
    /// Its namespace, where an administrator made it, which is for others as often as not, or somebody who is gone.
    Namespace(NamespaceId),
}

/// How the account proved itself; the audit log tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallerKind {
    /// No credential.
    Anonymous,
    /// A person's password.
    User,
    /// A person's access token.
    Token(TokenId),
    /// A robot's secret.
    Robot,
    /// None: the server itself acts for a build.
    Build,
}

impl CallerKind {
    /// The word for it in the audit log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::User => "user",
            Self::Token(_) => "token",
            Self::Robot => "robot",
            Self::Build => "build",
        }
    }
}

/// One repository that a registry token was issued for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeEntry {
    /// The repository.
    pub repository: RepositoryName,
    /// What the token may do there.
    pub actions: Actions,
}

/// What a registry token is limited to; a credential sent directly has no such limit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// Repositories by name.
    pub repositories: Vec<ScopeEntry>,
    /// `registry:catalog:*`.
    pub catalog: bool,
    /// `registry:mount:*`: blobs may be mounted from wherever the account may pull.
    pub mount: bool,
}

impl Scope {
    /// Whether the token was issued for `actions` on `repository`.
    pub fn covers(&self, repository: &RepositoryName, actions: Actions) -> bool {
        self.repositories
            .iter()
            .any(|entry| entry.repository == *repository && entry.actions.contains(actions))
    }
}

/// A verified caller with all that a decision needs to know about it.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The account.
    pub identity: Identity,
    /// How it proved itself.
    pub kind: CallerKind,
    /// The login name, for logs and rows; empty for nobody.
    pub name: Arc<str>,
    /// The account's version when the credential was verified: what is made of the caller is no newer.
    pub version: i64,
    /// Whether the account is an administrator.
    pub admin: bool,
    /// Its roles; shared with the account's cache entry.
    pub roles: Arc<HashMap<NamespaceId, Role>>,
    /// What the credential carries.
    pub actions: Actions,
    /// What a registry token is limited to.
    pub scope: Option<Arc<Scope>>,
    /// When the credential ends: nothing that is made with it lasts longer.
    pub ends_at: Option<Timestamp>,
    /// Who stands behind a robot or a build; none for a person. No right comes of it.
    pub sponsor: Option<Sponsor>,
}

impl Caller {
    /// Nobody.
    pub fn anonymous() -> Self {
        Self {
            identity: Identity::Anonymous,
            kind: CallerKind::Anonymous,
            name: "".into(),
            version: 0,
            admin: false,
            roles: Arc::default(),
            actions: Actions::PULL,
            scope: None,
            ends_at: None,
            sponsor: None,
        }
    }

    /// A build as it puts its image into `facts`' repository: into this one and no other, whatever else the namespace
    /// has.
    pub fn pushing_build(build: BuildId, number: u64, facts: &Facts) -> Self {
        let scope = Scope {
            repositories: vec![ScopeEntry {
                repository: facts.name.clone(),
                actions: Actions::PULL.with(Actions::PUSH),
            }],
            ..Scope::default()
        };
        Self {
            identity: Identity::Build(build),
            kind: CallerKind::Build,
            name: format!("build:{number}").into(),
            roles: Arc::new(HashMap::from([(facts.namespace, Role::Developer)])),
            actions: Actions::PULL.with(Actions::PUSH),
            scope: Some(Arc::new(scope)),
            sponsor: Some(Sponsor::Namespace(facts.namespace)),
            ..Self::anonymous()
        }
    }

    /// A build as it reads base images: those of its own namespace, and what anybody may read.
    pub fn pulling_build(build: BuildId, number: u64, namespace: NamespaceId) -> Self {
        Self {
            identity: Identity::Build(build),
            kind: CallerKind::Build,
            name: format!("build:{number}").into(),
            roles: Arc::new(HashMap::from([(namespace, Role::Reader)])),
            actions: Actions::PULL,
            sponsor: Some(Sponsor::Namespace(namespace)),
            ..Self::anonymous()
        }
    }

    /// Whether a credential that ends at `end`, or never, would outlast the one the caller came with.
    pub fn is_outlasted_by(&self, end: Option<Timestamp>) -> bool {
        self.ends_at
            .is_some_and(|own| end.is_none_or(|end| end > own))
    }

    /// Whether somebody signed in.
    pub fn is_anonymous(&self) -> bool {
        self.identity == Identity::Anonymous
    }

    /// The role in a namespace; administrators own every one.
    pub fn role(&self, namespace: NamespaceId) -> Option<Role> {
        if self.admin {
            return Some(Role::Owner);
        }
        self.roles.get(&namespace).copied()
    }

    /// A text that names the account in rows for as long as it exists: `user:ID`, `robot:ID`, `build:ID`, `anonymous`.
    pub fn principal(&self) -> String {
        match self.identity {
            Identity::Anonymous => "anonymous".into(),
            Identity::User(id) => format!("user:{id}"),
            Identity::Robot(id) => format!("robot:{id}"),
            Identity::Build(id) => format!("build:{id}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        RepositoryId, decide,
        rights::{Delete, Pull, Push},
    };

    #[test]
    fn only_what_ends_with_the_credential_or_before_does_not_outlast_it() {
        let at = |seconds| Some(Timestamp::from_seconds(seconds));
        let caller = |ends_at| Caller {
            ends_at,
            ..Caller::anonymous()
        };
        for end in [None, at(9), at(11)] {
            assert!(!caller(None).is_outlasted_by(end));
        }
        for (end, outlasts) in [
            (None, true),
            (at(11), true),
            (at(10), false),
            (at(9), false),
        ] {
            assert_eq!(caller(at(10)).is_outlasted_by(end), outlasts, "{end:?}");
        }
    }

    #[test]
    fn h32_a_build_pushes_into_its_repository_alone_and_reads_its_namespace_and_what_is_public() {
        let facts = |namespace, name: &str, public| Facts {
            repository: RepositoryId::new(),
            namespace,
            name: name.parse().unwrap(),
            public,
        };
        let (own, other) = (NamespaceId::new(), NamespaceId::new());
        let target = facts(own, "team/app", false);
        let near = facts(own, "team/base", false);
        let far = facts(other, "other/base", false);
        let open = facts(other, "other/open", true);
        let build = BuildId::new();
        let pusher = Caller::pushing_build(build, 7, &target);
        let may_push = |facts| decide::<Push>(&pusher, facts).is_ok();
        assert!(may_push(&target));
        assert!(!may_push(&near) && !may_push(&far) && !may_push(&open));
        assert!(decide::<Delete>(&pusher, &target).is_err());
        assert_eq!(&*pusher.name, "build:7");
        let puller = Caller::pulling_build(build, 7, own);
        let may_pull = |facts| decide::<Pull>(&puller, facts).is_ok();
        assert!(may_pull(&target) && may_pull(&near) && may_pull(&open) && !may_pull(&far));
        assert!(decide::<Push>(&puller, &target).is_err());
    }
}
