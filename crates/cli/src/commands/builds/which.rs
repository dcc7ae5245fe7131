//! Which build is meant: a number, or the latest.

use std::time::Duration;

use super::arguments::WhichBuild;
use crate::client::ApiClient;
use crate::commands::repo::strip_host;
use crate::failure::Failure;
use crate::output::show_text;
use crate::session::Session;

/// Between two looks for a first build: short against the wait for a poll, long against a request.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

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
        if let Some(found) = Self::look_for(client, which).await? {
            return Ok(found);
        }
        let parameters = [("repository", repository)];
        Err(Failure::new(session.text("cli.builds.none", &parameters))
            .with_hint(session.text("cli.builds.none_hint", &parameters)))
    }

    /// The same; where there is none yet it waits for the first: the push may have been a moment ago, and the server asks
    /// some git servers only now and then.
    pub(super) async fn wait_for(
        session: &Session,
        client: &ApiClient<'_>,
        which: &WhichBuild,
    ) -> Result<Self, Failure> {
        let mut said = false;
        loop {
            if let Some(found) = Self::look_for(client, which).await? {
                return Ok(found);
            }
            if !said {
                let repository = strip_host(client.address(), &which.repository);
                session.say("cli.builds.waiting_first", &[("repository", repository)]);
                said = true;
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    async fn look_for(client: &ApiClient<'_>, which: &WhichBuild) -> Result<Option<Self>, Failure> {
        let repository = strip_host(client.address(), &which.repository);
        if let Some(number) = which.number {
            return Ok(Some(Self::of(repository, number.to_string())));
        }
        let path = ["repositories", repository, "builds"];
        // Not by `list_pages`: it would say that there is more.
        let query = [("limit", "1".to_owned())];
        let page = client.get(&path, &query).await?;
        let number = &page["items"][0]["number"];
        Ok((!number.is_null()).then(|| Self::of(repository, show_text(number))))
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
