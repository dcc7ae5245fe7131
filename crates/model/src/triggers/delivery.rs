//! What becomes of what a trigger does.

use std::{fmt, str::FromStr};

/// What an action of a trigger does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ActionKind {
    /// Lets a container of a workload run the new image.
    Workload,
    /// Sends a request.
    Webhook,
    /// Tells a chat.
    Message,
    /// Sends an e-mail.
    Mail,
}

/// Whether events reach an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ActionState {
    /// They do.
    Active,
    /// The target said that it is gone for good (HTTP 410); what is for it is kept until somebody switches it on again.
    Disabled,
}

/// How a delivery stands. It has one id over all of its attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeliveryState {
    /// For its turn, or for the next attempt.
    Waiting,
    /// An attempt is under way, or a rollout is followed.
    Running,
    /// The target took it; the rollout is complete.
    Succeeded,
    /// The container ran this image already.
    Unchanged,
    /// The tag names something else by now, or something newer went to the same workload: nothing was done, or what was
    /// begun is not followed any more.
    Superseded,
    /// Given up: a dead letter, which can be sent again.
    Failed,
    /// Somebody called it off, or what it belongs to is gone.
    Canceled,
}

macro_rules! words {
    ($type:ident { $($case:ident = $word:literal),+ $(,)? }) => {
        impl $type {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$case),+];

            /// The word in rows, in the API and on the command line.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$case => $word),+
                }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $type {
            type Err = ();

            fn from_str(text: &str) -> Result<Self, ()> {
                Self::ALL
                    .iter()
                    .copied()
                    .find(|one| one.as_str() == text)
                    .ok_or(())
            }
        }
    };
}
pub(super) use words;

words!(ActionKind {
    Workload = "workload",
    Webhook = "webhook",
    Message = "message",
    Mail = "mail",
});
words!(ActionState {
    Active = "active",
    Disabled = "disabled",
});
words!(DeliveryState {
    Waiting = "waiting",
    Running = "running",
    Succeeded = "succeeded",
    Unchanged = "unchanged",
    Superseded = "superseded",
    Failed = "failed",
    Canceled = "canceled",
});

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
        assert_eq!("dead".parse::<DeliveryState>(), Err(()));
        let open: Vec<_> = DeliveryState::ALL
            .iter()
            .filter(|state| !state.is_over())
            .collect();
        assert_eq!(open, [&DeliveryState::Waiting, &DeliveryState::Running]);
    }
}
