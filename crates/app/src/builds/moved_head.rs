//! Whether the ref that a finished build follows is elsewhere by now, as its code host says. An image is worth some waiting:
//! a host that is away for a moment is asked again.

use super::{inputs::explain, outcome::Outcome, protocol::Protocol};
use crate::{App, Error, rules::PASSED_OVER};
use std::time::Duration;
use tokio::time::{Instant, sleep};
use wharf_db::{
    builds::{self, Build},
    rules::decisions::find_built_before_skip,
};
use wharf_model::{
    RemotePath, SourceId,
    builds::{BuildSource, BuildState, CommitId, RefName},
};

/// For how long a host is asked again. Shorter, and a restart of the host costs images; longer, and builds that wait for it
/// keep others from beginning.
const LONGEST: Duration = Duration::from_secs(300);

/// The first wait; each is twice the one before.
const FIRST: Duration = Duration::from_secs(2);

/// No wait is longer, so that a host that is back is noticed.
const SLOWEST: Duration = Duration::from_secs(60);

/// What a build follows.
struct Followed<'a> {
    source: SourceId,
    remote: RemotePath,
    reference: &'a RefName,
    commit: &'a CommitId,
}

/// Answers how the build ends without tags: that something newer is at its ref, or that nobody can be asked. `None` when its
/// tags are to be set.
pub(super) async fn find_end(
    app: &App,
    build: &Build,
    protocol: &mut Protocol,
) -> Result<Option<Outcome>, Error> {
    let id = build.id;
    let spec = app.db.look_up(move |tx| builds::load_spec(tx, id)).await;
    let spec = spec.map_err(Error::from)?.ok_or(Error::NotFound)?;
    let BuildSource::Git {
        source: Some(source),
        repository,
        follow_head: true,
        ..
    } = &spec.source
    else {
        return Ok(None);
    };
    let (Some(reference), Some(commit)) = (&build.reference, &build.commit) else {
        return Ok(None);
    };
    let followed = Followed {
        source: *source,
        remote: repository.parse().map_err(Error::internal)?,
        reference,
        commit,
    };
    let head = match ask_head(app, &followed, protocol).await {
        Ok(head) => head,
        Err(error @ (Error::Upstream(_) | Error::Busy(_) | Error::Conflict { .. })) => {
            tracing::warn!(
                build.id = %build.id, error = &error as &dyn std::error::Error,
                "whether a build's ref moved could not be asked"
            );
            return Ok(Some(Outcome::Failed(*explain(&error))));
        }
        Err(error) => return Err(error),
    };
    let text = match head {
        Some(head) if head == *followed.commit => return Ok(None),
        Some(head) if is_still_newest(app, build, reference, &head).await? => {
            protocol.say(format!(
                "the branch is at {head} by now, which is not built: the tags are set"
            ));
            return Ok(None);
        }
        Some(head) => format!("the branch is at {head} by now: no tag is set"),
        None => "the branch is gone by now: no tag is set".to_owned(),
    };
    protocol.say(text);
    Ok(Some(Outcome::Stopped(BuildState::Superseded)))
}

/// Whether the rule passed over the present head, so that no build after this one brings what this one has.
async fn is_still_newest(
    app: &App,
    build: &Build,
    reference: &RefName,
    head: &CommitId,
) -> Result<bool, Error> {
    let Some(rule) = build.rule.as_ref().and_then(|rule| rule.id) else {
        return Ok(false);
    };
    let (reference, head) = (reference.clone(), head.clone());
    let find = app
        .db
        .look_up(move |tx| find_built_before_skip(tx, rule, &reference, &head, PASSED_OVER));
    Ok(find.await.map_err(Error::from)? == Some(build.id))
}

/// Asks until the host answers, for a while.
async fn ask_head(
    app: &App,
    followed: &Followed<'_>,
    protocol: &mut Protocol,
) -> Result<Option<CommitId>, Error> {
    let (begun, mut asked) = (Instant::now(), 0);
    loop {
        let (source, remote) = (followed.source, &followed.remote);
        let head = app.find_remote_commit(source, remote, followed.reference);
        let error = match head.await {
            Ok(head) => return Ok(head),
            Err(error) => error,
        };
        let Some(wait) = find_wait(&error, asked, begun.elapsed()) else {
            return Err(error);
        };
        let seconds = wait.as_secs();
        protocol.say(format!(
            "cannot ask where the branch is ({error}); asking again in {seconds} s"
        ));
        sleep(wait).await;
        asked += 1;
    }
}

/// How long to wait before the question that `asked` others failed after; none when asking again is of no use.
fn find_wait(error: &Error, asked: u32, spent: Duration) -> Option<Duration> {
    let passes = match error {
        Error::Upstream(failure) => failure.is_transient,
        Error::Busy(_) => true,
        _ => false,
    };
    let wait = FIRST
        .saturating_mul(2_u32.saturating_pow(asked))
        .min(SLOWEST);
    (passes && spent + wait <= LONGEST).then_some(wait)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::{HostFailure, HostProblem};

    fn upstream(is_transient: bool) -> Error {
        Error::Upstream(Box::new(HostFailure {
            problem: HostProblem::Unreachable,
            host: "git.example:443".to_owned(),
            detail: "connection refused".to_owned(),
            allow: None,
            retry_after: None,
            is_transient,
        }))
    }

    #[test]
    fn a_host_that_is_away_is_asked_again_for_some_minutes_less_and_less_often() {
        for error in [upstream(true), Error::Busy("full".into())] {
            let (mut spent, mut waits) = (Duration::ZERO, Vec::new());
            while let Some(wait) = find_wait(&error, waits.len() as u32, spent) {
                spent += wait;
                waits.push(wait.as_secs());
            }
            assert_eq!(waits, [2, 4, 8, 16, 32, 60, 60, 60]);
        }
    }

    #[test]
    fn what_does_not_pass_is_not_asked_again_and_says_what_it_is() {
        let gone = Error::Conflict {
            what: "source_gone",
        };
        assert_eq!(find_wait(&gone, 0, Duration::ZERO), None);
        assert_eq!(explain(&gone).reason, "source_gone");
        assert_eq!(find_wait(&upstream(false), 0, Duration::ZERO), None);
        assert_eq!(explain(&upstream(false)).reason, "source");
        assert_eq!(explain(&Error::Busy("full".into())).reason, "source");
    }
}
