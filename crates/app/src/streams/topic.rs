//! What a stream can be about, as it is written in an address.

use std::{fmt, str::FromStr};

/// Something that a stream is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Topic {
    /// `repository:NAME`: its tags, that it is edited, and its builds where the caller may see builds.
    Repository(String),
    /// `builds:NAME`: its builds.
    Builds(String),
    /// `log:NAME:NUMBER@LINE`: lines of a build's log after that one, and its sections.
    Log {
        /// The repository.
        repository: String,
        /// The build.
        number: u64,
        /// The last line that is known.
        after: u32,
    },
    /// `deliveries:NAME`: what its triggers send.
    Deliveries(String),
    /// `rules:NAME`: that its build rules or their webhooks stand otherwise.
    Rules(String),
    /// `namespace:NAME`: that somebody changed something in the namespace which the caller may see.
    Namespace(String),
    /// `sources`: that the caller's own sources or their webhooks stand otherwise.
    Sources,
    /// `administration`: that anybody changed anything, that clusters stand otherwise, how far a check of the storage is.
    Administration,
    /// `queue`: that the queue of builds changed.
    Queue,
    /// `activity`: what happens in all repositories that the caller may read.
    Activity,
    /// `me`: that the caller's rights changed.
    Me,
}

impl fmt::Display for Topic {
    /// Without the place in a log, so that what is told names its topic the same from the first to the last message.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Repository(name) => write!(f, "repository:{name}"),
            Self::Builds(name) => write!(f, "builds:{name}"),
            Self::Log {
                repository, number, ..
            } => write!(f, "log:{repository}:{number}"),
            Self::Deliveries(name) => write!(f, "deliveries:{name}"),
            Self::Rules(name) => write!(f, "rules:{name}"),
            Self::Namespace(name) => write!(f, "namespace:{name}"),
            Self::Sources => f.write_str("sources"),
            Self::Administration => f.write_str("administration"),
            Self::Queue => f.write_str("queue"),
            Self::Activity => f.write_str("activity"),
            Self::Me => f.write_str("me"),
        }
    }
}

impl FromStr for Topic {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let Some((kind, name)) = text.split_once(':') else {
            return match text {
                "queue" => Ok(Self::Queue),
                "activity" => Ok(Self::Activity),
                "me" => Ok(Self::Me),
                "sources" => Ok(Self::Sources),
                "administration" => Ok(Self::Administration),
                _ => Err(()),
            };
        };
        match kind {
            "repository" => Ok(Self::Repository(name.to_owned())),
            "builds" => Ok(Self::Builds(name.to_owned())),
            "deliveries" => Ok(Self::Deliveries(name.to_owned())),
            "rules" => Ok(Self::Rules(name.to_owned())),
            "namespace" => Ok(Self::Namespace(name.to_owned())),
            "log" => {
                let (repository, place) = name.rsplit_once(':').ok_or(())?;
                let (number, after) = place.split_once('@').unwrap_or((place, "0"));
                Ok(Self::Log {
                    repository: repository.to_owned(),
                    number: number.parse().map_err(drop)?,
                    after: after.parse().map_err(drop)?,
                })
            }
            _ => Err(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_are_read_as_they_are_written() {
        for text in [
            "repository:team/shop/web",
            "builds:web",
            "log:team/web:412",
            "deliveries:team/web",
            "rules:team/web",
            "namespace:team",
            "sources",
            "administration",
            "queue",
            "activity",
            "me",
        ] {
            assert_eq!(text.parse::<Topic>().unwrap().to_string(), text);
        }
        let place = "log:team/web:412@1832".parse();
        let wanted = Topic::Log {
            repository: "team/web".into(),
            number: 412,
            after: 1832,
        };
        assert_eq!(place, Ok(wanted));
        for bad in [
            "",
            "repository",
            "log:team/web",
            "log:a:b",
            "log:a:1@x",
            "users:a",
        ] {
            assert!(bad.parse::<Topic>().is_err(), "{bad}");
        }
    }
}
