//! What people wrote, where pages show it: nothing of it runs.

use reqwest::Method;
use serde_json::json;
use wharf_testkit::{Blob, encode_segment};

use crate::world::World;

/// Markup that runs where it is passed on.
const HOSTILE: [&str; 12] = [
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s></svg>",
    "<svg><a><animate attributeName=href values=javascript:alert(1) /><text y=20>x</text></a></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
    "<math><annotation-xml encoding=\"text/html\"><script>alert(1)</script></annotation-xml></math>",
    "[a](javascript:alert(1))",
    "[a](JaVaScRiPt:alert(1)) ![b](javascript:alert(1))",
    "[a](&#106;avascript&colon;alert(1))",
    "[a](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "![\"><img src=x onerror=alert(1)>](https://a.example/\"onmouseover=alert(1))",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<p><<script>alert(1)//<</script>\n\n</p>",
    "> - <iframe srcdoc='<script>alert(1)</script>'><img src=x onerror=alert(1)>",
];

/// The tags of HTML with their attributes, without `<` and `>`.
fn read_tags(html: &str) -> Vec<&str> {
    let tags = html.split('<').skip(1);
    tags.map(|tag| tag.split('>').next().unwrap_or_default())
        .collect()
}

fn expect_harmless(html: &str) {
    for tag in read_tags(html) {
        let (name, rest) = tag.split_once(' ').unwrap_or((tag, ""));
        let known = ["p", "blockquote", "ul", "li", "a", "br", "h2", "em"];
        assert!(
            known.contains(&name.trim_start_matches('/')),
            "{tag} in {html}"
        );
        let fine = rest.is_empty() || name == "a" && rest.starts_with("href=\"https://");
        assert!(fine, "{tag} in {html}");
        assert_eq!(rest.matches('"').count() % 4, 0, "{tag} in {html}");
    }
}

#[test]
fn h43_markup_in_descriptions_is_written_anew_and_never_passed_on() {
    let world = World::get();
    let repository = world.attacker_repository();
    let name = repository.name().to_owned();
    let api = world.server.api(&wharf_testkit::Login::basic(
        world.attacker.username.clone(),
        world.attacker.password.clone(),
    ));
    api.post("/repositories", json!({ "name": name }))
        .expect(201);
    let path = format!("/repositories/{}", encode_segment(&name));
    for text in HOSTILE {
        let body = json!({ "description": format!("*shown*\n\n{text}") });
        api.patch(&path, body).expect(200);
        let readme = api.get(&format!("{path}/readme")).expect(200).json();
        let html = readme["html"].as_str().expect("a text");
        assert!(html.contains("<em>shown</em>"), "{html}");
        expect_harmless(html);
        let preview = api.post("/markdown-previews", json!({ "markdown": text }));
        let preview = preview.expect(200).json();
        expect_harmless(preview["html"].as_str().expect("a text"));
    }
    let long = json!({ "markdown": "a".repeat(100 * 1024 + 1) });
    api.post("/markdown-previews", long)
        .expect_problem(400, "invalid_field");
}

#[test]
fn h43_what_the_api_and_the_registry_send_is_no_page() {
    let world = World::get();
    let repository = world.attacker_repository();
    let page = Blob::new(
        "text/html",
        b"<script>alert(document.cookie)</script>".to_vec(),
    );
    repository.push_blob(&page);
    let answer = repository.get_blob(&page.digest()).expect(200);
    assert_eq!(
        answer.find_header("content-type"),
        Some("application/octet-stream")
    );
    assert_eq!(
        answer.find_header("x-content-type-options"),
        Some("nosniff")
    );
    let api = world.attacker_api();
    let request = api.request(Method::GET, "/repositories?q=%3Cscript%3E");
    let answer = request.send_undescribed().expect(200);
    assert_eq!(answer.find_header("content-type"), Some("application/json"));
    assert_eq!(
        answer.find_header("x-content-type-options"),
        Some("nosniff")
    );
}
