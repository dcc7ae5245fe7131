//! The README of a built repository becomes the image's full description, where the rule says so.
//!
//! The worker read it at the root of what it cloned, so it is the built commit's own, on every kind of host. A worker that
//! something took over may say anything: what it told is bounded and cleaned as whatever else it tells. Only the default
//! branch describes an image; where nobody can say which that is, any branch whose build is the newest.

use super::protocol::Protocol;
use crate::{App, Error, repositories::MAX_DESCRIPTION};
use std::time::Duration;
use tokio::time::timeout;
use wharf_db::{
    Durability,
    builds::{self, Build},
    repositories,
};
use wharf_model::{
    Caller, Granted,
    builds::{BuildSource, BuildSpec, RefKind, RefName},
    rights::Push,
};

/// Bytes of a README that a worker may tell: one more than a description takes, which shows that it was cut.
pub(super) const LONGEST_README: usize = MAX_DESCRIPTION + 1;

/// How long a host may take to say which branch is the default. The image is there by now; longer, and a host that hangs keeps
/// a place from other builds.
const PATIENCE: Duration = Duration::from_secs(20);

impl App {
    /// Takes the README over after an image was made. What goes wrong is said in the log and changes nothing else.
    pub(super) async fn take_readme_over(&self, build: &Build, protocol: &mut Protocol) {
        let text = match protocol.take_readme() {
            None => return,
            Some(None) => {
                return protocol.say("the repository has no README at its root");
            }
            Some(Some(text)) => clean(&protocol.clean(&text)),
        };
        match self.is_describing(build).await {
            Ok(true) => {}
            Ok(false) => {
                return protocol.say("the README of another branch is the description");
            }
            Err(error) => {
                return protocol.say(format!("the README became no description: {error}"));
            }
        }
        let (text, is_cut) = cut(text, MAX_DESCRIPTION);
        match self.write_readme(build, text).await {
            Ok(()) if is_cut => protocol.say(format!(
                "the first {MAX_DESCRIPTION} bytes of the README became the description"
            )),
            Ok(()) => protocol.say("the README became the description"),
            Err(error) => protocol.say(format!("the README became no description: {error}")),
        }
    }

    /// Whether this is the build whose README is the description.
    async fn is_describing(&self, build: &Build) -> Result<bool, Error> {
        let Some(reference) = build.reference.as_ref() else {
            return Ok(false);
        };
        if reference.kind() != RefKind::Branch {
            return Ok(false);
        }
        if let Some(default) = self.ask_default_branch(build).await? {
            return Ok(default == *reference);
        }
        let build = build.clone();
        let newer = self.db.look_up(move |tx| builds::has_newer(tx, &build));
        newer.await.map(|newer| !newer).map_err(Error::from)
    }

    /// The default branch of what is built; none where the host does not say.
    async fn ask_default_branch(&self, build: &Build) -> Result<Option<RefName>, Error> {
        let id = build.id;
        let spec = self.db.look_up(move |tx| builds::load_spec(tx, id)).await;
        let spec: Option<BuildSpec> = spec.map_err(Error::from)?;
        let Some(BuildSource::Git {
            source: Some(source),
            repository,
            ..
        }) = spec.map(|spec| spec.source)
        else {
            return Ok(None);
        };
        let remote = repository.parse().map_err(Error::internal)?;
        let asked = timeout(PATIENCE, self.find_default_branch(source, &remote)).await;
        Ok(asked.ok().and_then(Result::ok).flatten())
    }

    async fn write_readme(&self, build: &Build, text: String) -> Result<(), Error> {
        let facts = self.find_facts(&build.repository_name).await?;
        let facts = facts
            .filter(|facts| facts.repository == build.repository)
            .ok_or(Error::NotFound)?;
        let caller = Caller::pushing_build(build.id, build.number, &facts);
        let right: Granted<Push> = wharf_model::decide(&caller, &facts)?;
        let written = self.db.write(Durability::Relaxed, move |tx| {
            repositories::describe_built(tx, &right, &text)
        });
        written.await.map_err(Error::from)
    }
}

/// Leaves out what no text for people holds: a terminal shows descriptions too.
fn clean(text: &str) -> String {
    text.chars()
        .filter(|character| !character.is_control() || matches!(character, '\n' | '\r' | '\t'))
        .collect()
}

/// At most so many bytes of a text, and whether that is not all of it.
fn cut(mut text: String, most: usize) -> (String, bool) {
    let is_cut = text.len() > most;
    text.truncate(text.floor_char_boundary(most));
    (text, is_cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_is_left_out_and_a_long_one_is_cut_between_characters() {
        assert_eq!(
            clean("# A\r\n\tb\0\u{1b}[31m\u{7f}c\n"),
            "# A\r\n\tb[31mc\n"
        );
        assert_eq!(cut("Hällo".to_owned(), 2), ("H".to_owned(), true));
        assert_eq!(cut("Hällo".to_owned(), 6), ("Hällo".to_owned(), false));
    }
}
