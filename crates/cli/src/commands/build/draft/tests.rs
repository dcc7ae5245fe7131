use std::net::IpAddr;

use wharf_builder::request::NamedContext;
use wharf_layer::Compression;

use super::super::options::{Method, OutputKind};
use super::*;

#[derive(Debug, clap::Parser)]
struct Line {
    #[command(flatten)]
    arguments: BuildArguments,
}

fn draft_with(words: &[&str], environment: &[(&str, &str)]) -> Result<Draft, OptionProblem> {
    let words = std::iter::once("build").chain(words.iter().copied());
    let line = <Line as clap::Parser>::try_parse_from(words).expect("known words");
    let environment: Environment = environment
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let around = Surroundings {
        environment: &environment,
        docker_config: "",
        settings: &BuildConfig::default(),
        platform: Platform {
            os: "linux".to_owned(),
            architecture: "amd64".to_owned(),
            ..Platform::default()
        },
        is_directory: &|path| path == Path::new("."),
        stdout_is_terminal: true,
    };
    let (_, cancel) = tokio::sync::watch::channel(false);
    draft_build(&line.arguments, &around, cancel)
}

fn draft(words: &[&str]) -> Draft {
    draft_with(words, &[]).expect("a build")
}

fn refused(words: &[&str]) -> &'static str {
    draft_with(words, &[]).expect_err("a reason").key()
}

#[test]
fn a_folder_alone_goes_to_the_local_store() {
    let draft = draft(&["."]);
    assert_eq!(draft.context, ContextText::Directory(".".into()));
    assert_eq!((draft.file, draft.call), (None, None));
    let stored = OutputKind::Image {
        push: false,
        store: true,
        by_digest: false,
    };
    assert_eq!(draft.outputs, [Output::plain(stored)]);
    assert_eq!(draft.request.network, NetworkMode::Isolated);
    assert!(!draft.request.allow_host_network && !draft.request.no_cache);
    assert!(draft.request.build_args.is_empty() && draft.request.platforms.is_empty());
}

#[test]
fn what_people_write_for_docker_is_understood() {
    let draft = draft(&[
        "-t",
        "acme/web:1",
        "-t",
        "reg.example/web",
        "-f",
        "docker/Dockerfile",
        "--build-arg",
        "A=1",
        "--build-arg=B=2",
        "--label",
        "l=m",
        "--target",
        "app",
        "--platform",
        "linux/arm64,linux/amd64",
        "--platform=linux/arm64/v8",
        "--secret",
        "id=a,src=/a",
        "--ssh",
        "x=/agent",
        "--network=host",
        "--add-host",
        "h:host-gateway",
        "--add-host",
        "a:1.2.3.4",
        "--shm-size",
        "1g",
        "--ulimit",
        "core=0",
        "-m",
        "512m",
        "--cpus",
        "0.5",
        "--no-cache-filter",
        "a,b",
        "--no-cache-filter=c",
        "--pull",
        "--no-cache",
        "--build-context",
        "alpine=docker-image://alpine:3",
        "--annotation",
        "k=v",
        "--annotation",
        "index:i=j",
        "--allow",
        "security.insecure",
        "--push",
        ".",
    ]);
    let request = draft.request;
    assert_eq!(request.build_args["B"], "2");
    assert_eq!(request.target.as_deref(), Some("app"));
    let platforms: Vec<String> = request.platforms.iter().map(ToString::to_string).collect();
    assert_eq!(platforms[..2], ["linux/arm64", "linux/amd64"]);
    assert_eq!(draft.ssh[0].paths, [Path::new("/agent")]);
    assert!(request.allow_host_network && request.allow_insecure);
    let hosts: Vec<IpAddr> = request
        .add_hosts
        .iter()
        .map(|(_, address)| *address)
        .collect();
    assert_eq!(
        hosts,
        ["127.0.0.1", "1.2.3.4"].map(|text| text.parse::<IpAddr>().expect("an address"))
    );
    assert_eq!(request.shm_size, Some(1 << 30));
    assert_eq!(request.limits.memory, Some(512 << 20));
    assert_eq!(request.limits.cpu_millis, Some(500));
    let stages: Vec<_> = request.no_cache_stages.iter().map(String::as_str).collect();
    assert_eq!(stages, ["a", "b", "c"]);
    assert!(request.no_cache);
    assert_eq!(request.pull, PullPolicy::Always);
    assert_eq!(
        request.named_contexts["alpine"],
        NamedContext::Image("alpine:3".to_owned())
    );
    assert_eq!(
        (
            request.annotations["k"].as_str(),
            request.index_annotations["i"].as_str()
        ),
        ("v", "j")
    );
    assert_eq!(draft.outputs[0].names.len(), 2);
    assert!(matches!(
        draft.outputs[0].kind,
        OutputKind::Image { push: true, .. }
    ));
    assert_eq!(draft.file.as_deref(), Some("docker/Dockerfile"));
}

