use std::io::Write;

use serde_json::Value;
use wharf_builder::Finished;
use wharf_builder::progress::{Event, Progress, StepId};
use wharf_builder::request::BuildRequest;
use wharf_image::{BuiltImage, BuiltLayer, Content, ImageError};
use wharf_oci::{Algorithm, Descriptor, Digest, media_type};

use super::super::options::OutputKind;
use super::*;

/// An engine whose builds have one layer, or fail.
struct Scripted {
    store: LocalStore,
    fails: bool,
}

impl Engine for Scripted {
    async fn build(
        &self,
        request: BuildRequest,
        progress: Arc<dyn Progress>,
    ) -> Result<Finished, BuildFailure> {
        let step = StepId(0);
        progress.emit(Event::StepStarted {
            step,
            name: "[1/1] RUN make".to_owned(),
            at: Timestamp::UNIX_EPOCH,
        });
        let error = self.fails.then(|| "exit code: 2".to_owned());
        progress.emit(Event::StepDone {
            step,
            at: Timestamp::UNIX_EPOCH,
            error,
        });
        if self.fails {
            return Err(BuildFailure {
                error: "the step [1/1] RUN make exited with code 2".into(),
                hint: Some("look at its output".to_owned()),
                step: Some(step),
                source: None,
                build: Some("b7".to_owned()),
                is_canceled: false,
            });
        }
        let bytes = b"a layer";
        let digest = Digest::of(Algorithm::Sha256, bytes);
        let mut blob = self.store.create().expect("a blob");
        blob.file.write_all(bytes).expect("written");
        self.store
            .commit(blob, &digest, bytes.len() as u64)
            .expect("kept");
        let descriptor = Descriptor {
            media_type: "application/vnd.oci.image.layer.v1.tar".to_owned(),
            digest,
            size: bytes.len() as u64,
            urls: Vec::new(),
            annotations: Default::default(),
            data: None,
            artifact_type: None,
            platform: None,
        };
        let config = format!(r#"{{"rootfs":{{"type":"layers","diff_ids":["{digest}"]}}}}"#);
        let built = wharf_image::Built {
            images: vec![BuiltImage {
                platform: host_platform(),
                config: config.into_bytes(),
                layers: vec![BuiltLayer {
                    descriptor,
                    diff_id: digest,
                }],
                tree: Vec::new(),
                annotations: request.annotations,
            }],
        };
        Ok(Finished {
            built,
            bases: Vec::new(),
            hold: Default::default(),
        })
    }

    async fn read_dockerfile(
        &self,
        _: &BuildRequest,
        _: Arc<dyn Progress>,
    ) -> Result<Vec<u8>, BuildFailure> {
        Ok(b"from scratch AS A\n".to_vec())
    }

    async fn check(
        &self,
        _: BuildRequest,
        _: Arc<dyn Progress>,
    ) -> Result<LintReport, BuildFailure> {
        Err(BuildFailure {
            error: "no image can be asked".into(),
            hint: None,
            step: None,
            source: None,
            build: None,
            is_canceled: false,
        })
    }

    fn make_room(&self, _: u64) {}

    async fn write_files(
        &self,
        _: &wharf_image::Built,
        output: &OutputKind,
        _: Option<i64>,
    ) -> Result<(), ImageError> {
        match output {
            OutputKind::Local { to, .. } => std::fs::write(to, "files")
                .map_err(|error| ImageError::new("cannot write").with_source(error)),
            _ => Err(ImageError::new("not asked for")),
        }
    }
}

#[derive(Debug, clap::Parser)]
struct Line {
    #[command(flatten)]
    arguments: BuildArguments,
}

struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        // The program does this first of all.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let place = Place(tempfile::tempdir().expect("a folder"));
        std::fs::create_dir(place.path("ctx")).expect("a folder");
        std::fs::write(place.path("ctx/Dockerfile"), "FROM scratch\n").expect("a file");
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Builds the folder `ctx`; `@` in a word is this place.
    fn build(&self, words: &[&str], fails: bool) -> Result<(), Failure> {
        let here = self.0.path().display().to_string();
        let words = words.iter().map(|word| word.replace('@', &here));
        let own = ["build", "--progress=quiet", "--state-dir"].map(str::to_owned);
        let all = own
            .into_iter()
            .chain([format!("{here}/state")])
            .chain(words)
            .chain([format!("{here}/ctx")]);
        let line = <Line as clap::Parser>::try_parse_from(all).expect("known words");
        let session = Session::for_test(&[("HOME", &here)]);
        run_with(&line.arguments, &session, |setup| {
            Ok(Scripted {
                store: setup.store.clone(),
                fails,
            })
        })
    }
}

