//! Further registries: after a build the same image goes there too, with the credentials of the build's namespace.
//!
//! Each has its own state in the record and is tried again later and later. What happens there never touches the image
//! that is here. Of a namespace one delivery to an image is under way, and a tag that a newer build brings there is left to
//! that: whatever failed before and is tried again, the newest is what stays.

use super::pace::{Counter, Pace};
use crate::{
    App, Error,
    lanes::{LaneBounds, Lanes},
};
use std::{
    collections::{HashMap, HashSet},
    fs::File,
    io,
    os::fd::AsRawFd,
    sync::Arc,
    time::Duration,
};
use tokio::{
    runtime::Handle,
    time::{MissedTickBehavior, interval, timeout},
};
use wharf_client::{Client, ClientSettings, ImageName};
use wharf_db::{
    Durability,
    builds::{self, Build, PushRow},
};
use wharf_image::{Content, ImageError, PendingBlob};
use wharf_model::{BuildPushId, Caller, Granted, NamespaceId, rights::Pull};
use wharf_oci::{Descriptor, Digest, MAX_MANIFEST_BYTES, Manifest, Reference, Tag};
use wharf_transfer::{Pushing, push_image};

/// How often it is looked for what is due; what a build makes due is noticed at once.
const LOOK: Duration = Duration::from_secs(5);

/// Deliveries at once: each is bound by the line, and more to one registry would share it; a registry that never answers
/// leaves room for the others.
const BOUNDS: LaneBounds = LaneBounds {
    in_all: 8,
    per_host: 2,
};

/// Deliveries of one namespace at once, whatever registries it names: with more, a few that are slow hold up everybody
/// for hours; with one, a dead registry holds up the namespace's others.
const PER_NAMESPACE: usize = 2;

/// How long one delivery may take. Hours are enough for 20 GiB over a slow line; for ever keeps a place from others.
const PATIENCE: Duration = Duration::from_secs(4 * 3600);

/// How often one is tried before a person has to ask for it again. With the waits below that is about two hours, longer
/// than the usual maintenance of a registry.
const ATTEMPTS: u32 = 6;

/// The wait after the first failure; each is four times as long as the one before.
const FIRST_WAIT: Duration = Duration::from_secs(15);

/// No wait is longer.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

impl App {
    /// Pushes images to further registries, until it is dropped; what is in flight then begins again with the next start.
    pub async fn run_build_pushes(self) {
        let mut stirred = self.builds.listen();
        let mut look = interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut lanes = Lanes::new(BOUNDS);
        loop {
            tokio::select! {
                _ = look.tick() => {}
                _ = stirred.changed() => {}
                () = lanes.end_one() => {}
            }
            while lanes.room() > 0 {
                match self.claim_push(&lanes).await {
                    Ok(Some((namespace, push))) => {
                        let (app, host) = (self.clone(), host_of(&push.image).to_owned());
                        let key = (namespace, push.id);
                        lanes.start(&host, key, async move { app.deliver_push(push).await });
                    }
                    Ok(None) => break,
                    Err(error) => {
                        tracing::warn!(
                            error = &error as &dyn std::error::Error,
                            "could not look for images that are to be pushed on"
                        );
                        break;
                    }
                }
            }
        }
    }

    /// Takes a delivery that is due and that there is room for.
    async fn claim_push(
        &self,
        lanes: &Lanes<(NamespaceId, BuildPushId)>,
    ) -> Result<Option<(NamespaceId, PushRow)>, Error> {
        let (now, full) = (self.clock.now(), lanes.full_hosts());
        let busy = list_busy(lanes.keys().map(|(namespace, _)| *namespace));
        let claimed = self.db.write(Durability::Durable, move |tx| {
            for (namespace, push) in builds::list_due_pushes(tx, now, &full, &busy, 1)? {
                if builds::claim_push(tx, push.id)? {
                    return Ok(Some((namespace, push)));
                }
            }
            Ok::<_, wharf_db::DbError>(None)
        });
        claimed.await.map_err(Error::from)
    }

