//! The same by the command line, as the how-tos have it.

use std::io::{BufRead, BufReader};

use wharf_testkit::ForgeServer;
use wharf_tests::building::wait_for;

use super::{
    kinds::{Kind, Pace},
    place::Place,
    terminal::{Terminal, finish},
};

/// From a source that is connected to the log of what a push built.
fn follow_a_push(place: &Place, terminal: &Terminal, source: &str) {
    let forge = place.host.forge();
    let code = place.make_code("web");
    let owner = code.remote.split('/').next().expect("an owner");
    let owners = terminal.run(&format!("source owners {source}"));
    assert!(owners.contains(owner), "{owners}");
    let listed = terminal.run(&format!("source repositories {source} --owner {owner}"));
    assert!(listed.contains(&code.remote), "{listed}");
    let branches = terminal.run(&format!("source branches {source} {}", code.remote));
    assert!(branches.contains("main"), "{branches}");

    let image = format!("{}/web", place.person.username);
    terminal.run(&format!(
        "rule create {image} main --source {source} --remote {} --branch main --also latest",
        code.remote
    ));
    let tried = terminal.run(&format!("rule try {image} main"));
    assert!(
        tried.contains("main") && tried.contains("latest"),
        "{tried}"
    );
    let shown = wait_for(|| {
        let shown = terminal.run(&format!("source webhook show {source} {}", code.remote));
        (forge.webhooks(&code.remote).len() == 1 && shown.contains("/hooks/")).then_some(shown)
    });
    assert!(shown.contains(&place.server.url().to_owned()), "{shown}");

    let files = [("Dockerfile", "FROM scratch\nCOPY README.md /\n")];
    let commit = code.git.push_files("main", "Say hello", &files);
    let skipped = code.git.push_files("other", "Not asked for", &files);
    wait_for(|| {
        let listed = terminal.run(&format!("builds list {image}"));
        listed.contains(&commit[..7]).then_some(())
    });
    let log = terminal.run(&format!("builds logs -f {image}"));
    assert!(log.contains("COPY README.md"), "{log}");
    let tags = terminal.run(&format!("repo tags {image}"));
    assert!(tags.contains("main") && tags.contains("latest"), "{tags}");
    let decisions = wait_for(|| {
        let shown = terminal.run(&format!("rule decisions {image} main"));
        shown.contains(&skipped[..7]).then_some(shown)
    });
    assert!(decisions.contains("other"), "{decisions}");
    let repaired = terminal.run(&format!("source webhook repair {source} {}", code.remote));
    assert!(!repaired.is_empty());
    let checked = terminal.run(&format!("source check {source}"));
    assert!(!checked.is_empty());
    assert_eq!(forge.unknown_requests(), Vec::<String>::new());
}

#[test]
fn a_person_builds_from_gitlab_with_a_token_that_has_the_scopes_it_needs() {
    let Some(place) = Place::arrive(Kind::GitLab, Pace::Told) else {
        return;
    };
    let (terminal, forge) = (
        Terminal::open(place.server, &place.person),
        place.host.forge(),
    );
    let add = format!("source add gitlab {} -u ada --token-stdin", forge.url());
    let weak = forge.issue_token(&["read_user"]);
    let refused = terminal.try_run(&add, &format!("{weak}\n"));
    assert!(!refused.success, "{}", refused.text);
    assert!(refused.text.contains("api"), "{}", refused.text);
    let added = terminal.run_with_input(&add, &format!("{}\n", forge.token()));
    assert!(
        added.contains("ada") && !added.contains(forge.token()),
        "{added}"
    );
    follow_a_push(&place, &terminal, "gitlab");
}

#[test]
fn a_person_builds_from_gitea_with_a_token() {
    let Some(place) = Place::arrive(Kind::Gitea, Pace::Told) else {
        return;
    };
    let (terminal, forge) = (
        Terminal::open(place.server, &place.person),
        place.host.forge(),
    );
    let add = format!("source add gitea {} --token-stdin", forge.url());
    terminal.run_with_input(&add, &format!("{}\n", forge.token()));
    follow_a_push(&place, &terminal, "gitea");
    // Another token takes the place of one that ended, and what is disconnected is forgotten.
    let fresh = forge.issue_token(&["write:repository", "read:user", "read:organization"]);
    forge.expire_token(forge.token());
    let checked = terminal.try_run("source check gitea", "");
    assert!(checked.text.contains("token"), "{}", checked.text);
    terminal.run_with_input("source edit gitea --token-stdin", &format!("{fresh}\n"));
    terminal.run("source check gitea");
    let shown = terminal.run("source show gitea");
    assert!(shown.contains("/web"), "{shown}");
    let refused = terminal.try_run("source delete gitea", "");
    assert!(!refused.success, "{}", refused.text);
    terminal.run("source delete gitea --yes");
    place.wait_until_all_is_removed();
    let gone = terminal.try_run("source show gitea", "");
    assert!(!gone.success, "{}", gone.text);
}

#[test]
fn a_person_signs_in_at_github_with_a_code() {
    let forge = ForgeServer::start(wharf_testkit::ForgeProduct::GitHub);
    let server = wharf_testkit::Server::builder()
        .config(&format!(
            "[egress]\nallow = [\"127.0.0.1\"]\n[code_hosts.\"{}\"]\nclient_id = \"{}\"",
            forge.url(),
            forge.application().0
        ))
        .start();
    let person = server.user("alice");
    let terminal = Terminal::open(&server, &person);
    let mut adding = terminal.start(&format!("source add github {}", forge.url()), "");
    let mut shown = BufReader::new(adding.stderr.take().expect("a pipe")).lines();
    let line = shown.next().expect("a line").expect("text");
    assert!(
        line.contains(&format!("{}/login/device", forge.url())),
        "{line}"
    );
    let code = line
        .split_whitespace()
        .find(|word| word.starts_with("WDJB-"))
        .unwrap_or_else(|| panic!("a code in {line}"));
    forge.approve_device(code.trim_end_matches('.'));
    // It goes on talking; nobody who reads must not stop it.
    let rest: Vec<_> = shown.map_while(Result::ok).collect();
    let said = finish(adding);
    assert!(said.success, "{line}\n{rest:?}\n{}", said.text);
    assert!(rest.join("\n").contains("ada"), "{rest:?}");
    let listed = terminal.run("source list");
    assert!(listed.contains(forge.authority()), "{listed}");
    terminal.run("source check github");
}
