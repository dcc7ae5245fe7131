//! `/sources`, `/removals`: accounts on code hosts, played by the testkit.

use serde_json::{Value, json};
use wharf_testkit::{
    ApiClient, ForgeProduct, ForgeServer, Server, SharedServer, encode_segment, unique_name,
};

/// One that may dial this machine, where the code hosts of these tests are.
pub(crate) static SERVER: SharedServer =
    SharedServer::new(|| Server::builder().config("[egress]\nallow = [\"127.0.0.1\"]"));

fn fresh_person() -> ApiClient {
    let server = SERVER.get();
    server.api(&server.user(&unique_name("person")).login())
}

fn name_kind(product: ForgeProduct) -> &'static str {
    match product {
        ForgeProduct::GitHub => "github",
        ForgeProduct::GitLab => "gitlab",
        ForgeProduct::Gitea => "gitea",
    }
}

const PRODUCTS: [ForgeProduct; 3] = [
    ForgeProduct::GitHub,
    ForgeProduct::GitLab,
    ForgeProduct::Gitea,
];

fn connect(api: &ApiClient, host: &ForgeServer) -> Value {
    let body = json!({
        "kind": name_kind(host.product()),
        "address": host.url(),
        "token": host.token(),
    });
    api.post("/sources", body).expect(201).json()
}

pub(crate) fn path_of(source: &Value) -> String {
    format!("/sources/{}", source["id"].as_str().expect("an id"))
}

#[test]
fn a_token_is_tried_and_kept_and_never_shown() {
    for product in PRODUCTS {
        let (api, host) = (fresh_person(), ForgeServer::start(product));
        let source = connect(&api, &host);
        assert_eq!(source["account"], "ada", "{product:?}");
        assert_eq!(source["address"], host.url());
        assert_eq!(source["method"], "token");
        assert_eq!(source["health"]["ok"], true);
        for target in ["/sources".to_owned(), path_of(&source)] {
            let text = api.get(&target).expect(200).text();
            assert!(!text.contains(host.token()), "{text}");
        }
        let again = json!({
            "kind": name_kind(product),
            "address": format!("{}/", host.url()),
            "token": host.token(),
        });
        let conflict = api.post("/sources", again).expect_problem(409, "conflict");
        assert_eq!(conflict.json()["params"]["what"], "source");
    }
}

#[test]
fn a_server_is_connected_once_whatever_folder_of_it_is_named() {
    let api = fresh_person();
    let add = |address: &str| {
        let body = json!({ "kind": "git", "address": address });
        api.post("/sources", body)
    };
    let first = add("ssh://127.0.0.1:2222/srv/a").expect(201).json();
    for address in [
        "ssh://127.0.0.1:2222/srv/b",
        "ssh://127.0.0.1:2222",
        "SSH://127.0.0.1:2222/srv/a/",
        "ssh://127.0.0.1:2222/srv/app.git",
    ] {
        let conflict = add(address).expect_problem(409, "conflict");
        assert_eq!(conflict.json()["params"]["what"], "source", "{address}");
    }
    let second = add("ssh://127.0.0.1:2223").expect(201).json();
    // Nor does an edit bring two of them together; another folder of the same server is fine.
    let moved = json!({ "address": "ssh://127.0.0.1:2222/srv/c" });
    let conflict = api.patch(&path_of(&second), moved.clone());
    conflict.expect_problem(409, "conflict");
    api.patch(&path_of(&first), moved).expect(200);
    // Somebody else has an account of their own there.
    let body = json!({ "kind": "git", "address": "ssh://127.0.0.1:2222/srv/b" });
    fresh_person().post("/sources", body).expect(201);
    // And when two come at the same moment, one is kept.
    let other = fresh_person();
    let kept: Vec<_> = std::thread::scope(|scope| {
        let adding: Vec<_> = (0..6)
            .map(|number| {
                let other = &other;
                scope.spawn(move || {
                    let address = format!("ssh://127.0.0.1:2222/{number}");
                    let body = json!({ "kind": "git", "address": address });
                    other.post("/sources", body).status
                })
            })
            .collect();
        adding
            .into_iter()
            .map(|it| it.join().expect("an answer"))
            .collect()
    });
    assert_eq!(
        kept.iter().filter(|status| **status == 201).count(),
        1,
        "{kept:?}"
    );
    assert!(
        kept.iter()
            .all(|status| matches!(status.as_u16(), 201 | 409)),
        "{kept:?}"
    );
}

