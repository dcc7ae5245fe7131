//! What was built, to where it was asked to go.
//!
//! Documents are made once; every output is a step of the build's progress, as people know it from BuildKit.

mod archive;
mod reporter;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use wharf_builder::Finished;
use wharf_builder::progress::Progress;
use wharf_client::{Client, ImageName};
use wharf_image::{
    AssembleOptions, Assembled, BaseLayers, BuildMetadata, Content, DaemonAddress, ImageError,
    LocalStore, ResolvedImage, assemble, fetch_missing, load_image, render_iid, write_oci_folder,
};
use wharf_transfer::{Images, Pushing, push_image};

use super::engine::Engine;
use super::options::{Destination, Output, OutputKind};
use crate::failure::Failure;
use crate::session::Session;
use archive::{ArchiveKind, write_archive_to};
use reporter::Reporter;
pub(super) use reporter::{Clock, StepNumbers};

/// Where results can go.
pub(super) struct Places<'a, E> {
    /// Writes files of images.
    pub(super) engine: &'a E,
    pub(super) store: &'a LocalStore,
    pub(super) images: &'a Images,
    pub(super) client: &'a Client,
    pub(super) progress: Arc<dyn Progress>,
    pub(super) clock: Clock,
    pub(super) numbers: StepNumbers,
    /// `DOCKER_HOST`.
    pub(super) docker_host: Option<&'a str>,
}

/// How images are put together.
#[derive(Clone, Debug, Default)]
pub(super) struct Form {
    pub(super) options: AssembleOptions,
    /// `SOURCE_DATE_EPOCH`, or the moment, as RFC 3339 has it.
    pub(super) created: String,
    /// `SOURCE_DATE_EPOCH`.
    pub(super) latest: Option<i64>,
}

/// Delivers to all outputs in their order.
///
/// # Errors
/// The first that fails; the earlier ones are done.
pub(super) async fn deliver<E: Engine>(
    places: &Places<'_, E>,
    finished: &Finished,
    outputs: &[Output],
    form: &Form,
) -> Result<Arc<Assembled>, ImageError> {
    let image = Arc::new(assemble(&finished.built, &form.options)?);
    let content: Arc<dyn Content> = Arc::new(places.store.clone());
    if outputs.iter().any(needs_layers) {
        let reporter = Reporter::start(places, "exporting layers");
        let bases = BaseLayers {
            source: places.images,
            images: &finished.bases,
        };
        let fetched = fetch_missing(&image, &content, &bases, &*reporter.transfer()).await;
        reporter.end(fetched)?;
    }
    for output in outputs {
        deliver_one(places, finished, output, &image, &content, form).await?;
    }
    Ok(image)
}

fn needs_layers(output: &Output) -> bool {
    !matches!(
        output.kind,
        OutputKind::Local { .. } | OutputKind::Tar { .. } | OutputKind::CacheOnly
    )
}

async fn deliver_one<E: Engine>(
    places: &Places<'_, E>,
    finished: &Finished,
    output: &Output,
    image: &Arc<Assembled>,
    content: &Arc<dyn Content>,
    form: &Form,
) -> Result<(), ImageError> {
    match &output.kind {
        OutputKind::Image {
            push,
            store,
            by_digest,
        } => {
            if *store {
                let reporter = Reporter::start(places, "exporting to image");
                let kept = keep(places.store, image, &output.names).await;
                reporter.end(kept)?;
            }
            match push {
                true => {
                    push_names(
                        places,
                        &output.names,
                        *by_digest,
                        image,
                        content,
                        &finished.bases,
                    )
                    .await
                }
                false => Ok(()),
            }
        }
        OutputKind::Oci { to, tar: true } => {
            let reporter = Reporter::start(places, "exporting to oci image format");
            let kind = ArchiveKind::Oci;
            let work = (kind, Arc::clone(image), Arc::clone(content));
            let written = write_archive_to(to, work, &output.names, form, reporter.transfer());
            reporter.end(written.await)
        }
        OutputKind::Oci { to, tar: false } => {
            let reporter = Reporter::start(places, "exporting to oci image layout");
            let kept = match to {
                Destination::Path(folder) => {
                    write_layout(folder, image, content, &output.names, form).await
                }
                Destination::Stdout => Err(ImageError::new("a layout is a folder")),
            };
            reporter.end(kept)
        }
        OutputKind::Docker { to: Some(to) } => {
            let reporter = Reporter::start(places, "exporting to docker image format");
            let work = (ArchiveKind::Docker, Arc::clone(image), Arc::clone(content));
            let written = write_archive_to(to, work, &output.names, form, reporter.transfer());
            reporter.end(written.await)
        }
        OutputKind::Docker { to: None } => {
            let reporter = Reporter::start(places, "importing to docker");
            let loaded = load(places, image, content, &output.names, form, &reporter).await;
            reporter.end(loaded)
        }
        OutputKind::Local { .. } | OutputKind::Tar { .. } => {
            let reporter = Reporter::start(places, "exporting to client");
            let written = places
                .engine
                .write_files(&finished.built, &output.kind, form.latest);
            reporter.end(written.await)
        }
        OutputKind::CacheOnly => Ok(()),
    }
}

