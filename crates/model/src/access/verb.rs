//! What a caller may do to something that is shown to them, as a list: what interfaces draw buttons by.
//!
//! Nothing is decided here: each verb stands for actions, and the decision about those is [`super::decide`]'s. A verb says that
//! the caller has the right, not that the thing is in a state for it. Called by whoever renders answers.

use super::{
    Action, Actions, Caller, Identity,
    decide::{Facts, NamespaceFacts, weigh_namespace, weigh_repository, weigh_system},
};
use crate::NamespaceId;

macro_rules! verbs {
    ($($(#[$doc:meta])* $name:ident = $word:literal),+ $(,)?) => {
        /// What may be done.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Verb {
            $($(#[$doc])* $name,)+
        }

        impl Verb {
            /// All of them.
            pub const ALL: [Self; [$($word),+].len()] = [$(Self::$name),+];

            /// The word for it in the API.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)+
                }
            }
        }
    };
}

verbs! {
    /// Read a repository and pull from it.
    Pull = "pull",
    /// Push into a repository.
    Push = "push",
    /// Change what is shown: of a repository its descriptions and visibility, of a namespace its description.
    Edit = "edit",
    /// Remove it; of a repository its versions too.
    Delete = "delete",
    /// Mark a repository as a favorite.
    Favorite = "favorite",
    /// See which builds there are.
    ViewBuilds = "view_builds",
    /// Read what builds wrote.
    ReadLogs = "read_logs",
    /// Start builds.
    StartBuilds = "start_builds",
    /// Start builds of what no rule vouches for: a pasted Dockerfile.
    StartLooseBuilds = "start_loose_builds",
    /// Cancel and retry builds that others started.
    ManageBuilds = "manage_builds",
    /// Change rules, their secrets, trigger URLs and links.
    ManageRules = "manage_rules",
    /// See triggers and their deliveries.
    ViewTriggers = "view_triggers",
    /// Run triggers by hand, send again, call off.
    RunTriggers = "run_triggers",
    /// Change triggers.
    ManageTriggers = "manage_triggers",
    /// See a namespace and its members.
    View = "view",
    /// Create repositories in a namespace.
    CreateRepositories = "create_repositories",
    /// Manage robots.
    ManageRobots = "manage_robots",
    /// Manage members.
    ManageMembers = "manage_members",
    /// Manage credentials for other registries.
    ManageCredentials = "manage_credentials",
    /// Read what was done in a namespace, or anywhere.
    ReadAudit = "read_audit",
    /// Stop a build.
    Cancel = "cancel",
    /// Build the same again; push an image to a further registry again.
    Retry = "retry",
    /// Point a rule at another repository of the code host: its source is the caller's.
    Point = "point",
    /// Run a trigger by hand.
    Run = "run",
    /// Make a namespace.
    CreateNamespaces = "create_namespaces",
    /// Make tokens, connect sources, change the password: what is one's own.
    ManageAccount = "manage_account",
    /// Manage users.
    ManageUsers = "manage_users",
    /// Manage clusters and who may use them.
    ManageClusters = "manage_clusters",
    /// Everything else of the installation: storage, workers, settings.
    Administer = "administer",
}

/// What a caller may do to a repository.
pub fn list_repository_verbs(caller: &Caller, facts: &Facts) -> Vec<Verb> {
    let may = |action| weigh_repository(caller, action, facts).is_ok();
    let person = may(Action::Pull) && manages_account(caller);
    collect([
        (Verb::Pull, may(Action::Pull)),
        (Verb::Push, may(Action::Push)),
        (Verb::Edit, may(Action::Edit)),
        (Verb::Delete, may(Action::Delete)),
        (Verb::Favorite, person),
        (Verb::ViewBuilds, may(Action::ViewBuilds)),
        (Verb::ReadLogs, may(Action::ReadBuildLogs)),
        (Verb::StartBuilds, may(Action::StartBuild)),
        (
            Verb::StartLooseBuilds,
            may(Action::StartBuild) && may(Action::Push),
        ),
        (Verb::ManageBuilds, may(Action::ManageBuilds)),
        (Verb::ManageRules, may(Action::ManageRules)),
        (Verb::ViewTriggers, may(Action::ViewTriggers)),
        (Verb::RunTriggers, may(Action::RunTriggers)),
        (Verb::ManageTriggers, may(Action::ManageTriggers)),
    ])
}

/// What a caller may do to a namespace.
pub fn list_namespace_verbs(caller: &Caller, namespace: NamespaceId) -> Vec<Verb> {
    let facts = NamespaceFacts {
        namespace,
        repository: None,
    };
    let may = |action| weigh_namespace(caller, action, &facts).is_ok();
    collect([
        (Verb::View, may(Action::View)),
        (Verb::Edit, may(Action::EditNamespace)),
        (Verb::Delete, may(Action::EditNamespace)),
        (Verb::CreateRepositories, may(Action::CreateRepository)),
        (Verb::ManageRobots, may(Action::ManageRobots)),
        (Verb::ManageMembers, may(Action::ManageMembers)),
        (Verb::ManageCredentials, may(Action::ManageCredentials)),
        (Verb::ReadAudit, may(Action::EditNamespace)),
        (Verb::ViewTriggers, may(Action::ViewNamespaceTriggers)),
        (Verb::RunTriggers, may(Action::RunNamespaceTriggers)),
        (Verb::ManageTriggers, may(Action::ManageNamespaceTriggers)),
    ])
}

/// What a caller may do to a build of a repository, which they started themselves or not, and of which another one is as
/// good as a push or not.
pub fn list_build_verbs(caller: &Caller, facts: &Facts, is_own: bool, is_push: bool) -> Vec<Verb> {
    let may = |action| weigh_repository(caller, action, facts).is_ok();
    let change = may(Action::StartBuild) && (is_own || may(Action::ManageBuilds));
    let retry = change && (!is_push || may(Action::Push));
    collect([
        (Verb::ReadLogs, may(Action::ReadBuildLogs)),
        (Verb::Cancel, change),
        (Verb::Retry, retry),
    ])
}

/// What a caller may do to a rule, whose source is theirs or not.
pub fn list_rule_verbs(caller: &Caller, facts: &Facts, owns_source: bool) -> Vec<Verb> {
    let may = |action| weigh_repository(caller, action, facts).is_ok();
    let manage = may(Action::ManageRules);
    collect([
        (Verb::Edit, manage),
        (Verb::Delete, manage),
        (Verb::StartBuilds, may(Action::StartBuild)),
        (Verb::Point, manage && owns_source),
    ])
}

/// What a caller may do to a trigger: of a repository, or of the namespace itself.
pub fn list_trigger_verbs(
    caller: &Caller,
    namespace: NamespaceId,
    repository: Option<&Facts>,
) -> Vec<Verb> {
    let own = NamespaceFacts {
        namespace,
        repository: None,
    };
    let (manage, run) = match repository {
        Some(facts) => (
            weigh_repository(caller, Action::ManageTriggers, facts).is_ok(),
            weigh_repository(caller, Action::RunTriggers, facts).is_ok(),
        ),
        None => (
            weigh_namespace(caller, Action::ManageNamespaceTriggers, &own).is_ok(),
            weigh_namespace(caller, Action::RunNamespaceTriggers, &own).is_ok(),
        ),
    };
    collect([
        (Verb::Edit, manage),
        (Verb::Delete, manage),
        (Verb::Run, run),
    ])
}

/// What a caller may do that belongs to no namespace.
pub fn list_system_verbs(caller: &Caller) -> Vec<Verb> {
    let manage = manages_account(caller);
    let admin = weigh_system(caller).is_ok();
    collect([
        (Verb::CreateNamespaces, manage),
        (Verb::ManageAccount, manage),
        (Verb::ManageUsers, admin),
        (Verb::ManageClusters, admin),
        (Verb::ReadAudit, admin),
        (Verb::Administer, admin),
    ])
}

/// What a caller may do to a cluster.
pub fn list_cluster_verbs(caller: &Caller) -> Vec<Verb> {
    let admin = weigh_system(caller).is_ok();
    collect([(Verb::Edit, admin), (Verb::Delete, admin)])
}

/// A person, with a credential that may change what is theirs.
fn manages_account(caller: &Caller) -> bool {
    matches!(caller.identity, Identity::User(_))
        && caller.scope.is_none()
        && caller.actions.contains(Actions::ADMIN)
}

fn collect<const N: usize>(all: [(Verb, bool); N]) -> Vec<Verb> {
    let all = all.into_iter();
    all.filter(|(_, may)| *may).map(|(verb, _)| verb).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{CallerKind, Role};
    use super::*;
    use crate::{RepositoryId, UserId};
    use std::{collections::HashMap, sync::Arc};

    fn facts(public: bool) -> Facts {
        Facts {
            repository: RepositoryId::new(),
            namespace: NamespaceId::new(),
            name: "team/app".parse().unwrap(),
            public,
        }
    }

    fn member(namespace: NamespaceId, role: Option<Role>) -> Caller {
        Caller {
            identity: Identity::User(UserId::new()),
            kind: CallerKind::User,
            name: "alice".into(),
            roles: Arc::new(HashMap::from_iter(role.map(|role| (namespace, role)))),
            actions: Actions::ALL,
            ..Caller::anonymous()
        }
    }

    fn words(verbs: &[Verb]) -> String {
        let words: Vec<_> = verbs.iter().map(|verb| verb.as_str()).collect();
        words.join(" ")
    }

    #[test]
    fn each_role_has_the_verbs_that_the_table_of_rights_gives_it() {
        let table: [(Option<Role>, &str, &str); 5] = [
            (None, "pull favorite", ""),
            (Some(Role::Reader), "pull favorite view_builds", "view"),
            (
                Some(Role::Developer),
                "pull push favorite view_builds read_logs start_builds start_loose_builds",
                "view create_repositories",
            ),
            (
                Some(Role::Maintainer),
                "pull push edit delete favorite view_builds read_logs start_builds start_loose_builds \
                 manage_builds manage_rules view_triggers run_triggers manage_triggers",
                "view create_repositories manage_robots view_triggers run_triggers manage_triggers",
            ),
            (
                Some(Role::Owner),
                "pull push edit delete favorite view_builds read_logs start_builds start_loose_builds \
                 manage_builds manage_rules view_triggers run_triggers manage_triggers",
                "view edit delete create_repositories manage_robots manage_members manage_credentials \
                 read_audit view_triggers run_triggers manage_triggers",
            ),
        ];
        let public = facts(true);
        for (role, repository, namespace) in table {
            let caller = member(public.namespace, role);
            assert_eq!(words(&list_repository_verbs(&caller, &public)), repository);
            let of_namespace = list_namespace_verbs(&caller, public.namespace);
            assert_eq!(words(&of_namespace), namespace, "{role:?}");
        }
        let nobody = Caller::anonymous();
        assert_eq!(words(&list_repository_verbs(&nobody, &public)), "pull");
        assert!(list_repository_verbs(&nobody, &facts(false)).is_empty());
    }

    #[test]
    fn a_credential_has_no_verb_that_it_does_not_carry() {
        let private = facts(false);
        let mut caller = member(private.namespace, Some(Role::Owner));
        caller.actions = Actions::PULL;
        assert_eq!(
            words(&list_repository_verbs(&caller, &private)),
            "pull view_builds"
        );
        assert!(list_system_verbs(&caller).is_empty());
        caller.actions = Actions::PULL.with(Actions::BUILD_START);
        let all = words(&list_repository_verbs(&caller, &private));
        assert!(all.contains("start_builds") && !all.contains("start_loose_builds"));
    }

    #[test]
    fn developers_change_builds_that_are_their_own_and_push_what_nobody_vouches_for() {
        let private = facts(false);
        let mut caller = member(private.namespace, Some(Role::Developer));
        let verbs =
            |caller: &Caller, own, push| words(&list_build_verbs(caller, &private, own, push));
        assert_eq!(verbs(&caller, true, true), "read_logs cancel retry");
        assert_eq!(verbs(&caller, false, false), "read_logs");
        caller.actions = Actions::PULL.with(Actions::BUILD_START);
        assert_eq!(verbs(&caller, true, true), "read_logs cancel");
        caller.roles = Arc::new(HashMap::from([(private.namespace, Role::Maintainer)]));
        assert_eq!(verbs(&caller, false, false), "read_logs cancel retry");
    }

    #[test]
    fn rules_are_pointed_elsewhere_by_who_owns_the_source_and_triggers_run_by_maintainers() {
        let private = facts(false);
        let caller = member(private.namespace, Some(Role::Maintainer));
        let rule = |own| words(&list_rule_verbs(&caller, &private, own));
        assert_eq!(rule(false), "edit delete start_builds");
        assert_eq!(rule(true), "edit delete start_builds point");
        let trigger = list_trigger_verbs(&caller, private.namespace, Some(&private));
        assert_eq!(words(&trigger), "edit delete run");
        assert_eq!(
            words(&list_trigger_verbs(&caller, private.namespace, None)),
            "edit delete run"
        );
        let reader = member(private.namespace, Some(Role::Reader));
        assert!(list_trigger_verbs(&reader, private.namespace, None).is_empty());
    }

    #[test]
    fn only_administrators_have_the_installations_verbs() {
        let mut caller = member(NamespaceId::new(), None);
        assert_eq!(
            words(&list_system_verbs(&caller)),
            "create_namespaces manage_account"
        );
        caller.admin = true;
        assert_eq!(
            words(&list_system_verbs(&caller)),
            "create_namespaces manage_account manage_users manage_clusters read_audit administer"
        );
        assert!(list_system_verbs(&Caller::anonymous()).is_empty());
    }
}
