//! The text of HTML that stands in Markdown, without its tags.

/// What has text that nobody reads.
const UNREADABLE: [&str; 6] = ["script", "style", "template", "noscript", "iframe", "svg"];

/// The text between tags, with `\n` for a line break; as it stands, so that whoever writes it escapes it. Tags without end go
/// to the end of the text.
pub(super) fn strip_tags(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        text.push_str(&rest[..start]);
        let tag = &rest[start..];
        if tag.starts_with("<!--") {
            rest = tag.find("-->").map_or("", |end| &tag[end + 3..]);
            continue;
        }
        let Some(end) = tag.find('>') else {
            return text;
        };
        let name = read_name(&tag[1..end]);
        rest = &tag[end + 1..];
        if name == "br" {
            text.push('\n');
        }
        if UNREADABLE.contains(&name.as_str()) {
            rest = skip_to_end(rest, &name);
        }
    }
    text.push_str(rest);
    text
}

fn read_name(tag: &str) -> String {
    let letters = tag.chars().take_while(char::is_ascii_alphanumeric);
    letters.collect::<String>().to_ascii_lowercase()
}

/// What follows the end of an element.
fn skip_to_end<'a>(rest: &'a str, name: &str) -> &'a str {
    let mut later = rest;
    while let Some(place) = later.find("</") {
        later = &later[place + 2..];
        let found = later.as_bytes().get(..name.len());
        if found.is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes())) {
            return later.find('>').map_or("", |end| &later[end + 1..]);
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_go_and_their_text_stays() {
        for (html, text) in [
            ("<p align=center>A <b>bold</b> word</p>", "A bold word"),
            ("one<br/>two<!-- <b>not</b> -->", "one\ntwo"),
            ("a<SCRIPT>alert(1)</script >b", "ab"),
            ("a<style>never ends", "a"),
            ("a<style>ä</styl></STYLE>b", "ab"),
            ("a < b", "a "),
            ("<img src=x onerror=alert(1)>", ""),
            ("<svg><animate onbegin=alert(1)>x</svg>after", "after"),
        ] {
            assert_eq!(strip_tags(html), text, "{html}");
        }
    }

    #[test]
    fn very_many_elements_are_passed_over_without_the_rest_being_read_for_each() {
        let html = "<svg></b></svg>x".repeat(200_000);
        assert_eq!(strip_tags(&html), "x".repeat(200_000));
    }
}
