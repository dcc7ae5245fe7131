//! What a Dockerfile can ask of the service: secrets, stages, platforms; and how it fails.

use std::io::Read;

use serde_json::json;

use wharf_tests::building::{Site, read_busybox};

const SECRET: &str = "kept-to-ourselves-4711";

#[test]
fn a_secret_is_there_for_its_step_and_in_neither_log_nor_image() {
    let Some(site) = Site::shared() else { return };
    let Some(base) = site.base_image() else {
        return;
    };
    let body = json!({ "definition": {}, "secrets": { "token": SECRET } });
    let rule = site.make_rule_with(body);
    let dockerfile = format!(
        "FROM {base}\nRUN --mount=type=secret,id=token cat /run/secrets/token && wc -c < /run/secrets/token > /size \\\n\
         && head -c 9 /run/secrets/token; sleep 1; tail -c +10 /run/secrets/token; echo; echo over\n\
         CMD [\"cat\", \"/size\"]\n"
    );
    rule.code
        .push_files("main", "Read it", &[("Dockerfile", &dockerfile)]);
    let number = rule.start("main");
    rule.wait_for_success(number);
    let log = rule.log(number);
    assert!(log.contains("over"), "{log}");
    assert!(log.matches("*****").count() >= 2, "{log}");
    let (first, second) = SECRET.split_at(9);
    for part in [SECRET, first, second] {
        assert!(!log.contains(part), "{part} in {log}");
    }
    let (config, layers) = rule.pull("main");
    assert!(!config.to_string().contains(SECRET));
    for layer in layers {
        let mut plain = Vec::new();
        let mut gunzip = std::process::Command::new("gzip");
        gunzip.arg("-dc").stdin(std::process::Stdio::piped());
        gunzip.stdout(std::process::Stdio::piped());
        let mut gunzip = gunzip.spawn().expect("gzip starts");
        let mut input = gunzip.stdin.take().expect("a pipe");
        let writing = std::thread::spawn(move || std::io::Write::write_all(&mut input, &layer));
        let mut output = gunzip.stdout.take().expect("a pipe");
        output.read_to_end(&mut plain).expect("a layer");
        writing.join().expect("no panic").expect("written");
        assert!(gunzip.wait().expect("ended").success());
        let held = plain
            .windows(SECRET.len())
            .any(|it| it == SECRET.as_bytes());
        assert!(!held, "a layer holds the secret");
    }
    if let Some(printed) = site.run_in_docker(&rule.image, "main") {
        assert_eq!(printed.trim(), SECRET.len().to_string());
    }
}

#[test]
fn a_target_stage_is_all_that_is_built() {
    let Some(site) = Site::shared() else { return };
    let Some(base) = site.base_image() else {
        return;
    };
    let rule = site.make_rule(json!({ "target": "tool" }));
    let dockerfile = format!(
        "FROM {base} AS tool\nCMD [\"echo\", \"the tool\"]\nFROM tool AS rest\nRUN exit 1\n"
    );
    rule.code
        .push_files("main", "Two stages", &[("Dockerfile", &dockerfile)]);
    let built = rule.wait_for_success(rule.start("main"));
    assert_eq!(built["target"], "tool");
    if let Some(printed) = site.run_in_docker(&rule.image, "main") {
        assert_eq!(printed, "the tool\n");
    }
}

