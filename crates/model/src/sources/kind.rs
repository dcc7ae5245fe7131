//! Closed sets of words about sources, as rows and the API have them.

use crate::words::words;

words! {
    /// What software a code host runs.
    SourceKind {
        /// GitHub, or GitHub Enterprise Server at another address.
        Github = "github",
        /// GitLab.
        Gitlab = "gitlab",
        /// Gitea and Forgejo, which speak the same API.
        Gitea = "gitea",
        /// A server that speaks git and nothing else.
        Git = "git",
    }

    /// How wharf signs in there.
    SourceMethod {
        /// With a token that the person made there.
        Token = "token",
        /// With a token that the host gave after the person typed a code there (RFC 8628).
        Device = "device",
        /// With a user name and a password.
        Password = "password",
        /// With an ssh key that was made here.
        DeployKey = "deploy_key",
        /// Not at all: what anybody may read.
        Nothing = "none",
    }

    /// Where the host keys of an ssh server are from.
    HostKeyOrigin {
        /// The person gave them.
        Given = "given",
        /// The server showed them at the first use.
        Pinned = "pinned",
    }
}

impl SourceKind {
    /// Whether the host has an API: can be browsed, and can call wharf.
    pub const fn has_api(self) -> bool {
        !matches!(self, Self::Git)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_back_as_what_they_were() {
        for kind in SourceKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(*kind));
        }
        for method in SourceMethod::ALL {
            assert_eq!(method.to_string().parse(), Ok(*method));
        }
        assert!("svn".parse::<SourceKind>().is_err());
        assert!(SourceKind::Gitea.has_api() && !SourceKind::Git.has_api());
    }
}
