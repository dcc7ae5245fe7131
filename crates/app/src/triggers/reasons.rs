//! Why deliveries ended, or wait: the words of this crate. Each has its sentence in the catalogue as `delivery_reason.…`;
//! targets add words of their own.

use wharf_integrations::target::ReasonWord;

/// A newer event of the same workload and tag, or a newer image of the same workload, made this one old.
pub(super) const NEWER_EVENT: &str = "newer_event";
/// The tag names another image by now.
pub(super) const TAG_MOVED: &str = "tag_moved";
/// The tag is gone.
pub(super) const TAG_DELETED: &str = "tag_deleted";
/// Somebody gave the container another image while its rollout was followed.
pub(super) const CHANGED_ELSEWHERE: &str = "changed_elsewhere";
/// The namespace may not use this namespace of the cluster (any more).
pub(super) const NOT_GRANTED: &str = "not_granted";
/// The cluster was removed here.
pub(super) const CLUSTER_GONE: &str = "cluster_gone";
/// The action was removed while this waited for it.
pub(super) const ACTION_DELETED: &str = "action_deleted";
/// The action goes elsewhere since an edit.
pub(super) const ACTION_CHANGED: &str = "action_changed";
/// The trigger was switched off while this waited.
pub(super) const TRIGGER_OFF: &str = "trigger_off";
/// The action is switched off, because its target said that it is gone.
pub(super) const ACTION_DISABLED: &str = "action_disabled";
/// Somebody switched the action off.
pub(super) const SWITCHED_OFF: &str = "switched_off";
/// The address or credential has to be given again.
pub(super) const SECRET_MISSING: &str = "secret_missing";
/// The secret cannot be opened: a key file is missing on the server.
pub(super) const SECRET_LOCKED: &str = "secret_locked";
/// No mail server is configured.
pub(super) const NO_MAIL_SERVER: &str = "no_mail_server";
/// The namespace mailed as much within the hour as it may.
pub(super) const MAILS_PER_HOUR: &str = "mails_per_hour";
/// What is stored cannot be understood by this program.
pub(super) const UNREADABLE: &str = "unreadable_action";
/// Its time is over.
pub(super) const GAVE_UP: &str = "gave_up";
/// The target said that it is gone for good.
pub(super) const GONE: &str = "gone";
/// The rollout did not complete in its time.
pub(super) const ROLLOUT_TIMEOUT: &str = "rollout_timeout";
/// The earlier image could not be put back.
pub(super) const ROLLBACK_FAILED: &str = "rollback_failed";
/// The server ended while it was at it.
pub(super) const INTERRUPTED: &str = "interrupted";

/// Why nothing reaches an action that is switched off for this reason.
pub(super) fn name_disabled(problem: Option<&str>) -> &'static str {
    match problem {
        Some(SWITCHED_OFF) => SWITCHED_OFF,
        _ => ACTION_DISABLED,
    }
}

/// Whether this says that a receiver was not reached at all, or said nothing: the next delivery will fare no better.
pub(super) fn is_unreached(reason: &str) -> bool {
    [ReasonWord::Unreachable, ReasonWord::TimedOut]
        .iter()
        .any(|word| word.as_str() == reason)
}

/// All words that a delivery's row may have, of this crate and of targets: each has its sentence.
pub const DELIVERY_REASONS: &[&str] = &[
    NEWER_EVENT,
    TAG_MOVED,
    TAG_DELETED,
    CHANGED_ELSEWHERE,
    NOT_GRANTED,
    CLUSTER_GONE,
    ACTION_CHANGED,
    ACTION_DELETED,
    TRIGGER_OFF,
    ACTION_DISABLED,
    SECRET_MISSING,
    SECRET_LOCKED,
    NO_MAIL_SERVER,
    MAILS_PER_HOUR,
    UNREADABLE,
    GAVE_UP,
    GONE,
    ROLLOUT_TIMEOUT,
    ROLLBACK_FAILED,
    INTERRUPTED,
    // Of actions that somebody switched off.
    SWITCHED_OFF,
    // Called off.
    "canceled",
    "trigger_deleted",
    "repository_deleted",
    // Too many waited for the action.
    "too_many_waiting",
    // Of clusters, by `describe_failure`.
    "unauthorized",
    "forbidden",
    "workload_gone",
    "container_gone",
    "conflict",
    "cluster_refused",
    // Of rollouts, as `RolloutReason` has them beside the two above.
    "image_pull",
    "configuration",
    "crash_loop",
    "out_of_memory",
    "unschedulable",
    "cannot_create",
    "not_ready",
    "stuck_pod",
    "deadline",
    // Of exchanges, as `ReasonWord` has them.
    "answer_status",
    "rate_limited",
    "timed_out",
    "unreachable",
    "not_allowed",
    "redirected",
    "vendor_refused",
    "vendor_busy",
    "answer_unreadable",
    "mail_refused",
    "mail_deferred",
    "not_sendable",
    // Of what cannot be rendered, as `TargetError` has them.
    "target_url",
    "target_header",
    "signing_secret",
    "template",
    "unsupported_event",
    "body_too_large",
    "recipient",
];

#[cfg(test)]
mod tests {
    use super::DELIVERY_REASONS;
    use wharf_integrations::target::ReasonWord;

    #[test]
    fn words_of_exchanges_are_among_them_and_none_is_there_twice() {
        for word in ReasonWord::ALL {
            assert!(DELIVERY_REASONS.contains(&word.as_str()), "{word:?}");
        }
        let mut words = DELIVERY_REASONS.to_vec();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), DELIVERY_REASONS.len());
    }
}
