//! Options of docker's `build` that wharf does not have: each is refused with what to do instead, or let pass because
//! what it asks for is so anyway.

use clap::{ArgAction, Args};

use super::arguments::parse_switch;
use super::options::OptionProblem;
use wharf_dockerfile::values::parse_flag;

/// Hidden: they are understood so that the answer can help.
#[derive(Debug, Default, Args)]
pub(super) struct ForeignArguments {
    #[arg(long, hide = true)]
    cache_from: Vec<String>,
    #[arg(long, hide = true)]
    cache_to: Vec<String>,
    #[arg(long, hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    sbom: Option<String>,
    #[arg(long, hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    provenance: Option<String>,
    #[arg(long, hide = true)]
    attest: Vec<String>,
    #[arg(long, hide = true)]
    builder: Option<String>,
    #[arg(long, hide = true)]
    policy: Vec<String>,
    #[arg(long, hide = true)]
    cgroup_parent: Option<String>,
    #[arg(long, hide = true, allow_hyphen_values = true)]
    memory_swap: Option<String>,
    #[arg(long, short = 'c', hide = true)]
    cpu_shares: Option<String>,
    #[arg(long, hide = true)]
    cpuset_cpus: Option<String>,
    #[arg(long, hide = true)]
    cpuset_mems: Option<String>,
    #[arg(long, hide = true)]
    isolation: Option<String>,
    #[arg(long, hide = true)]
    security_opt: Vec<String>,
    #[arg(long, hide = true, action = ArgAction::SetTrue)]
    squash: bool,
    #[arg(long, hide = true)]
    invoke: Option<String>,
    #[arg(long, hide = true)]
    print: Option<String>,
    #[arg(long, short = 'D', hide = true, action = ArgAction::SetTrue)]
    debug: bool,
    // These ask for what is so anyway.
    #[arg(long, hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = parse_switch)]
    rm: Option<bool>,
    #[arg(long, hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = parse_switch)]
    force_rm: Option<bool>,
    #[arg(long, hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = parse_switch)]
    compress: Option<bool>,
    #[arg(long, hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = parse_switch)]
    disable_content_trust: Option<bool>,
}

/// The first option that cannot be served.
pub(super) fn find_refused(given: &ForeignArguments) -> Option<OptionProblem> {
    let refuse = |option: &str, key, value: &str| Some(OptionProblem::new(key, option, value));
    let attests = given.attest.iter().map(String::as_str);
    // Attestations that were switched off are as wanted.
    let attest = attests.clone().find(|text| !is_switched_off(text));
    let on = |word: &Option<String>| {
        word.as_deref()
            .is_some_and(|word| parse_flag(word) != Some(false))
    };
    let lists: [(&str, &'static str, Option<&str>); 14] = [
        ("--cache-from", "cache_later", first(&given.cache_from)),
        ("--cache-to", "cache_later", first(&given.cache_to)),
        ("--attest", "attest_later", attest),
        ("--builder", "builder_none", given.builder.as_deref()),
        ("--policy", "policy_later", first(&given.policy)),
        (
            "--cgroup-parent",
            "cgroup_own",
            given.cgroup_parent.as_deref(),
        ),
        ("--memory-swap", "limit_other", given.memory_swap.as_deref()),
        ("--cpu-shares", "limit_other", given.cpu_shares.as_deref()),
        ("--cpuset-cpus", "limit_other", given.cpuset_cpus.as_deref()),
        ("--cpuset-mems", "limit_other", given.cpuset_mems.as_deref()),
        ("--isolation", "isolation_own", given.isolation.as_deref()),
        ("--security-opt", "security_opt", first(&given.security_opt)),
        ("--invoke", "invoke_debug", given.invoke.as_deref()),
        ("--print", "print_call", given.print.as_deref()),
    ];
    for (option, key, value) in lists {
        if let Some(value) = value {
            return refuse(option, key, value);
        }
    }
    match () {
        () if on(&given.sbom) => refuse("--sbom", "attest_later", ""),
        () if on(&given.provenance) => refuse("--provenance", "attest_later", ""),
        () if given.squash => refuse("--squash", "squash_stages", ""),
        () if given.debug => refuse("--debug", "debug_log", ""),
        () => None,
    }
}

fn first(texts: &[String]) -> Option<&str> {
    texts
        .iter()
        .map(String::as_str)
        .find(|text| !text.is_empty())
}

fn is_switched_off(text: &str) -> bool {
    text.is_empty()
        || text
            .split(',')
            .filter_map(|field| field.trim().split_once('='))
            .any(|(key, value)| key == "disabled" && parse_flag(value) == Some(true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, clap::Parser)]
    struct Line {
        #[command(flatten)]
        foreign: ForeignArguments,
    }

    fn refused(words: &[&str]) -> Option<&'static str> {
        let words = std::iter::once("build").chain(words.iter().copied());
        let line = <Line as clap::Parser>::try_parse_from(words).expect("known words");
        find_refused(&line.foreign).map(|problem| problem.key())
    }

    #[test]
    fn what_cannot_be_served_is_refused_with_its_reason() {
        for (words, key) in [
            (&["--cache-to", "type=inline"][..], "cache_later"),
            (&["--cache-from=user/app:cache"], "cache_later"),
            (&["--sbom=true"], "attest_later"),
            (&["--sbom"], "attest_later"),
            (&["--provenance=mode=max"], "attest_later"),
            (&["--attest", "type=sbom,generator=x"], "attest_later"),
            (&["--builder", "remote"], "builder_none"),
            (&["--memory-swap", "-1"], "limit_other"),
            (&["-c", "512"], "limit_other"),
            (&["--cgroup-parent", "/a"], "cgroup_own"),
            (&["--squash"], "squash_stages"),
            (&["--security-opt", "seccomp=unconfined"], "security_opt"),
            (&["--isolation", "hyperv"], "isolation_own"),
            (&["--print=outline"], "print_call"),
            (&["-D"], "debug_log"),
        ] {
            assert_eq!(refused(words), Some(key), "{words:?}");
        }
    }

    #[test]
    fn what_is_so_anyway_passes() {
        for words in [
            &["--provenance=false"][..],
            &["--sbom=0"],
            &["--attest=type=provenance,disabled=true"],
            &[
                "--rm",
                "--force-rm=true",
                "--compress",
                "--disable-content-trust",
            ],
            &["--cache-from", ""],
        ] {
            assert_eq!(refused(words), None, "{words:?}");
        }
    }
}