#[test]
fn switches_take_dockers_words_and_the_last_one_counts() {
    assert!(
        !draft(&["--pull=false", "--no-cache=0", "."])
            .request
            .no_cache
    );
    assert!(
        draft(&["--no-cache=false", "--no-cache", "."])
            .request
            .no_cache
    );
    assert_eq!(
        draft(&["--target", "a", "--target", "b", "."])
            .request
            .target
            .as_deref(),
        Some("b")
    );
}

#[test]
fn the_environment_gives_epoch_platform_and_proxies() {
    let environment = [
        ("SOURCE_DATE_EPOCH", "1700000000"),
        ("DOCKER_DEFAULT_PLATFORM", "linux/arm64"),
        ("https_proxy", "http://proxy.example:3128"),
    ];
    let request = draft_with(&["."], &environment).expect("a build").request;
    assert_eq!(request.build_args["SOURCE_DATE_EPOCH"], "1700000000");
    assert_eq!(
        request.build_args["HTTPS_PROXY"],
        "http://proxy.example:3128"
    );
    assert_eq!(request.platforms[0].architecture, "arm64");
    let words = [
        "--build-arg",
        "SOURCE_DATE_EPOCH=1",
        "--platform",
        "linux/amd64",
        ".",
    ];
    let request = draft_with(&words, &environment).expect("a build").request;
    assert_eq!(request.build_args["SOURCE_DATE_EPOCH"], "1");
    assert_eq!(request.platforms[0].architecture, "amd64");
}

#[test]
fn push_and_load_join_the_outputs() {
    let kinds = |words: &[&str]| -> Vec<OutputKind> {
        draft(words)
            .outputs
            .into_iter()
            .map(|output| output.kind)
            .collect()
    };
    let image = |push, store| OutputKind::Image {
        push,
        store,
        by_digest: false,
    };
    let load = OutputKind::Docker { to: None };
    assert_eq!(
        kinds(&["-t", "a", "--push", "--load", "."]),
        [image(true, true), load.clone()]
    );
    assert_eq!(
        kinds(&["-t", "a", "--push", "-o", "type=image,store=false", "."]),
        [image(true, false)]
    );
    assert_eq!(kinds(&["-o", "type=docker", "--load", "."]), [load]);
}

#[test]
fn layers_are_made_once_for_all_outputs() {
    let both = draft(&[
        "-o",
        "type=image,compression=zstd",
        "-o",
        "type=oci,dest=a.tar",
        ".",
    ]);
    assert_eq!(both.request.compression, Compression::DEFAULT_ZSTD);
    assert_eq!(
        refused(&[
            "-o",
            "type=image,compression=zstd",
            "-o",
            "type=oci,dest=a,compression=gzip",
            "."
        ]),
        "outputs_differ"
    );
}

#[test]
fn what_does_not_go_together_is_refused() {
    for (words, key) in [
        (&["-f", "-", "-"][..], "stdin_twice"),
        (&["--push", "."], "push_name"),
        (&["-o", "-", "."], "stdout_terminal"),
        (&["-o", "-", "-o", "type=oci", "."], "stdout_shared"),
        (&["-q", "-o", "-", "."], "stdout_shared"),
        (&["-o", "a", "-o", "type=oci,dest=a", "."], "output_twice"),
        (&["-o", "out", "--iidfile", "id", "."], "iidfile_files"),
        (
            &["--platform", "linux/amd64,linux/arm64", "--load", "."],
            "docker_platforms",
        ),
        (&["--platform", "solaris/", "."], "platform"),
        (&["missing"], "context_missing"),
        (&["--add-host", "a:host-gateway", "."], "host_gateway"),
        (&["--resource", "gpu=1", "."], "field_unknown"),
        (&["--cache-to", "type=local,dest=x", "."], "cache_later"),
    ] {
        assert_eq!(refused(words), key, "{words:?}");
    }
}

#[test]
fn check_is_a_call() {
    let asks = |words: &[&str], method| draft(words).call.is_some_and(|call| call.method == method);
    assert!(asks(&["--check", "."], Method::Check));
    assert!(asks(&["--call", "targets", "."], Method::Targets));
    assert!(!asks(&["--check=false", "."], Method::Check));
}
