//! Every command of the build service, as a person types it, against a server that really builds.

use wharf_testkit::{GitRepository, Server, unique_name};
use wharf_tests::building::Site;

use wharf_tests::typing::{Cli, holds, read};

const TINY: &str = "FROM scratch\nCOPY hello /hello\n";

struct World {
    cli: Cli,
    code: GitRepository,
    /// As a person writes it after the source.
    remote: String,
    image: String,
}

fn enter(site: &Site) -> World {
    let name = unique_name("typed");
    let code = site.git.create(&name);
    code.push_files(
        "main",
        "Begin",
        &[("Dockerfile", TINY), ("hello", "hello\n")],
    );
    World {
        cli: Cli::log_in(site.server.url(), site.server.admin_password()),
        code,
        remote: format!("{name}.git"),
        image: format!("admin/{name}"),
    }
}

#[test]
fn sources_and_credentials_by_the_command_line() {
    // Its own: there is one source of a kind and address.
    let Some(site) = Site::start_open("") else {
        return;
    };
    let World {
        cli, remote, image, ..
    } = enter(&site);
    let git = site.git.address().to_string();
    holds(&cli.run(&["source", "list"]), &["git", &git]);
    let again = cli.fail(&["source", "add", "git", &format!("http://{git}")]);
    holds(&again, &["disconnect"]);
    holds(&cli.run(&["source", "show", "git"]), &[&git]);
    holds(&cli.run(&["source", "check", "git"]), &[&git]);
    holds(&cli.run(&["source", "branches", "git", &remote]), &["main"]);
    cli.run(&["source", "tags", "git", &remote]);
    // A server of plain git cannot list what it has, and says so with what to do.
    for words in [
        ["source", "owners", "git"],
        ["source", "repositories", "git"],
    ] {
        let output = cli.finish(&words, "");
        println!("{words:?}: {:?}", read(&output));
    }
    cli.run(&[
        "rule",
        "create",
        &image,
        "main",
        "--source",
        "git",
        "--remote",
        &remote,
        "--branches",
    ]);
    holds(&cli.run(&["source", "show", "git"]), &[&image]);

    holds(&cli.run(&["source", "webhook", "list", "git"]), &[]);
    let line = cli.run(&["source", "webhook", "new-secret", "git", &remote]);
    holds(&line, &["curl", "/hooks/"]);
    holds(
        &cli.run(&["source", "webhook", "show", "git", &remote]),
        &[&remote],
    );
    for words in [
        ["source", "webhook", "repair", "git", &remote],
        ["source", "webhook", "attempts", "git", &remote],
    ] {
        let output = cli.finish(&words, "");
        println!("{words:?}: {:?}", read(&output));
    }
    cli.run(&["source", "removals"]);
    cli.run_with(
        &["source", "edit", "git", "--token-stdin"],
        "a-token-nobody-asks-for",
    );
    let gone = cli.run(&["source", "delete", "git", "--yes"]);
    holds(&gone, &[&image]);
    assert!(!cli.run(&["source", "list"]).contains(&git));
    let unknown = cli.fail(&["source", "show", "git"]);
    holds(&unknown, &["hint: "]);
    cli.run(&["source", "add", "git", &format!("http://{git}")]);

    let second = Server::start();
    let registry = second.authority();
    let password = second.admin_password();
    cli.run_with(
        &[
            "credential",
            "set",
            "admin",
            registry,
            "-u",
            "admin",
            "--password-stdin",
        ],
        password,
    );
    holds(
        &cli.run(&["credential", "list", "admin"]),
        &[registry, "admin"],
    );
    cli.run(&["credential", "check", "admin", registry]);
    cli.run_with(
        &[
            "credential",
            "set",
            "admin",
            registry,
            "-u",
            "admin",
            "--password-stdin",
        ],
        "wrong",
    );
    let refused = cli.fail(&["credential", "check", "admin", registry]);
    assert!(!refused.contains(password), "{refused}");
    cli.run(&["credential", "delete", "admin", registry, "--yes"]);
    assert!(!cli.run(&["credential", "list", "admin"]).contains(registry));
    let others = ["source add github", "source add gitlab", "source add gitea"];
    cli.check_used("source", &others);
    cli.check_used("credential", &[]);
}

