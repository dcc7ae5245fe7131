//! Which build is meant: a number, or the latest.

use super::arguments::WhichBuild;
use crate::client::ApiClient;
use crate::commands::repo::strip_host;
use crate::failure::Failure;
use crate::output::show_text;
use crate::session::Session;

/// A build of a repository.
pub(super) struct Build {
    repository: String,
    number: String,
}

impl Build {
    pub(super) fn of(repository: &str, number: String) -> Self {
        Build {
            repository: repository.to_owned(),
            number,
        }
    }

    /// The build that was named, or the repository's latest. Fails where there is none yet.
    pub(super) async fn find(
        session: &Session,
        client: &ApiClient<'_>,
        which: &WhichBuild,
    ) -> Result<Self, Failure> {
        let repository = strip_host(client.address(), &which.repository);
        if let Some(number) = which.number {
            return Ok(Self::of(repository, number.to_string()));
        }
        let path = ["repositories", repository, "builds"];
        // Not by `list_pages`: it would say that there is more.
        let query = [("limit", "1".to_owned())];
        let page = client.get(&path, &query).await?;
        match &page["items"][0]["number"] {
            serde_json::Value::Null => {
                let parameters = [("repository", repository)];
                Err(Failure::new(session.text("cli.builds.none", &parameters))
                    .with_hint(session.text("cli.builds.none_hint", &parameters)))
            }
            number => Ok(Self::of(repository, show_text(number))),
        }
    }

    pub(super) fn repository(&self) -> &str {
        &self.repository
    }

    /// The build itself in the API, and what is under it.
    pub(super) fn path<'a>(&'a self, more: &[&'a str]) -> Vec<&'a str> {
        let mut path = vec!["repositories", &self.repository, "builds", &self.number];
        path.extend_from_slice(more);
        path
    }

    /// For sentences: `{repository}` and `{number}`.
    pub(super) fn names(&self) -> [(&str, &str); 2] {
        [
            ("repository", self.repository.as_str()),
            ("number", self.number.as_str()),
        ]
    }
}
