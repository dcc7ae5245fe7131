//! One attempt at a workload, or one look at its rollout.
//!
//! Before an attempt everything is read again: the tag (moved or gone makes the event old), the grant, the cluster. The digest
//! is patched in; doing that again does nothing. The rollout is followed by looks that nobody holds anything between, so that
//! it goes on after a restart, and gives way to whatever newer went to the same container.

use super::{
    aim::aim_at,
    definition::{ActionSpec, WorkloadSpec},
    exchange::with_exchange,
    load::{Loaded, load_action, open_secret},
    open_cluster::{WorkloadCluster, check_credential, cluster_secret_place, judge_failure},
    outgoing::start_attempt,
    progress::{Progress, RolloutPhase},
    reasons,
    rollout::{self, Looked},
    settle::{Settled, Verdict, clip_detail},
};
use crate::{App, Error, vault::Vault};
use std::sync::Arc;
use wharf_db::{
    DbError, Durability, Tx,
    triggers::{
        attempts::Attempt,
        clusters::{Cluster, find_cluster_by_id},
        deliveries::{self, Claim, Claimed, Delivery},
        fan_out::{find_event_repository, find_present_digest},
        grants::is_granted,
    },
};
use wharf_integrations::target::kubernetes::{
    ClusterError, ClusterExchange, ContainerRef, ObjectName, PatchOptions, PinnedImage, PullChoice,
    pull_secret_name,
};
use wharf_model::{SecretText, Timestamp, triggers::DeliveryState};
use wharf_oci::Digest;

/// What an attempt or a look needs.
struct Ready {
    spec: WorkloadSpec,
    cluster: Cluster,
    credential: Option<SecretText>,
    digest: Digest,
    /// The secret that wharf writes for pulling it; none for an image that anybody may pull.
    pull_secret: Option<ObjectName>,
}

impl Ready {
    /// What pods of the workload pull the image with.
    async fn choose_pull_secret(
        &self,
        cluster: &dyn WorkloadCluster,
        target: &ContainerRef,
    ) -> Result<PullChoice, ClusterError> {
        let Some(ours) = &self.pull_secret else {
            return Ok(PullChoice::AsIs);
        };
        let host = &self.cluster.registry_host;
        cluster.choose_pull_secret(target, host, ours).await
    }
}

/// Tries a claimed delivery, or looks at its rollout once the workload has the image.
pub(super) async fn attempt(
    app: &App,
    claimed: &Claimed,
    started: Timestamp,
) -> Result<Settled, Error> {
    let (vault, delivery, claim) = (app.vault.clone(), claimed.delivery.clone(), claimed.claim);
    let kept = claimed.progress.as_deref().and_then(Progress::read);
    // Of a rollout that is under way: what was rolled out.
    let under_way = kept.as_ref().and_then(Progress::digest);
    let under_way = under_way.filter(|_| delivery.patched_at.is_some());
    let prepared = app
        .db
        .look_up(move |tx| prepare(tx, &vault, claim, &delivery, under_way));
    let ready = match prepared.await? {
        Ok(ready) => ready,
        Err(verdict) => return Ok(verdict.into()),
    };
    let opened = check_credential(&ready.cluster, ready.credential.as_ref()).and_then(|()| {
        app.open_workloads(&ready.cluster, ready.credential.as_ref())
            .map_err(|error| judge_failure(&error))
    });
    let cluster = match opened {
        Ok(cluster) => cluster,
        Err(verdict) => return Ok(refuse(app, claimed, verdict, None, started)),
    };
    let aimed = aim(claimed, &ready);
    let (target, image) = match aimed {
        Ok(aimed) => aimed,
        Err(error) => {
            return Ok(refuse(app, claimed, judge_failure(&error), None, started));
        }
    };
    match claimed.delivery.patched_at {
        Some(patched_at) => {
            let progress =
                kept.unwrap_or_else(|| Progress::start(image.to_string(), None, patched_at));
            let followed = rollout::Followed {
                spec: &ready.spec,
                target: &target,
                image: &image,
                patched_at,
            };
            let looked = followed.look(&*cluster, progress, app.clock.now()).await;
            Ok(note_look(app, claimed, looked, &*cluster, started))
        }
        None => {
            patch(
                app, claimed, &cluster, &ready, &target, &image, kept, started,
            )
            .await
        }
    }
}

