//! The files of an image in a folder or in a tar (`type=local`, `type=tar`).
//!
//! The builder gives a tree as a tar; into a folder it is unpacked beneath the folder's descriptor, with the caller as
//! the owner of everything, as BuildKit's client does it.

use std::fs::{File, create_dir_all};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::time::UNIX_EPOCH;

use wharf_builder::Builder;
use wharf_image::{Built, BuiltImage, ImageError};
use wharf_layer::{Allowance, ApplyOptions, Limits, Ownership, apply};

use crate::commands::build::options::{Destination, OutputKind};

/// Writes what `output` asks for.
pub(super) async fn write_files(
    builder: &Builder,
    built: &Built,
    output: &OutputKind,
    latest: Option<i64>,
) -> Result<(), ImageError> {
    match output {
        OutputKind::Local { to, split } => {
            let has_several = built.images.len() > 1;
            for image in &built.images {
                if !split.unwrap_or(has_several) {
                    unpack(builder, image, to, latest).await?;
                    continue;
                }
                let folder = to.join(image.platform.to_string().replace('/', "_"));
                unpack(builder, image, &folder, latest).await?;
                // The folder is nobody's file: with no time of its own two builds agree.
                let dated = File::open(&folder).and_then(|made| made.set_modified(UNIX_EPOCH));
                dated.map_err(|error| {
                    let what = format!("cannot set the time of {}", folder.display());
                    ImageError::new(what).with_source(error)
                })?;
            }
            Ok(())
        }
        OutputKind::Tar { to } => {
            let [image] = &built.images[..] else {
                return Err(ImageError::new("a tar has the files of one platform only")
                    .with_hint("use type=local for several, or build one platform at a time"));
            };
            let file = open_destination(to)?;
            let exported = builder.export_tree(image, file, latest).await;
            exported.map_err(|error| explain(&format!("cannot write {}", show(to)), error))
        }
        _ => Err(ImageError::new("this output has no files")),
    }
}

async fn unpack(
    builder: &Builder,
    image: &BuiltImage,
    folder: &Path,
    latest: Option<i64>,
) -> Result<(), ImageError> {
    let what = format!("cannot write files to {}", folder.display());
    let fail = |error: io::Error| ImageError::new(what.clone()).with_source(error);
    create_dir_all(folder).map_err(fail)?;
    let root = File::open(folder).map_err(fail)?;
    let (reader, writer) = io::pipe().map_err(fail)?;
    let unpacking = tokio::task::spawn_blocking(move || {
        let mut options = ApplyOptions::archive();
        options.ownership = Ownership::Unchanged;
        // The files are on this disk already, so their number is no attack.
        let mut limits = Limits {
            bytes: Allowance::new(u64::MAX),
            files: Allowance::new(u64::MAX),
            ..Limits::default()
        };
        apply(reader, root.as_fd(), &options, &mut limits)
    });
    let exported = builder
        .export_tree(image, File::from(OwnedFd::from(writer)), latest)
        .await;
    let unpacked = unpacking.await;
    // A reader that gave up explains why the writer could not go on.
    match unpacked {
        Ok(Err(error)) => return Err(ImageError::new(what).with_source(error)),
        Err(error) => return Err(ImageError::new(what).with_source(error)),
        Ok(Ok(_)) => {}
    }
    exported.map_err(|error| explain(&what, error))
}

fn open_destination(to: &Destination) -> Result<File, ImageError> {
    let opened = match to {
        Destination::Path(path) => File::create(path),
        Destination::Stdout => io::stdout().as_fd().try_clone_to_owned().map(File::from),
    };
    opened.map_err(|error| ImageError::new(format!("cannot write {}", show(to))).with_source(error))
}

fn show(to: &Destination) -> String {
    match to {
        Destination::Path(path) => path.display().to_string(),
        Destination::Stdout => "standard output".to_owned(),
    }
}

fn explain(what: &str, error: wharf_builder::BuildError) -> ImageError {
    let hint = error.hint().map(str::to_owned);
    let told = ImageError::new(what).with_source(error);
    match hint {
        Some(hint) => told.with_hint(hint),
        None => told,
    }
}