#[test]
fn a_token_that_the_host_refuses_is_not_kept() {
    for product in PRODUCTS {
        let (api, host) = (fresh_person(), ForgeServer::start(product));
        let wrong =
            json!({ "kind": name_kind(product), "address": host.url(), "token": "no-such-token" });
        let refused = api.post("/sources", wrong).expect_problem(502, "upstream");
        assert_eq!(
            refused.json()["params"]["problem"],
            "unauthorized",
            "{product:?}"
        );
        assert_eq!(api.get("/sources").expect(200).json()["items"], json!([]));
    }
    let (api, host) = (fresh_person(), ForgeServer::start(ForgeProduct::GitLab));
    let other = json!({
        "kind": "gitlab", "address": host.url(), "username": "bob", "token": host.token(),
    });
    let refused = api
        .post("/sources", other)
        .expect_problem(400, "invalid_field");
    assert_eq!(refused.json()["params"]["reason"], "other_account");
    let poor = host.issue_token(&["read_api"]);
    let body = json!({ "kind": "gitlab", "address": host.url(), "token": poor });
    let refused = api
        .post("/sources", body)
        .expect_problem(502, "upstream")
        .json();
    assert_eq!(refused["params"]["problem"], "missing_scopes");
    let cause = refused["params"]["cause"].as_str().expect("a cause");
    assert!(cause.contains("api"), "{cause}");
}

#[test]
fn a_refused_address_comes_with_the_line_that_would_allow_it() {
    let server = Server::builder().start();
    let api = server.api(&server.admin());
    let host = ForgeServer::start(ForgeProduct::Gitea);
    let body = json!({ "kind": "gitea", "address": host.url(), "token": host.token() });
    let refused = api
        .post("/sources", body)
        .expect_problem(400, "egress_refused")
        .json();
    assert_eq!(refused["params"]["allow"], host.authority());
    let hint = refused["hint"].as_str().expect("a hint");
    let line = format!("[egress] allow = [\"{}\"]", host.authority());
    assert!(hint.contains(&line), "{hint}");
    // Plain http takes an entry even where the address is public.
    for address in [
        "http://169.254.169.254",
        "http://[::ffff:127.0.0.1]:3000",
        "https://127.0.0.1",
        "https://10.1.2.3",
    ] {
        let body = json!({ "kind": "gitea", "address": address, "token": "a-token" });
        api.post("/sources", body)
            .expect_problem(400, "egress_refused");
    }
    let body = json!({ "kind": "git", "address": "ssh://127.0.0.1:2222" });
    api.post("/sources", body)
        .expect_problem(400, "egress_refused");
}

#[test]
fn an_address_has_one_form_and_holds_no_secret() {
    let api = fresh_person();
    for (address, reason) in [
        ("git.example", "needs_scheme"),
        ("file:///srv/git", "needs_scheme"),
        ("ext::sh -c touch% /tmp/x", "needs_scheme"),
        ("ssh://-oProxyCommand=x", "malformed"),
        ("https://me:hush@git.example", "holds_user_info"),
        ("https://git.example/?token=hush", "malformed"),
    ] {
        let body = json!({ "kind": "git", "address": address });
        let refused = api
            .post("/sources", body)
            .expect_problem(400, "invalid_field");
        assert_eq!(refused.json()["params"]["reason"], reason, "{address}");
        assert!(!refused.text().contains("hush"));
    }
    let body = json!({ "kind": "gitea", "address": "ssh://git.example", "token": "a-token" });
    api.post("/sources", body)
        .expect_problem(400, "invalid_field");
}

#[test]
fn another_address_clears_the_token() {
    let (api, host) = (fresh_person(), ForgeServer::start(ForgeProduct::Gitea));
    let other = ForgeServer::start(ForgeProduct::Gitea);
    let path = path_of(&connect(&api, &host));
    let moved = api
        .patch(&path, json!({ "address": other.url() }))
        .expect(200)
        .json();
    assert_eq!(moved["address"], other.url());
    assert_eq!(moved["health"]["problem"], "source_without_secret");
    let browsed = api
        .get(&format!("{path}/owners"))
        .expect_problem(409, "conflict");
    assert_eq!(browsed.json()["params"]["what"], "source_without_secret");
    // Nothing of the first host's token reached the other.
    api.post(&format!("{path}/check"), json!({})).expect(200);
    assert!(other.requests().is_empty());
    let given = json!({ "token": other.token() });
    let mended = api.patch(&path, given).expect(200).json();
    assert_eq!(mended["health"]["ok"], true);
    api.get(&format!("{path}/owners")).expect(200);
}

