//! Builds that go well, and those that fail by themselves.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::atomic::Ordering;

use wharf_oci::{Algorithm, Digest};
use wharf_worker::{FailureKind, JobSource, LayerBytes, Phase, WorkerJob};

use super::both;
use crate::bench::Bench;
use crate::harness::Case;
use crate::remains::{Remains, find_work};
use crate::services::HOST;

pub(super) fn cases() -> Vec<Case> {
    vec![
        both("an_uploaded_dockerfile_becomes_an_image", becomes_an_image),
        both("a_second_build_finds_the_results_of_the_first", is_cached),
        both("c30_another_scope_finds_nothing", other_scope_misses),
        both(
            "a_build_directory_and_a_dockerfile_elsewhere",
            finds_directories,
        ),
        both("a_failing_command_is_told_with_its_step", tells_failures),
        both(
            "an_image_that_is_not_there_is_told_with_the_hint",
            tells_images,
        ),
        both(
            "c05_no_build_gets_more_than_a_step_has",
            refuses_entitlements,
        ),
        both("add_goes_through_the_server", adds_through_server),
        both("two_builds_at_once_share_results_and_nothing_else", shares),
        both("h31_a_secret_is_masked_and_in_no_layer", masks_secrets),
    ]
}

const DOCKERFILE: &str =
    "FROM base\nCOPY greeting /greeting\nRUN cat /greeting && id -u && echo made > /made\n";

fn becomes_an_image(bench: &Bench) {
    let before = Remains::find();
    let story = bench.build(bench.job(DOCKERFILE, &[("greeting", "hello\n")]));
    assert_eq!(
        story.phases,
        [
            Phase::Starting,
            Phase::Cloning,
            Phase::Building,
            Phase::Exporting
        ],
        "{story:?}"
    );
    assert!(story.log.contains("hello\n0\n"), "{story:?}");
    assert_eq!(story.bases, ["docker.io/library/base:latest"]);
    let image = story.image();
    assert_eq!(
        (image.layers.len(), image.steps, image.cached_steps),
        (3, 3, 0)
    );
    assert!(matches!(image.layers[0].bytes, LayerBytes::Base(_)));
    for layer in &image.layers[1..] {
        let LayerBytes::File(file) = &layer.bytes else {
            panic!("{layer:?}");
        };
        let mut bytes = Vec::new();
        (&*file).read_to_end(&mut bytes).expect("a layer is read");
        let digest = Digest::of(Algorithm::Sha256, &bytes);
        assert_eq!(digest, layer.layer.descriptor.digest);
    }
    let config = image.image.images[0].config.digest;
    let bytes = image.image.documents.iter();
    let bytes = bytes
        .clone()
        .find(|found| found.descriptor.digest == config);
    let text = String::from_utf8_lossy(&bytes.expect("a configuration").bytes).into_owned();
    assert!(text.contains("PATH=/bin"), "{text}");
    drop(image);
    assert!(find_work(&bench.state()).is_empty());
    before.assert_no_more(std::process::id());
}

fn is_cached(bench: &Bench) {
    let job = || bench.job(DOCKERFILE, &[("greeting", "hello\n")]);
    let first = bench.build(job()).image();
    let second = bench.build(job());
    assert!(!second.log.contains("hello"), "{second:?}");
    let second = second.image();
    assert_eq!(second.image.root.digest, first.image.root.digest);
    assert_eq!(second.cached_steps, 2, "{second:?}");
    assert_eq!(*bench.services.opened.lock().unwrap(), 1);
    let mut again = job();
    again.no_cache = true;
    assert!(bench.build(again).log.contains("hello"));
}

fn other_scope_misses(bench: &Bench) {
    let dockerfile =
        "FROM base\nRUN --mount=type=cache,target=/c,id=x ls /c; echo poison > /c/file; echo ran\n";
    let first = bench.build(bench.job(dockerfile, &[]));
    assert!(first.log.contains("ran"), "{first:?}");
    let mut other = bench.job(dockerfile, &[]);
    other.cache_scope = "another".to_owned();
    let other = bench.build(other);
    assert!(
        other.log.contains("ran") && !other.log.contains("file"),
        "{other:?}"
    );
    // The same scope does find the mount.
    let mut same = bench.job(dockerfile, &[]);
    same.no_cache = false;
    let changed = dockerfile.replace("echo ran", "echo again");
    same.source = JobSource::Upload {
        dockerfile: Some(changed.into_bytes()),
        context: None,
    };
    let same = bench.build(same);
    assert!(same.log.contains("file"), "{same:?}");
}

fn finds_directories(bench: &Bench) {
    let files = [
        (
            "docker/Dockerfile.app",
            "FROM base\nCOPY a /a\nRUN cat /a; test ! -e /docker\n",
        ),
        ("docker/Dockerfile.app.dockerignore", "b\n"),
        ("app/src/a", "found\n"),
        ("app/src/b", "ignored\n"),
    ];
    let mut job = WorkerJob::new(
        JobSource::Upload {
            dockerfile: None,
            context: Some(bench.pack(&files)),
        },
        "tests",
    );
    job.dockerfile = "/docker/Dockerfile.app".to_owned();
    job.directory = "/app/src".to_owned();
    let story = bench.build(job);
    assert!(story.log.contains("found"), "{story:?}");
    story.image();
}

