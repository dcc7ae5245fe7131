//! Code hosts, end to end: one suite that every kind of host goes through, with a real `wharf serve`, real git, and the
//! testkit's fakes of the hosts' APIs in front of it.
//!
//! Not here: the API's single refusals (`tests/api/sources`, `tests/api/webhooks`), and what a build does with what it was
//! given.

mod clients;
mod endings;
mod events;
mod kinds;
mod limits;
mod payloads;
mod place;
mod privacy;
mod pushes;
mod readmes;
mod rule;
mod statuses;
mod terminal;
mod tokens;
mod webhooks;

use kinds::Kind;

/// A module a kind, with a test a case. Each kind goes through all that makes sense for it: what only an API has (statuses,
/// limits, pages) is for hosts that have one.
macro_rules! run_for {
    ($($module:ident: $kind:ident $($api:ident)?,)*) => {
        $(mod $module {
            run_for!(cases $kind:
                a_push_becomes_an_image_that_docker_runs in pushes,
                each_update_is_decided_once_however_it_is_told in events,
                what_the_host_does_not_tell_is_found in events,
                a_webhook_is_shown_mended_and_removed_with_the_last_rule in webhooks,
                what_hangs_on_a_repository_a_namespace_and_a_person_ends_with_them in endings,
                the_readme_of_what_was_built_becomes_the_description in readmes,
                a_token_that_ended_is_seen_and_another_one_recovers in tokens,
            );
            $(run_for!($api $kind);)?
        })*
    };
    (api $kind:ident) => {
        run_for!(cases $kind:
            a_commit_shows_how_its_build_went in statuses,
            a_limit_is_waited_out_and_nothing_is_lost in limits,
            pages_are_followed_to_their_end in limits,
        );
    };
    (cases $kind:ident: $($case:ident in $room:ident,)*) => {
        $(#[test]
        fn $case() {
            super::$room::$case(super::Kind::$kind);
        })*
    };
}

run_for! {
    github: GitHub api,
    gitlab: GitLab api,
    gitea: Gitea api,
    github_that_cannot_reach_us: PolledGitHub api,
    gitlab_that_cannot_reach_us: PolledGitLab api,
    gitea_that_cannot_reach_us: PolledGitea api,
    plain_git_over_http_by_polling: PlainGit,
    plain_git_over_https_by_polling: SecureGit,
    plain_git_over_ssh_by_polling: SshGit,
    plain_git_over_ssh_by_its_hook: NudgedGit,
}
