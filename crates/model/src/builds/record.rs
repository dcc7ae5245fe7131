//! What is known of a build beside what it is to do: its state, why it was started, whom it is trusted like.

use crate::words::words;

words! {
    /// Where a build stands.
    BuildState {
        /// It waits for its turn.
        Queued = "queued",
        /// A worker is at it.
        Running = "running",
        /// The image is in the registry and its tags name it.
        Succeeded = "succeeded",
        /// It came to no image; the record says why.
        Failed = "failed",
        /// Somebody stopped it.
        Canceled = "canceled",
        /// A newer commit of its branch came first.
        Superseded = "superseded",
        /// Its commit's message asks not to be built, which was seen before the first step.
        Skipped = "skipped",
    }
}

impl BuildState {
    /// Whether nothing changes any more.
    pub fn is_over(self) -> bool {
        !matches!(self, Self::Queued | Self::Running)
    }
}

words! {
    /// Whom a build is trusted like. Caches are never shared across classes.
    TrustClass {
        /// It builds a rule's own ref: it gets the rule's secrets and sets the rule's tags.
        Rule = "rule",
        /// A pasted Dockerfile, or a commit that no branch or tag reaches: no secrets, and no tag that a rule owns.
        Loose = "loose",
    }
}

words! {
    /// What a build is made from.
    BuildOrigin {
        /// A commit on a code host.
        Code = "code",
        /// A Dockerfile that somebody pasted or uploaded.
        Dockerfile = "dockerfile",
    }
}

words! {
    /// Why a build was started.
    BuildCause {
        /// A code host told of a push.
        Push = "push",
        /// The refs were asked for and one had moved.
        Poll = "poll",
        /// A person pressed the button or called the API.
        Manual = "manual",
        /// Somebody called a build trigger URL.
        TriggerUrl = "trigger_url",
        /// An image that it stands on has a new digest.
        Link = "link",
        /// A person wanted an earlier build once more.
        Retry = "retry",
    }
}

words! {
    /// Where a running build is. Steps are counted inside [`BuildPhase::Building`].
    BuildPhase {
        /// It waits.
        Queued = "queued",
        /// Its worker starts.
        Starting = "starting",
        /// The commit is fetched.
        Cloning = "cloning",
        /// The steps of the Dockerfile run.
        Building = "building",
        /// Layers and configuration are put together.
        Exporting = "exporting",
        /// The registry takes layers, manifests and tags in.
        Pushing = "pushing",
    }
}

words! {
    /// Where a build's log is.
    LogState {
        /// Nothing was written yet.
        None = "none",
        /// It is being written, or its server died while it was.
        Open = "open",
        /// It is whole and compressed.
        Kept = "kept",
        /// It was older than logs are kept.
        Expired = "expired",
    }
}

words! {
    /// How one further registry stands.
    PushState {
        /// It is to be tried, now or later.
        Waiting = "waiting",
        /// It is being done.
        Running = "running",
        /// The image is there.
        Succeeded = "succeeded",
        /// It is not tried again by itself.
        Failed = "failed",
        /// Newer builds bring all of its tags there.
        Overtaken = "overtaken",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::UnknownWord;

    #[test]
    fn words_survive_their_text() {
        for state in BuildState::ALL {
            assert_eq!(state.to_string().parse(), Ok(*state));
        }
        assert_eq!(
            "done".parse::<BuildState>(),
            Err(UnknownWord("done".into()))
        );
        assert!(BuildState::Superseded.is_over() && !BuildState::Running.is_over());
    }
}
