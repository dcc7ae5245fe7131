//! A source by what people call it: its id, its kind, its host.

use serde_json::Value;

use crate::client::{ApiClient, PageOptions, list_pages};
use crate::failure::Failure;
use crate::output::show_text;
use crate::session::Session;

/// The person's source that `word` means. Fails where there is none, and where there are several.
pub(crate) async fn find_source(
    session: &Session,
    client: &ApiClient<'_>,
    word: &str,
) -> Result<Value, Failure> {
    let page = list_pages(session, client, &["sources"], &[], &PageOptions::default()).await?;
    let sources = page["items"].as_array().map_or(&[][..], Vec::as_slice);
    choose_source(sources, word).map_err(|found| {
        let (key, hint) = match found {
            0 => ("cli.source.unknown", "cli.source.unknown_hint"),
            _ => ("cli.source.ambiguous", "cli.source.ambiguous_hint"),
        };
        Failure::new(session.text(key, &[("word", word)])).with_hint(session.text(hint, &[]))
    })
}

/// The one that is meant, or how many there are instead.
fn choose_source(sources: &[Value], word: &str) -> Result<Value, usize> {
    let address = word.trim_end_matches('/');
    let meant: Vec<&Value> = sources
        .iter()
        .filter(|source| {
            let whole = show_text(&source["address"]);
            let host = whole.split_once("://").map_or("", |(_, rest)| rest);
            source["id"] == word || source["kind"] == word || whole == address || host == address
        })
        .collect();
    match meant.as_slice() {
        [one] => Ok((*one).clone()),
        others => Err(others.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_source_is_found_by_id_kind_address_and_host() {
        let sources = [
            json!({"id": "1", "kind": "github", "address": "https://github.com"}),
            json!({"id": "2", "kind": "gitlab", "address": "https://gitlab.com"}),
            json!({"id": "3", "kind": "gitlab", "address": "http://10.0.0.7:8080"}),
        ];
        let find =
            |word: &str| choose_source(&sources, word).map(|source| show_text(&source["id"]));
        assert_eq!(find("github"), Ok("1".into()));
        assert_eq!(find("gitlab.com"), Ok("2".into()));
        assert_eq!(find("10.0.0.7:8080"), Ok("3".into()));
        assert_eq!(find("https://github.com/"), Ok("1".into()));
        assert_eq!(find("3"), Ok("3".into()));
        assert_eq!(find("gitlab"), Err(2));
        assert_eq!(find("gitea"), Err(0));
    }
}
