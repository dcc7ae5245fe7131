//! C10: frontends of others (CVE-2026-33747). There are none in wharf: none is fetched, and what names one is an error.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use wharf_build_tests::workshop::Workshop;

/// A registry that counts who calls.
fn start_counter() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            counted.fetch_add(1, Ordering::SeqCst);
            let _ = stream.read(&mut [0; 1024]);
            let _ = stream.write_all(b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n");
        }
    });
    (address, calls)
}

#[test]
fn c10_no_frontend_is_fetched_whatever_names_it() {
    let workshop = Workshop::open();
    let (address, calls) = start_counter();
    // The counter counts: a base of the same host is asked for.
    let _ = workshop
        .build(&format!("FROM {address}/f\n"), &[])
        .expect_failure(&["does not have the manifest"]);
    assert!(calls.swap(0, Ordering::SeqCst) > 0);

    let frontend = format!("{address}/evil/f:1");
    let argument = format!("BUILDKIT_SYNTAX={frontend}");
    let ours = format!("{address}/docker/dockerfile:1");
    let rest = "FROM base\nRUN echo buil't'\n";
    let words = ["is not built in, and wharf fetches none", "hint: "];
    for dockerfile in [
        format!("# syntax={frontend}\n{rest}"),
        format!("#syntax = {frontend}@sha256:{}\n{rest}", "0".repeat(64)),
        format!("#!/bin/sh\n# syntax={frontend}\n{rest}"),
        format!("// syntax={frontend}\n{rest}"),
        format!("{{\"syntax\": \"{frontend}\"}}\n"),
        format!("\u{feff}# syntax={frontend}\n{rest}"),
    ] {
        let _ = workshop
            .build(&dockerfile, &[])
            .expect_failure(&words)
            .refute_text("built\n");
    }
    let _ = workshop
        .build(rest, &["--build-arg", &argument])
        .expect_failure(&words);
    workshop.write("Dockerfile", rest);
    let source = workshop.context().display().to_string();
    let flags = ["--build-arg", "BUILDKIT_SYNTAX"];
    let _ = workshop
        .build_with(&source, &flags, None, &[("BUILDKIT_SYNTAX", &frontend)])
        .expect_failure(&words);
    // Docker's own name on any host is what wharf speaks itself; its checks are an error as any other.
    let _ = workshop
        .build(
            &format!("# syntax={ours}\n{rest}"),
            &["--output", "type=cacheonly"],
        )
        .expect_success()
        .expect_text("built\n");
    assert_eq!(calls.load(Ordering::SeqCst), 0, "somebody was asked");
}

#[test]
fn c10_broken_names_of_frontends_are_errors_and_the_next_build_works() {
    let workshop = Workshop::open();
    for name in [
        "",
        " ",
        "\0",
        "../../x",
        "docker/dockerfile/../../evil",
        "http://evil/f",
        "evil docker/dockerfile",
        "docker/dockerfile:1@sha256:short",
        "\u{1b}[2J",
        "docker/dockerfile\nevil",
        &"x".repeat(100_000),
    ] {
        let built = workshop.build(
            &format!("# syntax={name}\nFROM base\nRUN true\n"),
            &["--output", "type=cacheonly"],
        );
        assert!(!built.log.contains("panicked"), "{name}: {}", built.log);
    }
    let _ = workshop
        .build("FROM base\nRUN true\n", &["--output", "type=cacheonly"])
        .expect_success();
}

#[test]
fn files_and_configurations_that_nobody_could_use_are_refused() {
    let workshop = Workshop::open();
    let comment = format!("#{}\n", "x".repeat(60_000));
    let large = format!("FROM scratch\n{}", comment.repeat(36));
    let _ = workshop
        .build(&large, &[])
        .expect_failure(&["Dockerfile is larger than 2 MiB"]);
    // A small file whose variables grow.
    let mut growing = format!("FROM scratch\nENV A={}\n", "x".repeat(60_000));
    for number in 0..24 {
        growing.push_str(&format!("LABEL l{number}=$A$A$A\n"));
    }
    let _ = workshop
        .build(&growing, &[])
        .expect_failure(&["the image's configuration would have", "more than 4 MiB"]);
}
