//! What stands where the console would be in a program that was built without it: why, and how to go on.

use super::{notice, page::escape};
use crate::body::Body;
use http::{Response, StatusCode};
use wharf_messages::{Language, render as say};
use wharf_oci::RepositoryName;

/// The page; as a status it is what it says, so that nobody takes it for the console.
pub(super) fn render(path: &str, base: &str, language: Language) -> Response<Body> {
    let text = |key| escape(&say(language, key, &[]));
    let mut commands = format!("wharf login {base}\nwharf repo list");
    if let Some((name, number)) = find_build(path) {
        commands = format!("wharf login {base}\nwharf builds logs {name} {number}");
    }
    let body = format!(
        "<p>{}</p>\n<pre>scripts/build-console</pre>\n<p>{}</p>\n<pre>{}</pre>",
        text("page.no_console_build"),
        text("page.no_console_terminal"),
        escape(&commands),
    );
    let title = text("page.no_console_title");
    notice::render(StatusCode::NOT_FOUND, language, &title, &body)
}

/// The build whose page is asked for.
fn find_build(path: &str) -> Option<(RepositoryName, u64)> {
    let (name, number) = path.strip_prefix("/images/")?.split_once("/-/builds/")?;
    Some((name.parse().ok()?, super::read_number(number)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_builds_page_is_known_by_its_address() {
        assert_eq!(
            find_build("/images/a/b/-/builds/7").map(|(name, number)| (name.to_string(), number)),
            Some(("a/b".to_owned(), 7))
        );
        assert_eq!(find_build("/images/<script>/-/builds/7"), None);
    }
}
