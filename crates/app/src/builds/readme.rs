//! The README of a built repository becomes the image's full description, where the rule says so.

use super::protocol::Protocol;
use crate::{App, Error, repositories::MAX_DESCRIPTION, sources::HostFailure};
use wharf_db::{
    Durability,
    builds::{self, Build},
    repositories,
};
use wharf_model::{
    Caller, Granted,
    builds::{BuildSource, BuildSpec},
    rights::Push,
};

impl App {
    /// Takes the README over after an image was made. What goes wrong is said in the log and changes nothing else.
    pub(super) async fn take_readme_over(&self, build: &Build, protocol: &mut Protocol) {
        let id = build.id;
        let spec = self.db.look_up(move |tx| builds::load_spec(tx, id)).await;
        let spec = match spec.map_err(Error::from) {
            Ok(Some(spec)) if spec.readme => spec,
            Ok(_) => return,
            Err(error) => return protocol.say(format!("README: {error}")),
        };
        match self.write_readme(build, &spec).await {
            Ok(true) => protocol.say("the README became the description"),
            Ok(false) => protocol.say("the code host shows no README"),
            Err(error) => protocol.say(format!("the README could not be read: {error}")),
        }
    }

    async fn write_readme(&self, build: &Build, spec: &BuildSpec) -> Result<bool, Error> {
        let BuildSource::Git {
            source: Some(source),
            repository,
            ..
        } = &spec.source
        else {
            return Ok(false);
        };
        let forge = self.open_source(*source).await?.forge()?;
        let path = repository.parse().map_err(Error::internal)?;
        let readme = forge.fetch_readme(&path, MAX_DESCRIPTION).await;
        let readme = readme.map_err(|error| Error::from(HostFailure::from(error)))?;
        let Some(readme) = readme else {
            return Ok(false);
        };
        let facts = self.find_facts(&build.repository_name).await?;
        let facts = facts
            .filter(|facts| facts.repository == build.repository)
            .ok_or(Error::NotFound)?;
        let caller = Caller::pushing_build(build.id, build.number, &facts);
        let right: Granted<Push> = wharf_model::decide(&caller, &facts)?;
        let text = readme.text;
        let written = self.db.write(Durability::Relaxed, move |tx| {
            repositories::describe_built(tx, &right, &text)
        });
        written.await.map_err(Error::from)?;
        Ok(true)
    }
}
