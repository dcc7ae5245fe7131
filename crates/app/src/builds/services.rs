//! What the server does for the worker of one build: base images and connections, with the rights of the build's
//! namespace. Credentials of registries stay on this side.

use super::{
    base_images::OpenStore,
    own_images::{OwnImage, find_own_name, open_own_layer, resolve_own_image},
    push_also::name_credentials,
};
use crate::{App, rules::OwnBase};
use async_trait::async_trait;
use parking_lot::Mutex;
use std::{collections::BTreeMap, fs::File, net::TcpStream};
use tokio::sync::OnceCell;
use wharf_client::{Client, ClientSettings, ImageName};
use wharf_db::builds::Build;
use wharf_egress::{Egress, PlainHttp, Policy, Protocol};
use wharf_git::{DialError, Speaks, Target};
use wharf_image::{ImageError, ImageSource, PullPolicy, ResolvedImage, Transfer};
use wharf_model::{Caller, Granted, NamespaceId, rights::Pull};
use wharf_oci::{Descriptor, Digest, Platform, RepositoryName};
use wharf_transfer::{Images, explain_error};
use wharf_worker::{DialPurpose, IMAGE_BYTES, WorkerServices, measure_image};

/// Most images of this registry that become links of one build: more than any Dockerfile names, and little memory for what a
/// worker makes up.
const MOST_ASKED: usize = 256;

/// Answers one build's questions, and remembers what it answered: nothing else is given out or taken for a base.
pub(super) struct BuildServices {
    app: App,
    caller: Caller,
    namespace: NamespaceId,
    /// Images of other registries, with the namespace's own store; opened when the first is asked for.
    others: OnceCell<Others>,
    /// No more of them than the worker's side of the server holds.
    answered: Mutex<Vec<Answered>>,
    /// Images of this registry that were asked for, found or not, each name once, and no more than [`MOST_ASKED`].
    asked: Mutex<Vec<(ImageName, OwnBase)>>,
    /// Where connections of the Dockerfile lead.
    way_out: Egress,
    /// Layers of other registries that this build asked for; together they are bounded.
    wanted: Mutex<BTreeMap<Digest, u64>>,
}

/// Other registries' images, as a namespace sees them.
struct Others {
    images: Images,
    /// What `images` reads and fills.
    _store: OpenStore,
}

/// An image that was found for this build.
#[derive(Clone)]
struct Answered {
    image: ResolvedImage,
    /// The right to read it, of one in this registry.
    own: Option<Granted<Pull>>,
}

impl BuildServices {
    pub(super) fn new(app: &App, build: &Build) -> Self {
        Self {
            app: app.clone(),
            caller: Caller::pulling_build(build.id, build.number, build.namespace),
            namespace: build.namespace,
            others: OnceCell::new(),
            answered: Mutex::default(),
            asked: Mutex::default(),
            wanted: Mutex::default(),
            way_out: app
                .egress
                .with_policy(Policy::server(app.builds.settings.allowed.iter().cloned())),
        }
    }

    /// The images of this registry that the build stands on, as it asked for them.
    pub(super) fn list_own_bases(&self) -> Vec<OwnBase> {
        let asked = self.asked.lock();
        asked.iter().map(|(_, base)| base.clone()).collect()
    }

    /// An image of this registry. That it was asked for is noted first: a build that does not get it names it all the same.
    async fn resolve_own(
        &self,
        name: &ImageName,
        own: &RepositoryName,
        platform: &Platform,
    ) -> Result<OwnImage, ImageError> {
        let found = resolve_own_image(&self.app, &self.caller, name, own, platform).await;
        let digest = found.as_ref().ok().map(|found| found.named);
        let mut asked = self.asked.lock();
        let is_known = asked.iter().any(|(known, _)| known == name);
        if !is_known && asked.len() < MOST_ASKED {
            asked.extend(OwnBase::of(name, own, digest).map(|base| (name.clone(), base)));
        }
        found
    }

