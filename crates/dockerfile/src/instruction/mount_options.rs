//! The options of a mount while they are read, and which of them each kind of mount takes.

use super::{
    BindMount, CacheMount, FileAccess, Mount, SecretMount, Sharing, SshMount, TmpfsMount,
    expand::Expander,
};
use crate::{
    Problem,
    suggest::suggest,
    values::{clean_path, parse_byte_size, parse_flag},
};

const KEYS: [&str; 19] = [
    "type",
    "from",
    "source",
    "target",
    "readonly",
    "id",
    "sharing",
    "required",
    "size",
    "mode",
    "uid",
    "gid",
    "src",
    "dst",
    "destination",
    "ro",
    "rw",
    "readwrite",
    "env",
];

const KINDS: [&str; 5] = ["bind", "cache", "tmpfs", "secret", "ssh"];

#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Kind {
    #[default]
    Bind,
    Cache,
    Tmpfs,
    Secret,
    Ssh,
}

#[derive(Default)]
pub(super) struct Options {
    kind: Kind,
    from: Option<String>,
    source: String,
    target: String,
    id: String,
    read_only: Option<bool>,
    sharing: Option<Sharing>,
    required: Option<bool>,
    size: Option<u64>,
    env: Option<String>,
    access: FileAccess,
}

impl Options {
    pub(super) fn read_field(
        &mut self,
        field: &str,
        expander: &mut Expander<'_>,
    ) -> Result<(), Problem> {
        let Some((key, written)) = field.split_once('=') else {
            return self.read_switch(field);
        };
        let key = key.to_ascii_lowercase();
        let value = expander.word(written)?;
        let refuse = || Problem::FieldValue {
            key: key.clone(),
            value: value.clone(),
        };
        let flag = || parse_flag(&value).ok_or_else(refuse);
        let number = |radix| u32::from_str_radix(&value, radix).map_err(|_| refuse());
        match key.as_str() {
            "type" => self.kind = parse_kind(&value)?,
            "from" => self.from = Some(value).filter(|value| !value.is_empty()),
            "source" | "src" => self.source = value,
            "target" | "dst" | "destination" => self.target = value,
            "readonly" | "ro" => self.read_only = Some(flag()?),
            "readwrite" | "rw" => self.read_only = Some(!flag()?),
            "required" => self.required = Some(flag()?),
            "size" => self.size = Some(parse_byte_size(&value).map_err(|_| refuse())?),
            "id" => self.id = value,
            "sharing" => self.sharing = Some(parse_sharing(&value)?),
            "mode" => self.access.mode = Some(number(8)?),
            "uid" => self.access.uid = Some(number(10)?),
            "gid" => self.access.gid = Some(number(10)?),
            "env" => self.env = Some(value),
            _ => {
                return Err(Problem::FieldKey {
                    suggestion: suggest(&key, KEYS),
                    key,
                    field: field.to_owned(),
                });
            }
        }
        Ok(())
    }

    fn read_switch(&mut self, field: &str) -> Result<(), Problem> {
        match field.to_ascii_lowercase().as_str() {
            "readonly" | "ro" => self.read_only = Some(true),
            "readwrite" | "rw" => self.read_only = Some(false),
            "required" => self.required = Some(true),
            _ => {
                return Err(Problem::FieldWithoutValue {
                    field: field.to_owned(),
                });
            }
        }
        Ok(())
    }

    /// Fails on options that the kind of mount does not take.
    pub(super) fn finish(self) -> Result<Mount, Problem> {
        self.check_options()?;
        let by_default = !matches!(self.kind, Kind::Cache | Kind::Tmpfs);
        let read_only = self.read_only.unwrap_or(by_default);
        let required = self.required.unwrap_or(false);
        Ok(match self.kind {
            Kind::Bind => Mount::Bind(BindMount {
                from: self.from,
                source: self.source,
                target: self.target,
                read_only,
            }),
            Kind::Cache => Mount::Cache(CacheMount {
                id: match self.id.as_str() {
                    "" => clean_path(&self.target),
                    _ => self.id,
                },
                from: self.from,
                source: self.source,
                target: self.target,
                sharing: self.sharing.unwrap_or_default(),
                read_only,
                access: self.access,
            }),
            Kind::Tmpfs => Mount::Tmpfs(TmpfsMount {
                target: self.target,
                size: self.size.filter(|size| *size > 0),
                read_only,
            }),
            Kind::Secret => Mount::Secret(self.finish_secret(required)?),
            Kind::Ssh => Mount::Ssh(SshMount {
                id: match self.id.as_str() {
                    "" => "default".to_owned(),
                    _ => self.id,
                },
                target: Some(self.target).filter(|target| !target.is_empty()),
                required,
                access: self.access,
            }),
        })
    }

