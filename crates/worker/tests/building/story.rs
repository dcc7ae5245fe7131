//! What happened in one build, from beginning to end.

use std::sync::Arc;

use wharf_builder::progress::Event;
use wharf_worker::{
    CommitFacts, FinishedBuild, Phase, WorkerEvent, WorkerFailure, WorkerHandle, WorkerServices,
};

use crate::bench::Bench;

/// All that a worker told.
#[derive(Debug)]
pub(crate) struct Story {
    pub(crate) phases: Vec<Phase>,
    pub(crate) bases: Vec<String>,
    pub(crate) commit: Option<CommitFacts>,
    /// Whether there is one, if it was asked for.
    pub(crate) readme: Option<Option<String>>,
    pub(crate) log: String,
    pub(crate) warnings: Vec<String>,
    pub(crate) end: Result<Box<FinishedBuild>, WorkerFailure>,
}

impl Story {
    /// The image, or the failure in the panic's words.
    pub(crate) fn image(self) -> Box<FinishedBuild> {
        match self.end {
            Ok(image) => image,
            Err(failure) => panic!("{failure:?}\n{}\n{:?}", self.log, self.warnings),
        }
    }

    pub(crate) fn failure(self) -> WorkerFailure {
        match self.end {
            Ok(_) => panic!("the build succeeds\n{}", self.log),
            Err(failure) => failure,
        }
    }
}

impl Bench {
    /// Builds, and waits until nothing of the worker is left.
    pub(crate) fn build(&self, job: wharf_worker::WorkerJob) -> Story {
        self.runtime.block_on(async {
            let handle = self.start(job).await;
            self.hear(handle, |_, _| ()).await
        })
    }

    pub(crate) async fn start(&self, job: wharf_worker::WorkerJob) -> WorkerHandle {
        let services = Arc::clone(&self.services) as Arc<dyn WorkerServices>;
        self.launcher
            .start(job, services)
            .await
            .unwrap_or_else(|error| panic!("a worker starts: {error}: {error:?}"))
    }

    /// Hears a build out; `react` sees each event first.
    pub(crate) async fn hear(
        &self,
        mut handle: WorkerHandle,
        mut react: impl FnMut(&WorkerEvent, &WorkerHandle),
    ) -> Story {
        let mut story = Story {
            phases: Vec::new(),
            bases: Vec::new(),
            commit: None,
            readme: None,
            log: String::new(),
            warnings: Vec::new(),
            end: Err(WorkerFailure {
                kind: wharf_worker::FailureKind::WorkerLost,
                phase: Phase::Starting,
                step: None,
                exit_code: None,
                message: "no last word".to_owned(),
                hint: None,
                excerpt: None,
            }),
        };
        while let Some(event) = handle.next_event().await {
            react(&event, &handle);
            match event {
                WorkerEvent::PhaseBegan { phase, .. } => story.phases.push(phase),
                WorkerEvent::Bases(names) => story.bases = names,
                WorkerEvent::Commit(facts) => story.commit = Some(facts),
                WorkerEvent::Readme(text) => story.readme = Some(text),
                WorkerEvent::Progress(Event::StepLog { bytes, .. }) => {
                    story.log.push_str(&String::from_utf8_lossy(&bytes));
                }
                WorkerEvent::Progress(Event::Warning { message, .. }) => {
                    story.warnings.push(message);
                }
                WorkerEvent::Finished(image) => story.end = Ok(image),
                WorkerEvent::Failed(failure) => story.end = Err(failure),
                _ => {}
            }
        }
        handle.finish().await;
        story
    }
}