#[test]
fn a_token_that_ended_shows_in_the_state_and_since_when() {
    let (api, host) = (fresh_person(), ForgeServer::start(ForgeProduct::GitHub));
    let source = connect(&api, &host);
    let path = path_of(&source);
    host.expire_token(host.token());
    let checked = api
        .post(&format!("{path}/check"), json!({}))
        .expect(200)
        .json();
    assert_eq!(checked["health"]["ok"], false);
    assert_eq!(checked["health"]["problem"], "unauthorized");
    let since = checked["health"]["since"].clone();
    let again = api
        .post(&format!("{path}/check"), json!({}))
        .expect(200)
        .json();
    assert_eq!(again["health"]["since"], since);
    let chinese = api.request(reqwest::Method::GET, &path);
    let chinese = chinese
        .header("accept-language", "zh")
        .send()
        .expect(200)
        .json();
    let message = chinese["health"]["message"].as_str().expect("a sentence");
    assert!(message.contains("凭据"), "{message}");
    let fresh = json!({ "token": host.issue_token(&["repo", "read:org"]) });
    let mended = api.patch(&path, fresh).expect(200).json();
    assert_eq!(mended["health"]["ok"], true);
}

#[test]
fn browsing_shows_what_the_account_sees_page_by_page() {
    for product in PRODUCTS {
        let (api, host) = (fresh_person(), ForgeServer::start(product));
        host.add_group("acme");
        let git = host.create_repository("acme/web", true);
        git.push_files("main", "first", &[("README.md", "hello")]);
        git.push_files("feature/x", "second", &[("a", "b")]);
        host.create_repository("acme/open", false);
        host.limit_pages(1);
        let path = path_of(&connect(&api, &host));

        let owners = api.read_all(&format!("{path}/owners"), 1);
        let names: Vec<_> = owners.iter().map(|owner| owner["path"].as_str()).collect();
        assert!(
            names.contains(&Some("ada")) && names.contains(&Some("acme")),
            "{names:?}"
        );

        // Hosts that cannot choose have pages thinned out, so one may be empty although there are more.
        let list = |query: &str| -> Vec<String> {
            let (mut found, mut after) = (Vec::new(), String::new());
            loop {
                let target = format!("{path}/repositories?{query}{after}");
                let page = api.get(&target).expect(200).json();
                let items = page["items"].as_array().expect("items").iter();
                found.extend(items.map(|one| one["path"].as_str().expect("a path").to_owned()));
                match page["next"].as_str() {
                    Some(next) => after = format!("&after={next}"),
                    None => break,
                }
            }
            found.sort();
            found
        };
        assert_eq!(list("owner=acme"), ["acme/open", "acme/web"], "{product:?}");
        assert_eq!(
            list("owner=acme&visibility=private"),
            ["acme/web"],
            "{product:?}"
        );
        assert_eq!(list("owner=acme&q=ope"), ["acme/open"], "{product:?}");

        let remote = encode_segment("acme/web");
        let branches = api.read_all(&format!("{path}/repositories/{remote}/branches"), 1);
        let names: Vec<_> = branches
            .iter()
            .map(|one| one["name"].as_str().expect("a name"))
            .collect();
        assert!(
            names.contains(&"main") && names.contains(&"feature/x"),
            "{product:?}: {names:?}"
        );
        api.get(&format!("{path}/repositories/{remote}/tags"))
            .expect(200);
        let missing = encode_segment("acme/none");
        let missing = api.get(&format!("{path}/repositories/{missing}/branches"));
        assert_eq!(
            missing.expect_problem(502, "upstream").json()["params"]["problem"],
            "missing"
        );
        assert_eq!(host.unknown_requests(), Vec::<String>::new());
    }
}

#[test]
fn a_source_is_its_owners_alone() {
    let (api, host) = (fresh_person(), ForgeServer::start(ForgeProduct::GitHub));
    let source = connect(&api, &host);
    let server = SERVER.get();
    let others = [fresh_person(), server.api(&server.admin())];
    let path = path_of(&source);
    for other in &others {
        other.get(&path).expect_problem(404, "not_found");
        other
            .get(&format!("{path}/repositories"))
            .expect_problem(404, "not_found");
        other
            .get(&format!("{path}/webhooks"))
            .expect_problem(404, "not_found");
        let edit = json!({ "token": "mine" });
        other.patch(&path, edit).expect_problem(404, "not_found");
        other.delete(&path).expect_problem(404, "not_found");
        let listed = other.get("/sources").expect(200).text();
        assert!(!listed.contains(source["id"].as_str().expect("an id")));
    }
    api.get(&path).expect(200);
}

