//! Where one build may be connected to, whatever its worker asks for.

use wharf_git::{DialError, GitRemote, Scheme, Speaks, Target};

use crate::event::Phase;
use crate::job::JobSource;
use crate::services::DialPurpose;

/// The job's own repository, if it has one.
#[derive(Debug, Clone)]
pub(crate) struct Reach {
    repository: Option<GitRemote>,
    /// Other repositories of the same host are part of it, where hosts have them: at its own port, and at each protocol's.
    has_submodules: bool,
}

impl Reach {
    pub(crate) fn of(source: &JobSource) -> Self {
        match source {
            JobSource::Git(git) => Self {
                // One that is none is refused by the worker in words for people; here it is nowhere.
                repository: GitRemote::parse(&git.remote).ok(),
                has_submodules: git.submodules,
            },
            JobSource::Upload { .. } => Self {
                repository: None,
                has_submodules: false,
            },
        }
    }

    /// What a connection is for that is asked for in this phase.
    ///
    /// # Errors
    /// There is nothing to connect to then, or something else.
    pub(super) fn judge(&self, target: &Target, phase: Phase) -> Result<DialPurpose, DialError> {
        match phase {
            Phase::Building => return Ok(DialPurpose::Build),
            Phase::Starting | Phase::Cloning if self.is_repository(target) => {
                return Ok(DialPurpose::Clone);
            }
            _ => {}
        }
        Err(DialError {
            message: format!("{target} is not where the repository of this build is"),
            hint: None,
            is_refusal: true,
            is_transient: false,
        })
    }

    fn is_repository(&self, target: &Target) -> bool {
        let Some(repository) = &self.repository else {
            return false;
        };
        let speaks = match repository.scheme() {
            Scheme::Https => Speaks::Tls,
            Scheme::Http => Speaks::PlainHttp,
            Scheme::Ssh => Speaks::Ssh,
        };
        let is_same_host = repository.host().eq_ignore_ascii_case(&target.host);
        let is_same_place = (repository.port(), speaks) == (target.port, target.speaks);
        let usual = match target.speaks {
            Speaks::Tls => 443,
            Speaks::PlainHttp => 80,
            Speaks::Ssh => 22,
        };
        is_same_host && (is_same_place || self.has_submodules && target.port == usual)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::{GitAccess, GitSource, GitWanted};

    fn reach(remote: &str, submodules: bool) -> Reach {
        Reach::of(&JobSource::Git(GitSource {
            remote: remote.to_owned(),
            access: GitAccess::Anonymous,
            authority: None,
            wanted: GitWanted::Reference("refs/heads/main".to_owned()),
            submodules,
            unless_message_says: Vec::new(),
            readme: None,
        }))
    }

    fn target(host: &str, port: u16, speaks: Speaks) -> Target {
        Target {
            host: host.to_owned(),
            port,
            speaks,
        }
    }

    #[test]
    fn a_clone_reaches_its_repository_alone() {
        let own = target("git.example", 443, Speaks::Tls);
        let others = [
            target("git.example", 22, Speaks::Ssh),
            target("git.example", 80, Speaks::PlainHttp),
            target("git.example", 443, Speaks::PlainHttp),
            target("git.example", 9200, Speaks::Tls),
            target("other.example", 443, Speaks::Tls),
        ];
        let alone = reach("https://git.example/a.git", false);
        assert_eq!(alone.judge(&own, Phase::Cloning), Ok(DialPurpose::Clone));
        for other in &others {
            assert!(alone.judge(other, Phase::Cloning).is_err(), "{other}");
        }
        let family = reach("https://git.example/a.git", true);
        let judge = |target| family.judge(target, Phase::Starting).is_ok();
        assert_eq!(
            others.iter().map(judge).collect::<Vec<_>>(),
            [true, true, false, false, false]
        );
    }

    #[test]
    fn an_upload_and_a_finished_build_reach_nothing() {
        let upload = Reach::of(&JobSource::Upload {
            dockerfile: None,
            context: None,
        });
        let target = target("files.example", 443, Speaks::Tls);
        for phase in [Phase::Starting, Phase::Cloning, Phase::Exporting] {
            assert!(upload.judge(&target, phase).is_err());
        }
        assert_eq!(
            upload.judge(&target, Phase::Building),
            Ok(DialPurpose::Build)
        );
    }
}
