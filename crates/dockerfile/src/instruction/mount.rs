//! `RUN --mount`: what a step sees beside its own file system.

use super::{expand::Expander, mount_options::Options};
use crate::{
    Problem,
    values::{clean_path, join_paths, split_fields},
};

/// A `--mount` flag as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MountFlag {
    pub text: String,
    /// The stage, named context or image it mounts from. It has no variables, so stages can be ordered by it.
    pub from: Option<String>,
}

/// A mount with everything in it decided but where a relative target is: see [`resolve_mount_target`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mount {
    Bind(BindMount),
    Cache(CacheMount),
    Tmpfs(TmpfsMount),
    Secret(SecretMount),
    Ssh(SshMount),
}

/// Files of the context or of `from`. Writes, where they are allowed, are thrown away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BindMount {
    pub from: Option<String>,
    /// A path in it; empty for its root.
    pub source: String,
    pub target: String,
    pub read_only: bool,
}

/// A directory that outlives the build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheMount {
    /// Which directory; the target's path unless it is given.
    pub id: String,
    /// What it holds when it is new.
    pub from: Option<String>,
    pub source: String,
    pub target: String,
    pub sharing: Sharing,
    pub read_only: bool,
    /// Of a new directory; without a mode, 0755.
    pub access: FileAccess,
}

/// What happens when two steps want one cache at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sharing {
    /// Both write.
    #[default]
    Shared,
    /// The second gets a directory of its own.
    Private,
    /// The second waits.
    Locked,
}

/// An empty directory in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TmpfsMount {
    pub target: String,
    /// In bytes; none is no limit of its own.
    pub size: Option<u64>,
    pub read_only: bool,
}

/// A secret of the build, as a file, an environment variable or both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretMount {
    pub id: String,
    /// None when it is a variable only.
    pub target: Option<String>,
    pub env: Option<String>,
    /// The build fails without it.
    pub required: bool,
    /// Without a mode, 0400.
    pub access: FileAccess,
}

/// A forwarded ssh agent's socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SshMount {
    /// `default` unless it is given.
    pub id: String,
    /// None: `/run/buildkit/ssh_agent.N`, N being the mount's place among those of the step.
    pub target: Option<String>,
    pub required: bool,
    /// Without a mode, 0600.
    pub access: FileAccess,
}

/// Whose a mounted file or directory is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FileAccess {
    pub mode: Option<u32>,
    pub uid: Option<u32>,
    pub gid: Option<u32>,
}

impl MountFlag {
    /// Takes the fields apart; what they say is checked when their variables have values.
    pub(super) fn parse(text: String) -> Result<MountFlag, Problem> {
        let mut from = None;
        for field in split_fields(&text)? {
            if let Some((key, value)) = field.split_once('=')
                && key.eq_ignore_ascii_case("from")
            {
                let dollar = value.find('$');
                if dollar.is_some_and(|offset| offset + 1 != value.len()) {
                    return Err(Problem::MountFromVariable);
                }
                from = Some(value.to_owned()).filter(|value| !value.is_empty());
            }
        }
        Ok(MountFlag { text, from })
    }

    pub(super) fn resolve(&self, expander: &mut Expander<'_>) -> Result<Mount, Problem> {
        let mut options = Options::default();
        for field in split_fields(&self.text)? {
            options.read_field(&field, expander)?;
        }
        options.finish()
    }
}

/// Where a target is: relative ones are beneath the working directory. The root itself can not be mounted over.
pub fn resolve_mount_target(workdir: &str, target: &str) -> Result<String, Problem> {
    let resolved = if target.starts_with('/') {
        clean_path(target)
    } else {
        join_paths(&join_paths("/", workdir), target)
    };
    if resolved == "/" {
        return Err(Problem::MountTarget {
            target: target.to_owned(),
        });
    }
    Ok(resolved)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relative_target_is_beneath_the_working_directory() {
        for (workdir, target, expected) in [
            ("/w", "a/b", "/w/a/b"),
            ("/w", "/a/", "/a"),
            ("/w", "", "/w"),
            ("", "a", "/a"),
        ] {
            assert_eq!(
                resolve_mount_target(workdir, target).as_deref(),
                Ok(expected)
            );
        }
        for (workdir, target) in [("/", ""), ("", "."), ("/w", ".."), ("/w", "/")] {
            assert!(resolve_mount_target(workdir, target).is_err());
        }
    }

    #[test]
    fn the_origin_is_known_before_variables_are() {
        let parse = |text: &str| MountFlag::parse(text.to_owned()).map(|flag| flag.from);
        assert_eq!(
            parse("type=bind,FROM=a,target=$x"),
            Ok(Some("a".to_owned()))
        );
        assert_eq!(parse("from=,target=/x"), Ok(None));
        assert_eq!(parse("type=cache,target=/x"), Ok(None));
        assert_eq!(parse("from=$a"), Err(Problem::MountFromVariable));
    }
}
