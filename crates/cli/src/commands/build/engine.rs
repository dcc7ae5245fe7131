//! What builds, seen from the command line.

use std::error::Error;
use std::future::Future;
use std::sync::Arc;

use wharf_builder::Finished;
use wharf_builder::progress::{Progress, StepId};
use wharf_builder::request::BuildRequest;
use wharf_dockerfile::lint::LintReport;
use wharf_image::{Built, ImageError};

use super::options::OutputKind;
use crate::progress::SourceExcerpt;

/// Builds one request to its end. Ends early, and in order, when the request's `cancel` turns true.
pub(super) trait Engine: Send + Sync {
    fn build(
        &self,
        request: BuildRequest,
        progress: Arc<dyn Progress>,
    ) -> impl Future<Output = Result<Finished, BuildFailure>> + Send;

    /// The Dockerfile's bytes, wherever the request says that it is.
    fn read_dockerfile(
        &self,
        request: &BuildRequest,
        progress: Arc<dyn Progress>,
    ) -> impl Future<Output = Result<Vec<u8>, BuildFailure>> + Send;

    /// What lint finds in the Dockerfile, wherever the request says that it is. Base images are asked what they set.
    fn check(
        &self,
        request: BuildRequest,
        progress: Arc<dyn Progress>,
    ) -> impl Future<Output = Result<LintReport, BuildFailure>> + Send;

    /// Removes from the cache what is beyond `budget` bytes, unless somebody else builds.
    fn make_room(&self, budget: u64);

    /// Writes the files of what was built (`type=local`, `type=tar`): into the folder, or as one archive. No file is
    /// younger than `latest`, in seconds since 1970.
    fn write_files(
        &self,
        built: &Built,
        output: &OutputKind,
        latest: Option<i64>,
    ) -> impl Future<Output = Result<(), ImageError>> + Send;
}

/// Why there is no image.
#[derive(Debug)]
pub(super) struct BuildFailure {
    /// What happened; its sources are the chain below it.
    pub(super) error: Box<dyn Error + Send + Sync>,
    pub(super) hint: Option<String>,
    /// The step that failed, if it was one.
    pub(super) step: Option<StepId>,
    /// Where in the Dockerfile it says so.
    pub(super) source: Option<SourceExcerpt>,
    /// What `wharf debug` takes, when there is a state to open a shell in.
    pub(super) build: Option<String>,
    /// Somebody asked for it to end.
    pub(super) is_canceled: bool,
}
