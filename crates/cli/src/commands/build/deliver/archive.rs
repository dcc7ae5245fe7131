//! Archives to files and to standard output.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::sync::Arc;

use wharf_client::ImageName;
use wharf_image::{
    ArchiveOptions, Assembled, Content, ImageError, Transfer, write_docker_archive,
    write_oci_archive,
};

use super::{Form, convert_names, run_blocking};
use crate::commands::build::options::Destination;

/// The two forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ArchiveKind {
    Oci,
    Docker,
}

/// What is written: the form, the image, and where its layers are.
pub(super) type ArchiveWork = (ArchiveKind, Arc<Assembled>, Arc<dyn Content>);

/// What the archive says beside the image.
pub(super) fn describe(names: &[ImageName], form: &Form) -> Result<ArchiveOptions, ImageError> {
    Ok(ArchiveOptions {
        names: convert_names(names)?,
        created: Some(form.created.clone()),
    })
}

/// Writes an archive; a file that could not be finished is removed.
pub(super) async fn write_archive_to(
    to: &Destination,
    work: ArchiveWork,
    names: &[ImageName],
    form: &Form,
    transfer: Arc<dyn Transfer>,
) -> Result<(), ImageError> {
    let options = describe(names, form)?;
    let to = to.clone();
    run_blocking(move || match to {
        Destination::Stdout => {
            let mut output = io::stdout().lock();
            write_archive(&mut output, &work, &options, &*transfer)
        }
        Destination::Path(path) => {
            let fail = |error: io::Error| {
                ImageError::new(format!("cannot write {}", path.display())).with_source(error)
            };
            let mut output = BufWriter::new(File::create(&path).map_err(fail)?);
            let written = write_archive(&mut output, &work, &options, &*transfer)
                .and_then(|()| output.flush().map_err(fail));
            let is_file = path.metadata().is_ok_and(|found| found.is_file());
            if written.is_err() && is_file {
                // Half an archive is worse than none; the error that follows says why.
                let _ = std::fs::remove_file(&path);
            }
            written
        }
    })
    .await
}

fn write_archive(
    output: &mut dyn Write,
    (kind, image, content): &ArchiveWork,
    options: &ArchiveOptions,
    transfer: &dyn Transfer,
) -> Result<(), ImageError> {
    match kind {
        ArchiveKind::Oci => write_oci_archive(output, image, &**content, options, transfer),
        // Docker takes one platform; several were refused before the build.
        ArchiveKind::Docker => {
            write_docker_archive(output, image, 0, &**content, options, transfer)
        }
    }
}
