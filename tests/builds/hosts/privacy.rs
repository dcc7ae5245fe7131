//! Hosts that only this network knows: refused until the operator names them, and believed by a certificate of their own.

use serde_json::json;
use wharf_testkit::{ForgeProduct, ForgeServer, GitServer, Person, Server, encode_segment};
use wharf_tests::building::wait_for;

use super::terminal::Terminal;

#[test]
fn a_private_host_is_refused_with_the_line_that_lets_it_in() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let forge = ForgeServer::start(ForgeProduct::GitLab);
    let plain = GitServer::start();
    let closed = Server::builder().data_dir(&data).start();
    let admin = Person {
        username: "admin".to_owned(),
        password: closed.admin_password().to_owned(),
    };
    let gitlab = format!("source add gitlab {} --token-stdin", forge.url());
    let git = format!("source add git http://{}", plain.address());
    let token = format!("{}\n", forge.token());
    let terminal = Terminal::open(&closed, &admin);
    let mut lines = Vec::new();
    for (command, input, authority) in [
        (&gitlab, &*token, forge.authority().to_owned()),
        (&git, "", plain.address().to_string()),
    ] {
        let refused = terminal.try_run(command, input);
        assert!(!refused.success, "{}", refused.text);
        let line = format!("[egress] allow = [\"{authority}\"]");
        assert!(refused.text.contains(&line), "{}", refused.text);
        lines.push(format!("\"{authority}\""));
    }
    drop(closed);

    // As the refusals say.
    let open = Server::builder()
        .data_dir(&data)
        .config(&format!("[egress]\nallow = [{}]", lines.join(", ")))
        .start();
    let terminal = Terminal::open(&open, &admin);
    terminal.run_with_input(&gitlab, &token);
    terminal.run(&git);
    let listed = terminal.run("source list");
    assert!(listed.contains(forge.authority()), "{listed}");
}

#[test]
fn a_host_with_an_authority_of_its_own_is_built_from_over_https() {
    let forge = ForgeServer::start_tls(ForgeProduct::Gitea);
    let server = Server::builder()
        .config("[egress]\nallow = [\"127.0.0.1\"]\n[build]\npoll_seconds = 300")
        .told_to_others()
        .start();
    let api = server.api(&server.admin());
    let queue = api.get("/builds/queue").expect(200).json();
    if let Some(problem) = queue["problem"].as_str() {
        wharf_testkit::skip!("this machine cannot build: {problem}");
    }
    let ca = forge.certificate().expect("a certificate");
    let stranger = ForgeServer::start_tls(ForgeProduct::Gitea);
    let other = stranger.certificate().expect("a certificate");
    let connect = |ca: &str| {
        let body =
            json!({ "kind": "gitea", "address": forge.url(), "token": forge.token(), "ca": ca });
        api.post("/sources", body)
    };
    let refused = connect(other).expect_problem(502, "upstream").json();
    assert_eq!(refused["params"]["problem"], "unreachable", "{refused:#}");
    let source = connect(ca).expect(201).json();

    let code = forge.create_repository("acme/web", true);
    code.push_files("main", "Begin", &[("README.md", "# Web\n")]);
    let body = json!({ "name": "admin/web" });
    api.post("/repositories", body).expect(201);
    let body = json!({
        "name": "main", "source": source["id"], "remote": "acme/web",
        "definition": { "trigger": { "branches": true } },
    });
    let path = |rest: &str| format!("/repositories/{}{rest}", encode_segment("admin/web"));
    api.post(&path("/rules"), body).expect(201);
    wait_for(|| {
        let shown = api.get(&path("/rules/main")).expect(200).json();
        (shown["watch"]["webhook"] == "active").then_some(())
    });
    let decided = api.get(&path("/rules/main/decisions")).expect(200).json();
    assert_eq!(decided["items"][0]["decision"], "seen", "{decided:#}");
    let files = [("Dockerfile", "FROM scratch\nCOPY README.md /\n")];
    let commit = code.push_files("main", "Say hello", &files);
    let build = wait_for(|| {
        let listed = api.get(&path("/builds")).expect(200).json();
        let build = listed["items"][0].clone();
        let over = !matches!(build["state"].as_str(), None | Some("queued" | "running"));
        over.then_some(build)
    });
    assert_eq!(build["state"], "succeeded", "{build:#}");
    assert_eq!(build["commit"], commit);
    wait_for(|| {
        let told = forge.statuses("acme/web");
        told.iter().any(|it| it.state == "success").then_some(())
    });
}
