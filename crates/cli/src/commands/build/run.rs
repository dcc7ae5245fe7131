//! One build from its options to its outputs.

mod display;
mod report;
mod workshop;

use std::collections::BTreeMap;
use std::future::Future;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::watch;
use wharf_builder::host_platform;
use wharf_builder::request::{BuildRequest, SecretSource};
use wharf_dockerfile::lint::LintReport;
use wharf_egress::Egress;
use wharf_image::{AssembleOptions, Assembled, ImageSource, LocalStore};

use super::agents::open_agents;
use super::answer::{answer_call, needs_images};
use super::arguments::BuildArguments;
use super::cancel::SignalWatch;
use super::deliver::{Form, Places, StepNumbers, deliver, write_notes};
use super::draft::{Draft, Surroundings, draft_build};
use super::engine::{BuildFailure, Engine};
use super::inputs::{Inputs, name_dockerfile, open_inputs, read_definition};
use super::options::{Call, Method};
use super::settings::load_settings;
use crate::config::{AllowedNet, Config};
use crate::failure::Failure;
use crate::images::find_docker_folder;
use crate::output::print_text;
use crate::progress::{Console, Look, Mode, Renderer};
use crate::session::Session;
use display::{connect, detect_look, read_mode};
use workshop::Workshop;

/// What an engine is made of.
pub(super) struct Setup<'a> {
    pub(super) session: &'a Session,
    /// `[build] allow_net`.
    pub(super) allow_net: &'a [AllowedNet],
    /// Cache and snapshots go below it.
    pub(super) state_dir: &'a Path,
    /// The local store: base images and results.
    pub(super) store: LocalStore,
    /// Where base images come from.
    pub(super) images: Arc<dyn ImageSource>,
    /// The way out for what is neither an image nor a step.
    pub(super) egress: Egress,
}

/// One run of the command.
struct Run<'a> {
    arguments: &'a BuildArguments,
    session: &'a Session,
    config: Config,
    mode: Mode,
    look: Look,
}