/// Reads what an attempt needs, and whether there is still something to do.
fn prepare(
    tx: &mut Tx<'_>,
    vault: &Vault,
    claim: Claim,
    delivery: &Delivery,
    under_way: Option<Digest>,
) -> Result<Result<Ready, Verdict>, Error> {
    let is_under_way = delivery.patched_at.is_some();
    let spec = match load_action(tx, vault, claim, delivery, is_under_way)? {
        Loaded::Ready {
            spec: ActionSpec::Workload(spec),
            ..
        } => spec,
        Loaded::Ready { .. } => return Ok(Err(Verdict::failed(reasons::UNREADABLE, ""))),
        Loaded::Over(verdict) => return Ok(Err(verdict)),
    };
    if let Some(newer) = deliveries::is_overtaken(tx, delivery)? {
        return Ok(Err(Verdict::superseded(reasons::NEWER_EVENT, newer)));
    }
    let cluster = match spec.cluster.parse() {
        Ok(id) => find_cluster_by_id(tx, id)?,
        Err(_) => None,
    };
    let Some(cluster) = cluster else {
        let gone = Verdict::failed(reasons::CLUSTER_GONE, &spec.cluster_name);
        return Ok(Err(gone));
    };
    if !is_granted(tx, cluster.id, delivery.namespace, &spec.namespace)? {
        let place = format!("{}/{}", cluster.name, spec.namespace);
        return Ok(Err(Verdict::failed(reasons::NOT_GRANTED, place)));
    }
    let digest = match choose_digest(tx, delivery, under_way)? {
        Ok(digest) => digest,
        Err(verdict) => return Ok(Err(verdict)),
    };
    let place = find_event_repository(tx, delivery.repository)?;
    let is_private = place.is_some_and(|place| !place.public);
    let pull_secret = is_private.then(|| pull_secret_name(delivery.repository_name.namespace()));
    match open_secret(tx, vault, &cluster_secret_place(cluster.id))? {
        Ok(credential) => Ok(Ok(Ready {
            spec,
            cluster,
            credential,
            digest,
            pull_secret,
        })),
        Err(verdict) => Ok(Err(verdict)),
    }
}

/// What the tag names now is what may roll out; of a rollout that is under way, what was rolled out.
fn choose_digest(
    tx: &mut Tx<'_>,
    delivery: &Delivery,
    under_way: Option<Digest>,
) -> Result<Result<Digest, Verdict>, DbError> {
    if let Some(digest) = under_way {
        return Ok(Ok(digest));
    }
    let Some(tag) = &delivery.tag else {
        return Ok(Err(Verdict::failed(reasons::UNREADABLE, "")));
    };
    let Some(present) = find_present_digest(tx, delivery.repository, tag)? else {
        return Ok(Err(Verdict::superseded(reasons::TAG_DELETED, tag)));
    };
    // Also by hand: whoever ran it or sent it again saw what the tag named then, and nobody chose what it names now.
    match delivery.digest {
        Some(digest) if digest != present => {
            Ok(Err(Verdict::superseded(reasons::TAG_MOVED, present)))
        }
        _ => Ok(Ok(present)),
    }
}

/// The container and the image that it gets.
fn aim(claimed: &Claimed, ready: &Ready) -> Result<(ContainerRef, PinnedImage), ClusterError> {
    let delivery = &claimed.delivery;
    let target = aim_at(&ready.spec)?;
    let image = PinnedImage::new(
        &ready.cluster.registry_host,
        delivery.repository_name.clone(),
        delivery.tag.clone(),
        ready.digest,
    )?;
    Ok((target, image))
}

