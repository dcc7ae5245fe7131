//! All options together: a build request, and what becomes of its result.
//!
//! Pure as the options are; what is needed of this machine comes in [`Surroundings`]. Files and standard input are read
//! afterwards, by [`inputs`](super::inputs).

mod layers;
mod limits;
mod outputs;

use std::path::Path;

use wharf_builder::request::{BuildRequest, NetworkMode};
use wharf_client::ImageName;
use wharf_dockerfile::values::parse_platform;
use wharf_image::{ImageAnnotations, PullPolicy};
use wharf_oci::Platform;

use super::arguments::BuildArguments;
use super::options::{
    Call, ContextText, OptionProblem, Output, SshSource, collect_proxies, name_context,
    read_add_hosts, read_annotations, read_build_args, read_call, read_context_text,
    read_entitlements, read_labels, read_network, read_proxy_config, read_secrets, read_size,
    read_ssh, read_tags, read_ulimits,
};
use super::refused::find_refused;
use crate::config::{BuildConfig, Environment};

/// What options refer to.
pub(super) struct Surroundings<'a> {
    pub(super) environment: &'a Environment,
    /// Docker's `config.json`; empty without one.
    pub(super) docker_config: &'a str,
    /// `[build]` of the settings.
    pub(super) settings: &'a BuildConfig,
    pub(super) platform: Platform,
    pub(super) is_directory: &'a dyn Fn(&Path) -> bool,
    pub(super) stdout_is_terminal: bool,
}

/// A build as it was asked for. The request's context and Dockerfile are still to be put in.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) request: BuildRequest,
    /// `--ssh`: the agents that go into the request once they run.
    pub(super) ssh: Vec<SshSource>,
    pub(super) context: ContextText,
    /// `--file`.
    pub(super) file: Option<String>,
    pub(super) call: Option<Call>,
    pub(super) tags: Vec<ImageName>,
    pub(super) outputs: Vec<Output>,
    /// Annotations beside manifests and index; the others are in the request.
    pub(super) annotations: ImageAnnotations,
}

/// Reads all options.
///
/// # Errors
/// The first option that cannot be used.
pub(super) fn draft_build(
    arguments: &BuildArguments,
    around: &Surroundings<'_>,
    cancel: tokio::sync::watch::Receiver<bool>,
) -> Result<Draft, OptionProblem> {
    if let Some(problem) = find_refused(&arguments.foreign) {
        return Err(problem);
    }
    let context = read_context_text("CONTEXT", &arguments.context, around.is_directory)?;
    if context == ContextText::Stdin && arguments.file.as_deref() == Some("-") {
        return Err(OptionProblem::new("stdin_twice", "--file", "-"));
    }
    let tags = read_tags(&arguments.tags)?;
    let mut request = BuildRequest::of_directory(".".into(), cancel);
    fill_image(&mut request, arguments, around)?;
    fill_steps(&mut request, arguments, around)?;
    request.no_cache = arguments.cache.no_cache;
    request.no_cache_stages = arguments
        .cache
        .no_cache_filter
        .iter()
        .filter(|stage| !stage.is_empty())
        .cloned()
        .collect();
    if arguments.cache.pull {
        request.pull = PullPolicy::Always;
    }
    let call = match arguments.results.check {
        true => read_call("check")?,
        false => read_call(&arguments.results.call)?,
    };
    let outputs = outputs::collect_outputs(&arguments.results, &tags, &request.platforms)?;
    outputs::check_outputs(&outputs, &arguments.results, around.stdout_is_terminal)?;
    let annotations = read_annotations(&arguments.annotations)?;
    request.annotations = annotations.manifest;
    request.index_annotations = annotations.index;
    layers::fill_layers(&mut request, &outputs)?;
    let annotations = ImageAnnotations {
        index: request.index_annotations.clone(),
        index_descriptor: annotations.index_descriptor,
        manifest_descriptor: annotations.manifest_descriptor,
    };
    let agent = around.environment.get("SSH_AUTH_SOCK").map(String::as_str);
    let ssh = read_ssh(&arguments.steps.ssh, agent.filter(|path| !path.is_empty()))?;
    Ok(Draft {
        ssh,
        annotations,
        request,
        context,
        file: arguments.file.clone().filter(|file| !file.is_empty()),
        call,
        tags,
        outputs,
    })
}

