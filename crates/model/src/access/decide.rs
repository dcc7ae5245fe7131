//! The decision, and the proof of it.

use super::{Actions, Caller, Role};
use crate::{NamespaceId, RepositoryId};
use std::{fmt, marker::PhantomData};
use wharf_oci::RepositoryName;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Read a repository: manifests, blobs, tags, referrers, its page.
    Pull,
    /// Write blobs, manifests and tags.
    Push,
    /// Delete tags, manifests, blobs, or the repository.
    Delete,
    /// Edit descriptions and visibility.
    Edit,
    /// See a namespace, its members and its private repositories.
    View,
    /// Create a repository.
    CreateRepository,
    /// List and manage robots.
    ManageRobots,
    /// Manage members.
    ManageMembers,
    /// Edit or delete the namespace.
    EditNamespace,
    /// See how much a repository is used.
    ViewStats,
    /// See which builds a repository has, and their state.
    ViewBuilds,
    /// Read what builds of a repository wrote.
    ReadBuildLogs,
    /// Start builds of a repository; cancel and retry those that one started oneself.
    StartBuild,
    /// Cancel and retry builds of a repository, whoever started them.
    ManageBuilds,
    /// Change what is built of a repository: rules, their secrets, trigger URLs, links.
    ManageRules,
    /// See the triggers of a repository, what they sent and what became of it: payloads may say more than an image.
    ViewTriggers,
    /// Run a repository's triggers by hand, send again, call off.
    RunTriggers,
    /// Change a repository's triggers.
    ManageTriggers,
    /// See a namespace's own triggers, and what all triggers within it sent.
    ViewNamespaceTriggers,
    /// Run a namespace's own triggers by hand, send again, call off.
    RunNamespaceTriggers,
    /// Change a namespace's own triggers.
    ManageNamespaceTriggers,
    /// Credentials for other registries.
    ManageCredentials,
    /// Users, and whatever belongs to no namespace.
    Administer,
}

impl Action {
    /// The weakest role that may do this; `None` where only administrators may.
    pub fn role(self) -> Option<Role> {
        match self {
            Self::Pull | Self::View | Self::ViewStats | Self::ViewBuilds => Some(Role::Reader),
            Self::Push | Self::CreateRepository | Self::StartBuild | Self::ReadBuildLogs => {
                Some(Role::Developer)
            }
            Self::Delete
            | Self::Edit
            | Self::ManageRobots
            | Self::ManageRules
            | Self::ManageBuilds
            | Self::ViewTriggers
            | Self::RunTriggers
            | Self::ManageTriggers
            | Self::ViewNamespaceTriggers
            | Self::RunNamespaceTriggers
            | Self::ManageNamespaceTriggers => Some(Role::Maintainer),
            Self::ManageMembers | Self::EditNamespace | Self::ManageCredentials => {
                Some(Role::Owner)
            }
            Self::Administer => None,
        }
    }

    /// What a credential must carry for this.
    pub fn carried(self) -> Actions {
        match self {
            Self::Pull | Self::View | Self::ViewStats | Self::ViewBuilds => Actions::PULL,
            Self::Push | Self::CreateRepository => Actions::PUSH,
            Self::Delete => Actions::DELETE,
            // A log tells more than an image: what merely pulls, on every machine that runs it, does not read it.
            Self::StartBuild | Self::ManageBuilds | Self::ReadBuildLogs => Actions::BUILD_START,
            Self::ViewTriggers
            | Self::RunTriggers
            | Self::ViewNamespaceTriggers
            | Self::RunNamespaceTriggers => Actions::TRIGGER_RUN,
            Self::Edit
            | Self::ManageRules
            | Self::ManageTriggers
            | Self::ManageNamespaceTriggers
            | Self::ManageRobots
            | Self::ManageMembers
            | Self::EditNamespace
            | Self::ManageCredentials
            | Self::Administer => Actions::ADMIN,
        }
    }
}

