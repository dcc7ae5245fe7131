//! What becomes of what a trigger does.

use crate::words::words;

words! {
    /// What an action of a trigger does.
    ActionKind {
        /// Lets a container of a workload run the new image.
        Workload = "workload",
        /// Sends a request.
        Webhook = "webhook",
        /// Tells a chat.
        Message = "message",
        /// Sends an e-mail.
        Mail = "mail",
    }

    /// Whether events reach an action.
    ActionState {
        /// They do.
        Active = "active",
        /// The target said that it is gone for good (HTTP 410); what is for it is kept until somebody switches it on again.
        Disabled = "disabled",
    }

    /// How a delivery stands. It has one id over all of its attempts.
    DeliveryState {
        /// For its turn, or for the next attempt.
        Waiting = "waiting",
        /// An attempt is under way, or a rollout is followed.
        Running = "running",
        /// The target took it; the rollout is complete.
        Succeeded = "succeeded",
        /// The container ran this image already.
        Unchanged = "unchanged",
        /// The tag names something else by now, or something newer went to the same workload: nothing was done, or what was
        /// begun is not followed any more.
        Superseded = "superseded",
        /// Given up: a dead letter, which can be sent again.
        Failed = "failed",
        /// Somebody called it off, or what it belongs to is gone.
        Canceled = "canceled",
    }
}

impl DeliveryState {
    /// Whether nothing more happens to it by itself.
    pub fn is_over(self) -> bool {
        !matches!(self, Self::Waiting | Self::Running)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_lead_back_to_what_they_mean() {
        for state in DeliveryState::ALL {
            assert_eq!(state.as_str().parse(), Ok(*state));
        }
        for kind in ActionKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(*kind));
        }
        assert!("dead".parse::<DeliveryState>().is_err());
        let open: Vec<_> = DeliveryState::ALL
            .iter()
            .filter(|state| !state.is_over())
            .collect();
        assert_eq!(open, [&DeliveryState::Waiting, &DeliveryState::Running]);
    }
}
