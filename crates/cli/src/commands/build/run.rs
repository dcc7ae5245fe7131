//! One build from its options to its outputs.

mod display;
mod report;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::watch;
use wharf_builder::host_platform;
use wharf_builder::request::SecretSource;
use wharf_egress::Egress;
use wharf_image::{AssembleOptions, Assembled, ImageSource, LocalStore};

use super::answer::answer_call;
use super::arguments::BuildArguments;
use super::cancel::SignalWatch;
use super::deliver::{Form, Places, StepNumbers, deliver, write_notes};
use super::draft::{Draft, Surroundings, draft_build};
use super::engine::{BuildFailure, Engine};
use super::inputs::{Inputs, open_inputs};
use super::settings::load_settings;
use crate::config::AllowedNet;
use crate::failure::Failure;
use crate::images::{
    Images, find_docker_folder, find_state_dir, open_client, open_egress, open_store,
};
use crate::output::print_text;
use crate::progress::{Console, Mode, Renderer};
use crate::session::Session;
use display::{connect, detect_look, read_mode};

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

/// Builds with the engine that `make_engine` makes; it is not made when the Dockerfile is only asked about.
pub(super) fn run_with<E: Engine>(
    arguments: &BuildArguments,
    session: &Session,
    make_engine: impl FnOnce(&Setup<'_>) -> Result<E, Failure>,
) -> Result<(), Failure> {
    let config = load_settings(session, arguments.host.config.as_deref())?;
    let platform = host_platform();
    let (cancel, canceled) = watch::channel(false);
    let draft = draft_build(
        arguments,
        &Surroundings {
            environment: &session.environment,
            docker_config: &read_docker_config(session),
            settings: &config.build,
            platform: platform.clone(),
            is_directory: &Path::is_dir,
            stdout_is_terminal: session.stdout_is_terminal,
        },
        canceled,
    )
    .map_err(|problem| problem.into_failure(session))?;
    let mode = read_mode(&arguments.results, session)?;
    let mut stdin = io::stdin().lock();
    if let Some(call) = draft.call {
        let folder = std::env::temp_dir();
        let inputs = open_inputs(
            session,
            &draft.context,
            draft.file.as_deref(),
            &mut stdin,
            &folder,
        )?;
        return answer_call(session, call, &draft.request, &inputs, &platform);
    }
    check_sources(session, &draft)?;
    let state_dir = find_state_dir(
        session,
        arguments.host.state_dir.as_deref(),
        rustix::process::geteuid().is_root(),
    )?;
    let store = open_store(session, &state_dir)?;
    let inputs = open_inputs(
        session,
        &draft.context,
        draft.file.as_deref(),
        &mut stdin,
        &state_dir,
    )?;
    remove_stale_note(session, arguments.results.iidfile.as_deref())?;
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Failure::new(session.text("cli.runtime_failed", &[])).caused_by(&error))?;
    let egress = open_egress(session, &config)?;
    let client = open_client(session, &config, egress.clone());
    let images = Arc::new(Images::new(store.clone(), client.clone()));
    let engine = make_engine(&Setup {
        session,
        allow_net: &config.build.allow_net,
        state_dir: &state_dir,
        store: store.clone(),
        images: Arc::clone(&images) as Arc<dyn ImageSource>,
        egress,
    })?;
    let look = detect_look(session);
    let console = Console::start(Renderer::new(mode, look), connect())
        .map_err(|error| Failure::new(session.text("cli.runtime_failed", &[])).caused_by(&error))?;
    let places = Places {
        engine: &engine,
        store: &store,
        images: &images,
        client: &client,
        progress: console.progress(),
        clock: Timestamp::now,
        numbers: StepNumbers::default(),
        docker_host: session.variable("DOCKER_HOST"),
    };
    let outcome = runtime.block_on(async {
        let speak = console.speaker();
        let sentence = session.text("cli.build.canceling", &[]).into_owned();
        let watch = SignalWatch::start(cancel, move || speak(sentence));
        let outcome = build(session, &places, draft, &inputs).await;
        drop(watch);
        outcome
    });
    // Steps that nobody waits for any more must not hold the program back.
    runtime.shutdown_background();
    report::conclude(session, console, look, mode, outcome).and_then(|built| {
        let Built { image, names } = built;
        let results = &arguments.results;
        write_notes(
            session,
            &image,
            &names,
            results.iidfile.as_deref(),
            results.metadata_file.as_deref(),
        )?;
        match mode {
            Mode::Quiet => print_text(session, &format!("{}\n", image.id())),
            _ => Ok(()),
        }
    })
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
    let mut request = draft.request;
    request.context = inputs.context.clone();
    request.dockerfile = inputs.dockerfile.clone();
    let latest = find_epoch(&request.build_args);
    let time = latest.and_then(|seconds| Timestamp::from_second(seconds).ok());
    let form = Form {
        created: time.unwrap_or(session.now).to_string(),
        latest,
        options: AssembleOptions {
            docker_media_types: request.docker_media_types,
            always_index: false,
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

/// Files of secrets and sockets of agents: a build that finds out in its last step has wasted the others.
fn check_sources(session: &Session, draft: &Draft) -> Result<(), Failure> {
    use std::os::unix::fs::FileTypeExt;
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
    for (id, socket) in &draft.request.ssh_agents {
        let is_socket = socket
            .metadata()
            .is_ok_and(|found| found.file_type().is_socket());
        if !is_socket {
            let path = socket.display().to_string();
            let parameters = [("id", id.as_str()), ("path", &path)];
            let message = session.text("cli.build.ssh_no_socket", &parameters);
            return Err(Failure::usage(message)
                .with_hint(session.text("cli.build.ssh_no_socket_hint", &[])));
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