    /// The id is what is nearest to a name: `source`, `id`, or the last part of the target.
    fn finish_secret(self, required: bool) -> Result<SecretMount, Problem> {
        let id = match (self.source.as_str(), self.id.as_str()) {
            ("", "") if self.target.is_empty() => return Err(Problem::SecretUnnamed),
            ("", "") => last_part(&self.target).to_owned(),
            ("", _) => self.id,
            (_, "") => self.source,
            _ => return Err(Problem::SecretNamedTwice),
        };
        let target = match (self.target.is_empty(), &self.env) {
            (false, _) => Some(self.target),
            (true, Some(_)) => None,
            (true, None) => Some(format!("/run/secrets/{}", last_part(&id))),
        };
        let env = self.env.map(|name| match name.as_str() {
            "" => id.clone(),
            _ => name,
        });
        Ok(SecretMount {
            id,
            target,
            env,
            required,
            access: self.access,
        })
    }

    fn check_options(&self) -> Result<(), Problem> {
        use Kind::{Bind, Cache, Secret, Ssh, Tmpfs};
        let is_owned = matches!(self.kind, Cache | Secret | Ssh);
        let refused = [
            ("mode", self.access.mode.is_some() && !is_owned),
            ("uid", self.access.uid.is_some() && !is_owned),
            ("gid", self.access.gid.is_some() && !is_owned),
            ("sharing", self.sharing.is_some() && self.kind != Cache),
            ("size", self.size.is_some() && self.kind != Tmpfs),
            (
                "required",
                self.required.is_some() && !matches!(self.kind, Secret | Ssh),
            ),
            ("from", self.from.is_some() && self.kind == Secret),
            ("source", !self.source.is_empty() && self.kind == Ssh),
        ];
        let kind = match self.kind {
            Bind => "bind",
            Cache => "cache",
            Tmpfs => "tmpfs",
            Secret => "secret",
            Ssh => "ssh",
        };
        match refused.into_iter().find(|(_, is_refused)| *is_refused) {
            Some((key, _)) => Err(Problem::MountOption { key, kind }),
            None => Ok(()),
        }
    }
}

fn last_part(path: &str) -> &str {
    let path = path.trim_end_matches('/');
    path.rsplit('/').next().unwrap_or(path)
}

fn parse_kind(value: &str) -> Result<Kind, Problem> {
    match value.to_ascii_lowercase().as_str() {
        "bind" => Ok(Kind::Bind),
        "cache" => Ok(Kind::Cache),
        "tmpfs" => Ok(Kind::Tmpfs),
        "secret" => Ok(Kind::Secret),
        "ssh" => Ok(Kind::Ssh),
        _ => Err(Problem::MountType {
            value: value.to_owned(),
            suggestion: suggest(value, KINDS),
        }),
    }
}