    async fn deliver_push(&self, push: PushRow) {
        let counter = Counter::new();
        let pushing = Pace::USUAL.keep(&counter, self.push_on(&push, counter.clone()));
        let failed = match timeout(PATIENCE, pushing).await {
            Ok(done) => done.flatten().err(),
            Err(_) => Some(format!(
                "it was not done within {} hours",
                PATIENCE.as_secs() / 3600
            )),
        };
        let now = self.clock.now();
        let attempt = push.attempts + 1;
        let next = (failed.is_some() && attempt < ATTEMPTS).then(|| {
            let wait = FIRST_WAIT.saturating_mul(4_u32.saturating_pow(attempt - 1));
            now.plus(wait.min(LONGEST_WAIT))
        });
        let result = if failed.is_none() {
            "succeeded"
        } else {
            "failed"
        };
        metrics::counter!("wharf_builds_pushes_total", "result" => result).increment(1);
        let noted = self.db.write(Durability::Durable, move |tx| {
            builds::end_push(tx, push.id, failed.as_deref(), next, now)
        });
        if let Err(error) = noted.await {
            let error: wharf_db::DbError = error;
            // It stays `running` until the next start, which tries it again.
            tracing::warn!(build.id = %push.build, %error, "what became of a push could not be noted");
        }
    }

    /// The tags under which the image goes there: none that a newer build brings, which is noted.
    async fn choose_targets(&self, push: &PushRow, build: &Build) -> Result<Vec<Tag>, Error> {
        let named = name_targets(push, build);
        let (id, image, build) = (push.id, push.image.clone(), build.clone());
        let now = self.clock.now();
        let chosen = self.db.write(Durability::Relaxed, move |tx| {
            let overtaken = builds::list_overtaken_at(tx, &build, &image, &named)?;
            let mut left = named.clone();
            left.retain(|tag| !overtaken.contains(tag));
            let all = left.is_empty() && !named.is_empty();
            builds::note_overtaken(tx, id, &overtaken, all, now)?;
            Ok::<_, wharf_db::DbError>(left)
        });
        chosen.await.map_err(Error::from)
    }

    /// Pushes an image under its names there; the error is for people.
    async fn push_on(&self, push: &PushRow, counter: Arc<Counter>) -> Result<(), String> {
        let id = push.build;
        let found = self.db.look_up(move |tx| builds::find_build(tx, id)).await;
        let found: Result<_, wharf_db::DbError> = found;
        let build = found.map_err(|error| error.to_string())?;
        let build = build.ok_or("the build is gone")?;
        let digest = build.digest.ok_or("the build made no image")?;
        let tags = self.choose_targets(push, &build).await;
        let tags = tags.map_err(|error| error.to_string())?;
        if tags.is_empty() {
            return Ok(());
        }
        let caller = Caller::pulling_build(build.id, build.number, build.namespace);
        let right: Granted<Pull> = self
            .authorize(&caller, &build.repository_name)
            .await
            .map_err(|error| error.to_string())?;
        let parts = Parts::read(self, &right, digest)
            .await
            .map_err(|error| format!("the image cannot be read here: {error}"))?;
        let mut settings = ClientSettings::new(self.egress.clone());
        settings.registries = self.registries.clone();
        settings.credentials = self.credentials_of(build.namespace);
        let client = Client::new(settings);
        let pushing = Pushing {
            layers: &parts.layers,
            configs: &parts.configs,
            manifests: &parts.manifests,
            content: Arc::new(OwnBlobs {
                app: self.clone(),
                right,
                runtime: Handle::current(),
            }),
            bases: &[],
        };
        for tag in &tags {
            let name: ImageName = format!("{}:{tag}", push.image)
                .parse()
                .map_err(|error: wharf_client::ClientError| error.to_string())?;
            push_image(&client, &name, &pushing, counter.clone())
                .await
                .map_err(|error| explain(&error))?;
        }
        Ok(())
    }
}

/// Namespaces of which nothing more may begin now.
fn list_busy(under_way: impl Iterator<Item = NamespaceId>) -> Vec<NamespaceId> {
    let mut counts: HashMap<NamespaceId, usize> = HashMap::new();
    for namespace in under_way {
        *counts.entry(namespace).or_default() += 1;
    }
    let busy = counts
        .into_iter()
        .filter(|(_, count)| *count >= PER_NAMESPACE);
    busy.map(|(namespace, _)| namespace).collect()
}

/// The registry in an image's name.
fn host_of(image: &str) -> &str {
    image.split_once('/').map_or(image, |(host, _)| host)
}

