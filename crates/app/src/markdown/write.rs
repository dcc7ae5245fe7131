//! From what the parser understood to tags.

use super::strip::strip_tags;
use pulldown_cmark::{Alignment, CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

/// How deep elements are nested. Browsers slow down with depth, and nobody writes more.
const MOST_LEVELS: usize = 40;

/// Largest result in bytes; what comes after it is left out. Real descriptions double at most; a wide table whose rows the parser
/// fills up grows a thousandfold.
const LARGEST: usize = 512 * 1024;

struct Writer {
    html: String,
    /// What ends each open element; none for one that is not written.
    open: Vec<Option<&'static str>>,
    /// How many links are open: there are none within others.
    links: usize,
    /// The text of an image, while one is read.
    image: Option<Image>,
    /// HTML in the source, while it is read.
    raw: Option<String>,
    aligned: Vec<Alignment>,
    cell: usize,
    in_head: bool,
}

struct Image {
    address: String,
    text: String,
    depth: usize,
}

/// The Markdown (CommonMark with tables, strikethrough and task lists of GitHub) as harmless HTML. What does not fit into half a
/// mebibyte is left out at the end.
pub(crate) fn render_markdown(text: &str) -> String {
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut writer = Writer {
        html: String::with_capacity(text.len() * 2),
        open: Vec::new(),
        links: 0,
        image: None,
        raw: None,
        aligned: Vec::new(),
        cell: 0,
        in_head: false,
    };
    for event in Parser::new_ext(text, options) {
        if writer.html.len() > LARGEST {
            break;
        }
        writer.take(event);
    }
    writer.finish()
}

impl Writer {
    fn take(&mut self, event: Event<'_>) {
        if let Some(image) = &mut self.image {
            match event {
                Event::Start(Tag::Image { .. }) => image.depth += 1,
                Event::End(TagEnd::Image) if image.depth == 0 => self.end_image(),
                Event::End(TagEnd::Image) => image.depth -= 1,
                Event::Text(text) | Event::Code(text) => image.text.push_str(&text),
                Event::SoftBreak | Event::HardBreak => image.text.push(' '),
                _ => {}
            }
            return;
        }
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => self.escape(&text),
            Event::Code(text) => {
                self.html.push_str("<code>");
                self.escape(&text);
                self.html.push_str("</code>");
            }
            Event::Html(html) | Event::InlineHtml(html) => match &mut self.raw {
                Some(raw) => raw.push_str(&html),
                None => self.write_text(&strip_tags(&html)),
            },
            Event::SoftBreak => self.html.push('\n'),
            Event::HardBreak => self.html.push_str("<br>\n"),
            Event::Rule => self.html.push_str("<hr>\n"),
            Event::TaskListMarker(done) => {
                let mark = if done { "☑ " } else { "☐ " };
                self.html.push_str(mark);
            }
            // Not asked for.
            Event::InlineMath(text) | Event::DisplayMath(text) | Event::FootnoteReference(text) => {
                self.escape(&text);
            }
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        if let Tag::Image { dest_url, .. } = tag {
            self.image = Some(Image {
                address: dest_url.into_string(),
                text: String::new(),
                depth: 0,
            });
            return;
        }
        if self.open.len() >= MOST_LEVELS {
            self.open.push(None);
            return;
        }
        let end = match tag {
            Tag::Paragraph => self.begin("<p>", "</p>\n"),
            Tag::Heading { level, .. } => self.begin_heading(level),
            Tag::BlockQuote(_) => self.begin("<blockquote>\n", "</blockquote>\n"),
            Tag::CodeBlock(kind) => self.begin_code(&kind),
            Tag::List(None) => self.begin("<ul>\n", "</ul>\n"),
            Tag::List(Some(first)) => {
                self.html.push_str(&format!("<ol start=\"{first}\">\n"));
                Some("</ol>\n")
            }
            Tag::Item => self.begin("<li>", "</li>\n"),
            Tag::Emphasis => self.begin("<em>", "</em>"),
            Tag::Strong => self.begin("<strong>", "</strong>"),
            Tag::Strikethrough => self.begin("<del>", "</del>"),
            Tag::Link { dest_url, .. } => self.begin_link(&dest_url),
            Tag::Table(aligned) => {
                self.aligned = aligned;
                self.begin("<table>\n", "</tbody></table>\n")
            }
            Tag::TableHead => {
                (self.cell, self.in_head) = (0, true);
                self.begin("<thead><tr>", "</tr></thead><tbody>\n")
            }
            Tag::TableRow => {
                self.cell = 0;
                self.begin("<tr>", "</tr>\n")
            }
            Tag::TableCell => self.begin_cell(),
            Tag::HtmlBlock => {
                self.raw = Some(String::new());
                None
            }
            _ => None,
        };
        self.open.push(end);
    }

    fn begin(&mut self, start: &str, end: &'static str) -> Option<&'static str> {
        self.html.push_str(start);
        Some(end)
    }

    /// Pages have a first heading of their own: the source's begin one below it.
    fn begin_heading(&mut self, level: HeadingLevel) -> Option<&'static str> {
        match level {
            HeadingLevel::H1 => self.begin("<h2>", "</h2>\n"),
            HeadingLevel::H2 => self.begin("<h3>", "</h3>\n"),
            HeadingLevel::H3 => self.begin("<h4>", "</h4>\n"),
            HeadingLevel::H4 => self.begin("<h5>", "</h5>\n"),
            HeadingLevel::H5 | HeadingLevel::H6 => self.begin("<h6>", "</h6>\n"),
        }
    }

    fn begin_code(&mut self, kind: &CodeBlockKind<'_>) -> Option<&'static str> {
        self.html.push_str("<pre><code");
        if let CodeBlockKind::Fenced(info) = kind {
            let language: String = info
                .chars()
                .take_while(|letter| letter.is_ascii_alphanumeric() || "+-#_".contains(*letter))
                .take(32)
                .collect();
            if !language.is_empty() {
                self.html.push_str(" class=\"language-");
                self.escape(&language);
                self.html.push('"');
            }
        }
        self.begin(">", "</code></pre>\n")
    }

    fn begin_link(&mut self, address: &str) -> Option<&'static str> {
        if self.links > 0 || !is_harmless(address) {
            return None;
        }
        self.links += 1;
        self.write_link(address);
        Some("</a>")
    }

    fn write_link(&mut self, address: &str) {
        self.html.push_str("<a href=\"");
        self.escape(address);
        self.html
            .push_str("\" rel=\"noopener noreferrer nofollow\">");
    }

    fn begin_cell(&mut self) -> Option<&'static str> {
        let align = match self.aligned.get(self.cell) {
            Some(Alignment::Left) => " align=\"left\"",
            Some(Alignment::Center) => " align=\"center\"",
            Some(Alignment::Right) => " align=\"right\"",
            Some(Alignment::None) | None => "",
        };
        self.cell += 1;
        let (name, end) = match self.in_head {
            true => ("<th", "</th>"),
            false => ("<td", "</td>"),
        };
        self.html.push_str(name);
        self.html.push_str(align);
        self.begin(">", end)
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::TableHead => self.in_head = false,
            TagEnd::HtmlBlock => {
                let text = strip_tags(&self.raw.take().unwrap_or_default());
                if !text.trim().is_empty() {
                    self.html.push_str("<p>");
                    self.write_text(text.trim());
                    self.html.push_str("</p>\n");
                }
            }
            _ => {}
        }
        if let Some(Some(end)) = self.open.pop() {
            self.html.push_str(end);
            if tag == TagEnd::Link {
                self.links -= 1;
            }
        }
    }

    fn end_image(&mut self) {
        let Some(image) = self.image.take() else {
            return;
        };
        let text = match image.text.trim() {
            "" => image.address.as_str(),
            text => text,
        };
        // A picture in a link is what the link says.
        let links = self.links == 0 && is_harmless(&image.address);
        if links {
            self.write_link(&image.address);
        }
        self.escape(text);
        if links {
            self.html.push_str("</a>");
        }
    }

    /// Text of what was HTML: entities are what they stand for already, or are shown as they are written.
    fn write_text(&mut self, text: &str) {
        for (place, line) in text.split('\n').enumerate() {
            if place > 0 {
                self.html.push_str("<br>\n");
            }
            self.escape(line);
        }
    }

    fn escape(&mut self, text: &str) {
        for character in text.chars() {
            match character {
                '&' => self.html.push_str("&amp;"),
                '<' => self.html.push_str("&lt;"),
                '>' => self.html.push_str("&gt;"),
                '"' => self.html.push_str("&quot;"),
                '\'' => self.html.push_str("&#39;"),
                other => self.html.push(other),
            }
        }
    }

    /// Ends what the limit left open.
    fn finish(mut self) -> String {
        while let Some(end) = self.open.pop() {
            self.html.push_str(end.unwrap_or_default());
        }
        self.html
    }
}

