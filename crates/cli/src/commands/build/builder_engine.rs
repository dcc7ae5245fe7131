//! The builder as the engine of the command line.

mod files;

use std::path::PathBuf;
use std::sync::Arc;

use wharf_builder::progress::Progress;
use wharf_builder::request::BuildRequest;
use wharf_builder::{BuildError, Builder, BuilderSettings, Finished};
use wharf_dockerfile::lint::LintReport;
use wharf_image::{Built, ImageError, LocalStore};
use wharf_sandbox::Allowed;

use super::engine::{BuildFailure, Engine};
use super::inputs::name_dockerfile;
use super::options::OutputKind;
use super::run::Setup;
use crate::commands::builder::prune_after_build;
use crate::config::AllowedNet;
use crate::failure::Failure;
use crate::progress::SourceExcerpt;

/// Builds here, in the sandbox of this machine.
pub(super) struct BuilderEngine {
    builder: Builder,
    state_dir: PathBuf,
    store: LocalStore,
}

impl BuilderEngine {
    /// Opens the builder's folder and looks at the machine.
    pub(super) fn open(setup: &Setup<'_>) -> Result<Self, Failure> {
        let settings = BuilderSettings {
            state: setup.state_dir.join("builder"),
            source: Arc::clone(&setup.images),
            content: Arc::new(setup.store.clone()),
            egress: setup.egress.clone(),
            dial: None,
            allowed_networks: setup.allow_net.iter().map(convert_net).collect(),
            rootful: false,
            host: None,
        };
        match Builder::new(settings) {
            Ok(builder) => Ok(BuilderEngine {
                builder,
                state_dir: setup.state_dir.to_path_buf(),
                store: setup.store.clone(),
            }),
            Err(error) => {
                let message = setup.session.text("cli.build.failed", &[]);
                let failure = Failure::new(message).caused_by(&error);
                Err(match error.hint() {
                    Some(hint) => failure.with_hint(hint),
                    None => failure,
                })
            }
        }
    }
}

impl Engine for BuilderEngine {
    async fn build(
        &self,
        request: BuildRequest,
        progress: Arc<dyn Progress>,
    ) -> Result<Finished, BuildFailure> {
        let file = name_dockerfile(&request.dockerfile);
        let finished = self.builder.build(request, progress).await;
        finished.map_err(|error| describe_failure(error, file))
    }

    async fn read_dockerfile(
        &self,
        request: &BuildRequest,
        progress: Arc<dyn Progress>,
    ) -> Result<Vec<u8>, BuildFailure> {
        let read = self.builder.read_dockerfile(request, progress).await;
        read.map_err(|error| describe_failure(error, name_dockerfile(&request.dockerfile)))
    }

    async fn check(
        &self,
        request: BuildRequest,
        progress: Arc<dyn Progress>,
    ) -> Result<LintReport, BuildFailure> {
        let file = name_dockerfile(&request.dockerfile);
        let checked = self.builder.check(request, progress).await;
        checked.map_err(|error| describe_failure(error, file))
    }

    fn make_room(&self, budget: u64) {
        prune_after_build(&self.state_dir, &self.store, budget);
    }

    async fn write_files(
        &self,
        built: &Built,
        output: &OutputKind,
        latest: Option<i64>,
    ) -> Result<(), ImageError> {
        files::write_files(&self.builder, built, output, latest).await
    }
}

fn convert_net(net: &AllowedNet) -> Allowed {
    Allowed {
        address: net.network.network(),
        prefix: net.network.prefix_len(),
        port: net.port,
    }
}

fn describe_failure(error: BuildError, file: String) -> BuildFailure {
    let excerpt = error.excerpt().cloned();
    BuildFailure {
        hint: error.hint().map(str::to_owned),
        step: None,
        source: excerpt.map(|excerpt| SourceExcerpt { file, excerpt }),
        build: match &error {
            BuildError::Run { build, .. } => build.clone(),
            _ => None,
        },
        is_canceled: matches!(error, BuildError::Canceled),
        error: Box::new(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_command_names_the_build_to_look_into() {
        let error = BuildError::Run {
            command: "/bin/sh -c false".to_owned(),
            reason: "exit code: 1".to_owned(),
            exit_code: 1,
            excerpt: None,
            build: Some("b7".to_owned()),
            tail: String::new(),
        };
        let failure = describe_failure(error, "Dockerfile".to_owned());
        assert_eq!(failure.build.as_deref(), Some("b7"));
        assert!(!failure.is_canceled && failure.source.is_none());
        let failure = describe_failure(BuildError::Canceled, "Dockerfile".to_owned());
        assert!(failure.is_canceled);
    }
}