/// Gives the container the image. What is about to be done is noted before, with what was there: killed in between, the next
/// attempt finds its own work and follows it. It is done only while that is still there: who stood still since the look, and
/// lost the delivery, must not put an old image over a newer one.
#[expect(
    clippy::too_many_arguments,
    reason = "one call site; a struct would only rename them"
)]
async fn patch(
    app: &App,
    claimed: &Claimed,
    cluster: &Arc<dyn WorkloadCluster>,
    ready: &Ready,
    target: &ContainerRef,
    image: &PinnedImage,
    kept: Option<Progress>,
    started: Timestamp,
) -> Result<Settled, Error> {
    let delivery = claimed.delivery.id.to_string();
    let options = PatchOptions {
        delivery: Some(&delivery),
        ..PatchOptions::default()
    };
    let tried = PatchOptions {
        dry_run: true,
        ..options.clone()
    };
    let fail = |error: &ClusterError| {
        let exchange = cluster.last_exchange();
        refuse(app, claimed, judge_failure(error), exchange, started)
    };
    let end_unchanged = || {
        let exchange = cluster.last_exchange();
        Settled {
            verdict: Verdict::End(DeliveryState::Unchanged, None),
            attempt: Some(describe(app, claimed, "unchanged", exchange, started)),
        }
    };
    let before = match cluster.set_image(target, image, &tried).await {
        Ok(before) => before,
        Err(error) => return Ok(fail(&error)),
    };
    let kept = kept.filter(|kept| kept.image == image.to_string());
    let mut progress = match before.is_changed {
        // Ours only where the workload itself says so: somebody else may have given it the same image meanwhile.
        false => match kept.filter(|_| before.delivery.as_ref() == Some(&delivery)) {
            Some(kept) => kept,
            None => return Ok(end_unchanged()),
        },
        true => {
            let pulls = match ready.choose_pull_secret(&**cluster, target).await {
                Ok(pulls) => pulls,
                Err(error) => return Ok(fail(&error)),
            };
            let found = before.previous;
            let mut progress = Progress::start(image.to_string(), Some(found.clone()), started);
            progress.no_pull_secret = pulls == PullChoice::Missing;
            let (claim, text) = (claimed.claim, progress.to_text());
            // A rollback stands on it, so it must outlive the machine. It also says whether the claim still holds.
            let noted = app.db.write(Durability::Durable, move |tx| {
                deliveries::note_progress(tx, claim, &text)
            });
            if !noted.await.map_err(Error::from)? {
                return Ok(Verdict::Lost.into());
            }
            let patch = PatchOptions {
                expected: Some(&found),
                pull_secret: match &pulls {
                    PullChoice::Attach(secret) => Some(secret),
                    PullChoice::AsIs | PullChoice::Missing => None,
                },
                ..options
            };
            let patched = match cluster.set_image(target, image, &patch).await {
                Ok(patched) => patched,
                Err(error) => return Ok(fail(&error)),
            };
            wharf_blobs::failpoint("after-workload-patch");
            if !patched.is_changed {
                return Ok(end_unchanged());
            }
            progress
        }
    };
    let now = app.clock.now();
    progress.enter(RolloutPhase::RollingOut, ready.spec.timeout(), now);
    let attempt = describe(app, claimed, "patched", cluster.last_exchange(), started);
    Ok(Settled {
        verdict: Verdict::Follow {
            patched_at: now,
            progress: progress.to_text(),
            next_at: now,
        },
        attempt: Some(attempt),
    })
}

/// An attempt that came to nothing, with its line in the log.
fn refuse(
    app: &App,
    claimed: &Claimed,
    verdict: Verdict,
    exchange: Option<ClusterExchange>,
    started: Timestamp,
) -> Settled {
    let (outcome, why) = match &verdict {
        Verdict::Again(why, _) => ("retry", Some(why)),
        Verdict::End(_, why) => ("refused", why.as_ref()),
        Verdict::Gone(why) => ("gone", Some(why)),
        Verdict::Follow { .. } | Verdict::EndRollout { .. } | Verdict::Lost => ("", None),
    };
    let attempt = why.map(|why| Attempt {
        reason: Some(why.reason.clone()),
        detail: why.detail.clone(),
        ..describe(app, claimed, outcome, exchange, started)
    });
    // Of a rollout that is under way the look is no attempt.
    let attempt = attempt.filter(|_| claimed.delivery.patched_at.is_none());
    Settled { verdict, attempt }
}

/// A look is no attempt; putting the earlier image back is one, with a number of its own.
fn note_look(
    app: &App,
    claimed: &Claimed,
    looked: Looked,
    cluster: &dyn WorkloadCluster,
    started: Timestamp,
) -> Settled {
    let attempt = looked.rollback.map(|rollback| {
        let (reason, detail) = match rollback.why {
            Some((reason, detail)) => (Some(reason), clip_detail(&detail)),
            None => (None, String::new()),
        };
        let exchange = cluster.last_exchange();
        Attempt {
            number: claimed.delivery.attempts + 1,
            reason,
            detail,
            ..describe(app, claimed, rollback.outcome, exchange, started)
        }
    });
    Settled {
        verdict: looked.verdict,
        attempt,
    }
}

/// What was asked of the cluster last, and what that came to.
fn describe(
    app: &App,
    claimed: &Claimed,
    outcome: &str,
    exchange: Option<ClusterExchange>,
    started: Timestamp,
) -> Attempt {
    let attempt = Attempt {
        outcome: outcome.to_owned(),
        ..start_attempt(claimed, started, app.clock.now())
    };
    match exchange {
        Some(ClusterExchange {
            request,
            response,
            timings,
        }) => with_exchange(attempt, &request, response.as_ref(), timings),
        None => attempt,
    }
}
