//! Search: what a caller may see, by a part of its name; versions by how they begin, builds by commit or number.

use crate::{
    App, Context, Error, Listed, PageRequest, builds::find_viewer, registry::viewer,
    repositories::MAX_TERM,
};
use wharf_db::search::{self, InImages, Seen, Wanted};

pub use wharf_db::search::{FoundBuild, Hit, HitKind, PublicRepository};

/// How many letters of a commit are looked for at least. With fewer, a large part of all builds begins so.
const LEAST_COMMIT: usize = 4;

/// Longest commit there is: SHA-256.
const MAX_COMMIT: usize = 64;

impl App {
    /// One page of what the caller may see: namespaces, repositories and users whose name contains `term`; versions that
    /// begin with it, or with what stands behind the colon of `image:version`; builds of commits that begin with it, or of
    /// the number in `412`, `#412` and `image#412`. Versions and numbers are looked for in the images that were pushed to
    /// last.
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
        let (builds, wanted) = (find_viewer(context), read_term(term));
        let found = self.db.read(move |tx| {
            let member_of: Vec<_> = caller.roles.keys().copied().collect();
            let seen = Seen {
                viewer: viewer(&caller, &member_of),
                builds: &builds,
            };
            search::search(tx, seen, &wanted, (kind, &name), fetch)
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

/// What a text may mean beside a part of a name.
fn read_term(term: String) -> Wanted {
    let text = term.trim();
    let within = |image: &str, prefix: &str| InImages {
        image: image.trim().to_owned(),
        prefix: prefix.to_owned(),
    };
    let (image, tag) = text.rsplit_once(':').unwrap_or(("", text));
    let is_tag = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    // Nothing typed yet is no wish for every version there is.
    let version = (!text.is_empty() && tag.bytes().all(is_tag)).then(|| within(image, tag));
    let is_commit = (LEAST_COMMIT..=MAX_COMMIT).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let (image, number) = text.rsplit_once('#').unwrap_or(("", text));
    let number = number
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| number.parse());
    Wanted {
        version,
        commit: is_commit.then(|| text.to_ascii_lowercase()),
        number: number
            .and_then(Result::ok)
            .map(|number| (within(image, ""), number)),
        term,
    }
}

fn kind_word(kind: HitKind) -> &'static str {
    match kind {
        HitKind::Namespace => "namespace",
        HitKind::Repository => "repository",
        HitKind::User => "user",
        HitKind::Version => "version",
        HitKind::Build => "build",
    }
}

fn parse_key(key: &str) -> Option<(HitKind, String)> {
    let (word, name) = key.split_once(' ')?;
    let kind = HitKind::ALL
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
        assert_eq!(
            parse_key("version acme/web:v1"),
            Some((HitKind::Version, "acme/web:v1".into()))
        );
        assert_eq!(parse_key("robot x"), None);
        assert_eq!(parse_key(""), None);
    }

    #[test]
    fn a_text_is_read_as_all_that_it_may_mean() {
        let read = |term: &str| {
            let wanted = read_term(term.to_owned());
            let version = wanted.version.map(|it| (it.image, it.prefix));
            let number = wanted.number.map(|(it, number)| (it.image, number));
            (version, wanted.commit, number)
        };
        let pair = |image: &str, prefix: &str| Some((image.to_owned(), prefix.to_owned()));
        assert_eq!(read(""), (None, None, None));
        assert_eq!(read("v1."), (pair("", "v1."), None, None));
        assert_eq!(read("shop/web:v1"), (pair("shop/web", "v1"), None, None));
        assert_eq!(read("shop/web"), (None, None, None));
        assert_eq!(
            read("17394BF"),
            (pair("", "17394BF"), Some("17394bf".into()), None)
        );
        assert_eq!(read("abc").1, None);
        assert_eq!(read("412").2, Some((String::new(), 412)));
        assert_eq!(read("#412"), (None, None, Some((String::new(), 412))));
        assert_eq!(read("web#7").2, Some(("web".into(), 7)));
        assert_eq!(read("99999999999999999999999").2, None);
    }
}
