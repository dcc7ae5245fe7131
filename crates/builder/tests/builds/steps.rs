//! One behaviour each, from the Dockerfile to the files.

use crate::bench::Bench;

pub(crate) const TESTS: &[(&str, fn())] = &[
    (
        "a_build_that_takes_too_long_is_stopped_with_its_steps",
        a_build_that_takes_too_long_is_stopped_with_its_steps,
    ),
    (
        "a_stage_runs_and_its_files_are_there",
        a_stage_runs_and_its_files_are_there,
    ),
    (
        "the_second_build_runs_nothing",
        the_second_build_runs_nothing,
    ),
    (
        "a_failed_step_says_why_and_keeps_the_good_ones",
        a_failed_step_says_why_and_keeps_the_good_ones,
    ),
    (
        "files_come_from_other_stages_and_mounts",
        files_come_from_other_stages_and_mounts,
    ),
    (
        "secrets_are_seen_by_the_step_and_by_no_one_else",
        secrets_are_seen_by_the_step_and_by_no_one_else,
    ),
    (
        "a_user_has_its_directory_home_and_groups",
        a_user_has_its_directory_home_and_groups,
    ),
    (
        "cache_mounts_hold_together_what_a_build_may_add",
        cache_mounts_hold_together_what_a_build_may_add,
    ),
    (
        "a_cache_mount_outlives_the_build",
        a_cache_mount_outlives_the_build,
    ),
];

fn a_stage_runs_and_its_files_are_there() {
    let bench = Bench::new();
    bench.write("src/a.txt", "hello");
    let done = bench
        .build(
            "FROM base\nENV GREETING=hi\nWORKDIR /work\nCOPY src/ ./data/\n\
             RUN echo $GREETING $(cat data/a.txt) > out && rm /etc/group && chmod 700 data\n\
             LABEL x=y\nCMD [\"/bin/sh\"]\n",
        )
        .expect();
    let files = bench.list(&done);
    assert!(
        files.contains("./work/out") || files.contains(" work/out"),
        "{files}"
    );
    assert!(!files.contains("etc/group"), "{files}");
    let config = done.config();
    assert_eq!(config["config"]["WorkingDir"], "/work");
    assert_eq!(config["config"]["Labels"]["x"], "y");
    assert_eq!(
        config["rootfs"]["diff_ids"].as_array().map(Vec::len),
        Some(6)
    );
}

fn the_second_build_runs_nothing() {
    let bench = Bench::new();
    bench.write("f", "1");
    let dockerfile = "FROM base\nCOPY f /f\nRUN cat /f > /g\n";
    let first = bench.build(dockerfile).expect();
    assert_eq!(first.cached(), 0);
    let second = bench.build(dockerfile).expect();
    assert_eq!(second.cached(), 5);
    assert_eq!(
        first.built.as_ref().expect("built").images[0].config,
        second.built.as_ref().expect("built").images[0].config
    );
    bench.write("f", "2");
    assert_eq!(bench.build(dockerfile).expect().cached(), 3);
    let forced = bench.build_with(dockerfile, |request| request.no_cache = true);
    assert_eq!(forced.expect().cached(), 0);
}

fn a_failed_step_says_why_and_keeps_the_good_ones() {
    let bench = Bench::new();
    let done = bench.build("FROM base\nRUN echo good > /good\nRUN echo seen; exit 7\n");
    let error = done.built.as_ref().expect_err("it exits with 7");
    assert!(error.to_string().contains("exit code: 7"), "{error}");
    assert!(done.output().contains("seen"));
    assert_eq!(
        error
            .excerpt()
            .expect("an excerpt")
            .rows
            .iter()
            .filter(|row| row.marked)
            .count(),
        1
    );
    let again = bench.build("FROM base\nRUN echo good > /good\nRUN echo seen; exit 0\n");
    assert_eq!(again.expect().cached(), 4);
}

fn files_come_from_other_stages_and_mounts() {
    let bench = Bench::new();
    bench.write("in.txt", "from the context");
    bench
        .build(
            "FROM base AS one\nRUN mkdir /d && echo one > /d/f\n\
             FROM base\nCOPY --from=one /d/f /copied\n\
             RUN --mount=type=bind,from=one,source=/d,target=/mnt \
                 --mount=type=bind,source=in.txt,target=/in.txt \
                 --mount=type=tmpfs,target=/tmp \
                 grep one /mnt/f /copied && grep context /in.txt && touch /tmp/x\n",
        )
        .expect();
}