/// Everything that the image may get there: its own tags for this registry, else the build's.
fn name_targets(push: &PushRow, build: &Build) -> Vec<Tag> {
    match push.tags.is_empty() {
        true => build.tags.clone(),
        // Checked when the rule was saved.
        false => push
            .tags
            .iter()
            .filter_map(|tag| tag.parse().ok())
            .collect(),
    }
}

fn explain(error: &ImageError) -> String {
    let mut text = error.to_string();
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    match error.hint() {
        Some(hint) => format!("{text} ({})", name_credentials(hint)),
        None => text,
    }
}

/// What to do about a registry's refusal, said to people of a server: their logins are the namespace's, and not in a file
/// of docker's.
pub(super) fn name_credentials(hint: &str) -> String {
    hint.replace(" (wharf reads the same file)", "")
        .replace("docker login ", "wharf credential set NAMESPACE ")
}

/// All that an image consists of but its layers' bytes.
#[derive(Default)]
struct Parts {
    layers: Vec<Descriptor>,
    configs: Vec<(Descriptor, Vec<u8>)>,
    /// Each after what it refers to.
    manifests: Vec<(Descriptor, Vec<u8>)>,
}

impl Parts {
    async fn read(app: &App, right: &Granted<Pull>, root: Digest) -> Result<Self, Error> {
        let mut parts = Self::default();
        let mut seen = HashSet::new();
        // Top down; turned round at the end.
        let mut open = vec![root];
        while let Some(digest) = open.pop() {
            if !seen.insert(digest) {
                continue;
            }
            let found = app.get_manifest(right, &Reference::Digest(digest)).await?;
            let manifest = Manifest::parse(Some(&found.media_type), &found.bytes)?;
            open.extend(manifest.children.iter().map(|child| child.digest));
            for layer in &manifest.layers {
                if seen.insert(layer.digest) {
                    parts.layers.push(layer.clone());
                }
            }
            if let Some(config) = manifest.config.clone()
                && seen.insert(config.digest)
            {
                let limit = MAX_MANIFEST_BYTES as u64;
                let bytes = app.read_small_blob(&config.digest, limit).await?;
                let bytes = bytes.ok_or_else(|| Error::internal("a configuration is missing"))?;
                parts.configs.push((config, bytes));
            }
            let described = describe(&found.media_type, digest, found.bytes.len());
            parts.manifests.push((described, found.bytes.to_vec()));
        }
        parts.manifests.reverse();
        Ok(parts)
    }
}

fn describe(media_type: &str, digest: Digest, size: usize) -> Descriptor {
    Descriptor {
        media_type: media_type.to_owned(),
        digest,
        size: size as u64,
        urls: Vec::new(),
        annotations: Default::default(),
        data: None,
        artifact_type: None,
        platform: None,
    }
}

/// The blobs of one repository, for reading.
struct OwnBlobs {
    app: App,
    right: Granted<Pull>,
    runtime: Handle,
}

impl Content for OwnBlobs {
    fn create(&self) -> io::Result<PendingBlob> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn commit(&self, _: PendingBlob, _: &Digest, _: u64) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn open(&self, digest: &Digest) -> io::Result<Option<File>> {
        // Called on threads for what blocks.
        let opened = self
            .runtime
            .block_on(self.app.open_blob(&self.right, digest));
        let content = opened.map_err(io::Error::other)?;
        // A description of its own: the shared one has one place for all who read on it.
        File::open(format!("/proc/self/fd/{}", content.file.as_raw_fd())).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wharf_client::{ClientError, RegistryHost};

    #[test]
    fn a_namespace_has_few_deliveries_under_way_and_others_have_theirs() {
        let (one, other) = (NamespaceId::new(), NamespaceId::new());
        assert_eq!(list_busy([one, other].into_iter()), []);
        assert_eq!(list_busy([one, other, one].into_iter()), [one]);
    }

    #[test]
    fn a_refused_login_names_the_command_that_stores_another() {
        for anonymous in [true, false] {
            let refused = ClientError::Unauthorized {
                registry: RegistryHost::docker_hub(),
                subject: "the manifest".to_owned(),
                anonymous,
                said: String::new(),
            };
            let told = explain(&wharf_transfer::explain_error(refused));
            assert!(
                told.contains("wharf credential set NAMESPACE docker.io"),
                "{told}"
            );
            assert!(
                !told.contains("docker login") && !told.contains("file"),
                "{told}"
            );
        }
    }
}
