//! Two versions side by side: what differs between them, and nothing of what does not.

use super::{
    history::HistoryStep,
    pages::parse_name,
    tag_detail::{Content, Stored, load_stored},
};
use crate::{App, Context, Error, places::Asker};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use wharf_db::{Tx, tags, versions};
use wharf_model::{Granted, rights::Pull};
use wharf_oci::{Digest, ImageConfig, Reference};

/// One of the two.
#[derive(Debug, Clone)]
pub struct ComparedSide {
    /// As it was asked for: a tag or a digest.
    pub reference: String,
    /// What that names.
    pub digest: Digest,
    /// The image that was looked into: of an index the one of the compared platform. None where there is none.
    pub image: Option<Digest>,
    /// Bytes of all that the version names.
    pub size: u64,
    /// Platforms that the other one does not have.
    pub platforms: Vec<String>,
    /// The steps whose layers the other one does not have, oldest first.
    pub layers: Vec<HistoryStep>,
}

/// A named value that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedValue {
    /// Its name.
    pub name: String,
    /// In the first version.
    pub a: Option<String>,
    /// In the second one.
    pub b: Option<String>,
}

/// What differs between two versions.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// The first one.
    pub a: ComparedSide,
    /// The second one.
    pub b: ComparedSide,
    /// The platform whose images were compared, where there was a choice.
    pub platform: Option<String>,
    /// The platforms that both have.
    pub common_platforms: Vec<String>,
    /// How many layers they share.
    pub shared_layers: usize,
    /// Bytes of those.
    pub shared_bytes: u64,
    /// Variables of the environment.
    pub environment: Vec<ChangedValue>,
    /// Labels.
    pub labels: Vec<ChangedValue>,
    /// Entrypoint, command, user, working directory, ports.
    pub settings: Vec<ChangedValue>,
}

/// A version as far as rows know it.
struct Found {
    reference: String,
    digest: Digest,
    size: u64,
    platforms: BTreeSet<String>,
    stored: Stored,
}

/// The image that stands for a version.
struct Image {
    digest: Option<Digest>,
    content: Option<Content>,
    config: ImageConfig,
}

impl App {
    /// Compares two versions by tag or digest; of indexes, their images for `platform`, or for the first one that both have.
    pub async fn compare_versions(
        &self,
        context: &Context,
        repository: &str,
        (a, b): (&str, &str),
        platform: Option<String>,
    ) -> Result<Comparison, Error> {
        let name = parse_name(repository)?;
        let right: Granted<Pull> = self.authorize(&context.caller, &name).await?;
        let (wanted, names) = (right.clone(), [a.to_owned(), b.to_owned()]);
        let found = self.db.read(move |tx| {
            Ok::<_, Error>((
                find_version(tx, &wanted, "a", &names[0])?,
                find_version(tx, &wanted, "b", &names[1])?,
            ))
        });
        let (a, b) = found.await?;
        let common: Vec<String> = a.platforms.intersection(&b.platforms).cloned().collect();
        let platform = platform.or_else(|| common.first().cloned());
        let only = |own: &Found, other: &Found| -> Vec<String> {
            own.platforms
                .difference(&other.platforms)
                .cloned()
                .collect()
        };
        let (only_a, only_b) = (only(&a, &b), only(&b, &a));
        let (a, image_a) = self.open_image(&right, a, platform.as_deref()).await?;
        let (b, image_b) = self.open_image(&right, b, platform.as_deref()).await?;
        // On a thread of its own: manifests may name ten thousands of layers.
        let places = &self.page_places;
        let compared = places.run(Asker::Request(context), move || {
            compare_images(
                (a, image_a, only_a),
                (b, image_b, only_b),
                (platform, common),
            )
        });
        compared.await
    }

    async fn open_image(
        &self,
        right: &Granted<Pull>,
        found: Found,
        platform: Option<&str>,
    ) -> Result<((String, Digest, u64), Image), Error> {
        let facts = (found.reference, found.digest, found.size);
        let (content, config) = self.read_content(right, found.stored).await?;
        if content.children.is_empty() {
            let image = Image {
                digest: content.config.is_some().then_some(facts.1),
                content: Some(content),
                config: config.unwrap_or_default(),
            };
            return Ok((facts, image));
        }
        // `linux/arm64` means `linux/arm64/v8` too: lists of platforms name no variants.
        let chosen = content.children.iter().find(|child| {
            let own = child.platform.as_deref().unwrap_or_default();
            platform.is_some_and(|wanted| {
                own == wanted
                    || own
                        .strip_prefix(wanted)
                        .is_some_and(|rest| rest.starts_with('/'))
            })
        });
        let Some(digest) = chosen.map(|child| child.digest) else {
            let image = Image {
                digest: None,
                content: None,
                config: ImageConfig::default(),
            };
            return Ok((facts, image));
        };
        let wanted = right.clone();
        let stored = self
            .db
            .read(move |tx| match load_stored(tx, &wanted, &digest) {
                // An index may name what was never pushed here.
                Err(Error::NotFound) => Ok(None),
                other => other.map(Some),
            });
        let (content, config) = match stored.await? {
            Some(stored) => {
                let (content, config) = self.read_content(right, stored).await?;
                (Some(content), config)
            }
            None => (None, None),
        };
        let image = Image {
            digest: content.is_some().then_some(digest),
            content,
            config: config.unwrap_or_default(),
        };
        Ok((facts, image))
    }
}

/// A version as it was asked for, its image, and the platforms that the other one does not have.
type Side = ((String, Digest, u64), Image, Vec<String>);

