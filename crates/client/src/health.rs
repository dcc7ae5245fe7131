//! What is remembered of servers: that one answered, and that a mirror did not.

use crate::RegistryHost;
use crate::remembered::Remembered;
use std::time::Duration;
use tokio::time::Instant;

/// How long a mirror that failed is passed over. Shorter would make every layer of an image wait for a dead host's
/// time-out, longer would keep a mirror that came back without use.
const PASS_OVER: Duration = Duration::from_secs(60);

#[derive(Default)]
pub(crate) struct Health {
    known: Remembered<State>,
}

#[derive(Debug, Clone, Copy)]
enum State {
    Answered,
    FailedAt(Instant),
}

impl Health {
    pub(crate) fn note_answer(&self, host: &RegistryHost) {
        self.known.set(host, State::Answered);
    }

    pub(crate) fn note_failure(&self, host: &RegistryHost) {
        self.known.set(host, State::FailedAt(Instant::now()));
    }

    /// Whether it is worth asking again when it does not answer now.
    pub(crate) fn has_answered(&self, host: &RegistryHost) -> bool {
        matches!(self.known.get(host), Some(State::Answered))
    }

    /// Whether a mirror failed a moment ago.
    pub(crate) fn is_down(&self, host: &RegistryHost) -> bool {
        match self.known.get(host) {
            Some(State::FailedAt(time)) => time.elapsed() < PASS_OVER,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_failed_mirror_is_passed_over_for_a_minute() {
        let (health, host) = (Health::default(), RegistryHost::docker_hub());
        assert!(!health.is_down(&host));
        health.note_failure(&host);
        assert!(health.is_down(&host) && !health.has_answered(&host));
        tokio::time::advance(PASS_OVER).await;
        assert!(!health.is_down(&host));
        health.note_failure(&host);
        health.note_answer(&host);
        assert!(!health.is_down(&host) && health.has_answered(&host));
    }
}
