//! H31: secrets that wharf was trusted with: in no layer, no history, no file of the state directory, no environment of
//! another process, and masked in logs (CVE-2023-26054). The searches find a build argument first, which is no secret.

use std::collections::HashSet;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use wharf_build_tests::layout::decompress;
use wharf_build_tests::remains::contains;
use wharf_build_tests::workshop::Workshop;

use crate::as_both;

/// Every character that some encoding of text would change.
const SECRET: &str = "s3cr3t/wörd+of&the=build%20er";

/// `value` as it stands, in base64, in URLs and in JSON.
fn list_forms(value: &str) -> Vec<String> {
    let url = value
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect();
    vec![
        value.to_owned(),
        STANDARD.encode(value).trim_end_matches('=').to_owned(),
        url,
        serde_json::to_string(value)
            .unwrap()
            .trim_matches('"')
            .to_owned(),
        hex::encode(value),
    ]
}

/// Files below `folder` that hold `value` in some form, compressed or not, and names that do.
fn search_files(folder: &Path, value: &str) -> Vec<String> {
    let mut found = Vec::new();
    // The programs of the base are one file with many names.
    let mut seen = HashSet::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let kind = entry.file_type().unwrap();
            if kind.is_dir() {
                folders.push(path.clone());
            }
            let mut bytes = path.display().to_string().into_bytes();
            if kind.is_file()
                && seen.insert(entry.metadata().unwrap().ino())
                && let Ok(mut file) = std::fs::File::open(&path)
            {
                let mut content = Vec::new();
                file.read_to_end(&mut content).unwrap();
                // Most files are no archives, and no valid ones.
                bytes.extend(decompress(&content).unwrap_or_default());
                bytes.extend(content);
            }
            for form in list_forms(value) {
                if contains(&bytes, &form) {
                    found.push(format!("{form} in {}", path.display()));
                }
            }
        }
    }
    found
}

fn find_in(workshop: &Workshop<'_>, value: &str) -> Vec<String> {
    ["state", "out"]
        .iter()
        .flat_map(|name| search_files(&workshop.path(name), value))
        .collect()
}

const PRINT: &str = "\
FROM base
RUN --mount=type=secret,id=file,target=/s --mount=type=secret,id=variable,env=S \\
    cat /s; echo; echo \"$S\"; echo before-$(cat /s)-after; cat /s >&2; \\
    for length in 1 7 13 20; do head -c $length /s; sleep 0.2; tail -c +$((length+1)) /s; echo; done; \\
    cat /s | sed 's/./&\\n/g' | while read -r c; do printf %s \"$c\"; done; echo; \\
    echo said
