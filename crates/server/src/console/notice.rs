//! A page of one sentence, for addresses that are not the console's but that people see.

use super::page::{answer, escape, make_nonce};
use crate::body::Body;
use http::{Response, StatusCode};
use wharf_messages::{Language, render as say};

/// Enough for a person to read: no script, no file beside it.
pub(super) const STYLE: &str = "body{max-width:40rem;margin:4rem auto;padding:0 1rem;font:16px/1.5 system-ui,sans-serif;\
    color-scheme:light dark}pre{padding:.75rem 1rem;border:1px solid #8888;border-radius:6px;overflow-x:auto}";

/// What it says, by keys of the catalogue.
pub(crate) struct Notice {
    pub(crate) title: &'static str,
    pub(crate) text: &'static str,
    /// Where to go on, and what that is called.
    pub(crate) link: (&'static str, &'static str),
}

impl Notice {
    /// The page.
    pub(crate) fn render(&self, status: StatusCode, language: Language) -> Response<Body> {
        let text = |key| escape(&say(language, key, &[]));
        let (target, link) = self.link;
        let body = format!(
            "<p>{}</p>\n<p><a href=\"{target}\">{}</a></p>",
            text(self.text),
            text(link)
        );
        render(status, language, &text(self.title), &body)
    }
}

/// A page with this title and this HTML below it, both of which are safe.
pub(super) fn render(
    status: StatusCode,
    language: Language,
    title: &str,
    body: &str,
) -> Response<Body> {
    let nonce = make_nonce();
    let html = format!(
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <style nonce=\"{nonce}\">{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n{body}\n\
         </main>\n</body>\n</html>\n",
        language.as_tag()
    );
    answer(status, html, &nonce)
}
