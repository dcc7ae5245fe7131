//! Where a list goes on, by the headers of an answer.
//!
//! Pure. Called for each page.

use super::page::Cursor;
use http::HeaderMap;
use http::header::LINK;
use url::Url;

/// Where the next page begins: taken from the `Link` header (RFC 8288), that is, from its query, and only what says a
/// place. Some lists of Gitea (tags, webhooks) have none and say how many entries there are.
pub(super) fn find_next_page(
    headers: &HeaderMap,
    base: &Url,
    places: &[(String, String)],
    found: usize,
) -> Option<Cursor> {
    if !headers.contains_key(LINK) {
        return count_on(headers, places, found);
    }
    let target = base.join(&find_next(headers)?).ok()?;
    Cursor::from_query(target.query()?)
}

/// The target of the link whose relation is `next`.
fn find_next(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(LINK)?.to_str().ok()?;
    text.split(',').find_map(|link| {
        let (target, parameters) = link.trim().strip_prefix('<')?.split_once('>')?;
        let is_next = parameters.split(';').any(|parameter| {
            let parameter = parameter.trim().to_ascii_lowercase();
            matches!(&*parameter, "rel=\"next\"" | "rel=next")
        });
        is_next.then(|| target.to_owned())
    })
}

/// The next page by the number of all entries (`X-Total-Count`). A page that is not the last is full, so the first one
/// shows how many entries the server gives at once, which may be fewer than were asked for.
fn count_on(headers: &HeaderMap, places: &[(String, String)], found: usize) -> Option<Cursor> {
    let total: usize = headers.get("x-total-count")?.to_str().ok()?.parse().ok()?;
    let place = |wanted: &str| {
        let (_, value) = places.iter().find(|(name, _)| name == wanted)?;
        value.parse::<usize>().ok()
    };
    let (page, size) = (place("page").unwrap_or(1), place("limit").unwrap_or(found));
    let is_last = found == 0 || page.saturating_mul(size) >= total;
    match is_last {
        true => None,
        false => Cursor::from_query(&format!("page={}&limit={size}", page + 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_found_among_the_links() {
        let mut headers = HeaderMap::new();
        assert_eq!(find_next(&headers), None);
        for (text, expected) in [
            (
                r#"<https://api.github.com/repositories/1/issues?page=2>; rel="prev", <https://api.github.com/repositories/1/issues?page=4>; rel="next""#,
                Some("https://api.github.com/repositories/1/issues?page=4"),
            ),
            ("<https://a/?page=9>; rel=\"last\"", None),
            ("</?cursor=x>; title=y; rel=next", Some("/?cursor=x")),
            ("nonsense, <", None),
        ] {
            headers.insert(LINK, text.parse().expect("a value"));
            assert_eq!(find_next(&headers).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn without_links_pages_are_counted() {
        let next = |total: &str, places: &[(&str, &str)], found| {
            let mut headers = HeaderMap::new();
            headers.insert("x-total-count", total.parse().expect("a value"));
            let own = places
                .iter()
                .map(|&(name, value)| (name.to_owned(), value.to_owned()));
            let places: Vec<_> = own.collect();
            count_on(&headers, &places, found).map(|cursor| cursor.to_string())
        };
        assert_eq!(next("101", &[], 50).as_deref(), Some("page=2&limit=50"));
        let second = [("page", "2"), ("limit", "50")];
        assert_eq!(next("101", &second, 50).as_deref(), Some("page=3&limit=50"));
        assert_eq!(next("101", &[("page", "3"), ("limit", "50")], 1), None);
        assert_eq!(next("100", &second, 50), None);
        assert_eq!(next("100", &second, 0), None, "entries went meanwhile");
        assert_eq!(next("many", &[], 50), None);
    }
}