RUN --mount=type=secret,id=file,target=/s echo found $(grep -c s3cr3t /proc/*/environ) in environments; true
";

#[test]
fn h31_a_secret_is_in_no_file_and_masked_in_the_log() {
    as_both(|workshop| {
        std::fs::write(workshop.path("secret"), SECRET).unwrap();
        let file = format!("id=file,src={}", workshop.path("secret").display());
        let dest = format!("type=oci,dest={}", workshop.path("out/image.tar").display());
        std::fs::create_dir(workshop.path("out")).unwrap();
        workshop.hand_over("out");
        let meta = workshop.path("out/meta.json").display().to_string();
        workshop.write("Dockerfile", PRINT);
        let source = workshop.context().display().to_string();

        // A build argument is no secret, and the search finds it.
        let argument = format!("NOT_SECRET={SECRET}");
        let flags = [
            "-t",
            "open:1",
            "--build-arg",
            &argument,
            "--metadata-file",
            &meta,
        ];
        workshop.write(
            "Dockerfile",
            "FROM base\nARG NOT_SECRET\nRUN echo \"$NOT_SECRET\"\n",
        );
        let _ = workshop
            .build_source(&source, &flags)
            .expect_success()
            .expect_text(SECRET);
        assert!(!find_in(workshop, SECRET).is_empty());
        std::fs::remove_dir_all(workshop.state()).unwrap();
        std::fs::remove_file(&meta).unwrap();

        workshop.write("Dockerfile", PRINT);
        let flags = [
            "--secret",
            &file,
            "--secret",
            "id=variable,env=OF_CALLER",
            "-t",
            "app:1",
            "--output",
            &dest,
            "--metadata-file",
            &meta,
        ];
        let built = workshop
            .build_with(&source, &flags, None, &[("OF_CALLER", SECRET)])
            .expect_success()
            .expect_text("said");
        for form in list_forms(SECRET) {
            assert!(!built.log.contains(&form), "{form}: {}", built.log);
        }
        assert_eq!(find_in(workshop, SECRET), Vec::<String>::new());
        // In the local store as well, and of a build that fails with the secret in its last words.
        let _ = workshop
            .build_with(&source, &["--secret", &file, "-t", "app:1"], None, &[])
            .expect_success();
        let failing = "FROM base\nRUN --mount=type=secret,id=file,env=S echo \"$S\"; echo \"no: $S\" >&2; exit 3\n";
        let built = workshop
            .build(failing, &["--secret", &file])
            .expect_failure(&["exit code: 3"]);
        assert!(!built.log.contains(SECRET), "{}", built.log);
        assert_eq!(find_in(workshop, SECRET), Vec::<String>::new());
    });
}

#[test]
fn h31_a_secret_is_in_the_environment_of_no_other_process() {
    let workshop = Workshop::open();
    // Not the one of the cases beside it, whose callers hold theirs in their own environment.
    let secret = "s3cr3t of this case alone";
    std::fs::write(workshop.path("secret"), secret).unwrap();
    let file = format!("id=file,src={}", workshop.path("secret").display());
    // The first stage's step has it and waits for the second's, which looks around.
    let dockerfile = "\
FROM base AS has
RUN --mount=type=cache,target=/c,id=meet --mount=type=secret,id=file,env=S touch /c/has; \\
    for i in $(seq 100); do test -e /c/looked && break; sleep 0.1; done; grep -c s3cr3t /proc/self/environ
FROM base AS looks
RUN --mount=type=cache,target=/c,id=meet for i in $(seq 100); do test -e /c/has && break; sleep 0.1; done; \\
    for p in /proc/[0-9]*; do tr '\\0' '\\n' < $p/environ | grep s3cr3t && echo le'aked'; done; env; touch /c/looked
FROM base
COPY --from=has /etc/passwd /a
COPY --from=looks /etc/passwd /b
";
    workshop.write("Dockerfile", dockerfile);
    let before = wharf_build_tests::remains::Before::look();
    let child = workshop.start(
        &workshop.context().display().to_string(),
        &["--secret", &file, "--output", "type=cacheonly"],
        None,
        &[],
    );
    let mut with_secret = 0;
    // From outside: only the step that asked for it may have it, not the builder and not its helper.
    let mut child = child;
    while child.try_wait().unwrap().is_none() {
        let holders = list_holders(secret);
        for (environment, arguments) in &holders {
            assert!(!arguments.contains("wharf"), "{arguments}: {environment}");
        }
        with_secret = with_secret.max(holders.len());
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let _ = workshop
        .wait(child, &before)
        .expect_success()
        .refute_text("leaked");
    assert!(with_secret > 0, "the step itself had it");
}

/// Environments with `value`, and the arguments of their processes.
fn list_holders(value: &str) -> Vec<(String, String)> {
    let read = |path: String| {
        String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).replace('\0', " ")
    };
    std::fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .map(|entry| entry.path().display().to_string())
        .map(|process| {
            (
                read(format!("{process}/environ")),
                read(format!("{process}/cmdline")),
            )
        })
        .filter(|(environment, _)| environment.contains(value))
        .collect()
}

#[test]
fn h31_logins_are_in_no_file() {
    as_both(|workshop| {
        let address = workshop.server.address().to_owned();
        let login = STANDARD.encode("reader:s3cret");
        std::fs::create_dir(workshop.path("logins")).unwrap();
        let config = serde_json::json!({"auths": {&address: {"auth": login}}});
        std::fs::write(workshop.path("logins/config.json"), config.to_string()).unwrap();
        let page = wharf_build_tests::serve::Page {
            body: b"guarded".to_vec(),
            headers: Vec::new(),
            token: Some("t0ken-of-the-page"),
        };
        workshop
            .server
            .shelf()
            .pages
            .insert("/files/guarded".to_owned(), page);
        std::fs::write(workshop.path("token"), "t0ken-of-the-page").unwrap();
        let secret = format!(
            "id=HTTP_AUTH_TOKEN_127.0.0.1,src={}",
            workshop.path("token").display()
        );
        let dockerfile = format!(
            "FROM {address}/private/base\nADD http://{address}/files/guarded /g\nRUN cat /g; env\n"
        );
        let name = format!("{address}/private/app:1");
        let built = workshop.build(&dockerfile, &["--secret", &secret, "-t", &name, "--push"]);
        for value in ["s3cret", "t0ken-of-the-page", "reader:s3cret"] {
            for form in list_forms(value) {
                assert!(!built.log.contains(&form), "{form}: {}", built.log);
            }
            assert_eq!(find_in(workshop, value), Vec::<String>::new());
        }
        let _ = built.expect_success().expect_text("guarded");
    });
}
