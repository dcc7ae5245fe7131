//! Search: what a caller may see, by a part of its name.

use crate::{App, Context, Error, Listed, PageRequest, registry::viewer, repositories::MAX_TERM};
use wharf_db::search;

pub use wharf_db::search::{Hit, HitKind, PublicRepository};

impl App {
    /// One page of namespaces, repositories and users that the caller may see and whose name contains `term`.
    pub async fn search(
        &self,
        context: &Context,
        term: String,
        page: PageRequest,
    ) -> Result<Listed<Hit>, Error> {
        check_term(&term)?;
        let (kind, name) = match &page.after {
            Some(key) => parse_key(key).ok_or(Error::invalid("after", "not_a_cursor"))?,
            None => (HitKind::Namespace, String::new()),
        };
        let (caller, fetch) = (context.caller.clone(), page.fetch());
        let found = self.db.read(move |tx| {
            let member_of: Vec<_> = caller.roles.keys().copied().collect();
            let viewer = viewer(&caller, &member_of);
            search::search(tx, viewer, &term, (kind, &name), fetch)
        });
        let found = found.await.map_err(Error::from)?;
        Ok(page.cut(found, |hit| format!("{} {}", kind_word(hit.kind), hit.name)))
    }

    /// Public repositories whose name or short description contains `term`: for everybody.
    pub async fn search_public(
        &self,
        term: String,
        limit: usize,
    ) -> Result<Vec<PublicRepository>, Error> {
        check_term(&term)?;
        let found = self
            .db
            .read(move |tx| search::search_public(tx, &term, limit));
        found.await.map_err(Error::from)
    }
}

pub(crate) fn check_term(term: &str) -> Result<(), Error> {
    if term.len() > MAX_TERM {
        return Err(Error::invalid("q", "too_long"));
    }
    if term.chars().any(char::is_control) {
        return Err(Error::invalid("q", "invalid_characters"));
    }
    Ok(())
}

fn kind_word(kind: HitKind) -> &'static str {
    match kind {
        HitKind::Namespace => "namespace",
        HitKind::Repository => "repository",
        HitKind::User => "user",
    }
}

fn parse_key(key: &str) -> Option<(HitKind, String)> {
    let (word, name) = key.split_once(' ')?;
    let kind = [HitKind::Namespace, HitKind::Repository, HitKind::User]
        .into_iter()
        .find(|kind| kind_word(*kind) == word)?;
    Some((kind, name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_the_list_survives_its_text() {
        let key = format!("{} acme/web", kind_word(HitKind::Repository));
        assert_eq!(
            parse_key(&key),
            Some((HitKind::Repository, "acme/web".into()))
        );
        assert_eq!(parse_key("robot x"), None);
        assert_eq!(parse_key(""), None);
    }
}