/// Whether a link may lead there. Browsers take white space and control characters out of addresses before they look at the
/// scheme, so an address with any is none.
fn is_harmless(address: &str) -> bool {
    let odd = |letter: char| letter.is_control() || letter.is_whitespace();
    if address.contains(odd) {
        return false;
    }
    let lower = address.to_ascii_lowercase();
    ["https://", "http://", "mailto:"]
        .iter()
        .any(|scheme| lower.starts_with(scheme))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_becomes_what_github_shows() {
        for (text, html) in [
            (
                "# Title\n\nSome *text*.",
                "<h2>Title</h2>\n<p>Some <em>text</em>.</p>\n",
            ),
            (
                "1. a\n2. b",
                "<ol start=\"1\">\n<li>a</li>\n<li>b</li>\n</ol>\n",
            ),
            ("- [x] done", "<ul>\n<li>☑ done</li>\n</ul>\n"),
            (
                "~~old~~ `a<b`",
                "<p><del>old</del> <code>a&lt;b</code></p>\n",
            ),
            (
                "```sh\ndocker pull\n```",
                "<pre><code class=\"language-sh\">docker pull\n</code></pre>\n",
            ),
            (
                "| a | b |\n|---|--:|\n| 1 | 2 |",
                "<table>\n<thead><tr><th>a</th><th align=\"right\">b</th></tr></thead><tbody>\n\
                 <tr><td>1</td><td align=\"right\">2</td></tr>\n</tbody></table>\n",
            ),
            (
                "[a](https://b.c/?d=\"&e)",
                "<p><a href=\"https://b.c/?d=&quot;&amp;e\" rel=\"noopener noreferrer nofollow\">a</a></p>\n",
            ),
            (
                "![logo](https://b.c/l.png)",
                "<p><a href=\"https://b.c/l.png\" rel=\"noopener noreferrer nofollow\">logo</a></p>\n",
            ),
            (
                "[![badge](https://b.c/s.svg)](https://b.c)",
                "<p><a href=\"https://b.c\" rel=\"noopener noreferrer nofollow\">badge</a></p>\n",
            ),
            ("[there](docs/x.md)", "<p>there</p>\n"),
            (
                "<p align=center>\nA <b>bold</b> word\n</p>",
                "<p>A bold word</p>\n",
            ),
        ] {
            assert_eq!(render_markdown(text), html, "{text}");
        }
    }

    /// Tags and attributes that are ever written.
    fn find_strange(html: &str) -> Option<&str> {
        let known = [
            "p",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "blockquote",
            "pre",
            "code",
            "ul",
            "ol",
            "li",
            "em",
            "strong",
            "del",
            "a",
            "table",
            "thead",
            "tbody",
            "tr",
            "th",
            "td",
            "br",
            "hr",
        ];
        let tags = html.split('<').skip(1);
        tags.map(|tag| tag.split('>').next().unwrap_or_default())
            .find(|tag| {
                let name = tag
                    .trim_start_matches('/')
                    .split(' ')
                    .next()
                    .unwrap_or_default();
                let rest = tag.trim_start_matches('/').trim_start_matches(name);
                let fine = rest.is_empty()
                    || rest.starts_with(" href=\"http")
                    || rest.starts_with(" href=\"mailto:")
                    || rest.starts_with(" align=\"")
                    || rest.starts_with(" start=\"")
                    || rest.starts_with(" class=\"language-");
                !known.contains(&name) || !fine
            })
    }

    #[test]
    fn h43_nothing_but_our_own_tags_is_written() {
        for text in [
            "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
            "<svg><a><animate attributeName=href values=javascript:alert(1) /><text y=20>x</text></a></svg>",
            "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
            "<math><annotation-xml encoding=\"text/html\"><script>alert(1)</script></annotation-xml></math>",
            "[a](javascript:alert(1))",
            "[a](JaVaScRiPt:alert(1))",
            "[a](&#106;avascript:alert(1))",
            "[a](<java\tscript:alert(1)>)",
            "[a](java&NewLine;script:alert(1))",
            "[a](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
            "[a](vbscript:x) [b](file:///etc/passwd) [c](//evil.example)",
            "![a](javascript:alert(1)) ![b](data:image/svg+xml,<svg/onload=alert(1)>)",
            "![\"><img src=x onerror=alert(1)>](https://a.b/\"onmouseover=alert(1))",
            "<javascript:alert(1)> <https://a.b/\"><script>alert(1)</script>",
            "[a]: javascript:alert(1)\n\n[a] [![x](y)][a]",
            "```\"><script>alert(1)</script>\nx\n```",
            "| <script>alert(1)</script> | <img src=x onerror=alert(1)> |\n|---|---|\n| `</td><script>` | x |",
            "<scr<script>ipt>alert(1)</scr</script>ipt>",
            "<p><<script>alert(1)//<</script>\n\n</p>",
            "<!--><script>alert(1)</script>-->",
            "<?php echo '<script>alert(1)</script>' ?>",
            "<![CDATA[<script>alert(1)</script>]]>",
            "&lt;script&gt;alert(1)&lt;/script&gt;",
            "- <details open ontoggle=alert(1)>\n  > <iframe srcdoc='<script>alert(1)</script>'>",
            "\u{0}<script\u{0}>alert(1)</script>",
        ] {
            let html = render_markdown(text);
            assert_eq!(find_strange(&html), None, "{text} → {html}");
        }
    }

    #[test]
    fn what_is_deep_or_wide_stays_small() {
        for text in [
            ">".repeat(50_000),
            "- ".repeat(50_000),
            "*a **b ".repeat(10_000),
            "[".repeat(50_000),
            "![".repeat(20_000),
            "<b>".repeat(30_000),
            format!(
                "|{}\n|{}\n{}",
                "a|".repeat(2000),
                "-|".repeat(2000),
                "|\n".repeat(20_000)
            ),
            "&<>\"'".repeat(20_000),
        ] {
            let html = render_markdown(&text);
            assert!(
                html.len() <= LARGEST + 64 * 1024,
                "{} of {}",
                html.len(),
                &text[..8]
            );
            assert_eq!(find_strange(&html), None);
        }
    }
}
