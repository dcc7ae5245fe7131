//! Loading an image into a running docker (`--load`), by its engine's API: `POST /images/load` with an archive.
//!
//! The engine is named by the caller, as `DOCKER_HOST` does; its socket is the operator's own machine, which is why the
//! guarded way out is not taken. TLS is not spoken.

mod address;
mod answer;
mod body;
mod listening;

pub use address::DaemonAddress;

use std::io::{self, Write};
use std::sync::Arc;

use hyper::Request;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpStream, UnixStream};

use super::{ArchiveOptions, write_docker_archive};
use crate::{Assembled, BuiltLayer, Content, ImageError, Transfer};
use answer::read_answer;
use body::stream_archive;
use listening::Listening;

/// Loads an image into the engine, as [`write_docker_archive`] describes it. Gives the engine's words about it.
///
/// # Errors
/// As [`load_archive`]; a layer that is not in the content store.
pub async fn load_image(
    address: &DaemonAddress,
    image: Arc<Assembled>,
    main: usize,
    content: Arc<dyn Content>,
    options: ArchiveOptions,
    transfer: Arc<dyn Transfer>,
) -> Result<Vec<String>, ImageError> {
    let has_zstd = |layer: &&BuiltLayer| layer.descriptor.media_type.ends_with("zstd");
    let has_zstd = image.layers().iter().any(has_zstd);
    let loaded = load_archive(address, move |output| {
        write_docker_archive(output, &image, main, &*content, &options, &*transfer)
    })
    .await;
    match loaded {
        // Such an engine says "unexpected EOF", which helps nobody.
        Err(error) if has_zstd && error.hint().is_none() => Err(error.with_hint(
            "docker before version 23 does not read layers compressed with zstd; build with compression=gzip,force-compression=true",
        )),
        other => other,
    }
}

/// Sends an archive that `write` produces, on a thread of its own, and gives the engine's words about what it loaded, one
/// a line (`Loaded image: a:latest`).
///
/// # Errors
/// No engine answers there; it refused the archive, with its reason; or `write`'s own.
pub async fn load_archive<W>(address: &DaemonAddress, write: W) -> Result<Vec<String>, ImageError>
where
    W: FnOnce(&mut dyn Write) -> Result<(), ImageError> + Send + 'static,
{
    let unreachable = |error: io::Error| {
        ImageError::new(format!("cannot reach docker at {address}"))
            .with_hint("is it running, and may this user use it? DOCKER_HOST names another one")
            .with_source(error)
    };
    match address {
        DaemonAddress::Unix(path) => {
            let stream = UnixStream::connect(path).await.map_err(unreachable)?;
            exchange(address, TokioIo::new(stream), write).await
        }
        DaemonAddress::Tcp(host) => {
            let stream = TcpStream::connect(host).await.map_err(unreachable)?;
            exchange(address, TokioIo::new(stream), write).await
        }
    }
}

async fn exchange<S, W>(
    address: &DaemonAddress,
    stream: S,
    write: W,
) -> Result<Vec<String>, ImageError>
where
    S: hyper::rt::Read + hyper::rt::Write + Unpin + Send + 'static,
    W: FnOnce(&mut dyn Write) -> Result<(), ImageError> + Send + 'static,
{
    let broken = |error: hyper::Error| {
        ImageError::new(format!("docker at {address} ended the conversation")).with_source(error)
    };
    let (mut sender, connection) = http1::handshake(Listening::new(stream))
        .await
        .map_err(broken)?;
    // Ends with the exchange: the sender is dropped here.
    tokio::spawn(connection);
    let (body, writing) = stream_archive(write);
    // Without a version the engine speaks its newest, and loading has been the same since 1.7.
    let request = Request::post("/images/load?quiet=1")
        .header(hyper::header::HOST, "docker")
        .header(hyper::header::CONTENT_TYPE, "application/x-tar")
        .body(body)
        .map_err(|error| {
            ImageError::new(format!("cannot ask docker at {address}")).with_source(error)
        })?;
    let response = sender.send_request(request).await;
    let answer = match response {
        Ok(response) => read_answer(address, response).await,
        Err(error) => Err(broken(error)),
    };
    // What went wrong here explains a broken conversation; what docker said explains a broken archive.
    match (writing.await, answer) {
        (Ok(Err(error)), Err(_)) if !is_hung_up(&error) => Err(error),
        (Err(panic), _) => {
            Err(ImageError::new("the archive for docker could not be written").with_source(panic))
        }
        (Ok(Err(error)), Ok(_)) => Err(error),
        (_, answer) => answer,
    }
}

/// Whether writing failed only because docker stopped reading.
fn is_hung_up(error: &ImageError) -> bool {
    let source = std::error::Error::source(error);
    let source = source.and_then(|source| source.downcast_ref::<io::Error>());
    source.is_some_and(|source| source.kind() == io::ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests;
