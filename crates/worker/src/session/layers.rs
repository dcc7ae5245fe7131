//! From what a worker left to an image: every layer accounted for.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt;
use std::sync::Arc;

use rustix::fs::{FileType, OFlags};
use wharf_image::{AssembleOptions, Built, BuiltImage, BuiltLayer, ResolvedImage, assemble};
use wharf_oci::Digest;

use super::output::Output;
use crate::event::{FinishedBuild, FinishedLayer, LayerBytes};
use crate::wire::BuiltWire;

/// Layers that a worker may pass on: 127 for each of a handful of platforms. Each is an open file of the server.
const MOST: usize = 1024;

/// Files of layers that a worker passed on.
pub(super) struct PassedLayers {
    device: u64,
    files: HashMap<Digest, File>,
}

impl PassedLayers {
    pub(super) fn new(device: u64) -> Self {
        Self {
            device,
            files: HashMap::new(),
        }
    }

    /// Takes a file that can be read without waiting for whoever passed it: a plain one of the workers' own folder, open
    /// for reading only.
    ///
    /// # Errors
    /// Anything else.
    pub(super) fn take(&mut self, digest: Digest, fds: Vec<OwnedFd>) -> io::Result<()> {
        let refuse = |reason: &str| io::Error::new(io::ErrorKind::InvalidData, reason.to_owned());
        let file = fds.into_iter().next().map(File::from);
        let file = file.ok_or_else(|| refuse("a layer without a file"))?;
        let flags = rustix::fs::fcntl_getfl(&file)?;
        let stat = rustix::fs::fstat(&file)?;
        let is_plain = FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile;
        let is_readable = flags & OFlags::RWMODE == OFlags::RDONLY && !flags.contains(OFlags::PATH);
        if !is_plain || !is_readable || file.metadata()?.dev() != self.device {
            return Err(refuse(
                "a layer that is no plain file of the workers' folder",
            ));
        }
        if self.files.len() >= MOST {
            return Err(refuse("too many layers"));
        }
        self.files.insert(digest, file);
        Ok(())
    }

    /// Puts the image together.
    ///
    /// # Errors
    /// Documents that cannot be made; a layer whose bytes are nowhere, or of another size.
    pub(super) fn finish(
        &mut self,
        images: Vec<BuiltWire>,
        bases: &[Arc<ResolvedImage>],
        output: &Output,
    ) -> Result<FinishedBuild, String> {
        let built = Built {
            images: images.into_iter().map(make_image).collect(),
        };
        let image =
            assemble(&built, &AssembleOptions::default()).map_err(|error| error.to_string())?;
        let layers = image.layers().into_iter().map(|layer| {
            Ok(FinishedLayer {
                layer: layer.clone(),
                bytes: self.find(layer, bases)?,
            })
        });
        Ok(FinishedBuild {
            layers: layers.collect::<Result<_, String>>()?,
            image,
            steps: output.steps,
            cached_steps: output.cached_steps,
        })
    }

    fn find(
        &mut self,
        layer: &BuiltLayer,
        bases: &[Arc<ResolvedImage>],
    ) -> Result<LayerBytes, String> {
        let digest = layer.descriptor.digest;
        let is_own = |own: &BuiltLayer| own.descriptor.digest == digest;
        if let Some(base) = bases.iter().find(|base| base.layers.iter().any(is_own)) {
            return Ok(LayerBytes::Base(Arc::clone(base)));
        }
        let file = self
            .files
            .remove(&digest)
            .ok_or_else(|| format!("the worker made no layer {digest}"))?;
        let found = file.metadata().map_err(|error| error.to_string())?.len();
        if found != layer.descriptor.size {
            return Err(format!("the layer {digest} has {found} bytes"));
        }
        Ok(LayerBytes::File(file))
    }
}

fn make_image(image: BuiltWire) -> BuiltImage {
    BuiltImage {
        platform: image.platform,
        config: image.config,
        layers: image.layers.into_iter().map(BuiltLayer::from).collect(),
        tree: Vec::new(),
        annotations: image.annotations,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use wharf_oci::Algorithm;

    use super::*;

    #[test]
    fn only_a_plain_file_of_the_folder_that_is_open_for_reading_is_a_layer() {
        let path = std::env::temp_dir().join(format!("wharf-layer-{}", std::process::id()));
        fs::write(&path, "layer").unwrap();
        let device = fs::metadata(&path).unwrap().dev();
        let digest = Digest::of(Algorithm::Sha256, b"layer");
        let mut passed = PassedLayers::new(device);
        passed
            .take(digest, vec![File::open(&path).unwrap().into()])
            .unwrap();
        let (pipe, _other) = io::pipe().unwrap();
        let writable = File::options().read(true).write(true).open(&path).unwrap();
        let elsewhere = File::open("/proc/self/status").unwrap();
        let folder = File::open(std::env::temp_dir()).unwrap();
        let name_only = rustix::fs::open(&path, OFlags::PATH, rustix::fs::Mode::empty()).unwrap();
        let others: [OwnedFd; 5] = [
            pipe.into(),
            writable.into(),
            elsewhere.into(),
            folder.into(),
            name_only,
        ];
        for other in others {
            assert!(passed.take(digest, vec![other]).is_err());
        }
        assert!(passed.take(digest, Vec::new()).is_err());
        fs::remove_file(&path).unwrap();
    }
}
