//! The console as files: its page at every address that is nobody else's, what the page loads, and what stands there
//! when nobody built it.

use std::{collections::BTreeSet, fs, path::Path};

use reqwest::Method;
use wharf_testkit::{Answer, Login, Server};

/// What a build of the console leaves, in small.
const FILES: [(&str, &str); 8] = [
    (
        "index.html",
        "<!doctype html><meta nonce=\"__CSP_NONCE__\"><script src=\"/assets/app-1f2e.js\"></script>",
    ),
    ("theme.js", "let theme;"),
    ("assets/app-1f2e.js", "let app;"),
    ("assets/app-1f2e.js.br", "brotli of it"),
    ("assets/app-1f2e.js.gz", "gzip of it"),
    ("assets/app-1f2e.css", "body{}"),
    (".vite/manifest.json", "{}"),
    ("../secret.js", "beside the folder"),
];

fn start(folder: &Path) -> Server {
    let dist = folder.join("dist");
    fs::create_dir_all(dist.join("assets")).expect("a folder");
    fs::create_dir_all(dist.join(".vite")).expect("a folder");
    for (name, text) in FILES {
        fs::write(dist.join(name), text).expect("a file");
    }
    Server::builder().env("WHARF_CONSOLE_DIR", dist).start()
}

fn get(server: &Server, path: &str, headers: &[(&str, &str)]) -> Answer {
    let client = server.registry(&Login::Anonymous);
    let mut request = client.request(Method::GET, path);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    request.send()
}

#[test]
fn every_address_that_is_nobody_elses_is_the_page_under_its_policy() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = start(folder.path());
    let mut nonces = BTreeSet::new();
    for path in [
        "/",
        "/index.html",
        "/images",
        "/images/team/web/-/versions/v1.2.3",
        "/images/team/app.js/-/builds/412?step=2&q=error",
        "/images/-/new?from=git",
        "/sign-in?next=%2Fimages",
        "/apis",
        "/v2x",
    ] {
        let page = get(&server, path, &[]).expect(200);
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(page.header("cache-control"), "no-store");
        assert_eq!(page.header("x-content-type-options"), "nosniff");
        assert_eq!(page.header("referrer-policy"), "no-referrer");
        assert_eq!(page.header("cross-origin-opener-policy"), "same-origin");
        let policy = page.header("content-security-policy").to_owned();
        let nonce = policy
            .split("'nonce-")
            .nth(1)
            .and_then(|rest| rest.split('\'').next());
        let nonce = nonce.expect("a nonce").to_owned();
        assert!(
            page.text().contains(&format!("nonce=\"{nonce}\"")),
            "{path}"
        );
        assert!(nonces.insert(nonce), "a nonce twice");
    }
    // What others own stays theirs, also where they have nothing.
    for path in [
        "/v1/other",
        "/auth/other",
        "/hooks",
        "/healthz/x",
        "/metrics/x",
        "/readyz/",
    ] {
        get(&server, path, &[]).expect(404);
    }
    get(&server, "/api/v1/nothing", &[]).expect_problem(404, "not_found");
    get(&server, "/healthz", &[]).expect(200);
    let posted = server.registry(&Login::Anonymous);
    posted.request(Method::POST, "/images").send().expect(404);
}

#[test]
fn what_the_page_loads_is_kept_by_its_name_and_comes_in_the_best_encoding() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = start(folder.path());
    let asset = |encodings: &str| {
        let answer = get(
            &server,
            "/assets/app-1f2e.js",
            &[("accept-encoding", encodings)],
        );
        let answer = answer.expect(200);
        assert_eq!(
            answer.header("content-type"),
            "text/javascript; charset=utf-8"
        );
        assert_eq!(
            answer.header("cache-control"),
            "public, max-age=31536000, immutable"
        );
        assert_eq!(answer.header("vary"), "accept-encoding");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        let encoding = answer.find_header("content-encoding").map(str::to_owned);
        (encoding, answer.text())
    };
    let found = |encoding: Option<&str>, text: &str| (encoding.map(str::to_owned), text.to_owned());
    assert_eq!(
        asset("gzip, deflate, br"),
        found(Some("br"), "brotli of it")
    );
    assert_eq!(asset("gzip"), found(Some("gzip"), "gzip of it"));
    assert_eq!(asset("br;q=0, gzip;q=0"), found(None, "let app;"));
    // Built without an encoding, it comes as it is.
    let style = get(
        &server,
        "/assets/app-1f2e.css",
        &[("accept-encoding", "br")],
    )
    .expect(200);
    assert_eq!(style.find_header("content-encoding"), None);

    // A name without a hash is asked for again, and not sent again.
    let theme = get(&server, "/theme.js", &[]).expect(200);
    assert_eq!(theme.header("cache-control"), "no-cache");
    let tag = theme.header("etag").to_owned();
    let again = get(&server, "/theme.js", &[("if-none-match", &tag)]).expect(304);
    assert_eq!(again.header("etag"), tag);
    get(&server, "/theme.js", &[("if-none-match", "\"other\"")]).expect(200);

    // What is not there is not the page: a script that is none would be run as one.
    get(&server, "/assets/app-0000.js", &[]).expect(404);
    // Nor does any path lead out of the folder, or to what is not meant to be seen.
    for path in [
        "/../secret.js",
        "/assets/../../secret.js",
        "/%2e%2e/secret.js",
        "/.vite/manifest.json",
    ] {
        let answer = get(&server, path, &[]);
        assert!(!answer.text().contains("beside the folder"), "{path}");
        assert_ne!(answer.text(), "{}", "{path}");
    }
}

#[test]
fn what_commit_statuses_link_to_leads_to_the_builds_page() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = start(folder.path());
    let moved = get(&server, "/repositories/team/group/app/builds/12", &[]).expect(302);
    assert_eq!(
        moved.header("location"),
        "/images/team/group/app/-/builds/12"
    );
    for path in [
        "/repositories/team/app",
        "/repositories/team/app/builds/x",
        "/repositories//evil.example/builds/1",
        "/repositories/",
    ] {
        get(&server, path, &[]).expect(404);
    }
}

#[test]
fn a_program_without_the_console_says_how_to_go_on() {
    let server = Server::builder()
        .env("WHARF_CONSOLE_DIR", "/nowhere")
        .start();
    let page = get(&server, "/", &[("accept-language", "en")]).expect(404);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert!(
        page.header("content-security-policy")
            .contains("frame-ancestors 'none'")
    );
    for part in [
        "scripts/build-console",
        &format!("wharf login {}", server.url()),
    ] {
        assert!(page.text().contains(part), "{part} in {}", page.text());
    }
    let page = get(&server, "/", &[("accept-language", "zh-CN,zh;q=0.9")]).expect(404);
    assert!(page.text().contains("控制台"), "{}", page.text());
    let build = get(&server, "/images/team/app/-/builds/12", &[]).expect(404);
    assert!(build.text().contains("wharf builds logs team/app 12"));
    let odd = get(
        &server,
        "/images/<script>alert(1)</script>/-/builds/12",
        &[],
    )
    .expect(404);
    assert!(!odd.text().contains("<script>"), "{}", odd.text());
}