/// Why a request is refused. The two mappers of the HTTP layer turn this into 401, 403 or 404.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// May not even read: answered exactly as for something that does not exist.
    Hidden,
    /// May read, but not do this.
    Denied(Action),
    /// Has the right, but the registry token was issued for something else.
    OutOfScope,
}

/// What a decision must know of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The repository.
    pub repository: RepositoryId,
    /// Its namespace.
    pub namespace: NamespaceId,
    /// Its full name.
    pub name: RepositoryName,
    /// Whether anybody may read it.
    pub public: bool,
}

/// What a decision must know of a namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamespaceFacts {
    /// The namespace.
    pub namespace: NamespaceId,
    /// The repository to be created there, which a registry token must name.
    pub repository: Option<RepositoryName>,
}

/// A right that can be granted, as a type.
pub trait Right {
    /// The action it stands for.
    const ACTION: Action;
    /// What it was decided on.
    type Subject: Clone + fmt::Debug;
}

/// The rights as types.
pub mod rights {
    use super::{Action, Facts, NamespaceFacts, Right};

    macro_rules! right {
        ($($name:ident on $subject:ty),+ $(,)?) => {$(
            #[doc = concat!("[`Action::", stringify!($name), "`] was granted.")]
            #[derive(Debug, Clone, Copy)]
            pub struct $name;
            impl Right for $name {
                const ACTION: Action = Action::$name;
                type Subject = $subject;
            }
        )+};
    }

    right!(
        Pull on Facts,
        Push on Facts,
        Delete on Facts,
        Edit on Facts,
        ViewStats on Facts,
        ViewBuilds on Facts,
        ReadBuildLogs on Facts,
        StartBuild on Facts,
        ManageBuilds on Facts,
        ManageRules on Facts,
        ViewTriggers on Facts,
        RunTriggers on Facts,
        ManageTriggers on Facts,
        ViewNamespaceTriggers on NamespaceFacts,
        RunNamespaceTriggers on NamespaceFacts,
        ManageNamespaceTriggers on NamespaceFacts,
        View on NamespaceFacts,
        CreateRepository on NamespaceFacts,
        ManageRobots on NamespaceFacts,
        ManageMembers on NamespaceFacts,
        EditNamespace on NamespaceFacts,
        ManageCredentials on NamespaceFacts,
        Administer on (),
    );
}

/// Proof that [`decide`] (or its sisters) said yes. It cannot be made elsewhere.
#[derive(Clone)]
pub struct Granted<R: Right> {
    subject: R::Subject,
    right: PhantomData<R>,
}

impl<R: Right> Granted<R> {
    fn new(subject: R::Subject) -> Self {
        Self {
            subject,
            right: PhantomData,
        }
    }

    /// What the right was granted on.
    pub fn subject(&self) -> &R::Subject {
        &self.subject
    }
}

impl<R: Right<Subject = Facts>> Granted<R> {
    /// The repository it was granted on.
    pub fn repository(&self) -> RepositoryId {
        self.subject.repository
    }
}

impl<R: Right> fmt::Debug for Granted<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Granted<{:?}>({:?})", R::ACTION, self.subject)
    }
}

/// Decides a right on an existing repository.
pub fn decide<R: Right<Subject = Facts>>(
    caller: &Caller,
    facts: &Facts,
) -> Result<Granted<R>, Refusal> {
    weigh_repository(caller, R::ACTION, facts)?;
    Ok(Granted::new(facts.clone()))
}

pub(super) fn weigh_repository(
    caller: &Caller,
    action: Action,
    facts: &Facts,
) -> Result<(), Refusal> {
    let role = caller.role(facts.namespace);
    let readable = role.is_some() || facts.public;
    let may = action == Action::Pull && facts.public || role >= action.role();
    weigh(caller, action, readable, may, Some(&facts.name))
}

