//! Builds from repositories.

use std::sync::atomic::Ordering;

use wharf_testkit::git::{GitRepository, GitServer};
use wharf_worker::{
    FailureKind, GitAccess, GitSource, GitWanted, JobSource, Phase, WorkerEvent, WorkerJob,
};

use super::both;
use crate::bench::Bench;
use crate::harness::Case;
use crate::remains::{Remains, find_work};

pub(super) fn cases() -> Vec<Case> {
    vec![
        both("a_branch_becomes_an_image", branch),
        both(
            "an_older_commit_becomes_an_image_and_its_readme_is_told",
            commit,
        ),
        both(
            "c13_a_repository_leads_nowhere_out_of_itself",
            leads_nowhere,
        ),
        both(
            "h31_a_clone_credential_is_gone_before_the_first_step",
            forgets_credentials,
        ),
        both("a_repository_that_lets_nobody_in_is_told", is_told),
        both("f52_a_clone_is_canceled_at_once", cancel),
    ]
}

/// A server whose repositories builds may reach, signed in or not.
fn serve(bench: &Bench, server: &GitServer) {
    let port = server.address().port();
    bench.services.port.store(port, Ordering::SeqCst);
}

fn source(repository: &GitRepository, wanted: GitWanted) -> GitSource {
    GitSource {
        remote: repository.url().replace("127.0.0.1", "localhost"),
        access: GitAccess::Anonymous,
        authority: None,
        wanted,
        submodules: false,
        unless_message_says: Vec::new(),
        readme: None,
    }
}

fn job(source: GitSource) -> WorkerJob {
    WorkerJob::new(JobSource::Git(source), "tests")
}

fn on(name: &str) -> GitWanted {
    GitWanted::Reference(format!("refs/heads/{name}"))
}

const FILES: [(&str, &str); 2] = [
    (
        "app/Dockerfile",
        "FROM base\nCOPY word /word\nRUN cat /word\n",
    ),
    ("app/word", "from git\n"),
];

fn branch(bench: &Bench) {
    let before = Remains::find();
    let server = GitServer::start();
    serve(bench, &server);
    let repository = server.create("team/app");
    let pushed = repository.push_files("feature/x", "Say a word", &FILES);
    let mut job = job(source(&repository, on("feature/x")));
    job.dockerfile = "app/Dockerfile".to_owned();
    job.directory = "app".to_owned();
    let story = bench.build(job);
    assert!(story.log.contains("from git"), "{story:?}");
    let facts = story.commit.clone().expect("a commit");
    assert_eq!(
        (facts.commit, facts.subject.as_str()),
        (pushed, "Say a word")
    );
    assert!(
        facts.author.contains('<') && facts.at.is_some(),
        "{}",
        facts.author
    );
    assert_eq!(
        story.phases,
        [
            Phase::Starting,
            Phase::Cloning,
            Phase::Building,
            Phase::Exporting
        ]
    );
    story.image();
    drop(server);
    assert!(find_work(&bench.state()).is_empty());
    before.assert_no_more(std::process::id());
}

fn commit(bench: &Bench) {
    let server = GitServer::start();
    serve(bench, &server);
    let repository = server.create("app");
    let first = "FROM base\nRUN echo first\n";
    let one = [("Dockerfile", first), ("README", "of the first")];
    let pushed = repository.push_files("main", "one", &one);
    let two = [("Dockerfile", "FROM base\nRUN exit 1\n"), ("README", "two")];
    repository.push_files("main", "two", &two);
    let wanted = GitWanted::Commit {
        commit: pushed.clone(),
        reference: None,
    };
    let mut source = source(&repository, wanted);
    source.readme = Some(6);
    let story = bench.build(job(source));
    assert!(story.log.contains("first"), "{story:?}");
    assert_eq!(story.readme, Some(Some("of the".to_owned())));
    assert_eq!(story.commit.expect("a commit").commit, pushed);
}

