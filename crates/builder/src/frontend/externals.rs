//! What goes by a name that no stage has: named contexts, then images.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tokio::sync::Mutex;
use wharf_image::{ImageSource, ResolvedImage};
use wharf_oci::Platform;

use super::files::External;
use crate::context::ContextLoader;
use crate::error::{BuildError, Result};
use crate::plan::{Node, Op};
use crate::reporter::Reporter;
use crate::request::{BuildRequest, NamedContext};

/// Finds images and named contexts, each once per platform.
pub(crate) struct Externals<'a> {
    pub(crate) request: &'a BuildRequest,
    pub(crate) source: &'a dyn ImageSource,
    pub(crate) loader: ContextLoader<'a>,
    pub(crate) reporter: &'a Reporter,
    pub(crate) found: Mutex<BTreeMap<(String, String), External>>,
}

impl Externals<'_> {
    /// The names of named contexts, which stages of the same name give way to.
    pub(crate) fn names(&self) -> BTreeSet<String> {
        let names = self.request.named_contexts.keys();
        names
            .map(|name| name.split("::").next().unwrap_or(name).to_owned())
            .collect()
    }

    pub(crate) async fn find(&self, name: &str, platform: &Platform) -> Result<External> {
        let place = (name.to_owned(), platform.to_string());
        // Held while it is loaded: whoever wants the same waits instead of loading it again.
        let mut found = self.found.lock().await;
        if let Some(known) = found.get(&place) {
            return Ok(known.clone());
        }
        let external = match self.named(name, platform) {
            Some(NamedContext::Files(source)) => {
                let context = self.loader.load(name, source).await?;
                External::Files(Arc::new(context))
            }
            Some(NamedContext::Image(reference)) => self.image(reference, platform).await?,
            Some(NamedContext::OciLayout(path)) => {
                self.image(&format!("oci-layout://{path}"), platform)
                    .await?
            }
            Some(NamedContext::Stage(stage)) => {
                return Err(BuildError::Request {
                    message: format!("the named context {name} is target:{stage}"),
                    hint: Some(
                        "Contexts from targets come with bake files; name the stage in the Dockerfile instead."
                            .to_owned(),
                    ),
                });
            }
            None => self.image(name, platform).await?,
        };
        found.insert(place, external.clone());
        Ok(external)
    }

    /// All images that were found.
    pub(crate) async fn images(&self) -> Vec<ResolvedImage> {
        let found = self.found.lock().await;
        let images = found.values().filter_map(|external| match external {
            External::Image(node) => match &node.op {
                Op::Image(image) => Some(ResolvedImage::clone(image)),
                _ => None,
            },
            External::Files(_) => None,
        });
        images.collect()
    }

    /// The named context of a name, for this platform first.
    fn named(&self, name: &str, platform: &Platform) -> Option<&NamedContext> {
        let contexts = &self.request.named_contexts;
        let familiar = name
            .trim_end_matches(":latest")
            .trim_start_matches("docker.io/")
            .trim_start_matches("library/");
        [name, familiar].into_iter().find_map(|name| {
            let name = name.to_lowercase();
            contexts
                .get(&format!("{name}::{platform}"))
                .or_else(|| contexts.get(&name))
        })
    }

    async fn image(&self, reference: &str, platform: &Platform) -> Result<External> {
        let report = self
            .reporter
            .start(format!("[internal] load metadata for {reference}"));
        let resolved = self
            .source
            .resolve(reference, platform, self.request.pull)
            .await
            .map_err(|error| BuildError::Image {
                name: reference.to_owned(),
                error: Arc::new(error),
                excerpt: None,
            });
        report.done(&resolved);
        let image = Arc::new(resolved?);
        Ok(External::Image(Arc::new(Node {
            name: format!("FROM {}", image.name),
            op: Op::Image(image),
            lines: None,
            ignore_cache: false,
        })))
    }
}
