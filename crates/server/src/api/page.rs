//! Pages of lists: `?limit=&after=` in, `{"items": […], "next": …}` out.
//!
//! A cursor is opaque to clients: the last key in base64url, so that it survives every URL and nobody builds one.

use super::refusal::Refusal;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use wharf_app::{Listed, PageRequest};
use wharf_model::Limit;

/// Longest cursor looked at; no key is longer than a name and a few words.
const MAX_CURSOR: usize = 1024;

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Page<T: ToSchema> {
    /// In the order of the list.
    items: Vec<T>,
    /// What to send as `after` for the next page; null when this is the last one.
    #[schema(required)]
    next: Option<String>,
}

impl<T: ToSchema> Page<T> {
    /// Shows a list, each item by `show`.
    pub(super) fn show<U>(listed: Listed<U>, show: impl FnMut(U) -> T) -> Self {
        Self {
            items: listed.items.into_iter().map(show).collect(),
            next: listed.next.map(|key| URL_SAFE_NO_PAD.encode(key)),
        }
    }
}

/// Which page of a list is wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ListParameters {
    /// Items of a page, 1 to 1000; 100 when it is left out.
    #[param(minimum = 1, maximum = 1000)]
    pub(super) limit: Option<u64>,
    /// The `next` of the page before.
    pub(super) after: Option<String>,
}

impl ListParameters {
    /// The page that is asked for.
    pub(super) fn page(self) -> Result<PageRequest, Refusal> {
        read_page(self.limit, self.after)
    }
}

/// The page that `limit` and `after` ask for.
pub(super) fn read_page(limit: Option<u64>, after: Option<String>) -> Result<PageRequest, Refusal> {
    let after = after.filter(|cursor| !cursor.is_empty());
    Ok(PageRequest {
        after: after.map(|cursor| read_cursor(&cursor)).transpose()?,
        limit: Limit::clamped(limit),
    })
}

fn read_cursor(cursor: &str) -> Result<String, Refusal> {
    let refuse = || Refusal::field("after", "not_a_cursor");
    if cursor.len() > MAX_CURSOR {
        return Err(refuse());
    }
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| refuse())?;
    let key = String::from_utf8(bytes).map_err(|_| refuse())?;
    // No key holds any, and one database refuses the text itself.
    if key.contains(char::is_control) {
        return Err(refuse());
    }
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_brings_the_key_back() {
        let listed = Listed {
            items: vec!["acme/web"],
            next: Some("acme/web ✓".to_owned()),
        };
        let page = Page::show(listed, str::to_owned);
        let cursor = page.next.unwrap();
        assert!(
            cursor
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        );
        let request = read_page(None, Some(cursor)).unwrap();
        assert_eq!(request.after.as_deref(), Some("acme/web ✓"));
    }

    #[test]
    fn what_is_no_cursor_is_refused() {
        for bad in ["!", "====", "AA", "_w", &"A".repeat(4096)] {
            assert!(read_page(None, Some(bad.into())).is_err(), "{bad}");
        }
        assert!(
            read_page(None, Some(String::new()))
                .unwrap()
                .after
                .is_none()
        );
    }
}