fn leads_nowhere(bench: &Bench) {
    let server = GitServer::start();
    serve(bench, &server);
    let repository = server.create("app");
    let tree = repository.clone_work_tree();
    tree.write("inside", "FROM base\nCOPY . /context\nRUN ls /context\n");
    for (name, target) in [
        ("Dockerfile", "/cell.json"),
        ("out", "/state"),
        ("in", "/inside"),
    ] {
        std::os::unix::fs::symlink(target, tree.path().join(name)).expect("a link");
    }
    tree.commit("links");
    tree.push(&["HEAD:refs/heads/main"]);
    let failure = bench.build(job(source(&repository, on("main")))).failure();
    assert_eq!(failure.kind, FailureKind::Dockerfile, "{failure:?}");
    let mut elsewhere = job(source(&repository, on("main")));
    elsewhere.dockerfile = "in".to_owned();
    elsewhere.directory = "out".to_owned();
    let failure = bench.build(elsewhere).failure();
    assert_eq!(failure.kind, FailureKind::Dockerfile, "{failure:?}");
    assert!(failure.message.contains("build directory"), "{failure:?}");
    let mut inside = job(source(&repository, on("main")));
    inside.dockerfile = "in".to_owned();
    let story = bench.build(inside);
    assert!(
        story.log.contains("inside") && !story.log.contains(".git"),
        "{story:?}"
    );
}

fn forgets_credentials(bench: &Bench) {
    let server = GitServer::builder()
        .login("robot", "hush-hush-token")
        .start();
    serve(bench, &server);
    let repository = server.create("app");
    let dockerfile = "FROM base\nCOPY . /all\n\
        RUN cat /proc/*/environ /proc/*/cmdline | tr '\\0' '\\n'; grep -r hush /all; echo looked\n";
    repository.push_files("main", "one", &[("Dockerfile", dockerfile)]);
    let mut source = source(&repository, on("main"));
    source.access = GitAccess::Password {
        username: "robot".to_owned(),
        secret: "hush-hush-token".to_owned(),
    };
    let story = bench.build(job(source));
    assert!(story.log.contains("looked"), "{story:?}");
    assert!(!story.log.contains("hush-hush"), "{story:?}");
    story.image();
}

fn is_told(bench: &Bench) {
    let server = GitServer::builder().login("robot", "token-token").start();
    serve(bench, &server);
    let repository = server.create("app");
    repository.push_files("main", "one", &FILES);
    let failure = bench.build(job(source(&repository, on("main")))).failure();
    assert_eq!(failure.kind, FailureKind::Source, "{failure:?}");
    assert_eq!(failure.phase, Phase::Cloning);
    assert!(failure.hint.is_some(), "{failure:?}");
    // What the server does not connect to is not reached by any other way.
    let mut elsewhere = source(&repository, on("main"));
    elsewhere.remote = repository.url().to_owned();
    let failure = bench.build(job(elsewhere)).failure();
    assert!(
        failure.message.contains("127.0.0.1 is not allowed"),
        "{failure:?}"
    );
}

fn cancel(bench: &Bench) {
    let before = Remains::find();
    // Takes connections and says nothing.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = silent.local_addr().expect("an address").port();
    bench.services.port.store(port, Ordering::SeqCst);
    let source = GitSource {
        remote: format!("http://localhost:{port}/app.git"),
        access: GitAccess::Anonymous,
        authority: None,
        wanted: on("main"),
        submodules: false,
        unless_message_says: Vec::new(),
        readme: None,
    };
    let mut asked = None;
    let story = bench.runtime.block_on(async {
        let handle = bench.start(job(source)).await;
        let canceler = handle.canceler();
        let (tell, told) = std::sync::mpsc::channel();
        let waiting = std::thread::spawn(move || {
            let connection = silent.accept().expect("git asks");
            tell.send(std::time::Instant::now())
                .expect("the test waits");
            canceler.cancel();
            connection
        });
        let story = bench.hear(handle, |_: &WorkerEvent, _| ()).await;
        asked = told.recv().ok();
        drop(waiting.join());
        story
    });
    let took = asked.expect("git asks").elapsed();
    assert!(took < std::time::Duration::from_secs(3), "{took:?}");
    assert_eq!(story.failure().kind, FailureKind::Canceled);
    before.assert_no_more(std::process::id());
}
