//! `wharf login` and `logout` against a server that answers one request: what is kept, and what is not.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::thread::JoinHandle;

use crate::home::Home;

/// Answers the next connection with `status` and `body`; yields the request's head.
fn answer_once(status: &'static str, body: &'static str) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let served = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let head: Vec<String> = BufReader::new(stream.try_clone().unwrap())
            .lines()
            .map(Result::unwrap)
            .take_while(|line| !line.is_empty())
            .collect();
        write!(
            stream,
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        head.join("\n")
    });
    (address, served)
}

#[test]
fn a_login_is_checked_kept_and_forgotten() {
    let home = Home::new();
    home.write(
        ".docker/config.json",
        "{\n\t\"detachKeys\": \"ctrl-e,e\"\n}\n",
    );
    let (address, served) = answer_once("200 OK", r#"{"version":"0.1.0","address":"x"}"#);
    let arguments = ["login", &address, "-u", "admin", "--password-stdin"];
    let outcome = home.run_with_input(&arguments, "s3cret\n");
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert_eq!(outcome.stdout, "");
    assert!(outcome.stderr.contains(&address), "{}", outcome.stderr);

    let request = served.join().unwrap().to_lowercase();
    assert!(
        request.starts_with("get /api/v1/info http/1.1"),
        "{request}"
    );
    assert!(request.contains("authorization: basic "), "{request}");
    assert!(request.contains("accept-language: en"), "{request}");

    let text = fs::read_to_string(home.docker_config()).unwrap();
    assert_eq!(
        text,
        format!(
            "{{\n\t\"detachKeys\": \"ctrl-e,e\",\n\t\"auths\": {{\n\t\t\"{address}\": {{\n\t\t\t\"auth\": \"YWRtaW46czNjcmV0\"\n\t\t}}\n\t}},\n\t\"plugins\": {{\n\t\t\"wharf\": {{\n\t\t\t\"server\": \"http://{address}\"\n\t\t}}\n\t}}\n}}\n"
        )
    );
    let mode = fs::metadata(home.docker_config())
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);

    let outcome = home.run(&["logout"]);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    let text = fs::read_to_string(home.docker_config()).unwrap();
    assert!(
        !text.contains(&address) && text.contains("detachKeys"),
        "{text}"
    );
}

#[test]
fn a_refused_login_is_not_kept() {
    let home = Home::new();
    let problem = r#"{"type":"about:blank","title":"t","status":401,"code":"unauthenticated","params":{},"detail":"No.","hint":"Try again.","request_id":"r"}"#;
    let (address, served) = answer_once("401 Unauthorized", problem);
    let arguments = ["login", &address, "-u", "admin", "--password-stdin"];
    let outcome = home.run_with_input(&arguments, "wrong\n");
    served.join().unwrap();
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert_eq!(outcome.stderr, "error: No.\nhint: Try again.\n");
    assert!(!home.docker_config().exists());
}

