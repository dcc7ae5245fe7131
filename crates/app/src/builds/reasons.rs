//! Why a build came to no image, or waits: words of the record, each with a sentence in the catalogue (`build.…`). Pure.

/// Declares the words.
macro_rules! reasons {
    ($($(#[$doc:meta])* $case:ident = $word:literal),+ $(,)?) => {
        /// Why a build came to no image, or waits.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Reason {
            $($(#[$doc])* $case),+
        }

        impl Reason {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$case),+];

            /// The word for it in rows, in the API and in the catalogue.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$case => $word),+
                }
            }
        }
    };
}

reasons! {
    /// The repository or the upload cannot be had.
    Source = "source",
    /// The rule is gone.
    RuleGone = "rule_gone",
    /// The rule builds from another repository or account now.
    RuleMoved = "rule_moved",
    /// The account is at another address now.
    SourceMoved = "source_moved",
    /// The account on the code host is gone.
    SourceGone = "source_gone",
    /// Its owner is disabled.
    SourceOwnerDisabled = "source_owner_disabled",
    /// Its owner left the namespace.
    SourceOwnerLeft = "source_owner_left",
    /// It has no token.
    SourceWithoutSecret = "source_without_secret",
    /// A secret does not open with the keys that are here.
    SecretLocked = "secret_locked",
    /// The rule's secrets cannot be read.
    Secrets = "secrets",
    /// The uploaded files are not here any more.
    ContextGone = "context_gone",
    /// The Dockerfile cannot be built as it is with these files.
    Dockerfile = "dockerfile",
    /// The Dockerfile asks for rights on this machine that no build of a server gets.
    Forbidden = "forbidden",
    /// A base image cannot be had.
    Image = "image",
    /// A command failed, or met a limit.
    Command = "command",
    /// It took too long.
    TimedOut = "timed_out",
    /// This machine cannot do what the build needs.
    Machine = "machine",
    /// The worker did not start.
    Worker = "worker",
    /// The worker ended without a word, twice.
    WorkerLost = "worker_lost",
    /// Servers ended under it, twice.
    Interrupted = "interrupted",
    /// Its log cannot be written.
    Log = "log",
    /// A rule sets the tag that it was to set.
    TagOwned = "tag_owned",
    /// The registry did not take the image.
    Registry = "registry",
    /// Something went wrong in the server.
    Internal = "internal",
    /// The commit's message asks not to be built.
    SkipCi = "skip_ci",
    /// It waits: this machine cannot build.
    CannotBuild = "cannot_build",
    /// It waits: builds are switched off.
    Paused = "paused",
}

impl Reason {
    /// The reason that has this word.
    pub(super) fn of_word(word: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|reason| reason.as_str() == word)
    }
}

impl From<Reason> for String {
    fn from(reason: Reason) -> Self {
        reason.as_str().to_owned()
    }
}