#[test]
fn rules_by_the_command_line() {
    let Some(site) = Site::shared() else { return };
    let World {
        cli,
        code,
        remote,
        image,
    } = enter(site);
    let created = cli.run(&[
        "rule", "create", &image, "main", "--source", "git", "--remote", &remote, "--branch",
        "main", "--tags", "--also", "latest",
    ]);
    holds(&created, &[&image]);
    holds(&cli.run(&["rule", "list", &image]), &["main", &remote]);
    holds(
        &cli.run(&["rule", "show", &image, "main"]),
        &["latest", "main"],
    );
    holds(
        &cli.run(&["rule", "try", &image, "main"]),
        &["refs/heads/main", "latest"],
    );
    let other = cli.run(&["rule", "try", &image, "main", "--name", "{branch}-{sha:8}"]);
    holds(&other, &[&format!("main-{}", &code.commit_of("main")[..8])]);
    cli.run(&[
        "rule",
        "edit",
        &image,
        "main",
        "--build-arg",
        "VERSION=1.0.0",
        "--name-prefix",
        "v-${VERSION}",
    ]);
    holds(
        &cli.run(&["rule", "try", &image, "main"]),
        &["v-1.0.0-main"],
    );
    let wrong = cli.fail(&["rule", "edit", &image, "main", "--branch", "/(/"]);
    println!("a wrong pattern: {wrong}");
    cli.run(&["rule", "disable", &image, "main"]);
    cli.run(&["rule", "enable", &image, "main"]);
    holds(
        &cli.run(&["rule", "decisions", &image, "main"]),
        &["refs/heads/main", "seen"],
    );
    holds(
        &cli.run(&["rule", "build-heads", &image, "main"]),
        &["v-1.0.0-main"],
    );

    cli.run_with(
        &["rule", "secret", "set", &image, "main", "npm"],
        "top-secret\n",
    );
    let listed = cli.run(&["rule", "secret", "list", &image, "main"]);
    holds(&listed, &["npm"]);
    assert!(!listed.contains("top-secret"));
    cli.run(&["rule", "secret", "delete", &image, "main", "npm", "--yes"]);

    let url = cli.run(&["rule", "trigger-url", "create", &image, "main", "nightly"]);
    holds(&url, &["/triggers/"]);
    holds(
        &cli.run(&["rule", "trigger-url", "list", &image, "main"]),
        &["nightly"],
    );
    cli.run(&[
        "rule",
        "trigger-url",
        "revoke",
        &image,
        "main",
        "nightly",
        "--yes",
    ]);
    assert!(
        !cli.run(&["rule", "trigger-url", "list", &image, "main"])
            .contains("nightly")
    );

    let base = format!("admin/{}", unique_name("base"));
    site.server.create_repository(&base, false);
    cli.run(&["rule", "link", "create", &image, &base]);
    holds(&cli.run(&["rule", "link", "list", &image]), &[&base]);
    cli.run(&["rule", "link", "disable", &image, &base]);
    cli.run(&["rule", "link", "enable", &image, &base]);
    cli.run(&["rule", "link", "delete", &image, &base, "--yes"]);
    let unknown = cli.fail(&["rule", "show", &image, "other"]);
    println!("an unknown rule: {unknown}");
    cli.run(&["rule", "delete", &image, "main", "--yes"]);
    assert!(!cli.run(&["rule", "list", &image]).contains(&remote));
    cli.check_used("rule", &[]);
}