async fn keep(
    store: &LocalStore,
    image: &Arc<Assembled>,
    names: &[ImageName],
) -> Result<(), ImageError> {
    let (store, image, names) = (store.clone(), Arc::clone(image), convert_names(names)?);
    run_blocking(move || store.keep(&image, &store, &names)).await
}

async fn write_layout(
    folder: &Path,
    image: &Arc<Assembled>,
    content: &Arc<dyn Content>,
    names: &[ImageName],
    form: &Form,
) -> Result<(), ImageError> {
    let (folder, options) = (folder.to_path_buf(), archive::describe(names, form)?);
    let (image, content) = (Arc::clone(image), Arc::clone(content));
    run_blocking(move || write_oci_folder(&folder, &image, &*content, &options)).await
}

async fn load<E: Engine>(
    places: &Places<'_, E>,
    image: &Arc<Assembled>,
    content: &Arc<dyn Content>,
    names: &[ImageName],
    form: &Form,
    reporter: &Reporter,
) -> Result<(), ImageError> {
    let address = match places.docker_host {
        Some(text) => text.parse()?,
        None => DaemonAddress::default(),
    };
    let said = load_image(
        &address,
        Arc::clone(image),
        // Several platforms were refused before the build.
        0,
        Arc::clone(content),
        archive::describe(names, form)?,
        reporter.transfer(),
    );
    for line in said.await? {
        reporter.say(&line);
    }
    Ok(())
}

/// Pushes under each name.
async fn push_names<E: Engine>(
    places: &Places<'_, E>,
    names: &[ImageName],
    by_digest: bool,
    image: &Assembled,
    content: &Arc<dyn Content>,
    bases: &[ResolvedImage],
) -> Result<(), ImageError> {
    let layers: Vec<_> = image
        .layers()
        .into_iter()
        .map(|layer| layer.descriptor.clone())
        .collect();
    let configs: Vec<_> = image.images.iter().map(|one| one.config.digest).collect();
    let documents = image
        .documents
        .iter()
        .map(|document| (document.descriptor.clone(), document.bytes.clone()));
    let (configs, manifests): (Vec<_>, Vec<_>) =
        documents.partition(|(descriptor, _)| configs.contains(&descriptor.digest));
    let pushing = Pushing {
        layers: &layers,
        configs: &configs,
        manifests: &manifests,
        content: Arc::clone(content),
        bases,
    };
    for name in names {
        let name = match by_digest {
            true => ImageName {
                tag: None,
                digest: Some(image.root.digest),
                ..name.clone()
            },
            false => name.clone(),
        };
        let reporter = Reporter::start(places, &format!("pushing {name}"));
        let pushed = push_image(places.client, &name, &pushing, reporter.transfer()).await;
        if let Ok(digest) = &pushed {
            reporter.say(&format!("{name}@{digest}"));
        }
        reporter.end(pushed)?;
    }
    Ok(())
}

/// The store's names are complete too, but of another room.
fn convert_names(names: &[ImageName]) -> Result<Vec<wharf_image::ImageName>, ImageError> {
    names.iter().map(|name| name.to_string().parse()).collect()
}

async fn run_blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ImageError> + Send + 'static,
) -> Result<T, ImageError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(outcome) => outcome,
        Err(error) => Err(ImageError::new("writing the image was broken off").with_source(error)),
    }
}

/// `--iidfile` and `--metadata-file`.
pub(super) fn write_notes(
    session: &Session,
    image: &Assembled,
    names: &[ImageName],
    iidfile: Option<&Path>,
    metadata_file: Option<&Path>,
) -> Result<(), Failure> {
    let mut notes = BTreeMap::new();
    if let Some(path) = iidfile {
        notes.insert(path, render_iid(image).into_bytes());
    }
    if let Some(path) = metadata_file {
        let names = convert_names(names).unwrap_or_default();
        notes.insert(path, BuildMetadata::new(image, &names).render());
    }
    for (path, bytes) in notes {
        if let Err(error) = std::fs::write(path, bytes) {
            let path = path.display().to_string();
            let message = session.text("cli.build.file_unwritable", &[("path", &path)]);
            return Err(Failure::new(message).caused_by(&error));
        }
    }
    Ok(())
}