fn tells_failures(bench: &Bench) {
    let before = Remains::find();
    let failure = bench
        .build(bench.job("FROM base\nRUN echo before; exit 7\n", &[]))
        .failure();
    assert_eq!(failure.kind, FailureKind::Command, "{failure:?}");
    assert_eq!(failure.phase, Phase::Building);
    assert_eq!(failure.exit_code, Some(7));
    assert_eq!(
        failure.step.as_deref(),
        Some("[2/2] RUN echo before; exit 7")
    );
    assert!(
        failure
            .excerpt
            .expect("lines")
            .contains(">>> RUN echo before; exit 7")
    );
    let failure = bench.build(bench.job("FORM base\n", &[])).failure();
    assert_eq!(failure.kind, FailureKind::Dockerfile, "{failure:?}");
    before.assert_no_more(std::process::id());
}

fn tells_images(bench: &Bench) {
    let failure = bench.build(bench.job("FROM none\n", &[])).failure();
    assert_eq!(failure.kind, FailureKind::Image, "{failure:?}");
    assert!(failure.message.contains("none is not there"), "{failure:?}");
    assert_eq!(failure.hint.as_deref(), Some("push it first"));
}

fn refuses_entitlements(bench: &Bench) {
    for line in [
        "RUN --security=insecure echo ran",
        "RUN --network=host echo ran",
        "RUN --device=vendor.com/gpu echo ran",
    ] {
        let story = bench.build(bench.job(&format!("FROM base\n{line}\n"), &[]));
        assert!(!story.log.contains("ran"), "{line}: {story:?}");
        let failure = story.failure();
        assert_eq!(failure.kind, FailureKind::Forbidden, "{line}: {failure:?}");
        let hint = failure.hint.expect("what to do");
        assert!(hint.contains("No build on a server gets that"), "{hint}");
    }
}

fn adds_through_server(bench: &Bench) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    bench.services.port.store(port, Ordering::SeqCst);
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        let mut request = String::new();
        let mut reader = BufReader::new(stream.try_clone().expect("a clone"));
        while reader.read_line(&mut request).expect("a line") > 2 {}
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello";
        stream.write_all(answer.as_bytes()).expect("an answer");
        request
    });
    let dockerfile = format!("FROM base\nADD http://{HOST}/file /file\nRUN cat /file\n");
    let story = bench.build(bench.job(&dockerfile, &[]));
    assert!(story.log.contains("hello"), "{story:?}");
    story.image();
    assert!(
        server
            .join()
            .expect("the server ends")
            .contains("GET /file")
    );
    // What the server refuses is told in its words, although the machine could be dialed from the worker's own network.
    let refused = format!("FROM base\nADD http://127.0.0.1:{port}/file /file\n");
    let failure = bench.build(bench.job(&refused, &[])).failure();
    assert!(
        failure.message.contains("127.0.0.1 is not allowed"),
        "{failure:?}"
    );
}

fn masks_secrets(bench: &Bench) {
    let mut job = bench.job(
        "FROM base\nRUN --mount=type=secret,id=token cat /run/secrets/token; sleep 0; echo done\n",
        &[],
    );
    let secret = b"hunter2-hunter2".to_vec();
    job.secrets.insert("token".to_owned(), secret.clone());
    let story = bench.build(job);
    assert!(
        story.log.contains("*****") && story.log.contains("done"),
        "{story:?}"
    );
    assert!(!story.log.contains("hunter2"), "{story:?}");
    let image = story.image();
    for document in &image.image.documents {
        assert!(
            !document
                .bytes
                .windows(secret.len())
                .any(|part| part == secret)
        );
    }
}

fn shares(bench: &Bench) {
    let before = Remains::find();
    let dockerfile = |word: &str| format!("FROM base\nRUN echo common\nRUN echo {word}; sleep 1\n");
    let stories = bench.runtime.block_on(async {
        let one = bench.start(bench.job(&dockerfile("one"), &[])).await;
        let two = bench.start(bench.job(&dockerfile("two"), &[])).await;
        let (one, two) = (bench.hear(one, |_, _| ()), bench.hear(two, |_, _| ()));
        tokio::join!(one, two)
    });
    for (story, word) in [(stories.0, "one"), (stories.1, "two")] {
        assert!(story.log.contains(word), "{story:?}");
        story.image();
    }
    // Whoever was first, both wrote into one folder, and the third finds what they made there.
    let third = bench.build(bench.job(&dockerfile("three"), &[]));
    assert!(third.log.starts_with("three"), "{third:?}");
    assert_eq!(third.image().cached_steps, 1);
    before.assert_no_more(std::process::id());
}