/// Decides a right on an existing namespace.
pub fn decide_namespace<R: Right<Subject = NamespaceFacts>>(
    caller: &Caller,
    facts: &NamespaceFacts,
) -> Result<Granted<R>, Refusal> {
    weigh_namespace(caller, R::ACTION, facts)?;
    Ok(Granted::new(facts.clone()))
}

pub(super) fn weigh_namespace(
    caller: &Caller,
    action: Action,
    facts: &NamespaceFacts,
) -> Result<(), Refusal> {
    let role = caller.role(facts.namespace);
    let may = role >= action.role();
    let repository = facts.repository.as_ref();
    weigh(caller, action, role.is_some(), may, repository)
}

/// Decides whether the caller acts as an administrator.
pub fn decide_system(caller: &Caller) -> Result<Granted<rights::Administer>, Refusal> {
    weigh_system(caller)?;
    Ok(Granted::new(()))
}

pub(super) fn weigh_system(caller: &Caller) -> Result<(), Refusal> {
    // That administration exists is no secret: whoever lacks the right is told so.
    weigh(caller, Action::Administer, true, caller.admin, None)
}

/// Roles first, then what the credential carries, then what the registry token was issued for: a caller learns of a
/// missing scope only where it has the right itself.
fn weigh(
    caller: &Caller,
    action: Action,
    readable: bool,
    may: bool,
    repository: Option<&RepositoryName>,
) -> Result<(), Refusal> {
    if !readable {
        return Err(Refusal::Hidden);
    }
    if !may {
        return Err(Refusal::Denied(action));
    }
    if !caller.actions.contains(action.carried()) {
        let blind = !caller.actions.contains(Actions::PULL);
        return Err(if blind {
            Refusal::Hidden
        } else {
            Refusal::Denied(action)
        });
    }
    match (&caller.scope, repository) {
        (None, _) => Ok(()),
        (Some(scope), Some(name)) if scope.covers(name, action.carried()) => Ok(()),
        (Some(_), _) => Err(Refusal::OutOfScope),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{CallerKind, Identity, Scope, ScopeEntry};
    use super::*;
    use crate::UserId;
    use std::{collections::HashMap, sync::Arc};

    fn facts(public: bool) -> Facts {
        Facts {
            repository: RepositoryId::new(),
            namespace: NamespaceId::new(),
            name: "team/app".parse().unwrap(),
            public,
        }
    }

    fn member(facts: &Facts, role: Option<Role>) -> Caller {
        Caller {
            identity: Identity::User(UserId::new()),
            kind: CallerKind::User,
            name: "alice".into(),
            roles: Arc::new(HashMap::from_iter(role.map(|role| (facts.namespace, role)))),
            actions: Actions::ALL,
            ..Caller::anonymous()
        }
    }

    #[test]
    fn each_role_adds_to_the_one_before() {
        let private = facts(false);
        let may = |role| {
            let caller = member(&private, role);
            [
                decide::<rights::Pull>(&caller, &private).is_ok(),
                decide::<rights::Push>(&caller, &private).is_ok(),
                decide::<rights::Delete>(&caller, &private).is_ok(),
                decide::<rights::Edit>(&caller, &private).is_ok(),
            ]
        };
        assert_eq!(may(None), [false; 4]);
        assert_eq!(may(Some(Role::Reader)), [true, false, false, false]);
        assert_eq!(may(Some(Role::Developer)), [true, true, false, false]);
        assert_eq!(may(Some(Role::Maintainer)), [true; 4]);
    }

    #[test]
    fn strangers_see_public_repositories_and_nothing_else() {
        let (public, private) = (facts(true), facts(false));
        let nobody = Caller::anonymous();
        assert!(decide::<rights::Pull>(&nobody, &public).is_ok());
        assert_eq!(
            decide::<rights::Push>(&nobody, &public).unwrap_err(),
            Refusal::Denied(Action::Push)
        );
        assert_eq!(
            decide::<rights::Push>(&nobody, &private).unwrap_err(),
            Refusal::Hidden
        );
    }

    #[test]
    fn a_credential_never_gives_more_than_it_carries() {
        let private = facts(false);
        let mut caller = member(&private, Some(Role::Owner));
        caller.actions = Actions::PULL;
        assert!(decide::<rights::Pull>(&caller, &private).is_ok());
        assert_eq!(
            decide::<rights::Push>(&caller, &private).unwrap_err(),
            Refusal::Denied(Action::Push)
        );
        caller.actions = Actions::PUSH;
        assert_eq!(
            decide::<rights::Pull>(&caller, &private).unwrap_err(),
            Refusal::Hidden
        );
    }

    #[test]
    fn a_registry_token_is_limited_to_its_scope_and_useless_elsewhere() {
        let private = facts(false);
        let mut caller = member(&private, Some(Role::Owner));
        caller.admin = true;
        caller.scope = Some(Arc::new(Scope {
            repositories: vec![ScopeEntry {
                repository: private.name.clone(),
                actions: Actions::PULL,
            }],
            ..Scope::default()
        }));
        assert!(decide::<rights::Pull>(&caller, &private).is_ok());
        assert_eq!(
            decide::<rights::Push>(&caller, &private).unwrap_err(),
            Refusal::OutOfScope
        );
        assert_eq!(decide_system(&caller).unwrap_err(), Refusal::OutOfScope);
    }

    #[test]
    fn builds_of_a_public_repository_are_for_members() {
        let public = facts(true);
        let may = |role| {
            let caller = member(&public, role);
            [
                decide::<rights::ViewBuilds>(&caller, &public).is_ok(),
                decide::<rights::ReadBuildLogs>(&caller, &public).is_ok(),
                decide::<rights::StartBuild>(&caller, &public).is_ok(),
                decide::<rights::ManageRules>(&caller, &public).is_ok(),
            ]
        };
        assert_eq!(may(None), [false; 4]);
        assert_eq!(may(Some(Role::Reader)), [true, false, false, false]);
        assert_eq!(may(Some(Role::Developer)), [true, true, true, false]);
        assert_eq!(may(Some(Role::Maintainer)), [true; 4]);
        let mut caller = member(&public, Some(Role::Owner));
        caller.actions = Actions::PULL;
        assert!(decide::<rights::ViewBuilds>(&caller, &public).is_ok());
        assert!(decide::<rights::ReadBuildLogs>(&caller, &public).is_err());
        caller.actions = Actions::PULL.with(Actions::BUILD_START);
        assert!(decide::<rights::ReadBuildLogs>(&caller, &public).is_ok());
        assert!(decide::<rights::StartBuild>(&caller, &public).is_ok());
        assert!(decide::<rights::ManageRules>(&caller, &public).is_err());
    }

    #[test]
    fn triggers_are_for_maintainers_and_for_tokens_that_carry_them() {
        let public = facts(true);
        let may = |caller: &Caller| {
            [
                decide::<rights::ViewTriggers>(caller, &public).is_ok(),
                decide::<rights::RunTriggers>(caller, &public).is_ok(),
                decide::<rights::ManageTriggers>(caller, &public).is_ok(),
            ]
        };
        assert_eq!(may(&member(&public, Some(Role::Developer))), [false; 3]);
        let mut caller = member(&public, Some(Role::Maintainer));
        assert_eq!(may(&caller), [true; 3]);
        caller.actions = Actions::PULL.with(Actions::PUSH);
        assert_eq!(may(&caller), [false; 3]);
        caller.actions = Actions::PULL.with(Actions::TRIGGER_RUN);
        assert_eq!(may(&caller), [true, true, false]);
    }

    #[test]
    fn only_administrators_administer() {
        let mut caller = member(&facts(false), Some(Role::Owner));
        assert_eq!(
            decide_system(&caller).unwrap_err(),
            Refusal::Denied(Action::Administer)
        );
        caller.admin = true;
        assert!(decide_system(&caller).is_ok());
    }
}