#[test]
fn an_image_goes_to_the_store_to_archives_and_into_notes() {
    let place = Place::new();
    place
        .build(
            &[
                "-t",
                "acme/web:1",
                "--iidfile",
                "@/iid",
                "--metadata-file",
                "@/meta",
            ],
            false,
        )
        .expect("a build");
    let store = LocalStore::open(place.path("state/images")).expect("a store");
    let name = "acme/web:1".parse().expect("a name");
    let found = store.find(&name).expect("readable").expect("kept");
    let id = std::fs::read_to_string(place.path("iid")).expect("an id");
    assert_eq!(
        found
            .manifest
            .config
            .map(|config| config.digest.to_string()),
        Some(id)
    );
    let meta: Value =
        serde_json::from_slice(&std::fs::read(place.path("meta")).expect("a file")).expect("JSON");
    assert_eq!(meta["containerimage.digest"], found.digest.to_string());
    assert_eq!(meta["image.name"], "docker.io/acme/web:1");
}

#[test]
fn every_output_gets_its_form() {
    let place = Place::new();
    place
        .build(
            &[
                "-t",
                "web",
                "-o",
                "type=oci,dest=@/a.tar",
                "-o",
                "type=docker,dest=@/d.tar",
                "-o",
                "type=oci,tar=false,dest=@/layout",
                "-o",
                "@/files",
                "-o",
                "type=cacheonly",
                "--annotation",
                "k=v",
            ],
            false,
        )
        .expect("a build");
    let text = |name: &str| {
        String::from_utf8_lossy(&std::fs::read(place.path(name)).expect(name)).into_owned()
    };
    assert!(text("a.tar").contains("oci-layout") && !text("a.tar").contains("manifest.json"));
    assert!(text("d.tar").contains("manifest.json"));
    assert!(text("layout/index.json").contains("docker.io/library/web:latest"));
    assert!(text("a.tar").contains(media_type::OCI_IMAGE));
    assert_eq!(text("files"), "files");
    // Not asked for.
    let store = LocalStore::open(place.path("state/images")).expect("a store");
    assert!(
        store
            .find(&"web".parse().expect("a name"))
            .expect("readable")
            .is_none()
    );
}

#[test]
fn a_failure_says_what_to_do_and_leaves_no_old_id() {
    let place = Place::new();
    std::fs::write(place.path("iid"), "sha256:old").expect("a file");
    let failure = place
        .build(&["--iidfile", "@/iid"], true)
        .expect_err("it fails")
        .render();
    let state = place.path("state").display().to_string();
    assert_eq!(
        failure,
        format!(
            "error: failed to build: the step [1/1] RUN make exited with code 2\n\
             hint: look at its output\nhint: open a shell after the last good step with: wharf debug b7 --state-dir {state}\n"
        )
    );
    assert!(!place.path("iid").exists());
}

#[test]
fn an_output_that_fails_is_told_from_a_build_that_does() {
    let place = Place::new();
    let failure = place
        .build(&["-o", "type=oci,dest=@/no/such/a.tar"], false)
        .expect_err("no folder");
    let text = failure.render();
    assert!(
        text.contains("cannot write") && text.contains("was built"),
        "{text}"
    );
}

#[test]
fn sources_are_looked_at_before_anything_is_built() {
    let place = Place::new();
    for words in [
        &["--secret", "id=a,src=@/missing"][..],
        &["--ssh", "a=@/ctx"],
    ] {
        let failure = place.build(words, true).expect_err("not there").render();
        assert!(!failure.contains("RUN make"), "{failure}");
    }
    assert!(!place.path("state").exists());
}

#[test]
fn a_check_builds_nothing() {
    let place = Place::new();
    place.build(&["--check"], true).expect("a clean file");
    std::fs::write(place.path("ctx/Dockerfile"), "from scratch AS A\n").expect("a file");
    let failure = place
        .build(&["--check"], true)
        .expect_err("findings")
        .render();
    assert!(failure.contains("does not pass"), "{failure}");
    place
        .build(&["--call", "check,ignorestatus=true"], true)
        .expect("ignored");
    assert!(!place.path("state").exists());
}

#[test]
fn a_check_of_a_context_elsewhere_fetches_the_dockerfile() {
    let place = Place::new();
    let here = place.path("state").display().to_string();
    let words = [
        "build",
        "--check",
        "--progress=none",
        "--state-dir",
        &here,
        "https://git.example/a.git",
    ];
    let line = <Line as clap::Parser>::try_parse_from(words).expect("known words");
    let failure = run_with(&line.arguments, &Session::for_test(&[]), |setup| {
        Ok(Scripted {
            store: setup.store.clone(),
            fails: false,
        })
    });
    let text = failure.expect_err("findings").render();
    assert!(text.contains("does not pass"), "{text}");
}
