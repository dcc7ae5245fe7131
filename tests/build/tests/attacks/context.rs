//! C13 and C14: contexts that point out of themselves (CVE-2026-33748, -44517), and files in them that are no files
//! (CVE-2026-93320).

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use wharf_build_tests::hostile::pack;
use wharf_build_tests::workshop::{Built, Workshop};

use crate::as_both;

const CANARY: &str = "FROM base\nRUN echo canary of the host\n";

fn check(built: &Built, name: &str) {
    assert!(!built.log.contains("canary of"), "{name}: {}", built.log);
    assert!(!built.log.contains("panicked"), "{name}: {}", built.log);
    if !built.success {
        assert!(built.log.contains("error: "), "{name}: {}", built.log);
    }
}

fn make_outside(workshop: &Workshop<'_>) -> String {
    let outside = workshop.path("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("Dockerfile"), CANARY).unwrap();
    outside.display().to_string()
}

#[test]
fn c13_a_context_reaches_nothing_outside_by_links() {
    as_both(|workshop| {
        let outside = make_outside(workshop);
        // What the builder would read if it followed the link as any program does.
        symlink(
            format!("{outside}/Dockerfile"),
            workshop.context().join("Dockerfile"),
        )
        .unwrap();
        let followed = fs::read_to_string(workshop.context().join("Dockerfile")).unwrap();
        assert_eq!(followed, CANARY);
        let source = workshop.context().display().to_string();
        let built = workshop.build_source(&source, &[]);
        check(&built, "Dockerfile");
        let _ = built.expect_failure(&["Dockerfile"]);

        symlink("../outside/Dockerfile", workshop.context().join("up")).unwrap();
        let _ = workshop
            .build_source(&source, &["-f", "up"])
            .expect_failure(&["up"])
            .refute_text("canary of");
        symlink(&outside, workshop.context().join("folder")).unwrap();
        let _ = workshop
            .build_source(&source, &["-f", "folder/Dockerfile"])
            .expect_failure(&["folder/Dockerfile"])
            .refute_text("canary of");

        fs::remove_file(workshop.context().join("Dockerfile")).unwrap();
        symlink(
            format!("{outside}/Dockerfile"),
            workshop.context().join(".dockerignore"),
        )
        .unwrap();
        for copy in [
            "COPY up /x",
            "COPY folder /x",
            "COPY folder/ /x/",
            "COPY folder/Dockerfile /x",
            "COPY folder/* /x/",
            "COPY . /x",
            "COPY ../outside/Dockerfile /x",
            "COPY --parents ./folder/./Dockerfile /x/",
            "ADD folder/Dockerfile /x",
            "COPY --link folder/Dockerfile /x",
            "RUN --mount=type=bind,source=folder,target=/x true",
            "RUN --mount=type=bind,source=folder/Dockerfile,target=/x true",
        ] {
            let look = "RUN cat /x /x/Dockerfile /x/folder/Dockerfile /x/up; true";
            let built = workshop.build(
                &format!("FROM base\n{copy}\n{look}\n"),
                &["--output", "type=cacheonly"],
            );
            check(&built, copy);
        }
    });
}

#[test]
fn c13_a_repository_reaches_nothing_outside() {
    as_both(|workshop| {
        let outside = make_outside(workshop);
        let repository = workshop.path("evil.git");
        let work = workshop.path("work");
        let marker = workshop.path("started");
        fs::create_dir(&work).unwrap();
        symlink(format!("{outside}/Dockerfile"), work.join("Dockerfile")).unwrap();
        symlink(&outside, work.join("ctx")).unwrap();
        symlink("../../../../../../../../..", work.join("up")).unwrap();
        fs::create_dir(work.join("a")).unwrap();
        fs::write(
            work.join("a/Dockerfile"),
            "FROM base\nCOPY . /x\nRUN cat /x/link; true\n",
        )
        .unwrap();
        symlink(format!("{outside}/Dockerfile"), work.join("a/link")).unwrap();
        for arguments in [
            &["init", "--quiet", "--initial-branch=main", "."][..],
            &["add", "--all"],
            &[
                "-c",
                "user.name=x",
                "-c",
                "user.email=x@example",
                "commit",
                "--quiet",
                "--message=x",
            ],
            &["clone", "--quiet", "--bare", ".", "../evil.git"],
        ] {
            let status = Command::new("git")
                .args(arguments)
                .current_dir(&work)
                .status()
                .unwrap();
            assert!(status.success());
        }
        assert!(repository.join("HEAD").exists());
        let url = format!("http://{}/git/evil.git", workshop.server.address());
        let flags = ["--output", "type=cacheonly"];
        let _ = workshop
            .build_source(&format!("{url}#main:a"), &flags)
            .expect_success()
            .refute_text("canary of");
        let started = format!("touch${{IFS}}{}", marker.display());
        for fragment in [
            "#main",
            "#main:ctx",
            "#main:up",
            "#main:a/../..",
            "#main:../..",
            "#main:/",
            "#main:a/../ctx",
            "#../../outside",
            "#main:a/../../../../../../../etc",
            "#main:.git",
            &format!("#--upload-pack={started}"),
            &format!("#main:--exec={started}"),
            "#-",
            "#main\u{a}x",
            "#refs/heads/../../x:a",
        ] {
            let built = workshop.build_source(&format!("{url}{fragment}"), &flags);
            check(&built, fragment);
            assert!(!marker.exists(), "{fragment}: a program was started");
        }
        for file in [
            "../Dockerfile",
            "../../outside/Dockerfile",
            "ctx/Dockerfile",
            "a/link",
        ] {
            let built = workshop.build_source(
                &format!("{url}#main"),
                &["-f", file, "--output", "type=cacheonly"],
            );
            check(&built, file);
        }
    });
}

/// Makes `name` in the context something that is no file.
fn make_special(workshop: &Workshop<'_>, kind: &str, name: &str) -> bool {
    let path = workshop.context().join(name);
    let _ = fs::remove_file(&path);
    let made = match kind {
        "fifo" => Command::new("mkfifo").arg(&path).status(),
        "socket" => return std::os::unix::net::UnixListener::bind(&path).is_ok(),
        _ => Command::new("mknod")
            .arg(&path)
            .args(["c", "1", "5"])
            .status(),
    };
    made.is_ok_and(|status| status.success())
}

#[test]
fn c14_no_special_file_of_a_context_is_opened() {
    as_both(|workshop| {
        let source = workshop.context().display().to_string();
        for kind in ["fifo", "socket", "device"] {
            if !make_special(workshop, kind, "Dockerfile") {
                assert_eq!(kind, "device", "only devices need root");
                continue;
            }
            if kind == "fifo" {
                // The attack: whoever opens it waits for a writer that never comes.
                let status = Command::new("timeout")
                    .args(["1", "cat"])
                    .arg(workshop.context().join("Dockerfile"))
                    .status()
                    .unwrap();
                assert_eq!(status.code(), Some(124));
            }
            let _ = workshop
                .build_source(&source, &[])
                .expect_failure(&["Dockerfile"]);
            fs::remove_file(workshop.context().join("Dockerfile")).unwrap();

            make_special(workshop, kind, ".dockerignore");
            let built = workshop.build(
                "FROM base\nCOPY . /x\nRUN ls -la /x\n",
                &["--output", "type=cacheonly"],
            );
            check(&built, kind);
            fs::remove_file(workshop.context().join(".dockerignore")).unwrap();

            make_special(workshop, kind, "special");
            for copy in [
                "COPY special /x",
                "COPY . /x/",
                "ADD special /x",
                "COPY --link spec* /x/",
            ] {
                let built = workshop.build(
                    &format!("FROM base\n{copy}\nRUN ls -la /x\n"),
                    &["--output", "type=cacheonly"],
                );
                check(&built, copy);
                assert!(
                    !built.log.contains(" 1, 5"),
                    "{kind} {copy}: {}",
                    built.log.replace("crw", "CRW")
                );
            }
            fs::remove_file(workshop.context().join("special")).unwrap();
            fs::remove_file(workshop.context().join("Dockerfile")).unwrap();
        }
    });
}

#[test]
fn c14_no_special_file_of_an_archive_is_opened() {
    as_both(|workshop| {
        for (name, place) in [
            ("Dockerfile", "Dockerfile"),
            (".dockerignore", "x"),
            ("special", "x"),
        ] {
            let entries = format!(
                "[{{ path = '{name}', kind = 'fifo' }}, {{ path = '{place}x', content = 'x' }}]"
            );
            let mut all = Vec::new();
            if name != "Dockerfile" {
                all = pack(
                    r#"[{ path = "Dockerfile", content = "FROM base\nCOPY . /x\nRUN ls -la /x\n" }]"#,
                );
                all.truncate(all.len() - 1024);
            }
            all.extend(pack(&entries));
            let built = workshop.build_with("-", &["--output", "type=cacheonly"], Some(&all), &[]);
            check(&built, name);
            if name == "Dockerfile" {
                let _ = built.expect_failure(&["Dockerfile"]);
            }
        }
    });
}
