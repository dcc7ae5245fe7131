//! The README of a built repository becomes the image's full description, where the rule says so.
//!
//! The worker read it at the root of what it cloned, so it is the built commit's own, on every kind of host. A worker that
//! something took over may say anything: what it told is bounded and cleaned as whatever else it tells.

use super::protocol::Protocol;
use crate::{App, Error, repositories::MAX_DESCRIPTION};
use wharf_db::{Durability, builds::Build, repositories};
use wharf_model::{Caller, Granted, rights::Push};

/// Bytes of a README that a worker may tell: one more than a description takes, which shows that it was cut.
pub(super) const LONGEST_README: usize = MAX_DESCRIPTION + 1;

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
        let (text, is_cut) = cut(text, MAX_DESCRIPTION);
        match self.write_readme(build, text).await {
            Ok(()) if is_cut => protocol.say(format!(
                "the first {MAX_DESCRIPTION} bytes of the README became the description"
            )),
            Ok(()) => protocol.say("the README became the description"),
            Err(error) => protocol.say(format!("the README became no description: {error}")),
        }
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
