//! Makes a name into text that a chat product shows and does nothing else with.
//!
//! Pure. For all products: one line without control characters and without those that turn the direction of writing, at
//! most some hundred characters, with an invisible space behind `@` (unless a digest follows) and inside `://`, so that
//! nobody is mentioned and nothing becomes a link. The rest depends on what the product makes of a text.

use super::kind::MessageKind;
use crate::target::target_url::TargetUrl;
use crate::target::template::Escape;
use crate::text::clip;

/// The longest name, in bytes. Branches of generated names have some hundred; with more, one name could fill a message.
const LONGEST: usize = 600;

/// Breaks what a chat product would look for, and is not seen.
const INVISIBLE: char = '\u{200b}';

/// What a product makes of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// Nothing, except that some take tags in `<>` for mentions and links.
    Plain,
    /// Slack's: three entities, and control sequences in `<>` (docs.slack.dev, "Formatting message text").
    Slack,
    /// Markdown, as Mattermost and others show what was made for Slack.
    Markdown,
}

impl Dialect {
    /// Slack's own hosts speak Slack's; whatever else takes the same messages shows Markdown.
    pub(super) fn of(kind: MessageKind, url: &TargetUrl) -> Dialect {
        match kind {
            MessageKind::Wecom | MessageKind::Dingtalk | MessageKind::Feishu => Dialect::Plain,
            MessageKind::Slack => match &*url.host() {
                "hooks.slack.com" | "hooks.slack-gov.com" => Dialect::Slack,
                _ => Dialect::Markdown,
            },
        }
    }

    pub(super) fn escape(self) -> Escape {
        match self {
            Dialect::Plain => escape_plain,
            Dialect::Slack => escape_slack,
            Dialect::Markdown => escape_markdown,
        }
    }
}

fn escape_plain(text: &str) -> String {
    make_harmless(text).replace('<', "＜").replace('>', "＞")
}

fn escape_slack(text: &str) -> String {
    escape_entities(&make_harmless(text))
}

fn escape_markdown(text: &str) -> String {
    let text = make_harmless(text);
    let mut escaped = String::with_capacity(text.len() + 8);
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let is_inside_word =
            before.is_alphanumeric() && rest.peek().is_some_and(|next| next.is_alphanumeric());
        let is_markup = match c {
            // Between letters it is no emphasis (CommonMark, section 6.2), and tags are full of it.
            '_' => !is_inside_word,
            '\\' | '`' | '*' | '~' | '[' | ']' | '(' | ')' | '#' | '|' | '!' => true,
            _ => false,
        };
        if is_markup {
            escaped.push('\\');
        }
        escaped.push(c);
        before = c;
    }
    escape_entities(&escaped)
}

fn escape_entities(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// A name in one line, without what turns the direction of writing.
pub(crate) fn make_line(text: &str) -> String {
    let line: String = text
        .chars()
        .map(|c| {
            if c.is_control() || is_line_end(c) {
                ' '
            } else {
                c
            }
        })
        .filter(|c| !turns_direction(*c))
        .collect();
    clip(line, LONGEST)
}

fn make_harmless(text: &str) -> String {
    let line = make_line(text);
    let mut harmless = String::with_capacity(line.len());
    for (at, c) in line.char_indices() {
        harmless.push(c);
        let rest = &line[at + c.len_utf8()..];
        let is_digest = rest.starts_with("sha256:") || rest.starts_with("sha512:");
        if (c == '@' && !is_digest) || (c == ':' && rest.starts_with("//")) {
            harmless.push(INVISIBLE);
        }
    }
    harmless
}

fn is_line_end(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}')
}

/// The marks of Unicode's bidirectional algorithm (UAX 9, section 2).
fn turns_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_names_stay_what_they_are() {
        for text in [
            "registry.example:5000/team/my_app-x",
            "v1.2.3-rc.1_build",
            "refs/heads/feature/login",
            "app:v1@sha256:1111",
            "发布",
        ] {
            for escape in [escape_plain, escape_slack, escape_markdown] {
                assert_eq!(escape(text), text);
            }
        }
    }

    /// Row M91 of the list of attacks.
    #[test]
    fn m91_a_name_mentions_nobody_links_nowhere_and_begins_no_line() {
        let name = "<!channel> @everyone @all [x](http://evil.example) *b* `c` a\r\nb\u{202e}c <@U1> <at user_id=\"all\"></at>";
        let plain = escape_plain(name);
        assert!(
            !plain.contains(['<', '>', '\r', '\n', '\u{202e}']),
            "{plain}"
        );
        let slack = escape_slack(name);
        assert!(
            slack.starts_with("&lt;!channel&gt; @\u{200b}everyone"),
            "{slack}"
        );
        assert!(!slack.contains(['<', '>', '\r', '\n']), "{slack}");
        let markdown = escape_markdown(name);
        assert!(markdown.contains(r"\[x\]\(http:"), "{markdown}");
        assert!(markdown.contains(r"\*b\* \`c\`"), "{markdown}");
        for text in [plain, slack, markdown] {
            for part in ["@everyone", "@all", "@U1", "://"] {
                assert!(!text.contains(part), "{part} in {text}");
            }
        }
        assert!(escape_plain(&"ü".repeat(2000)).len() <= LONGEST);
    }
}
