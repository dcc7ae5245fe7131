//! What stands where the console would be in a program that was built without it: why, and how to go on.

use super::page::{answer, make_nonce};
use crate::body::Body;
use http::{Response, StatusCode};
use wharf_messages::{Language, render as say};
use wharf_oci::RepositoryName;

/// Enough for a person to read: no script, no file beside it.
const STYLE: &str = "body{max-width:40rem;margin:4rem auto;padding:0 1rem;font:16px/1.5 system-ui,sans-serif;\
    color-scheme:light dark}pre{padding:.75rem 1rem;border:1px solid #8888;border-radius:6px;overflow-x:auto}";

/// The page; as a status it is what it says, so that nobody takes it for the console.
pub(super) fn render(path: &str, base: &str, language: Language) -> Response<Body> {
    let nonce = make_nonce();
    let text = |key| escape(&say(language, key, &[]));
    let mut commands = format!("wharf login {base}\nwharf repo list");
    if let Some((name, number)) = find_build(path) {
        commands = format!("wharf login {base}\nwharf builds logs {name} {number}");
    }
    let html = format!(
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n\
         <style nonce=\"{nonce}\">{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{}</h1>\n<p>{}</p>\n\
         <pre>make console</pre>\n<p>{}</p>\n<pre>{}</pre>\n</main>\n</body>\n</html>\n",
        language.as_tag(),
        text("page.no_console_title"),
        text("page.no_console_title"),
        text("page.no_console_build"),
        text("page.no_console_terminal"),
        escape(&commands),
    );
    answer(StatusCode::NOT_FOUND, html, &nonce)
}

/// The build whose page is asked for.
fn find_build(path: &str) -> Option<(RepositoryName, u64)> {
    let (name, number) = path.strip_prefix("/images/")?.split_once("/-/builds/")?;
    Some((name.parse().ok()?, super::read_number(number)?))
}

fn escape(text: &str) -> String {
    text.chars().fold(String::new(), |mut escaped, character| {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            plain => escaped.push(plain),
        }
        escaped
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_request_names_stays_text() {
        assert_eq!(
            escape("<a href=\"x\">&"),
            "&lt;a href=&quot;x&quot;&gt;&amp;"
        );
        assert_eq!(
            find_build("/images/a/b/-/builds/7").map(|(name, number)| (name.to_string(), number)),
            Some(("a/b".to_owned(), 7))
        );
        assert_eq!(find_build("/images/<script>/-/builds/7"), None);
    }
}
