//! The rules, restated: what each right needs, and what a caller without it is told.

use crate::principal::Principal;

/// Roles in a namespace, weakest first. An admin has every namespace's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    Reader,
    Developer,
    Maintainer,
    Owner,
    Admin,
}

/// What a route asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Right {
    /// Nothing: everybody gets an answer, with what they may see in it.
    Nothing,
    /// A valid credential of any kind.
    SignIn,
    /// To look at one's own account.
    OwnAccount,
    /// To change one's own account: its password, tokens, namespaces.
    ManageOwnAccount,
    /// To read a repository; everybody may if it is public.
    Pull,
    /// To read a repository, and to change what one's own account remembers of it.
    PullAsPerson,
    Push,
    Delete,
    Edit,
    /// To see how much a repository is used: members only, also of a public one.
    ViewStats,
    /// To see what was built of a repository: members only, also of a public one.
    ViewBuilds,
    ReadBuildLogs,
    StartBuild,
    /// To build what nobody vouches for, which is as good as a push.
    BuildAnything,
    /// To cancel and retry builds that others started.
    ManageBuilds,
    /// To retry what others started and nobody vouches for.
    RetryAnything,
    ManageRules,
    /// To see triggers, and what they sent and heard.
    ViewTriggers,
    /// To see which tags a condition would choose.
    TryTriggers,
    /// To run triggers, to send again, to call off.
    RunTriggers,
    ManageTriggers,
    ViewNamespaceTriggers,
    RunNamespaceTriggers,
    ManageNamespaceTriggers,
    /// To see a namespace and its members.
    View,
    CreateRepository,
    ManageRobots,
    ManageMembers,
    EditNamespace,
    ManageCredentials,
    /// To read what happened in a namespace.
    ReadAudit,
    /// Users, and whatever belongs to no namespace.
    Administer,
}

/// What a right is about, which decides how its absence is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    /// The caller or the installation: no secret that it exists.
    Open,
    Repository,
    Namespace,
}

impl Right {
    pub(crate) fn subject(self) -> Subject {
        match self {
            Self::Nothing
            | Self::SignIn
            | Self::OwnAccount
            | Self::ManageOwnAccount
            | Self::Administer => Subject::Open,
            Self::Pull
            | Self::PullAsPerson
            | Self::Push
            | Self::Delete
            | Self::Edit
            | Self::ViewStats
            | Self::ViewBuilds
            | Self::ReadBuildLogs
            | Self::StartBuild
            | Self::BuildAnything
            | Self::ManageBuilds
            | Self::RetryAnything
            | Self::ManageRules
            | Self::ViewTriggers
            | Self::TryTriggers
            | Self::RunTriggers
            | Self::ManageTriggers => Subject::Repository,
            Self::View
            | Self::ViewNamespaceTriggers
            | Self::RunNamespaceTriggers
            | Self::ManageNamespaceTriggers
            | Self::CreateRepository
            | Self::ManageRobots
            | Self::ManageMembers
            | Self::EditNamespace
            | Self::ManageCredentials
            | Self::ReadAudit => Subject::Namespace,
        }
    }

    /// The weakest role that has it.
    fn role(self) -> Role {
        match self {
            Self::Pull | Self::PullAsPerson | Self::View | Self::ViewStats | Self::ViewBuilds => {
                Role::Reader
            }
            Self::Push
            | Self::CreateRepository
            | Self::StartBuild
            | Self::BuildAnything
            | Self::ReadBuildLogs => Role::Developer,
            Self::Delete
            | Self::Edit
            | Self::ManageRobots
            | Self::ManageBuilds
            | Self::RetryAnything
            | Self::ManageRules
            | Self::ViewTriggers
            | Self::TryTriggers
            | Self::RunTriggers
            | Self::ManageTriggers
            | Self::ViewNamespaceTriggers
            | Self::RunNamespaceTriggers
            | Self::ManageNamespaceTriggers => Role::Maintainer,
            Self::ManageMembers
            | Self::EditNamespace
            | Self::ManageCredentials
            | Self::ReadAudit => Role::Owner,
            Self::Nothing
            | Self::SignIn
            | Self::OwnAccount
            | Self::ManageOwnAccount
            | Self::Administer => Role::Admin,
        }
    }

    /// What a credential must carry for it.
    fn actions(self) -> &'static [&'static str] {
        match self {
            Self::BuildAnything | Self::RetryAnything => &["build:start", "push"],
            Self::Push | Self::CreateRepository => &["push"],
            Self::Delete => &["delete"],
            Self::StartBuild | Self::ManageBuilds | Self::ReadBuildLogs => &["build:start"],
            Self::TryTriggers => &["trigger:run", "pull"],
            Self::ViewTriggers
            | Self::RunTriggers
            | Self::ViewNamespaceTriggers
            | Self::RunNamespaceTriggers => &["trigger:run"],
            Self::ManageTriggers
            | Self::ManageNamespaceTriggers
            | Self::ManageOwnAccount
            | Self::Edit
            | Self::ManageRules
            | Self::ManageRobots
            | Self::ManageMembers
            | Self::EditNamespace
            | Self::ManageCredentials
            | Self::ReadAudit
            | Self::PullAsPerson
            | Self::Administer => &["admin"],
            _ => &["pull"],
        }
    }
}

/// What must come out of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is done.
    Allowed,
    /// The credential proves nothing, or none was sent where one is needed.
    Unauthenticated,
    /// As for something that does not exist.
    Hidden,
    /// The caller may read it, but not do this.
    Denied,
}

/// What the rules say.
pub(crate) fn decide(principal: Principal, right: Right, public: bool) -> Outcome {
    if principal == Principal::RevokedToken {
        return Outcome::Unauthenticated;
    }
    let mut actions = right.actions().iter();
    let carried = actions.all(|action| principal.carries(action));
    match right {
        Right::Nothing => return Outcome::Allowed,
        // Whoever did not sign in is asked to, whether there is anything or not, except where reading may be open.
        _ if principal == Principal::Anonymous && right != Right::Pull => {
            return Outcome::Unauthenticated;
        }
        Right::SignIn => return Outcome::Allowed,
        Right::OwnAccount | Right::ManageOwnAccount => {
            return grant(principal.is_person() && carried);
        }
        Right::Administer => return grant(principal == Principal::Admin && carried),
        _ => {}
    }
    let reads_public = right.subject() == Subject::Repository && public;
    if principal.role().is_none() && !reads_public {
        return Outcome::Hidden;
    }
    let person = right != Right::PullAsPerson || principal.is_person();
    let reading = matches!(right, Right::Pull | Right::PullAsPerson);
    let may = principal.role() >= Some(right.role()) || reading && reads_public;
    grant(may && carried && person)
}

/// What the rules say to a client that asks without credentials first and for a token then, as docker does.
pub(crate) fn decide_through_tokens(principal: Principal, right: Right, public: bool) -> Outcome {
    match (principal, right) {
        // Nothing asks for the dead credential where nothing is needed.
        (Principal::RevokedToken, Right::Pull) if public => Outcome::Allowed,
        // Everybody gets a token that proves nothing, and what is public with it.
        (Principal::Anonymous, Right::SignIn) => Outcome::Allowed,
        _ => decide(principal, right, public),
    }
}

fn grant(granted: bool) -> Outcome {
    if granted {
        Outcome::Allowed
    } else {
        Outcome::Denied
    }
}