fn secrets_are_seen_by_the_step_and_by_no_one_else() {
    let bench = Bench::new();
    let secret = "s3cr3t-value";
    let done = bench
        .build_with(
            "FROM base\nRUN --mount=type=secret,id=key --mount=type=secret,id=key,env=KEY \
             echo \"it is $(cat /run/secrets/key) and $KEY\" && test -n \"$KEY\"\n",
            |request| {
                request.secrets.insert(
                    "key".to_owned(),
                    wharf_builder::request::SecretSource::Bytes(secret.into()),
                );
            },
        )
        .expect();
    assert!(
        done.output().contains("it is ***** and *****"),
        "{}",
        done.output()
    );
    assert!(!format!("{:?}", done.events).contains(secret));
    assert!(!done.config().to_string().contains(secret));
    assert!(!bench.list(&done).contains("run/secrets"));
}

fn a_user_has_its_directory_home_and_groups() {
    let bench = Bench::new();
    let done = bench
        .build("FROM base\nUSER app\nWORKDIR /home/app/w\nRUN id && echo $HOME && touch mine\n")
        .expect();
    let output = done.output();
    assert!(output.contains("uid=1000(app) gid=1001(app)"), "{output}");
    assert!(
        output.contains("2000(extra)") && output.contains("/home/app"),
        "{output}"
    );
}

fn a_cache_mount_outlives_the_build() {
    let bench = Bench::new();
    let run = |text: &str| {
        let dockerfile =
            format!("FROM base\nRUN --mount=type=cache,target=/c,mode=0700,uid=5 {text}\n");
        bench.build(&dockerfile).expect()
    };
    run("echo kept > /c/f");
    let done = run("cat /c/f && stat -c '%a %u' /c");
    assert!(done.output().contains("kept\n700 5"), "{}", done.output());
    assert!(!bench.list(&done).contains(" c/f"));
}

fn cache_mounts_hold_together_what_a_build_may_add() {
    const MEBIBYTE: u64 = 1 << 20;
    let bench = Bench::new();
    let build = |steps: &str| {
        let dockerfile = format!("FROM base\n{steps}\n");
        bench.build_with(&dockerfile, |request| {
            request.limits.build_disk = Some(16 * MEBIBYTE);
        })
    };
    let fill = |id: &str, count: u64| {
        format!(
            "RUN --mount=type=cache,id={id},target=/c dd if=/dev/zero of=/c/f bs=1M count={count} && echo filled {id}{count}"
        )
    };
    // One that is too large is noticed while its step runs, however little the step leaves besides.
    let endless = "RUN --mount=type=cache,id=endless,target=/c i=0; \
        while true; do i=$((i+1)); dd if=/dev/zero of=/c/f$i bs=1M count=2 2>/dev/null; done";
    let error = build(endless).built.expect_err("it never ends by itself");
    assert!(error.to_string().contains("cache mounts"), "{error}");
    assert!(
        error.to_string().contains(&(16 * MEBIBYTE).to_string()),
        "{error}"
    );
    // Several count together, over all steps of the build.
    let error = build(&[fill("a", 10), fill("b", 10)].join("\n"));
    let error = error.built.expect_err("twenty of sixteen");
    assert!(error.to_string().contains("cache mounts"), "{error}");
    // What was too much is gone, and what fits stays for the next build.
    build(&[fill("a", 7), fill("b", 7)].join("\n")).expect();
    let kept = "RUN --mount=type=cache,id=a,target=/c echo $(stat -c %s /c/f) is there";
    let done = build(kept).expect();
    assert!(
        done.output().contains("7340032 is there"),
        "{}",
        done.output()
    );
}

fn a_build_that_takes_too_long_is_stopped_with_its_steps() {
    let bench = Bench::new();
    let begun = std::time::Instant::now();
    let done = bench.build_with("FROM base\nRUN echo begun && sleep 987\n", |request| {
        request.limits.build_timeout = Some(std::time::Duration::from_secs(3));
    });
    let error = done.built.as_ref().expect_err("it sleeps for long");
    assert!(error.to_string().contains("build timeout"), "{error}");
    assert!(begun.elapsed().as_secs() < 60);
    let processes = std::process::Command::new("ps")
        .args(["-eo", "args"])
        .output()
        .expect("ps");
    let processes = String::from_utf8_lossy(&processes.stdout).into_owned();
    assert!(!processes.contains("sleep 987"), "{processes}");
}