fn fill_image(
    request: &mut BuildRequest,
    arguments: &BuildArguments,
    around: &Surroundings<'_>,
) -> Result<(), OptionProblem> {
    request.target = arguments.target.clone().filter(|name| !name.is_empty());
    request.platforms = read_platforms(arguments, around)?;
    request.build_args = read_build_args(&arguments.build_args, around.environment)?;
    const EPOCH: &str = "SOURCE_DATE_EPOCH";
    if let Some(value) = around
        .environment
        .get(EPOCH)
        .filter(|value| !value.is_empty())
    {
        let argument = request.build_args.entry(EPOCH.to_owned());
        argument.or_insert_with(|| value.clone());
    }
    for text in arguments
        .build_contexts
        .iter()
        .filter(|text| !text.is_empty())
    {
        let (name, context) = name_context(text, around.is_directory)?;
        request.named_contexts.insert(name, context);
    }
    request.labels = read_labels(&arguments.labels)?;
    Ok(())
}

fn fill_steps(
    request: &mut BuildRequest,
    arguments: &BuildArguments,
    around: &Surroundings<'_>,
) -> Result<(), OptionProblem> {
    let steps = &arguments.steps;
    request.network = read_network(&steps.network)?;
    let allowed = read_entitlements(&steps.allow)?;
    let uses_host = request.network == NetworkMode::Host;
    // Whoever says `--network host` has said it: docker's client asks for no second word either.
    request.allow_host_network = allowed.host_network || uses_host || around.settings.host_network;
    request.allow_insecure = allowed.insecure;
    request.secrets = read_secrets(&steps.secrets, around.environment)?;
    // Steps with a network of their own cannot reach this machine; there is no address to give.
    let gateway = uses_host.then_some(std::net::Ipv4Addr::LOCALHOST.into());
    request.add_hosts = read_add_hosts(&steps.add_hosts, gateway)?;
    let shm_size = steps.shm_size.as_deref();
    request.shm_size = shm_size
        .map(|text| read_size("--shm-size", text))
        .transpose()?
        .filter(|size| *size > 0);
    request.ulimits = read_ulimits(&steps.ulimits)?;
    request.limits = limits::collect_limits(steps, around.settings)?;
    let config = read_proxy_config(around.docker_config);
    let proxies = collect_proxies(&request.build_args, &config, around.environment, uses_host);
    request.build_args.extend(proxies);
    Ok(())
}

/// Without `--platform` it is what docker's environment variable says, else this machine's.
fn read_platforms(
    arguments: &BuildArguments,
    around: &Surroundings<'_>,
) -> Result<Vec<Platform>, OptionProblem> {
    let default = around.environment.get("DOCKER_DEFAULT_PLATFORM");
    let texts: Vec<&String> = match arguments.platforms.is_empty() {
        true => default.into_iter().collect(),
        false => arguments.platforms.iter().collect(),
    };
    let mut platforms = Vec::new();
    let words = texts.into_iter().flat_map(|text| text.split(','));
    for word in words.map(str::trim).filter(|word| !word.is_empty()) {
        let platform = match word {
            "local" => around.platform.clone(),
            word => parse_platform(word, &around.platform).map_err(|problem| {
                OptionProblem::new("platform", "--platform", word)
                    .with("reason", problem.to_string())
            })?,
        };
        if !platforms.contains(&platform) {
            platforms.push(platform);
        }
    }
    Ok(platforms)
}

#[cfg(test)]
mod tests;