fn parse_sharing(value: &str) -> Result<Sharing, Problem> {
    match value.to_ascii_lowercase().as_str() {
        "shared" => Ok(Sharing::Shared),
        "private" => Ok(Sharing::Private),
        "locked" => Ok(Sharing::Locked),
        _ => Err(Problem::MountSharing {
            value: value.to_owned(),
            suggestion: suggest(value, ["shared", "private", "locked"]),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Lexer, NoVariables};

    fn mount(text: &str) -> Result<Mount, String> {
        let flag = super::super::MountFlag::parse(text.to_owned()).map_err(|p| p.to_string())?;
        let lexer = Lexer::new('\\');
        flag.resolve(&mut Expander::new(&lexer, &NoVariables))
            .map_err(|problem| problem.to_string())
    }

    #[test]
    fn a_bind_mount_is_the_default_and_read_only() {
        let expected = BindMount {
            from: Some("a".to_owned()),
            source: "/s".to_owned(),
            target: "t".to_owned(),
            read_only: true,
        };
        assert_eq!(
            mount("from=a,src=/s,dst=t"),
            Ok(Mount::Bind(expected.clone()))
        );
        let writable = Mount::Bind(BindMount {
            read_only: false,
            ..expected
        });
        assert_eq!(
            mount("type=bind,from=a,source=/s,target=t,rw"),
            Ok(writable.clone())
        );
        assert_eq!(
            mount("from=a,source=/s,destination=t,ro=false"),
            Ok(writable)
        );
    }

    #[test]
    fn a_cache_is_named_by_its_target() {
        let expected = CacheMount {
            id: "/root/.cache".to_owned(),
            from: None,
            source: String::new(),
            target: "/root/.cache/".to_owned(),
            sharing: Sharing::Locked,
            read_only: false,
            access: FileAccess {
                mode: Some(0o700),
                uid: Some(1),
                gid: None,
            },
        };
        assert_eq!(
            mount("target=/root/.cache/,type=cache,sharing=LOCKED,mode=0700,uid=1"),
            Ok(Mount::Cache(expected))
        );
    }

    #[test]
    fn a_secret_finds_its_id_target_and_variable() {
        let secret = |text| match mount(text) {
            Ok(Mount::Secret(secret)) => (secret.id, secret.target, secret.env),
            other => panic!("{text}: {other:?}"),
        };
        let owned = |text: &str| Some(text.to_owned());
        for (text, id, target, env) in [
            ("type=secret,id=a", "a", owned("/run/secrets/a"), None),
            ("type=secret,id=x/a,target=/t", "x/a", owned("/t"), None),
            ("type=secret,id=x/a", "x/a", owned("/run/secrets/a"), None),
            ("type=secret,target=/x/t", "t", owned("/x/t"), None),
            ("type=secret,source=s", "s", owned("/run/secrets/s"), None),
            ("type=secret,id=a,env=B", "a", None, owned("B")),
            ("type=secret,id=a,env=", "a", None, owned("a")),
            (
                "type=secret,id=a,env=B,target=/t",
                "a",
                owned("/t"),
                owned("B"),
            ),
        ] {
            assert_eq!(secret(text), (id.to_owned(), target, env), "{text}");
        }
    }

    #[test]
    fn tmpfs_and_ssh_have_options_of_their_own() {
        assert_eq!(
            mount("type=tmpfs,target=/t,size=64k"),
            Ok(Mount::Tmpfs(TmpfsMount {
                target: "/t".to_owned(),
                size: Some(65536),
                read_only: false,
            }))
        );
        assert_eq!(
            mount("type=ssh,required"),
            Ok(Mount::Ssh(SshMount {
                id: "default".to_owned(),
                target: None,
                required: true,
                access: FileAccess::default(),
            }))
        );
    }

    #[test]
    fn options_out_of_place_are_refused() {
        for (text, expected) in [
            (
                "type=bnd,target=/t",
                "unsupported mount type \"bnd\" (did you mean bind?)",
            ),
            (
                "targt=/t",
                "unexpected key \"targt\" in \"targt=/t\" (did you mean target?)",
            ),
            ("target", "field \"target\" must be a key=value pair"),
            ("ro=x", "invalid value for ro: \"x\""),
            ("mode=9,type=cache", "invalid value for mode: \"9\""),
            ("size=1", "size is not an option of bind mounts"),
            ("required", "required is not an option of bind mounts"),
            ("uid=1", "uid is not an option of bind mounts"),
            (
                "type=tmpfs,sharing=locked",
                "sharing is not an option of tmpfs mounts",
            ),
            (
                "type=cache,sharing=lockd",
                "unsupported sharing value \"lockd\" (did you mean locked?)",
            ),
            (
                "type=secret,id=a,from=b",
                "from is not an option of secret mounts",
            ),
            (
                "type=secret",
                "a secret mount needs one of id, source, target",
            ),
            (
                "type=secret,id=a,source=b",
                "a secret mount can not have both source and id",
            ),
            ("type=ssh,source=a", "source is not an option of ssh mounts"),
        ] {
            assert_eq!(mount(text), Err(expected.to_owned()), "{text}");
        }
    }
}