/// Builds with the engine that `make_engine` makes. For questions about a Dockerfile that is here, none is made.
pub(super) fn run_with<E: Engine>(
    arguments: &BuildArguments,
    session: &Session,
    make_engine: impl FnOnce(&Setup<'_>) -> Result<E, Failure>,
) -> Result<(), Failure> {
    let config = load_settings(session, arguments.host.config.as_deref())?;
    let (cancel, canceled) = watch::channel(false);
    let mut draft = draft_build(
        arguments,
        &Surroundings {
            environment: &session.environment,
            docker_config: &read_docker_config(session),
            settings: &config.build,
            platform: host_platform(),
            is_directory: &Path::is_dir,
            stdout_is_terminal: session.stdout_is_terminal,
        },
        canceled,
    )
    .map_err(|problem| problem.into_failure(session))?;
    // Until the build has ended.
    let agents = open_agents(session, &draft.ssh)?;
    draft.request.ssh_agents = agents.sockets.clone();
    let run = Run {
        mode: read_mode(&arguments.results, session)?,
        look: detect_look(session),
        arguments,
        session,
        config,
    };
    match draft.call {
        Some(call) => run.ask(call, draft, cancel, make_engine),
        None => run.build(draft, cancel, make_engine),
    }
}

impl Run<'_> {
    fn ask<E: Engine>(
        &self,
        call: Call,
        draft: Draft,
        cancel: watch::Sender<bool>,
        make_engine: impl FnOnce(&Setup<'_>) -> Result<E, Failure>,
    ) -> Result<(), Failure> {
        let inputs = self.open_inputs(&draft, &std::env::temp_dir())?;
        let request = fill_inputs(draft.request, &inputs);
        let definition = read_definition(self.session, &inputs)?;
        let is_check = call.method == Method::Check;
        let (definition, checked) = match definition {
            // A check may do without images, and without a machine that can build.
            Some(definition) if is_check && needs_images(&definition.1) => {
                let checked = self.check_with_images(&request, cancel, make_engine);
                (definition, checked.ok())
            }
            Some(definition) => (definition, None),
            None => {
                let bytes = self.fetch_dockerfile(&request, cancel, make_engine)?;
                ((name_dockerfile(&request.dockerfile), bytes), None)
            }
        };
        let platform = host_platform();
        answer_call(
            self.session,
            call,
            &request,
            &definition,
            &platform,
            checked,
        )
    }

    /// What lint finds when base images are asked what they set.
    fn check_with_images<E: Engine>(
        &self,
        request: &BuildRequest,
        cancel: watch::Sender<bool>,
        make_engine: impl FnOnce(&Setup<'_>) -> Result<E, Failure>,
    ) -> Result<LintReport, Failure> {
        let workshop = Workshop::open(&self.arguments.host, self.session, &self.config)?;
        let engine = make_engine(&workshop.describe(self.session))?;
        let console = self.start_console()?;
        let progress = console.progress();
        let check = async { engine.check(request.clone(), progress).await };
        let outcome = self.wait(cancel, &console, check)?;
        report::conclude(self, console, outcome.map_err(Trouble::Build))
    }

    /// The Dockerfile of a context that has to be fetched or unpacked first.
    fn fetch_dockerfile<E: Engine>(
        &self,
        request: &BuildRequest,
        cancel: watch::Sender<bool>,
        make_engine: impl FnOnce(&Setup<'_>) -> Result<E, Failure>,
    ) -> Result<Vec<u8>, Failure> {
        let workshop = Workshop::open(&self.arguments.host, self.session, &self.config)?;
        let engine = make_engine(&workshop.describe(self.session))?;
        let console = self.start_console()?;
        let progress = console.progress();
        let read = async { engine.read_dockerfile(request, progress).await };
        let outcome = self.wait(cancel, &console, read)?;
        report::conclude(self, console, outcome.map_err(Trouble::Build))
    }

    fn build<E: Engine>(
        &self,
        draft: Draft,
        cancel: watch::Sender<bool>,
        make_engine: impl FnOnce(&Setup<'_>) -> Result<E, Failure>,
    ) -> Result<(), Failure> {
        check_sources(self.session, &draft)?;
        let workshop = Workshop::open(&self.arguments.host, self.session, &self.config)?;
        let inputs = self.open_inputs(&draft, &workshop.state_dir)?;
        let results = &self.arguments.results;
        remove_stale_note(self.session, results.iidfile.as_deref())?;
        let engine = make_engine(&workshop.describe(self.session))?;
        let console = self.start_console()?;
        let places = Places {
            engine: &engine,
            store: &workshop.store,
            images: &workshop.images,
            client: &workshop.client,
            progress: console.progress(),
            clock: Timestamp::now,
            numbers: StepNumbers::default(),
            docker_host: self.session.variable("DOCKER_HOST"),
        };
        let work = build(self.session, &places, draft, &inputs);
        let outcome = self.wait(cancel, &console, work);
        // A failed build has kept its good steps as well.
        let concluded = outcome.and_then(|outcome| report::conclude(self, console, outcome));
        engine.make_room(self.config.build.cache_bytes);
        let Built { image, names } = concluded?;
        write_notes(
            self.session,
            &image,
            &names,
            results.iidfile.as_deref(),
            results.metadata_file.as_deref(),
        )?;
        match self.mode {
            Mode::Quiet => print_text(self.session, &format!("{}\n", image.id())),
            _ => Ok(()),
        }
    }

    fn open_inputs(&self, draft: &Draft, folder: &Path) -> Result<Inputs, Failure> {
        let mut stdin = io::stdin().lock();
        let file = draft.file.as_deref();
        open_inputs(self.session, &draft.context, file, &mut stdin, folder)
    }

    fn start_console(&self) -> Result<Console, Failure> {
        Console::start(Renderer::new(self.mode, self.look), connect())
            .map_err(|error| self.explain_start(&error))
    }

    /// Waits for work that signals can end.
    fn wait<T>(
        &self,
        cancel: watch::Sender<bool>,
        console: &Console,
        work: impl Future<Output = T>,
    ) -> Result<T, Failure> {
        let runtime = tokio::runtime::Runtime::new().map_err(|error| self.explain_start(&error))?;
        let speak = console.speaker();
        let sentence = self.session.text("cli.build.canceling", &[]).into_owned();
        let outcome = runtime.block_on(async {
            let watch = SignalWatch::start(cancel, move || speak(sentence))
                .map_err(|error| self.explain_start(&error))?;
            let outcome = work.await;
            drop(watch);
            Ok(outcome)
        });
        // Steps that nobody waits for any more must not hold the program back.
        runtime.shutdown_background();
        outcome
    }

    fn explain_start(&self, error: &io::Error) -> Failure {
        Failure::new(self.session.text("cli.runtime_failed", &[])).caused_by(error)
    }
}

fn fill_inputs(mut request: BuildRequest, inputs: &Inputs) -> BuildRequest {
    request.context = inputs.context.clone();
    request.dockerfile = inputs.dockerfile.clone();
    request
}

/// What a successful build leaves for the notes about it.
struct Built {
    image: Arc<Assembled>,
    names: Vec<wharf_client::ImageName>,
}

/// Why it did not succeed: the build, or what became of its result.
enum Trouble {
    Build(BuildFailure),
    Output(wharf_image::ImageError),
}

async fn build<E: Engine>(
    session: &Session,
    places: &Places<'_, E>,
    draft: Draft,
    inputs: &Inputs,
) -> Result<Built, Trouble> {
    let request = fill_inputs(draft.request, inputs);
    let latest = find_epoch(&request.build_args);
    let time = latest.and_then(|seconds| Timestamp::from_second(seconds).ok());
    let form = Form {
        created: time.unwrap_or(session.now).to_string(),
        latest,
        options: AssembleOptions {
            docker_media_types: request.docker_media_types,
            always_index: request
                .build_args
                .get("BUILDKIT_MULTI_PLATFORM")
                .is_some_and(|value| matches!(value.as_str(), "1" | "true")),
            annotations: draft.annotations,
        },
    };
    let progress = Arc::clone(&places.progress);
    let finished = places.engine.build(request, progress).await;
    let finished = finished.map_err(Trouble::Build)?;
    let image = deliver(places, &finished, &draft.outputs, &form).await;
    Ok(Built {
        image: image.map_err(Trouble::Output)?,
        names: draft.tags,
    })
}

/// `SOURCE_DATE_EPOCH` among the arguments, when it is a number.
fn find_epoch(build_args: &BTreeMap<String, String>) -> Option<i64> {
    build_args.get("SOURCE_DATE_EPOCH")?.parse().ok()
}

/// Files of secrets: a build that finds out in its last step has wasted the others.
fn check_sources(session: &Session, draft: &Draft) -> Result<(), Failure> {
    for (id, source) in &draft.request.secrets {
        let SecretSource::File(path) = source else {
            continue;
        };
        if let Err(error) = std::fs::File::open(path) {
            let path = path.display().to_string();
            let parameters = [("id", id.as_str()), ("path", &path)];
            let message = session.text("cli.build.secret_unreadable", &parameters);
            return Err(Failure::new(message).caused_by(&error));
        }
    }
    Ok(())
}

/// An id of an earlier build must not be taken for this one's when this one fails.
fn remove_stale_note(session: &Session, iidfile: Option<&Path>) -> Result<(), Failure> {
    let Some(path) = iidfile else {
        return Ok(());
    };
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            let path = path.display().to_string();
            let message = session.text("cli.build.file_unwritable", &[("path", &path)]);
            Err(Failure::new(message).caused_by(&error))
        }
        _ => Ok(()),
    }
}

/// Docker's `config.json`, for its proxies; without one it is empty.
fn read_docker_config(session: &Session) -> String {
    let folder = find_docker_folder(session).map(PathBuf::from);
    let text = folder.and_then(|folder| std::fs::read_to_string(folder.join("config.json")).ok());
    text.unwrap_or_default()
}

#[cfg(test)]
mod tests;