fn compare_images(
    (a, image_a, only_a): Side,
    (b, image_b, only_b): Side,
    (platform, common): (Option<String>, Vec<String>),
) -> Comparison {
    let (of_a, of_b) = (list_steps(&image_a), list_steps(&image_b));
    let shared = find_shared(&of_a, &of_b);
    let own = |steps: Vec<HistoryStep>| -> Vec<HistoryStep> {
        let own = steps.into_iter();
        own.filter(|step| step.layer.is_some_and(|layer| !shared.contains_key(&layer)))
            .collect()
    };
    Comparison {
        a: ComparedSide {
            reference: a.0,
            digest: a.1,
            image: image_a.digest,
            size: a.2,
            platforms: only_a,
            layers: own(of_a),
        },
        b: ComparedSide {
            reference: b.0,
            digest: b.1,
            image: image_b.digest,
            size: b.2,
            platforms: only_b,
            layers: own(of_b),
        },
        platform,
        common_platforms: common,
        shared_layers: shared.len(),
        // Of layers that are elsewhere a manifest may say any size.
        shared_bytes: shared
            .values()
            .fold(0, |sum, size| sum.saturating_add(*size)),
        environment: compare(read_environment(&image_a), read_environment(&image_b)),
        labels: compare(image_a.config.labels.clone(), image_b.config.labels.clone()),
        settings: compare(
            read_settings(&image_a.config),
            read_settings(&image_b.config),
        ),
    }
}

/// The layers that both have, with their sizes.
fn find_shared(a: &[HistoryStep], b: &[HistoryStep]) -> HashMap<Digest, u64> {
    let others: HashSet<Digest> = b.iter().filter_map(|step| step.layer).collect();
    let own = a.iter().filter_map(|step| Some((step.layer?, step.size)));
    own.filter(|(digest, _)| others.contains(digest)).collect()
}

fn find_version(
    tx: &mut Tx<'_>,
    right: &Granted<Pull>,
    field: &'static str,
    text: &str,
) -> Result<Found, Error> {
    let missing = || Error::invalid(field, "no_such_version");
    let digest = match text.parse::<Reference>() {
        Ok(Reference::Digest(digest)) => digest,
        Ok(Reference::Tag(tag)) => tags::find_tag(tx, right, &tag)?.ok_or_else(missing)?,
        Err(_) => return Err(missing()),
    };
    let page = versions::load_version(tx, right, &digest)?.ok_or_else(missing)?;
    let platforms: Vec<String> = serde_json::from_str(&page.platforms).unwrap_or_default();
    Ok(Found {
        reference: text.to_owned(),
        digest,
        size: page.size,
        platforms: platforms.into_iter().collect(),
        stored: load_stored(tx, right, &digest)?,
    })
}

/// The steps that made layers; layers of what has no history stand alone.
fn list_steps(image: &Image) -> Vec<HistoryStep> {
    let Some(content) = &image.content else {
        return Vec::new();
    };
    if content.history.is_empty() {
        let layers = content.layers.iter();
        return layers.map(HistoryStep::of_layer).collect();
    }
    let steps = content.history.iter();
    steps.filter(|step| step.layer.is_some()).cloned().collect()
}

fn read_environment(image: &Image) -> BTreeMap<String, String> {
    let lines = image.config.env.iter();
    lines
        .map(|line| {
            let (name, value) = line.split_once('=').unwrap_or((line, ""));
            (name.to_owned(), value.to_owned())
        })
        .collect()
}

/// What else of a config people set; lists as JSON, as a Dockerfile writes them.
fn read_settings(config: &ImageConfig) -> BTreeMap<String, String> {
    let list = |list: &[String]| (!list.is_empty()).then(|| serde_json::json!(list).to_string());
    let all = [
        ("entrypoint", list(&config.entrypoint)),
        ("cmd", list(&config.cmd)),
        ("user", config.user.clone()),
        ("working_dir", config.working_dir.clone()),
        ("exposed_ports", list(&config.exposed_ports)),
    ];
    let all = all.into_iter();
    all.filter_map(|(name, value)| {
        let value = value.filter(|value| !value.is_empty())?;
        Some((name.to_owned(), value))
    })
    .collect()
}

/// The names whose values differ, in order.
fn compare(a: BTreeMap<String, String>, b: BTreeMap<String, String>) -> Vec<ChangedValue> {
    let names: BTreeSet<String> = a.keys().chain(b.keys()).cloned().collect();
    let pairs = names.into_iter().map(|name| ChangedValue {
        a: a.get(&name).cloned(),
        b: b.get(&name).cloned(),
        name,
    });
    pairs.filter(|pair| pair.a != pair.b).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use wharf_oci::Algorithm;

    #[test]
    fn images_of_very_many_layers_are_compared_in_one_pass_over_each() {
        let steps = |from: u32| -> Vec<HistoryStep> {
            let numbers = from..from + 100_000;
            let steps = numbers.map(|number| HistoryStep {
                created: None,
                created_by: String::new(),
                comment: None,
                empty_layer: false,
                size: 1,
                layer: Some(Digest::of(Algorithm::Sha256, &number.to_le_bytes())),
            });
            steps.collect()
        };
        assert_eq!(find_shared(&steps(0), &steps(99_000)).len(), 1000);
    }

    #[test]
    fn only_values_that_differ_are_told() {
        let map = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            let pairs = pairs.iter();
            pairs
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect()
        };
        let found = compare(
            map(&[("A", "1"), ("B", "same"), ("C", "gone")]),
            map(&[("A", "2"), ("B", "same"), ("D", "")]),
        );
        let shown: Vec<_> = found
            .iter()
            .map(|it| (it.name.as_str(), it.a.as_deref(), it.b.as_deref()))
            .collect();
        assert_eq!(
            shown,
            [
                ("A", Some("1"), Some("2")),
                ("C", Some("gone"), None),
                ("D", None, Some(""))
            ]
        );
    }
}