#[test]
fn several_platforms_become_one_index_as_far_as_no_foreign_program_has_to_run() {
    let Some(site) = Site::shared() else { return };
    let Some(busybox) = read_busybox() else {
        return;
    };
    let platforms = ["linux/amd64", "linux/arm64"];
    let rule = site.make_rule(json!({ "platforms": platforms }));
    let tree = rule.code.clone_work_tree();
    std::fs::write(tree.path().join("busybox"), busybox).expect("a file");
    let dockerfile = "FROM scratch\nARG TARGETARCH\nCOPY --chmod=755 busybox /busybox\nLABEL for=$TARGETARCH\n\
                      CMD [\"/busybox\", \"echo\", \"runs\"]\n";
    tree.write("Dockerfile", dockerfile);
    tree.commit("For two");
    tree.push(&["main"]);
    let built = rule.wait_for_success(rule.start("main"));
    let registry = site.server.registry(&site.server.admin());
    let repository = registry.repository(&rule.image);
    let index = repository.get_manifest("main").expect(200).json();
    let mut found = Vec::new();
    for entry in index["manifests"].as_array().expect("an index") {
        let platform = &entry["platform"];
        let digest = entry["digest"].as_str().expect("a digest");
        let manifest = repository.get_manifest(digest).expect(200).json();
        let config = manifest["config"]["digest"].as_str().expect("a digest");
        let config = repository.get_blob(config).expect(200).json();
        assert_eq!(config["architecture"], platform["architecture"]);
        assert_eq!(config["config"]["Labels"]["for"], platform["architecture"]);
        found.push(format!(
            "{}/{}",
            platform["os"].as_str().unwrap_or_default(),
            platform["architecture"].as_str().unwrap_or_default()
        ));
    }
    found.sort();
    assert_eq!(found, platforms, "{index:#} {built:#}");
    if cfg!(target_arch = "x86_64")
        && let Some(printed) = site.run_in_docker(&rule.image, "main")
    {
        assert_eq!(printed, "runs\n");
    }

    tree.write(
        "Dockerfile",
        &format!("{dockerfile}RUN [\"/busybox\", \"true\"]\n"),
    );
    // Not a program of another machine, but one that cannot be run as such.
    std::fs::write(tree.path().join("busybox"), foreign_program()).expect("a file");
    tree.commit("With a foreign program");
    tree.push(&["main"]);
    let failed = rule.wait_for_end(rule.start("main"));
    assert_eq!(failed["state"], "failed", "{failed:#}");
    println!("a foreign program: {}", failed["failure"]);
    let digest = built["digest"].as_str();
    assert_eq!(rule.find_tag("main").as_deref(), digest);
}

/// The head of a program for a processor that this machine certainly is not (EM_S390, big endian).
fn foreign_program() -> Vec<u8> {
    let mut bytes = vec![0x7f, b'E', b'L', b'F', 2, 2, 1, 0];
    bytes.resize(16, 0);
    bytes.extend([0, 2, 0, 22, 0, 0, 0, 1]);
    bytes.resize(64, 0);
    bytes
}

#[test]
fn a_failing_step_is_shown_first_with_its_exit_code_and_nothing_is_tagged() {
    let Some(site) = Site::shared() else { return };
    let Some(base) = site.base_image() else {
        return;
    };
    let rule = site.make_rule(json!({}));
    let dockerfile = format!(
        "FROM {base}\nRUN echo all is well\nRUN echo now it breaks; exit 3\nRUN echo never\n"
    );
    rule.code
        .push_files("main", "Break", &[("Dockerfile", &dockerfile)]);
    let number = rule.start("main");
    let built = rule.wait_for_end(number);
    assert_eq!(built["state"], "failed");
    let failure = &built["failure"];
    assert_eq!(
        (&failure["reason"], &failure["exit_code"]),
        (&json!("command"), &json!(3)),
        "{built:#}"
    );
    let step = failure["step"].as_str().expect("a step");
    assert!(step.contains("exit 3"), "{step}");
    let lines = failure["last_lines"].as_str().expect("lines");
    assert!(lines.contains("now it breaks"), "{lines}");
    let phases = built["phases"].as_array().expect("a list");
    let failed: Vec<_> = phases.iter().filter(|it| it["error"].is_string()).collect();
    assert!(failed.iter().any(|it| it["name"] == *step), "{phases:#?}");
    let log = rule.log(number);
    for expected in ["all is well", "now it breaks", "exit code: 3"] {
        assert!(log.contains(expected), "{expected} in {log}");
    }
    assert!(!log.contains("RUN echo never\n#"), "{log}");
    assert_eq!(rule.find_tag("main"), None);
    assert!(site.api().read_all(&rule.path("/tags"), 100).is_empty());
}