    /// Images of other registries, with the namespace's credentials and from its own store.
    async fn find_others(&self) -> Result<&Images, ImageError> {
        let open = async || {
            let (images, namespace) = (self.app.builds.images.clone(), self.namespace);
            let opened = tokio::task::spawn_blocking(move || images.open_store(namespace));
            let store = opened.await.map_err(|error| {
                ImageError::new("the store of base images was not opened").with_source(error)
            })??;
            let mut settings = ClientSettings::new(self.app.egress.clone());
            settings.registries = self.app.registries.clone();
            settings.credentials = self.app.credentials_of(namespace);
            Ok(Others {
                images: Images::new(store.store.clone(), Client::new(settings)),
                _store: store,
            })
        };
        let others: Result<&Others, ImageError> = self.others.get_or_try_init(open).await;
        Ok(&others?.images)
    }

    /// An image of this build that has the layer.
    fn find_answered(&self, layer: &Digest, image: Option<&Digest>) -> Option<Answered> {
        let answered = self.answered.lock();
        let mut fitting = answered.iter().filter(|it| {
            let mut layers = it.image.layers.iter();
            image.is_none_or(|image| it.image.digest == *image)
                && layers.any(|own| own.descriptor.digest == *layer)
        });
        fitting.next().cloned()
    }

    /// A layer of another registry's image, from the namespace's store or fetched into it. What a build has fetched is no
    /// more than it may have on its disk: unpacked it would not fit there either.
    async fn open_other(
        &self,
        image: &ResolvedImage,
        layer: &Descriptor,
        transfer: &dyn Transfer,
    ) -> Result<File, ImageError> {
        let layer = own_descriptor(image, layer);
        let most = self.app.builds.settings.bounds.disk;
        if add_wanted(&mut self.wanted.lock(), layer.digest, layer.size) > most {
            let message = format!(
                "the base images have more than {most} bytes, which is all that a build may have on its disk"
            );
            return Err(ImageError::new(message).with_hint(
                "build from smaller images, or ask an administrator to raise [build] step_disk",
            ));
        }
        let others = self.find_others().await?;
        others.open_layer(image, &layer, transfer).await
    }

    /// Where the bytes of a base image's layer are: a right to read it here, or a file that was fetched and verified.
    pub(super) async fn find_base(&self, layer: &Descriptor) -> Result<BaseLayer, ImageError> {
        let answered = self
            .find_answered(&layer.digest, None)
            .ok_or_else(|| refuse_unknown(&layer.digest))?;
        match answered.own {
            Some(right) => Ok(BaseLayer::Here(right)),
            None => {
                let file = self.open_other(&answered.image, layer, &Silent);
                Ok(BaseLayer::Fetched(file.await?))
            }
        }
    }
}

/// Where a base image's layer is.
pub(super) enum BaseLayer {
    /// In a repository of this registry that the build may read.
    Here(Granted<Pull>),
    /// From elsewhere, whole and verified.
    Fetched(File),
}

/// Notes a layer; answers how much all of them are. Images may disagree about one's size: the largest counts.
fn add_wanted(wanted: &mut BTreeMap<Digest, u64>, layer: Digest, size: u64) -> u64 {
    let known = wanted.entry(layer).or_default();
    *known = size.max(*known);
    wanted
        .values()
        .fold(0, |sum, size| sum.saturating_add(*size))
}

/// A worker names a layer by its digest; types and sizes are those of the image that the server found.
fn own_descriptor(image: &ResolvedImage, layer: &Descriptor) -> Descriptor {
    let mut layers = image.layers.iter();
    let own = layers.find(|own| own.descriptor.digest == layer.digest);
    own.map_or_else(|| layer.clone(), |own| own.descriptor.clone())
}

fn refuse_unknown(layer: &Digest) -> ImageError {
    ImageError::new(format!(
        "the layer {layer} belongs to no image that this build asked for"
    ))
}

/// Who may build cannot open anything, and the line that would is another one than for the server itself.
fn explain_refusal(refused: DialError, purpose: DialPurpose) -> DialError {
    match (purpose, refused.is_refusal) {
        (DialPurpose::Build, true) => DialError {
            hint: Some(
                "an administrator can open it for all builds: its address in `[build] allow_net`"
                    .to_owned(),
            ),
            ..refused
        },
        _ => refused,
    }
}

