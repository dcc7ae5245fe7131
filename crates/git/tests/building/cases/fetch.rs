//! What is fetched, by every way of naming it.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use wharf_git::{FetchOptions, GitError, RefKinds, RefName, Wanted};
use wharf_testkit::GitServer;

use super::Case;
use crate::kit::{Kit, anonymous, branch, commit, list_files, names, with_password};

pub(super) const CASES: &[Case] = &[
    ("refs_are_listed_with_what_tags_stand_for", list_refs),
    ("a_branch_becomes_its_files_and_nothing_else", fetch_branch),
    (
        "a_private_repository_by_https_with_an_authority_of_its_own",
        fetch_privately,
    ),
    (
        "a_tag_a_short_name_and_a_commit_are_fetched_too",
        fetch_otherwise,
    ),
    (
        "a_commit_that_the_host_does_not_give_out_is_searched_behind_its_refs",
        search_commit,
    ),
    ("only_what_a_branch_or_tag_reaches_is_reachable", reach),
    (
        "what_commits_say_of_themselves_is_read_without_their_files",
        read_notes,
    ),
    (
        "a_repository_whose_objects_have_long_names_is_fetched_too",
        fetch_long_names,
    ),
    (
        "the_repositorys_own_folder_is_kept_when_asked_for",
        keep_git,
    ),
];

fn read_notes() {
    let (kit, server) = (Kit::new(), GitServer::start());
    let repository = server.create("app");
    let first = repository.push_files("main", "First\n\n[skip ci]", &[("a", "1")]);
    let other = repository.push_files("feature/x", "Other", &[("b", "2")]);
    let tree = repository.clone_work_tree();
    tree.git(&["switch", "--quiet", "main"]);
    tree.tag("v1", Some("words of the tag"));
    tree.push(&["v1"]);

    let access = anonymous(repository.url());
    let listed = kit.wait(kit.git.list_refs(&access, RefKinds::BranchesAndTags));
    let mut heads = listed.expect("a list").heads;
    let notes = kit.wait(kit.git.read_notes(&access, &heads));
    let notes = notes.expect("notes");
    let said = |commit: &str| {
        let found = notes.iter().find(|note| note.commit.as_str() == commit);
        found.map(|note| (note.author.as_str(), note.message.as_str()))
    };
    assert_eq!(said(&first), Some(("Ada Example", "First\n\n[skip ci]")));
    assert_eq!(said(&other), Some(("Ada Example", "Other")));
    assert_eq!(notes.len(), 3, "of the tag the commit behind it: {notes:?}");

    heads[0].name = RefName::branch("gone").expect("a name");
    assert!(kit.wait(kit.git.read_notes(&access, &heads)).is_err());
    assert_eq!(
        kit.wait(kit.git.read_notes(&access, &[])).expect("nothing"),
        []
    );
}

fn list_refs() {
    let (kit, server) = (Kit::new(), GitServer::start());
    let repository = server.create("app");
    let first = repository.push_files("main", "first", &[("a", "1")]);
    let other = repository.push_files("feature/x", "other", &[("b", "2")]);
    let tree = repository.clone_work_tree();
    tree.tag("plain", None);
    tree.tag("v1", Some("with words"));
    tree.push(&["plain", "v1"]);
    repository.git(&["update-ref", "refs/pull/1/head", &other]);

    let access = anonymous(repository.url());
    let list = |kinds| {
        kit.wait(kit.git.list_refs(&access, kinds))
            .expect("a list")
            .heads
    };
    let all = list(RefKinds::BranchesAndTags);
    let told: Vec<(&str, &str)> = all
        .iter()
        .map(|head| (head.name.as_str(), head.commit().as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("refs/heads/feature/x", other.as_str()),
            ("refs/heads/main", first.as_str()),
            ("refs/tags/plain", first.as_str()),
            ("refs/tags/v1", first.as_str()),
        ]
    );
    assert!(all[3].peeled.is_some() && all[2].peeled.is_none());
    assert_eq!(list(RefKinds::Tags).len(), 2);
    assert_eq!(list(RefKinds::Branches).len(), 2);

    let find = |name: &RefName| kit.wait(kit.git.find_head(&access, name));
    let head = find(&RefName::branch("feature/x").unwrap()).expect("a branch");
    assert_eq!(head.commit().as_str(), other);
    let tag = find(&RefName::tag("v1").unwrap()).expect("a tag");
    assert_eq!(tag.commit().as_str(), first);
    assert_eq!(
        find(&RefName::head()).expect("HEAD").commit().as_str(),
        first
    );
    let error = find(&RefName::branch("x").unwrap()).expect_err("no such branch");
    assert!(matches!(error, GitError::RefMissing { .. }), "{error:?}");
    let default = kit
        .wait(kit.git.find_default_branch(&access))
        .expect("an answer");
    assert_eq!(default.unwrap().branch_name(), Some("main"));

    let empty = anonymous(server.create("empty").url());
    assert_eq!(
        kit.wait(kit.git.list_refs(&empty, RefKinds::Branches))
            .unwrap()
            .heads,
        []
    );
    assert_eq!(kit.wait(kit.git.find_default_branch(&empty)).unwrap(), None);
}