#[test]
fn plain_git_over_ssh_gets_a_key_of_its_own() {
    let api = fresh_person();
    let body = json!({ "kind": "git", "address": "ssh://127.0.0.1:2222/srv/git" });
    let source = api.post("/sources", body).expect(201).json();
    assert_eq!(source["method"], "deploy_key");
    assert_eq!(source["account"], "git");
    let key = source["public_key"].as_str().expect("a key");
    assert!(key.starts_with("ssh-ed25519 AAAA"), "{key}");
    // The same server keeps its key; another one gets another.
    let path = path_of(&source);
    let keys = "[127.0.0.1]:2222 ssh-ed25519 \
        AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";
    let edit = json!({ "username": "deploy", "host_keys": keys });
    let edited = api.patch(&path, edit).expect(200).json();
    assert_eq!(edited["public_key"], key);
    assert_eq!(edited["host_keys_origin"], "given");
    let github = "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU";
    assert_eq!(edited["host_key_fingerprints"], json!([github]));
    assert_eq!(edited["account"], "deploy");
    let moved = json!({ "address": "ssh://127.0.0.1:2223" });
    let moved = api.patch(&path, moved).expect(200).json();
    assert_ne!(moved["public_key"], key);
    assert!(moved.get("host_keys").is_none());
    let bad = json!({ "host_keys": "not a key" });
    let refused = api.patch(&path, bad).expect_problem(400, "invalid_field");
    assert_eq!(refused.json()["params"]["reason"], "not_a_host_key");
    let token = json!({ "kind": "git", "address": "ssh://127.0.0.1:2224", "token": "x" });
    api.post("/sources", token)
        .expect_problem(400, "invalid_field");
}

#[test]
fn disconnecting_forgets_everything_and_makes_room_for_another() {
    let (api, host) = (fresh_person(), ForgeServer::start(ForgeProduct::GitLab));
    let path = path_of(&connect(&api, &host));
    assert_eq!(
        api.get(&format!("{path}/rules")).expect(200).json()["items"],
        json!([])
    );
    api.delete(&path).expect(204);
    api.get(&path).expect_problem(404, "not_found");
    assert_eq!(api.get("/removals").expect(200).json()["items"], json!([]));
    connect(&api, &host);
}

#[test]
fn a_person_who_leaves_takes_their_sources_along() {
    let server = SERVER.get();
    let admin = server.api(&server.admin());
    let person = server.user(&unique_name("leaving"));
    let host = ForgeServer::start(ForgeProduct::GitHub);
    let api = server.api(&person.login());
    connect(&api, &host);
    let user = format!("/users/{}", person.username);
    let listed = admin.get(&format!("{user}/deletion")).expect(200).json();
    let items = listed["items"].as_array().expect("items");
    let sources = items
        .iter()
        .find(|item| item["kind"] == "source")
        .expect("sources");
    assert_eq!(sources["count"], 1);
    assert_eq!(sources["names"][0], format!("github {}", host.url()));
    admin.delete(&user).expect(204);
    admin.get(&user).expect_problem(404, "not_found");
}

#[test]
fn what_changes_a_source_is_in_the_audit_log_without_its_token() {
    let (api, host) = (fresh_person(), ForgeServer::start(ForgeProduct::GitHub));
    let path = path_of(&connect(&api, &host));
    api.patch(&path, json!({ "token": "" })).expect(200);
    api.delete(&path).expect(204);
    let server = SERVER.get();
    let admin = server.api(&server.admin());
    let target = format!("/audit?target={}", encode_segment(host.url()));
    let log = admin.get(&target).expect(200);
    assert!(!log.text().contains(host.token()));
    let log = log.json();
    let entries = log["items"].as_array().expect("entries");
    let actions: Vec<_> = entries
        .iter()
        .map(|entry| entry["action"].as_str())
        .collect();
    let expected = ["source.disconnect", "source.edit", "source.connect"].map(Some);
    assert_eq!(actions, expected);
}