/// The same error with advice for people of a server.
fn advise(error: ImageError) -> ImageError {
    match error.hint().map(name_credentials) {
        Some(hint) => error.with_hint(hint),
        None => error,
    }
}

/// Nobody listens to how a transfer goes.
struct Silent;

impl Transfer for Silent {
    fn moved(&self, _: &str, _: u64, _: Option<u64>) {}
}

#[async_trait]
impl WorkerServices for BuildServices {
    async fn resolve_image(
        &self,
        reference: &str,
        platform: &Platform,
        _: PullPolicy,
    ) -> Result<ResolvedImage, ImageError> {
        let name: ImageName = reference.parse().map_err(explain_error)?;
        let answered = match find_own_name(&self.app.builds.settings.hosts, &name) {
            Some(own) => {
                let found = self.resolve_own(&name, &own, platform).await?;
                Answered {
                    image: found.image,
                    own: Some(found.right),
                }
            }
            // The registry is asked each time: what it shows to the namespace may have changed.
            None => Answered {
                image: self
                    .find_others()
                    .await?
                    .resolve(&name.to_string(), platform, PullPolicy::Always)
                    .await
                    .map_err(advise)?,
                own: None,
            },
        };
        let image = answered.image.clone();
        let mut known = self.answered.lock();
        let is_same =
            |it: &Answered| it.image.digest == image.digest && it.image.name == image.name;
        if !known.iter().any(is_same) {
            let held: usize = known.iter().map(|it| measure_image(&it.image)).sum();
            if held + measure_image(&image) > IMAGE_BYTES {
                return Err(ImageError::new(format!(
                    "the configurations of a build's base images take more than {} MiB",
                    IMAGE_BYTES >> 20
                )));
            }
            known.push(answered);
        }
        Ok(image)
    }

    async fn open_layer(
        &self,
        image: &ResolvedImage,
        layer: &Descriptor,
        transfer: &dyn Transfer,
    ) -> Result<File, ImageError> {
        let answered = self
            .find_answered(&layer.digest, Some(&image.digest))
            .ok_or_else(|| refuse_unknown(&layer.digest))?;
        match &answered.own {
            Some(right) => open_own_layer(&self.app, right, &layer.digest).await,
            None => self.open_other(&answered.image, layer, transfer).await,
        }
    }

    async fn dial(&self, target: &Target, purpose: DialPurpose) -> Result<TcpStream, DialError> {
        // What an operator opened for the server's own talk with code hosts is not for everybody's Dockerfile: that gets
        // what its steps get, over http as they do.
        let (egress, plain) = match purpose {
            DialPurpose::Clone => (&self.app.egress, PlainHttp::Listed),
            DialPurpose::Build => (&self.way_out, PlainHttp::Anywhere),
        };
        let protocol = match target.speaks {
            Speaks::Tls => Protocol::Tls,
            Speaks::PlainHttp => Protocol::PlainHttp(plain),
            Speaks::Ssh => Protocol::Other,
        };
        let connected = egress.connect(&target.host, target.port, protocol).await;
        let stream = connected.map_err(|error| explain_refusal(error.into(), purpose))?;
        stream.into_std().map_err(|error| DialError {
            message: format!("the connection to {target} cannot be passed on: {error}"),
            hint: None,
            is_refusal: false,
            is_transient: true,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wharf_oci::Algorithm;

    #[test]
    fn a_layer_counts_with_the_largest_size_that_an_image_gave_it() {
        let mut wanted = BTreeMap::new();
        let [one, other] = [b"1", b"2"].map(|text| Digest::of(Algorithm::Sha256, text));
        assert_eq!(add_wanted(&mut wanted, one, 10), 10);
        assert_eq!(add_wanted(&mut wanted, one, 1), 10);
        assert_eq!(add_wanted(&mut wanted, other, 5), 15);
        assert_eq!(add_wanted(&mut wanted, one, 20), 25);
        assert_eq!(add_wanted(&mut wanted, other, u64::MAX), u64::MAX);
    }
}
