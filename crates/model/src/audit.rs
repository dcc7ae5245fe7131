//! What the audit log has lines about.

use crate::words::words;

words! {
    /// What somebody did. The words are promised: programs that read the log know them, and old lines keep theirs.
    AuditAction {
        /// A layer or config was deleted by its digest.
        BlobDelete = "blob.delete",
        /// A build was called off.
        BuildCancel = "build.cancel",
        /// A push to a further registry was asked for again.
        BuildPush = "build.push",
        /// A build was not begun since whoever it is for lost the right.
        BuildRefuse = "build.refuse",
        /// A build was asked for once more.
        BuildRetry = "build.retry",
        /// A build was started by hand.
        BuildStart = "build.start",
        /// A cluster was added.
        ClusterCreate = "cluster.create",
        /// It was removed.
        ClusterDelete = "cluster.delete",
        /// It was changed.
        ClusterEdit = "cluster.edit",
        /// A namespace may use it.
        ClusterGrant = "cluster.grant",
        /// A namespace may not any more.
        ClusterRevoke = "cluster.revoke",
        /// A pull secret was written into it.
        ClusterWritePullSecret = "cluster.write_pull_secret",
        /// A login at another registry was added.
        CredentialCreate = "credential.create",
        /// It was removed.
        CredentialDelete = "credential.delete",
        /// It was changed.
        CredentialEdit = "credential.edit",
        /// A rule was bound to an image that it stands on.
        LinkCreate = "link.create",
        /// The bond was removed.
        LinkDelete = "link.delete",
        /// The bond was switched on or off.
        LinkSwitch = "link.switch",
        /// A version was deleted by its digest, with its tags.
        ManifestDelete = "manifest.delete",
        /// Somebody left a namespace.
        MemberRemove = "member.remove",
        /// Somebody got a role in a namespace.
        MemberSet = "member.set",
        /// A namespace was made.
        NamespaceCreate = "namespace.create",
        /// It was deleted.
        NamespaceDelete = "namespace.delete",
        /// It was changed.
        NamespaceEdit = "namespace.edit",
        /// Somebody changed their password.
        PasswordChange = "password.change",
        /// Somebody got a new password.
        PasswordReset = "password.reset",
        /// A webhook that could not be removed at its host is left there.
        RemovalDismiss = "removal.dismiss",
        /// An image was made.
        RepositoryCreate = "repository.create",
        /// It was deleted with its versions.
        RepositoryDelete = "repository.delete",
        /// It was changed.
        RepositoryEdit = "repository.edit",
        /// A robot was made.
        RobotCreate = "robot.create",
        /// It was deleted.
        RobotDelete = "robot.delete",
        /// It was changed.
        RobotEdit = "robot.edit",
        /// It got a new secret.
        RobotRotateSecret = "robot.rotate_secret",
        /// A build rule was made.
        RuleCreate = "rule.create",
        /// It was deleted.
        RuleDelete = "rule.delete",
        /// A secret of it was removed.
        RuleDeleteSecret = "rule.delete_secret",
        /// It was changed.
        RuleEdit = "rule.edit",
        /// A secret of it was set.
        RuleSetSecret = "rule.set_secret",
        /// Somebody signed in.
        SessionBegin = "session.begin",
        /// Somebody ended a session.
        SessionEnd = "session.end",
        /// A setting of the server was changed.
        SettingsEdit = "settings.edit",
        /// Settings of it were tried.
        SettingsTest = "settings.test",
        /// A code source was connected.
        SourceConnect = "source.connect",
        /// It was disconnected.
        SourceDisconnect = "source.disconnect",
        /// It was changed.
        SourceEdit = "source.edit",
        /// A check of the storage was started.
        StorageCheck = "storage.check",
        /// A tag was deleted.
        TagDelete = "tag.delete",
        /// An access token was made.
        TokenCreate = "token.create",
        /// It was deleted.
        TokenDelete = "token.delete",
        /// A delivery was called off.
        TriggerCancel = "trigger.cancel",
        /// A trigger was made.
        TriggerCreate = "trigger.create",
        /// It was deleted.
        TriggerDelete = "trigger.delete",
        /// An action of it was switched off.
        TriggerDisableAction = "trigger.disable_action",
        /// It was changed.
        TriggerEdit = "trigger.edit",
        /// An action of it was switched on.
        TriggerEnableAction = "trigger.enable_action",
        /// A delivery was sent again.
        TriggerRedeliver = "trigger.redeliver",
        /// It was run by hand.
        TriggerRun = "trigger.run",
        /// A build trigger URL was made.
        TriggerUrlCreate = "trigger_url.create",
        /// It was deleted.
        TriggerUrlDelete = "trigger_url.delete",
        /// An account was made.
        UserCreate = "user.create",
        /// It was deleted.
        UserDelete = "user.delete",
        /// It was changed.
        UserEdit = "user.edit",
        /// A webhook at a code host was made anew.
        WebhookRepair = "webhook.repair",
        /// It got a new secret.
        WebhookRotateSecret = "webhook.rotate_secret",
    }
}