#[test]
fn builds_by_the_command_line_in_two_languages() {
    let Some(site) = Site::shared() else { return };
    let Some(base) = site.base_image() else {
        return;
    };
    let World {
        mut cli,
        code,
        remote,
        image,
    } = enter(site);
    let dead = format!("127.0.0.1:9/{image}");
    cli.run(&[
        "rule",
        "create",
        &image,
        "main",
        "--source",
        "git",
        "--remote",
        &remote,
        "--push-also",
        &dead,
    ]);
    let followed = cli.run(&["builds", "start", &image, "--branch", "main", "--follow"]);
    holds(&followed, &["COPY hello /hello", &image]);
    holds(&cli.run(&["builds", "list", &image]), &["main"]);
    holds(&cli.run(&["builds", "list"]), &[&image]);
    holds(
        &cli.run(&["builds", "show", &image]),
        &["main", "fetching the code", "setting the tags", &dead],
    );
    holds(
        &cli.run(&["builds", "logs", &image, "1"]),
        &["COPY hello /hello"],
    );
    cli.run(&["builds", "queue"]);
    let retried = cli.run(&["builds", "retry", &image, "1", "--follow"]);
    holds(&retried, &[&image]);
    // It may be on its way just now, which is said as well.
    let output = cli.finish(&["builds", "retry-push", &image, "1", &dead], "");
    println!("retry-push: {:?}", read(&output));
    holds(
        &cli.fail(&["builds", "retry-push", &image, "1", "127.0.0.1:9/other"]),
        &["127.0.0.1:9/other"],
    );

    let tree = code.clone_work_tree();
    tree.tag("v1", None);
    tree.push(&["v1"]);
    let tagged = cli.run(&["builds", "start", &image, "--git-tag", "v1", "--follow"]);
    holds(&tagged, &[&image]);
    holds(&cli.run(&["builds", "list", &image]), &["main", "v1"]);

    // A Dockerfile from here.
    cli.write(
        "Dockerfile",
        &format!("FROM {base}\nRUN echo from here; echo it broke >&2; exit 3\n"),
    );
    let failed = cli.fail(&[
        "builds",
        "start",
        &image,
        "--dockerfile",
        "Dockerfile",
        "--image-tag",
        "1.0",
        "-f",
    ]);
    holds(&failed, &["it broke", "exit code: 3"]);
    let shown = cli.fail(&["builds", "logs", &image]);
    // The failing step comes before the whole log.
    let first = shown.lines().next().unwrap_or_default();
    assert_eq!(first, "------", "{shown}");
    holds(&shown, &["RUN echo from here", "it broke"]);

    cli.write("Dockerfile", &format!("FROM {base}\nRUN sleep 300\n"));
    cli.run(&[
        "builds",
        "start",
        &image,
        "--dockerfile",
        "Dockerfile",
        "-t",
        "1.0",
    ]);
    cli.run(&["builds", "cancel", &image]);
    let over = cli.fail(&["builds", "cancel", &image, "1"]);
    println!("over: {over}");
    let missing = cli.fail(&["builds", "show", &image, "999"]);
    println!("missing: {missing}");
    let none = cli.fail(&["builds", "start", &image, "--branch", "none"]);
    println!("no such branch: {none}");
    cli.check_used("builds", &[]);

    cli.language = "zh_CN.UTF-8";
    let commit = code.commit_of("main");
    let chinese = cli.run(&["builds", "start", &image, "--commit", &commit, "--follow"]);
    let is_chinese = |text: &str| {
        text.chars()
            .any(|it| ('\u{4e00}'..='\u{9fff}').contains(&it))
    };
    assert!(is_chinese(&chinese), "{chinese}");
    for words in [
        ["builds", "show", &image],
        ["builds", "list", &image],
        ["rule", "list", &image],
    ] {
        let shown = cli.run(&words);
        assert!(is_chinese(&shown), "{words:?}: {shown}");
    }
    assert!(is_chinese(&cli.fail(&["builds", "show", &image, "999"])));
    assert!(is_chinese(
        &cli.fail(&["builds", "start", &image, "--branch", "none"])
    ));
}