#[test]
fn a_credential_helper_keeps_the_password_instead_of_the_file() {
    let home = Home::new();
    home.write(".docker/config.json", "{\"credsStore\": \"test\"}");
    home.write(
        "bin/docker-credential-test",
        "#!/bin/sh\ncase $1 in\nstore) cat > kept ;;\nget) cat > asked; cat kept ;;\nerase) rm kept ;;\nesac\n",
    );
    let helper = home.path().join("bin/docker-credential-test");
    fs::set_permissions(helper, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!(
        "{}:{}",
        home.path().join("bin").display(),
        std::env::var("PATH").unwrap_or_default()
    );
    let home = home.with("PATH", &path);

    let (address, served) = answer_once("200 OK", r#"{"version":"0.1.0","address":"x"}"#);
    let arguments = ["login", &address, "-u", "admin", "--password-stdin"];
    let outcome = home.run_with_input(&arguments, "s3cret\n");
    served.join().unwrap();
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    let text = fs::read_to_string(home.docker_config()).unwrap();
    assert!(!text.contains("\"auth\""), "{text}");
    let kept = fs::read_to_string(home.path().join("kept")).unwrap();
    assert!(kept.contains("s3cret") && kept.contains(&address), "{kept}");

    // The helper must get its server back for the next command, so the fake one answers at a new address.
    let (second, served) = answer_once("200 OK", r#"{"items":[],"next":null}"#);
    let outcome = home.run(&["repo", "list", "--server", &second]);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    let asked = fs::read_to_string(home.path().join("asked")).unwrap();
    assert_eq!(asked, second);
    assert!(served.join().unwrap().contains("asic YWRtaW46czNjcmV0"));

    assert_eq!(home.run(&["logout"]).code, Some(0));
    assert!(!home.path().join("kept").exists());
}

#[test]
fn a_token_from_the_environment_is_a_bearer_and_pages_are_joined() {
    let (address, served) = answer_once(
        "200 OK",
        r#"{"items":[{"name":"acme/web","public":true,"tag_count":2,"size_bytes":1234567,"pull_count":3,"short_description":"Shop","last_push_at":"2026-03-04T05:06:07Z"}],"next":null}"#,
    );
    let home = Home::new().with("WHARF_TOKEN", "wharf_pat_x");
    let outcome = home.run(&["repo", "list", "--server", &address, "-n", "acme"]);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    let row = outcome.stdout.lines().nth(1).unwrap();
    let cells: Vec<&str> = row
        .split("  ")
        .map(str::trim)
        .filter(|cell| !cell.is_empty())
        .collect();
    assert_eq!(
        cells,
        [
            "acme/web",
            "yes",
            "2",
            "1.23 MB",
            "3",
            "2026-03-04 05:06",
            "Shop"
        ]
    );
    let request = served.join().unwrap();
    assert!(
        request.starts_with("GET /api/v1/repositories?namespace=acme&limit=1000 "),
        "{request}"
    );
    assert!(request.contains("earer wharf_pat_x"), "{request}");
}

#[test]
fn a_secret_stands_alone_on_stdout() {
    let (address, served) = answer_once(
        "201 Created",
        r#"{"id":"1","name":"ci","login":"acme+ci","secret":"wharf_bot_s3cret"}"#,
    );
    let home = Home::new().with("WHARF_TOKEN", "wharf_pat_x");
    let arguments = [
        "robot",
        "create",
        "acme+ci",
        "--action",
        "pull,push",
        "--server",
        &address,
    ];
    let outcome = home.run(&arguments);
    served.join().unwrap();
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert_eq!(outcome.stdout, "wharf_bot_s3cret\n");
    assert!(!outcome.stderr.contains("s3cret"), "{}", outcome.stderr);
}

/// Answers the next connection with `bytes`, whatever it says.
fn answer_bytes(bytes: &'static [u8]) -> (String, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let served = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        // Closing with unread input would reset the connection and lose the answer.
        let read = stream.read(&mut [0; 4096]).unwrap();
        assert!(read > 0);
        stream.write_all(bytes).unwrap();
    });
    (address, served)
}

#[test]
fn a_scheme_that_the_server_does_not_speak_is_named_in_the_hint() {
    let home = Home::new().with("WHARF_TOKEN", "wharf_pat_x");
    // What a TLS server says to plain HTTP: a fatal alert record (RFC 8446 section 6).
    let (address, served) = answer_bytes(&[21, 3, 3, 0, 2, 2, 50]);
    let outcome = home.run(&["repo", "list", "--server", &address]);
    served.join().unwrap();
    assert!(
        outcome.stderr.contains(&format!("https://{address}")),
        "{outcome:?}"
    );

    let (address, served) = answer_bytes(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    let https = format!("https://{address}");
    let outcome = home.run(&["repo", "list", "--server", &https]);
    served.join().unwrap();
    assert!(
        outcome.stderr.contains(&format!("http://{address}")),
        "{outcome:?}"
    );
}