fn fetch_branch() {
    let (kit, server) = (Kit::new(), GitServer::start());
    let repository = server.create("app");
    repository.push_files("main", "first", &[("old", "1")]);
    let tree = repository.clone_work_tree();
    tree.git(&["rm", "--quiet", "old"]);
    tree.write("deep/er/file", "text\n");
    tree.write("tool.sh", "#!/bin/sh\n");
    tree.write("crlf.txt", "a\r\n");
    std::os::unix::fs::symlink("../../etc/passwd", tree.path().join("link")).expect("a link");
    let head = tree.commit("Second: ünï\n\nwith more words");
    tree.push(&["main"]);

    let (fetched, into) = kit
        .fetch(
            &anonymous(repository.url()),
            &branch("main"),
            "a",
            FetchOptions::default(),
        )
        .expect("it is fetched");
    let files = list_files(&into);
    let shown: Vec<(&str, &str)> = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    assert_eq!(
        shown,
        [
            ("crlf.txt", "a\r\n"),
            ("deep/er/file", "text\n"),
            ("link", "-> ../../etc/passwd"),
            ("tool.sh", "#!/bin/sh\n"),
        ]
    );
    let mode = |name: &str| fs::metadata(into.join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(
        (mode("tool.sh"), mode("crlf.txt"), mode("deep")),
        (0o755, 0o644, 0o755)
    );
    assert_eq!(fetched.commit.as_str(), head);
    assert_eq!(fetched.author, "Ada Example");
    assert_eq!(fetched.author_email, "ada@example.com");
    assert_eq!(fetched.subject, "Second: ünï");
    assert_eq!(fetched.message, "Second: ünï\n\nwith more words");
    assert!(fetched.committed_at > 1_700_000_000);
    assert_eq!(fetched.learnt, []);
    let requests = server.requests();
    let last = requests.last().expect("requests");
    assert_eq!(last.header("git-protocol"), Some("version=2"));
    // It is this user's, to read and to remove.
    fs::remove_dir_all(&into).expect("the files can be removed");
}

fn fetch_privately() {
    let (kit, server) = (
        Kit::new(),
        GitServer::builder()
            .login("oauth2", "hush-hush")
            .tls()
            .start(),
    );
    let repository = server.create("team/app");
    let head = repository.push_files("main", "first", &[("Dockerfile", "FROM scratch\n")]);
    let url = repository.url();
    let mut access = with_password(url, "oauth2", "hush-hush");
    let error = kit
        .wait(kit.git.list_refs(&access, RefKinds::Branches))
        .expect_err("not believed");
    assert!(matches!(error, GitError::Tls { .. }), "{error:?}");
    assert!(error.hint().unwrap().contains("CA"), "{error:?}");
    access.authorities = server.certificate().map(str::to_owned);
    let (fetched, into) = kit
        .fetch(&access, &branch("main"), "a", FetchOptions::default())
        .expect("it is fetched");
    assert_eq!(fetched.commit.as_str(), head);
    assert_eq!(names(&into), ["Dockerfile"]);

    let mut nobody = anonymous(url);
    nobody.authorities.clone_from(&access.authorities);
    let error = kit
        .wait(kit.git.list_refs(&nobody, RefKinds::Branches))
        .expect_err("private");
    assert!(
        matches!(
            error,
            GitError::NotFound {
                signed_in: false,
                ..
            }
        ),
        "{error:?}"
    );
    server.change_login("oauth2", "another");
    let error = kit
        .wait(kit.git.list_refs(&access, RefKinds::Branches))
        .expect_err("changed");
    assert!(
        matches!(
            error,
            GitError::Denied {
                signed_in: true,
                ..
            }
        ),
        "{error:?}"
    );
    assert!(error.hint().unwrap().contains("expired"), "{error:?}");
}

fn fetch_otherwise() {
    let (kit, server) = (Kit::new(), GitServer::start());
    let repository = server.create("app");
    let first = repository.push_files("main", "first", &[("a", "1")]);
    let tree = repository.clone_work_tree();
    tree.tag("v1", Some("words"));
    tree.push(&["v1"]);
    repository.push_files("main", "second", &[("a", "2")]);
    let access = anonymous(repository.url());
    let fetch = |wanted: &Wanted, name: &str| {
        let (fetched, into) = kit
            .fetch(&access, wanted, name, FetchOptions::default())
            .expect(name);
        (fetched.commit.to_string(), list_files(&into)["a"].clone())
    };
    let old = (first.clone(), "1".to_owned());
    assert_eq!(fetch(&Wanted::Ref(RefName::tag("v1").unwrap()), "tag"), old);
    assert_eq!(fetch(&Wanted::Ref("v1".parse().unwrap()), "short"), old);
    assert_eq!(fetch(&commit(&first), "commit"), old);
    assert_eq!(fetch(&Wanted::Ref(RefName::head()), "head").1, "2");
    let error = kit
        .fetch(&access, &branch("gone"), "gone", FetchOptions::default())
        .expect_err("no such branch");
    assert!(matches!(error, GitError::RefMissing { .. }), "{error:?}");
    repository.git(&["tag", "tree", &format!("{first}^{{tree}}")]);
    let wanted = Wanted::Ref(RefName::tag("tree").unwrap());
    let error = kit
        .fetch(&access, &wanted, "tree", FetchOptions::default())
        .expect_err("a tree has no author");
    assert!(error.to_string().contains("no commit"), "{error:?}");
}

fn search_commit() {
    let (kit, server) = (
        Kit::new(),
        GitServer::builder().without_bare_commits().start(),
    );
    let repository = server.create("app");
    let tree = repository.clone_work_tree();
    let mut commits = Vec::new();
    for number in 0..60 {
        tree.write("number", &number.to_string());
        commits.push(tree.commit("next"));
    }
    tree.push(&["main"]);
    let access = anonymous(repository.url());
    // At the end, among the first that are looked at, and further back.
    for number in [59, 40, 2] {
        let (fetched, into) = kit
            .fetch(
                &access,
                &commit(&commits[number]),
                &format!("c{number}"),
                FetchOptions::default(),
            )
            .expect("a commit");
        assert_eq!(fetched.commit.as_str(), commits[number]);
        assert_eq!(list_files(&into)["number"], number.to_string());
    }
    tree.git(&["checkout", "--quiet", "--orphan", "other"]);
    let lost = tree.commit("nobody's");
    tree.push(&["other"]);
    repository.git(&["update-ref", "-d", "refs/heads/other"]);
    let error = kit
        .fetch(&access, &commit(&lost), "lost", FetchOptions::default())
        .expect_err("nothing reaches it");
    assert!(matches!(error, GitError::CommitMissing { .. }), "{error:?}");
}

fn reach() {
    let (kit, server) = (Kit::new(), GitServer::start());
    let repository = server.create("app");
    let tree = repository.clone_work_tree();
    let first = tree.commit("first");
    for _ in 0..120 {
        tree.commit("next");
    }
    tree.push(&["main"]);
    tree.git(&["checkout", "--quiet", "--orphan", "fork"]);
    let of_fork = tree.commit("by a stranger");
    tree.push(&["HEAD:refs/pull/1/head"]);
    let access = anonymous(repository.url());
    let is_reachable = |id: &str| kit.wait(kit.git.is_reachable(&access, &id.parse().unwrap()));
    assert!(is_reachable(&repository.commit_of("main")).unwrap());
    assert!(is_reachable(&first).unwrap());
    assert!(!is_reachable(&of_fork).unwrap());
    assert!(!is_reachable(&"1".repeat(40)).unwrap());
    let find = |prefix: &str| {
        let prefix = prefix.parse().unwrap();
        let found = kit.wait(kit.git.find_commits(&access, &prefix));
        let found = found.unwrap().into_iter();
        found
            .map(|commit| commit.as_str().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(find(&first[..12]), [first.as_str()]);
    assert_eq!(find(&first), [first.as_str()]);
    assert!(find(&of_fork[..12]).is_empty());
    // The host gives it out nevertheless.
    kit.fetch(&access, &commit(&of_fork), "fork", FetchOptions::default())
        .expect("a commit of a fork");
}

fn fetch_long_names() {
    let (kit, server) = (Kit::new(), GitServer::start());
    let repository = server.create("app");
    let work = kit.make_folder("work");
    let git = |arguments: &[&str]| {
        let output = std::process::Command::new("git")
            .current_dir(&work)
            .args(["-c", "user.name=a", "-c", "user.email=a@example.com"])
            .args(["-c", "init.defaultBranch=main"])
            .args(arguments)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .output()
            .expect("git starts");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    };
    git(&["init", "--quiet", "--object-format=sha256", "."]);
    let commit_text = |text: &str| {
        fs::write(work.join("a"), text).expect("a file");
        git(&["add", "a"]);
        git(&["commit", "--quiet", "--message", text]);
        git(&["rev-parse", "HEAD"])
    };
    let (first, second) = (commit_text("1"), commit_text("2"));
    assert_eq!(first.len(), 64);
    fs::remove_dir_all(repository.path()).expect("it is there");
    let path = repository.path().to_string_lossy().into_owned();
    git(&["clone", "--quiet", "--bare", ".", &path]);
    repository.git(&["config", "uploadpack.allowFilter", "true"]);
    let access = anonymous(repository.url());
    let listing = kit
        .wait(kit.git.list_refs(&access, RefKinds::Branches))
        .expect("refs");
    assert_eq!(listing.heads[0].commit().as_str(), second);
    let options = FetchOptions {
        keep_git_directory: true,
        ..FetchOptions::default()
    };
    let (fetched, into) = kit
        .fetch(&access, &branch("main"), "new", options)
        .expect("files");
    assert_eq!(fetched.commit.as_str(), second);
    let status = std::process::Command::new("git")
        .current_dir(&into)
        .args(["-c", "safe.directory=*", "status", "--porcelain"])
        .output()
        .expect("git starts");
    assert!(
        status.status.success() && status.stdout.is_empty(),
        "{status:?}"
    );
    let (fetched, into) = kit
        .fetch(&access, &commit(&first), "old", FetchOptions::default())
        .expect("files");
    assert_eq!(fetched.commit.as_str(), first);
    assert_eq!(list_files(&into)["a"], "1");
    assert!(
        kit.wait(kit.git.is_reachable(&access, &first.parse().unwrap()))
            .unwrap()
    );
}

fn keep_git() {
    let (kit, server) = (
        Kit::new(),
        GitServer::builder().login("u", "hush-hush").start(),
    );
    let repository = server.create("app");
    let head = repository.push_files("main", "first", &[("a", "1")]);
    let options = FetchOptions {
        keep_git_directory: true,
        ..FetchOptions::default()
    };
    let access = with_password(repository.url(), "u", "hush-hush");
    let (_, into) = kit
        .fetch(&access, &branch("main"), "a", options)
        .expect("it is fetched");
    let git = |arguments: &[&str]| {
        let output = std::process::Command::new("git")
            .current_dir(&into)
            .args(["-c", "safe.directory=*"])
            .args(arguments)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .output()
            .expect("git starts");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    };
    assert_eq!(git(&["rev-parse", "HEAD"]), head);
    assert_eq!(git(&["status", "--porcelain"]), "");
    assert_eq!(git(&["remote", "get-url", "origin"]), repository.url());
    assert_eq!(git(&["for-each-ref"]), "");
    for (name, text) in list_files(&into) {
        assert!(!text.contains("hush"), "{name}");
    }
}
