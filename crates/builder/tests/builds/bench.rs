//! A bench to build on: a folder of contexts, a builder with a store of its own, and what its builds said.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use tempfile::TempDir;
use tokio::sync::watch;
use wharf_builder::progress::{Event, Progress};
use wharf_builder::request::BuildRequest;
use wharf_builder::{BuildError, Builder, BuilderSettings, Hold};
use wharf_egress::{Egress, EgressSettings, Policy};
use wharf_image::{
    Built, ImageError, ImageSource, LocalStore, PullPolicy, ResolvedImage, Transfer,
};
use wharf_oci::{Descriptor, Platform};

/// Busybox with its names, a passwd file and two users.
const BASE: &str = "FROM scratch AS base\n\
    COPY busybox /bin/busybox\n\
    RUN [\"/bin/busybox\", \"--install\", \"-s\", \"/bin\"]\n\
    COPY passwd group /etc/\n";

/// Everything a test builds with.
pub(crate) struct Bench {
    pub(crate) folder: TempDir,
    builder: Builder,
    runtime: tokio::runtime::Runtime,
}

/// A finished build.
pub(crate) struct Done {
    pub(crate) built: Result<Built, BuildError>,
    /// Keeps its files.
    _hold: Hold,
    pub(crate) events: Vec<Event>,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().expect("a folder");
        let store = LocalStore::open(folder.path().join("images")).expect("a store");
        let egress = Egress::new(EgressSettings::new(Policy::operator())).expect("a way out");
        let builder = Builder::new(BuilderSettings {
            state: folder.path().join("state"),
            source: Arc::new(NoImages),
            content: Arc::new(store),
            egress,
            dial: None,
            allowed_networks: Vec::new(),
            rootful: false,
            host: None,
        })
        .expect("a builder");
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let bench = Self {
            folder,
            builder,
            runtime,
        };
        let context = bench.context();
        fs::create_dir(&context).expect("a context");
        fs::copy("/bin/busybox", context.join("busybox")).expect("a static busybox");
        bench.write(
            "passwd",
            "root:x:0:0::/root:/bin/sh\napp:x:1000:1001::/home/app:/bin/sh\n",
        );
        bench.write("group", "root:x:0:\napp:x:1001:\nextra:x:2000:app\n");
        bench
    }

    pub(crate) fn context(&self) -> PathBuf {
        self.folder.path().join("context")
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.context().join(path);
        fs::create_dir_all(path.parent().unwrap_or(Path::new("/"))).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    /// Builds a Dockerfile that may stand on the stage `base`.
    pub(crate) fn build(&self, dockerfile: &str) -> Done {
        self.build_with(dockerfile, |_| ())
    }

    pub(crate) fn build_with(
        &self,
        dockerfile: &str,
        change: impl FnOnce(&mut BuildRequest),
    ) -> Done {
        self.write("Dockerfile", &format!("{BASE}{dockerfile}"));
        let (_stop, cancel) = watch::channel(false);
        let mut request = BuildRequest::of_directory(self.context(), cancel);
        change(&mut request);
        let said = Arc::new(Said::default());
        let built = self.runtime.block_on(
            self.builder
                .build(request, Arc::clone(&said) as Arc<dyn Progress>),
        );
        let hold = match &built {
            Ok(finished) => finished.hold.clone(),
            Err(_) => Hold::default(),
        };
        let built = built.map(|finished| finished.built);
        let events = said.0.lock().expect("events").clone();
        Done {
            built,
            _hold: hold,
            events,
        }
    }

    /// The files of the first image, as a tar lists them: `tar -tv`.
    pub(crate) fn list(&self, done: &Done) -> String {
        let built = done.built.as_ref().expect("a built image");
        let tar = self.folder.path().join("export.tar");
        let file = fs::File::create(&tar).expect("a file");
        self.runtime
            .block_on(self.builder.export_tree(&built.images[0], file, None))
            .expect("an export");
        let listed = std::process::Command::new("tar")
            .args(["-tvf", &tar.to_string_lossy(), "--numeric-owner"])
            .output()
            .expect("tar");
        String::from_utf8_lossy(&listed.stdout).into_owned()
    }
}

impl Done {
    /// What steps printed.
    pub(crate) fn output(&self) -> String {
        let pieces = self.events.iter().filter_map(|event| match event {
            Event::StepLog { bytes, .. } => Some(String::from_utf8_lossy(bytes).into_owned()),
            _ => None,
        });
        pieces.collect()
    }

    /// How many steps were answered by earlier results.
    pub(crate) fn cached(&self) -> usize {
        let cached = |event: &&Event| matches!(event, Event::StepCached { .. });
        self.events.iter().filter(cached).count()
    }

    pub(crate) fn expect(self) -> Self {
        if let Err(error) = &self.built {
            panic!("{error:?}\n{}", self.output());
        }
        self
    }

    pub(crate) fn config(&self) -> serde_json::Value {
        let built = self.built.as_ref().expect("a built image");
        serde_json::from_slice(&built.images[0].config).expect("a configuration")
    }
}

#[derive(Default)]
struct Said(Mutex<Vec<Event>>);

impl Progress for Said {
    fn emit(&self, event: Event) {
        self.0.lock().expect("events").push(event);
    }
}

struct NoImages;

#[async_trait]
impl ImageSource for NoImages {
    async fn resolve(
        &self,
        reference: &str,
        _platform: &Platform,
        _policy: PullPolicy,
    ) -> Result<ResolvedImage, ImageError> {
        Err(ImageError::new(format!(
            "there is no image {reference} here"
        )))
    }

    async fn open_layer(
        &self,
        image: &ResolvedImage,
        _layer: &Descriptor,
        _transfer: &dyn Transfer,
    ) -> Result<fs::File, ImageError> {
        Err(ImageError::new(format!(
            "there is no image {} here",
            image.name
        )))
    }
}
