//! Lint: what the Dockerfile could do better, in a build as warnings, else as an answer of its own.

use std::collections::BTreeMap;

use wharf_dockerfile::lint::{BaseImage, LintInput, LintReport, lint};
use wharf_dockerfile::scope::{GlobalArguments, list_platform_arguments};
use wharf_dockerfile::stages::Base;
use wharf_dockerfile::{Dockerfile, StageGraph};
use wharf_oci::Platform;

use super::files::External;
use super::{Externals, ImageConfig, Planner};
use crate::context::FileContext;
use crate::error::{BuildError, Result};
use crate::plan::Op;
use crate::reporter::Reporter;
use crate::request::BuildRequest;

impl Planner<'_> {
    /// Warns of what lint finds in the stages that are built.
    ///
    /// # Errors
    /// When the file or the build says that findings are errors.
    pub(crate) async fn lint(&self, text: &[u8], reporter: &Reporter) -> Result<()> {
        let images = known_images(self.externals, self.target).await;
        let report = look(
            text,
            self.request,
            self.main,
            self.externals,
            &images,
            (self.host, self.target),
            false,
        );
        for finding in &report.findings {
            reporter.warn(
                Some(finding.rule.name()),
                finding.message.clone(),
                Some((finding.lines.first, finding.lines.last)),
            );
        }
        if let Some(error) = report.error {
            return Err(BuildError::dockerfile(error, &report.source));
        }
        if report.fails {
            let mut rules: Vec<&str> = report
                .findings
                .iter()
                .map(|found| found.rule.name())
                .collect();
            rules.dedup();
            return Err(BuildError::Request {
                message: format!("lint violation found for rules: {}", rules.join(", ")),
                hint: Some(
                    "Mend the file, or take error=true out of its `# check` line.".to_owned(),
                ),
            });
        }
        Ok(())
    }
}

/// Checks all stages of a file, with the base images that can be had.
pub(crate) async fn check_file(
    text: &[u8],
    request: &BuildRequest,
    main: &FileContext,
    externals: &Externals<'_>,
    host: &Platform,
    target: &Platform,
) -> LintReport {
    if let Ok(dockerfile) = Dockerfile::parse(text) {
        for (name, platform) in list_images(&dockerfile, request, externals, host, target) {
            // What cannot be had is not known; lint is careful then.
            let _ = externals.find(&name, &platform).await;
        }
    }
    let images = known_images(externals, target).await;
    look(
        text,
        request,
        main,
        externals,
        &images,
        (host, target),
        true,
    )
}

fn look(
    text: &[u8],
    request: &BuildRequest,
    main: &FileContext,
    externals: &Externals<'_>,
    images: &BTreeMap<String, BaseImage>,
    (host, target): (&Platform, &Platform),
    every_stage: bool,
) -> LintReport {
    let contexts = externals.names();
    lint(
        text,
        &LintInput {
            given: &request.build_args,
            build_platform: host,
            target_platform: target,
            target: request.target.as_deref(),
            every_stage,
            contexts: &contexts,
            images,
            ignore: main.ignore(),
        },
    )
}

/// Base images of a file that makes sense so far.
fn list_images(
    dockerfile: &Dockerfile,
    request: &BuildRequest,
    externals: &Externals<'_>,
    host: &Platform,
    target: &Platform,
) -> Vec<(String, Platform)> {
    let stage = request.target.clone().unwrap_or_default();
    let platforms = list_platform_arguments(host, target, &stage, &request.build_args);
    let Ok(global) = GlobalArguments::resolve(dockerfile, platforms, &request.build_args) else {
        return Vec::new();
    };
    let Ok(graph) = StageGraph::new(dockerfile, &global, &externals.names(), host) else {
        return Vec::new();
    };
    let stages = graph.stages.iter();
    stages
        .filter_map(|links| match &links.base {
            Base::Image(name) => {
                let platform = links.platform.clone().unwrap_or_else(|| target.clone());
                Some((name.clone(), platform))
            }
            _ => None,
        })
        .collect()
}

/// What is known of images by now, as far as they were asked for the platform that is built for: the same name for
/// another platform may be another image.
async fn known_images(externals: &Externals<'_>, target: &Platform) -> BTreeMap<String, BaseImage> {
    let found = externals.found.lock().await;
    let target = target.to_string();
    let times = |wanted: &str| found.keys().filter(|(name, _)| name == wanted).count();
    let images = found.iter().filter_map(|((name, platform), external)| {
        if *platform != target || times(name) > 1 {
            return None;
        }
        let External::Image(node) = external else {
            return None;
        };
        let Op::Image(image) = &node.op else {
            return None;
        };
        let config = ImageConfig::parse(&image.config).ok()?;
        let base = BaseImage {
            environment: config.environment(),
            has_shell: config.config.shell.is_some(),
            workdir: config.config.working_dir.clone(),
            platform: config.platform(),
            triggers: config.config.on_build.clone().unwrap_or_default(),
        };
        Some((name.clone(), base))
    });
    images.collect()
}
