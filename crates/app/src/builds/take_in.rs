//! Taking a finished image's blobs in: copied and hashed in one pass, linked to the build's repository.

use super::services::{BaseLayer, BuildServices};
use crate::{App, Error};
use bytes::Bytes;
use std::{fs::File, os::unix::fs::FileExt, sync::Arc};
use wharf_db::{Durability, Order, blobs};
use wharf_model::{Granted, rights::Push};
use wharf_oci::Digest;
use wharf_worker::{FinishedBuild, FinishedLayer, LayerBytes};

/// Bytes that are read at once. Smaller pieces cost a thread hand-off each; larger ones only memory.
const PIECE: u64 = 4 << 20;

/// Takes every blob of the image in. What a worker hands over is believed only as far as its digest.
pub(super) async fn take_in_blobs(
    app: &App,
    granted: &Granted<Push>,
    services: &BuildServices,
    finished: &FinishedBuild,
) -> Result<(), Error> {
    for layer in &finished.layers {
        take_in_layer(app, granted, services, layer).await?;
    }
    let configs = finished
        .image
        .images
        .iter()
        .map(|image| image.config.digest);
    for config in configs {
        let mut documents = finished.image.documents.iter();
        let document = documents
            .find(|document| document.descriptor.digest == config)
            .ok_or_else(|| refuse("the worker left out a configuration"))?;
        if has_blob(app, granted, &config).await? {
            continue;
        }
        let mut upload = app.begin_single_upload(granted, config.algorithm())?;
        upload
            .write(Bytes::copy_from_slice(&document.bytes))
            .await?;
        upload.finish(&config).await?;
    }
    Ok(())
}

async fn take_in_layer(
    app: &App,
    granted: &Granted<Push>,
    services: &BuildServices,
    layer: &FinishedLayer,
) -> Result<(), Error> {
    let descriptor = &layer.layer.descriptor;
    // The repository's readers have it already: whoever may push may name it.
    if has_blob(app, granted, &descriptor.digest).await? {
        return Ok(());
    }
    match &layer.bytes {
        LayerBytes::File(file) => copy_in(app, granted, file, &descriptor.digest).await,
        LayerBytes::Base(_) => {
            let base = services.find_base(descriptor).await;
            match base.map_err(|error| refuse(error.to_string()))? {
                BaseLayer::Fetched(file) => copy_in(app, granted, &file, &descriptor.digest).await,
                BaseLayer::Here(right) => {
                    let (to, digest, now) = (granted.clone(), descriptor.digest, app.clock.now());
                    let mounted =
                        app.db
                            .write_in_order(Durability::Relaxed, Order::Statements, move |tx| {
                                blobs::mount_blob(tx, &to, &right, &digest, now)
                            });
                    let mounted = mounted.await.map_err(Error::from)?;
                    mounted.map(drop).ok_or_else(|| {
                        refuse(format!(
                            "the layer {} of a base image was deleted meanwhile",
                            descriptor.digest
                        ))
                    })
                }
            }
        }
    }
}

/// Whether the repository has the blob, in rows and in the store.
async fn has_blob(app: &App, granted: &Granted<Push>, digest: &Digest) -> Result<bool, Error> {
    let (right, wanted) = (granted.clone(), *digest);
    let linked = app
        .db
        .look_up(move |tx| blobs::find_pushed_blob(tx, &right, &wanted));
    let Some(blob) = linked.await.map_err(Error::from)? else {
        return Ok(false);
    };
    let stored = app.blobs.stat_blob(digest).await?;
    Ok(stored.is_some_and(|stored| stored.size == blob.size))
}

async fn copy_in(
    app: &App,
    granted: &Granted<Push>,
    file: &File,
    digest: &Digest,
) -> Result<(), Error> {
    let file = Arc::new(file.try_clone().map_err(Error::internal)?);
    let size = file.metadata().map_err(Error::internal)?.len();
    let mut upload = app.begin_single_upload(granted, digest.algorithm())?;
    upload.expect(size);
    let mut place = 0;
    while place < size {
        let length = PIECE.min(size - place);
        let from = file.clone();
        let read = tokio::task::spawn_blocking(move || {
            let mut piece = vec![0; length as usize];
            from.read_exact_at(&mut piece, place).map(|()| piece)
        });
        let piece = read.await.map_err(Error::internal)?;
        upload
            .write(Bytes::from(piece.map_err(Error::internal)?))
            .await?;
        place += length;
    }
    upload.finish(digest).await.map(drop)
}

fn refuse(why: impl Into<String>) -> Error {
    Error::internal(why.into())
}
