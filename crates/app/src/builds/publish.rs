//! A finished image becomes the repository's: blobs, manifests, and at last all of its tags with the record's end.

use super::{
    moved_head::find_end,
    outcome::{Outcome, of_refusal},
    protocol::Protocol,
    services::BuildServices,
    take_in::take_in_blobs,
};
use crate::{
    App, Error, Settings,
    registry::{Beside, Push},
    rules::{Foreseen, find_owned},
};
use std::sync::Arc;
use wharf_db::{
    Tx,
    builds::{self, Build, BuildEnd, Claim},
};
use wharf_model::{
    Caller, Granted, Timestamp,
    builds::{BuildState, TrustClass},
    rights,
};
use wharf_oci::{Digest, Reference, Tag};
use wharf_worker::FinishedBuild;

/// Newer builds set all of a build's tags.
const TAGS_OVERTAKEN: &str = "tags_overtaken";

/// Takes the image in and sets its tags, as this build's own identity. When it answers [`Outcome::Succeeded`], image,
/// tags, events and record survive a power loss; with any other outcome no tag moved.
pub(super) async fn publish(
    app: &App,
    build: &Build,
    claim: Claim,
    services: &BuildServices,
    finished: &FinishedBuild,
    protocol: &mut Protocol,
) -> Outcome {
    match try_publish(app, build, claim, services, finished, protocol).await {
        Ok(outcome) => outcome,
        Err(error) => {
            tracing::warn!(
                build.id = %build.id, error = &error as &dyn std::error::Error,
                "a build's image could not be taken in"
            );
            of_refusal(&error)
        }
    }
}

async fn try_publish(
    app: &App,
    build: &Build,
    claim: Claim,
    services: &BuildServices,
    finished: &FinishedBuild,
    protocol: &mut Protocol,
) -> Result<Outcome, Error> {
    let facts = app
        .find_facts(&build.repository_name)
        .await?
        .filter(|facts| facts.repository == build.repository)
        .ok_or(Error::NotFound)?;
    let caller = Caller::pushing_build(build.id, build.number, &facts);
    let granted: Granted<rights::Push> = wharf_model::decide(&caller, &facts)?;
    take_in_blobs(app, &granted, services, finished).await?;
    wharf_blobs::failpoint("build-blobs-taken-in");
    let image = &finished.image;
    let manifests = image.images.iter().map(|image| &image.manifest);
    for manifest in manifests.filter(|manifest| manifest.digest != image.root.digest) {
        let push = make_push(finished, &manifest.digest, Vec::new())?;
        app.put_build_manifest(&caller, &granted, push, None)
            .await?;
    }
    if let Some(end) = find_end(app, build, protocol).await? {
        return Ok(end);
    }
    let push = make_push(finished, &image.root.digest, build.tags.clone())?;
    let at = app.clock.now();
    let beside: Arc<dyn Beside> = Arc::new(EndBeside {
        settings: app.settings.clone(),
        build: build.clone(),
        claim,
        digest: image.root.digest,
        foreseen: match build.trust {
            TrustClass::Loose => app.foresee_owned(build.repository, at).await?,
            TrustClass::Rule => Arc::new(Foreseen::default()),
        },
        at,
    });
    // On its own: what waits for this may be told to stop, and a commit is followed by forgetting, whoever waits.
    let put = {
        let app = app.clone();
        tokio::spawn(async move {
            app.put_build_manifest(&caller, &granted, push, Some(beside))
                .await
        })
    };
    match put.await.map_err(Error::internal)? {
        Ok(_) => {}
        Err(Error::Conflict { what }) if what == TAGS_OVERTAKEN => {
            protocol.say("newer builds set all of its tags: no tag is set".to_owned());
            return Ok(Outcome::Stopped(BuildState::Superseded));
        }
        Err(error) => return Err(error),
    }
    let succeeded = app
        .db
        .look_up(move |tx| builds::find_build(tx, claim.build));
    if let Some(build) = succeeded.await.map_err(Error::from)? {
        for tag in &build.overtaken {
            protocol.say(format!("a newer build set {tag}: it stays as it is"));
        }
        super::metrics::count_end(&build);
    }
    Ok(Outcome::Succeeded)
}

fn make_push(
    finished: &FinishedBuild,
    digest: &Digest,
    tags: Vec<wharf_oci::Tag>,
) -> Result<Push, Error> {
    let mut documents = finished.image.documents.iter();
    let document = documents
        .find(|document| document.descriptor.digest == *digest)
        .ok_or_else(|| Error::internal("the worker left out a manifest"))?;
    Ok(Push {
        reference: Reference::Digest(*digest),
        tags,
        content_type: Some(document.descriptor.media_type.clone()),
        bytes: document.bytes.clone().into(),
    })
}

/// What commits together with the tags: that the build is over, unless somebody stopped it, or a rule owns a tag of a
/// build that nobody vouches for. Tags that newer builds set are theirs.
struct EndBeside {
    settings: Settings,
    build: Build,
    claim: Claim,
    digest: Digest,
    foreseen: Arc<Foreseen>,
    at: Timestamp,
}

impl Beside for EndBeside {
    fn choose_tags(&self, tx: &mut Tx<'_>) -> Result<Vec<Tag>, Error> {
        let Build {
            id,
            repository,
            trust,
            tags,
            ..
        } = &self.build;
        // A rule may have come since the build was queued.
        if *trust == TrustClass::Loose
            && find_owned(
                tx,
                &self.settings,
                *repository,
                tags,
                self.at,
                &self.foreseen,
            )?
            .is_some()
        {
            return Err(Error::Conflict { what: "tag_owned" });
        }
        let overtaken = builds::list_overtaken(tx, &self.build)?;
        if overtaken.is_empty() {
            return Ok(tags.clone());
        }
        let mut left = tags.clone();
        left.retain(|tag| !overtaken.contains(tag));
        if left.is_empty() {
            return Err(Error::Conflict {
                what: TAGS_OVERTAKEN,
            });
        }
        builds::choose_tags(tx, *id, &left, &overtaken)?;
        Ok(left)
    }

    fn conclude(&self, tx: &mut Tx<'_>) -> Result<(), Error> {
        let end = BuildEnd {
            state: BuildState::Succeeded,
            digest: Some(self.digest),
            failure: None,
            at: self.at,
        };
        match builds::end_build(tx, self.claim, &end)? {
            Some(_) => Ok(()),
            None => Err(Error::Conflict {
                what: "build_stopped",
            }),
        }
    }
}
