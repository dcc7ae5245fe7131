//! The images of one build: each held once, in a number and a size that no build of people reaches.

use std::sync::Arc;

use wharf_image::ResolvedImage;
use wharf_oci::Platform;

use crate::wire::Refusal;

/// Images that one build may ask for. A Dockerfile names a dozen, for each of a handful of platforms.
const MOST: usize = 256;

/// Bytes of configurations and names that are held of them.
pub const BYTES: usize = 64 << 20;

/// Bytes of a reference and of a platform's words. What is longer names nothing.
const WORDS: usize = 1024;

/// An image that was found.
pub(super) type Known = Arc<ResolvedImage>;

/// What one build has resolved.
#[derive(Default)]
pub(super) struct KnownImages {
    /// Asked twice for the same, a build hears the same: it stands on one image, however often it names it.
    asked: Vec<(String, Platform, Known)>,
    bytes: usize,
}

impl KnownImages {
    /// What was answered to this question before.
    ///
    /// # Errors
    /// The question is none, or more than may be answered.
    pub(super) fn find(
        &self,
        reference: &str,
        platform: &Platform,
    ) -> Result<Option<Known>, Refusal> {
        if reference.len() + measure_platform(platform) > WORDS {
            return Err(refuse("the name of an image is too long"));
        }
        let mut asked = self.asked.iter();
        let found = asked.find(|(name, of, _)| name == reference && of == platform);
        match found {
            Some((_, _, image)) => Ok(Some(Arc::clone(image))),
            None if self.asked.len() >= MOST || self.bytes >= BYTES => Err(refuse_more()),
            None => Ok(None),
        }
    }

    /// Holds an answer. One that came meanwhile to the same question goes before.
    ///
    /// # Errors
    /// It is more than may be held; nothing else is asked for any more then.
    pub(super) fn add(
        &mut self,
        reference: &str,
        platform: &Platform,
        image: ResolvedImage,
    ) -> Result<Known, Refusal> {
        if let Some(known) = self.find(reference, platform)? {
            return Ok(known);
        }
        let mut asked = self.asked.iter().map(|(_, _, known)| known);
        let same = asked.find(|known| known.digest == image.digest && known.name == image.name);
        let (image, bytes) = match same {
            Some(known) => (Arc::clone(known), 0),
            None => {
                let bytes = measure(&image);
                (Arc::new(image), bytes)
            }
        };
        let bytes = bytes + reference.len() + measure_platform(platform);
        if self.bytes + bytes > BYTES {
            // Whoever asked holds the answer too: the next one must not even be looked for.
            self.bytes = BYTES;
            return Err(refuse_more());
        }
        self.bytes += bytes;
        let asked = (reference.to_owned(), platform.clone(), Arc::clone(&image));
        self.asked.push(asked);
        Ok(image)
    }

    /// All of them, each once.
    pub(super) fn list(&self) -> Vec<Known> {
        let mut listed: Vec<Known> = Vec::new();
        for (_, _, image) in &self.asked {
            if !listed.iter().any(|known| Arc::ptr_eq(known, image)) {
                listed.push(Arc::clone(image));
            }
        }
        listed
    }
}

/// What is held of an image.
pub fn measure(image: &ResolvedImage) -> usize {
    let layers = image.layers.iter();
    let layers = layers.map(|layer| size_of_val(layer) + layer.descriptor.media_type.len());
    image.name.len() + image.config.len() + layers.sum::<usize>()
}

fn measure_platform(platform: &Platform) -> usize {
    let words = [&platform.os_version, &platform.variant];
    let words = words.into_iter().flatten().map(String::len);
    let features = platform.os_features.iter().flatten();
    platform.os.len()
        + platform.architecture.len()
        + words.sum::<usize>()
        + features.map(|feature| feature.len() + 1).sum::<usize>()
}

fn refuse_more() -> Refusal {
    refuse(&format!(
        "a build may ask for {MOST} images, whose configurations take {} MiB",
        BYTES >> 20
    ))
}

fn refuse(message: &str) -> Refusal {
    Refusal {
        message: message.to_owned(),
        hint: None,
    }
}

#[cfg(test)]
mod tests {
    use wharf_oci::Algorithm;

    use super::*;

    fn image(name: &str, config: usize) -> ResolvedImage {
        let config = vec![b' '; config];
        ResolvedImage {
            name: name.to_owned(),
            digest: wharf_oci::Digest::of(Algorithm::Sha256, &config),
            config,
            layers: Vec::new(),
        }
    }

    #[test]
    fn an_image_is_held_once_and_their_number_has_an_end() {
        let mut images = KnownImages::default();
        let platform = Platform::default();
        for number in 0..MOST {
            // Under many names for one image, as a worker that wants to fill the server would ask.
            let added = images.add(&format!("a:{number}"), &platform, image("a", 1 << 20));
            assert!(added.is_ok());
        }
        assert_eq!(images.list().len(), 1);
        assert!(
            images
                .find("a:0", &platform)
                .is_ok_and(|known| known.is_some())
        );
        assert!(images.find("another", &platform).is_err());
        assert!(images.add("another", &platform, image("b", 1)).is_err());
    }

    #[test]
    fn after_an_image_that_is_too_large_nothing_else_is_asked_for() {
        let mut images = KnownImages::default();
        let platform = Platform::default();
        assert!(images.add("a", &platform, image("a", 40 << 20)).is_ok());
        assert!(images.add("b", &platform, image("b", 41 << 20)).is_err());
        assert!(images.find("c", &platform).is_err());
        let known = images.find("a", &platform);
        assert!(known.is_ok_and(|known| known.is_some()));
    }

    #[test]
    fn what_is_held_has_a_size_and_names_have_a_length() {
        let mut images = KnownImages::default();
        let platform = Platform::default();
        let mut taken = 0;
        for number in 0..100 {
            let name = format!("a{number}");
            let added = images.add(&name, &platform, image(&name, (1 << 20) + number));
            taken += usize::from(added.is_ok());
        }
        assert!((60..=64).contains(&taken), "{taken}");
        assert!(
            KnownImages::default()
                .find(&"a".repeat(WORDS + 1), &platform)
                .is_err()
        );
        let wordy = Platform {
            os_features: Some(vec![String::new(); WORDS]),
            ..Platform::default()
        };
        assert!(KnownImages::default().find("a", &wordy).is_err());
    }
}
