//! `--output`, `--push` and `--load` together, and what they exclude.

use wharf_client::ImageName;
use wharf_oci::Platform;

use crate::commands::build::arguments::ResultArguments;
use crate::commands::build::options::{
    Destination, OptionProblem, Output, OutputKind, read_output,
};

/// The outputs in their order, each with its names; without any the image goes to the local store.
pub(super) fn collect_outputs(
    results: &ResultArguments,
    tags: &[ImageName],
    platforms: &[Platform],
) -> Result<Vec<Output>, OptionProblem> {
    let texts = results.outputs.iter().filter(|text| !text.is_empty());
    let mut outputs = texts
        .map(|text| read_output(text))
        .collect::<Result<Vec<_>, _>>()?;
    if results.push {
        add_push(&mut outputs);
    }
    let is_load = |output: &Output| output.kind == OutputKind::Docker { to: None };
    if results.load && !outputs.iter().any(is_load) {
        outputs.push(Output::plain(OutputKind::Docker { to: None }));
    }
    if outputs.is_empty() {
        outputs.push(Output::plain(OutputKind::Image {
            push: false,
            store: true,
            by_digest: false,
        }));
    }
    for output in &mut outputs {
        if output.names.is_empty() {
            output.names = tags.to_vec();
        }
        let pushes = matches!(output.kind, OutputKind::Image { push: true, .. });
        if pushes && output.names.is_empty() {
            return Err(OptionProblem::new("push_name", "--push", ""));
        }
        let is_docker = matches!(output.kind, OutputKind::Docker { .. });
        if is_docker && platforms.len() > 1 {
            return Err(OptionProblem::new("docker_platforms", "--output", "docker"));
        }
    }
    Ok(outputs)
}

/// `--push` pushes the images that are asked for, or asks for one.
fn add_push(outputs: &mut Vec<Output>) {
    let mut has_image = false;
    for output in outputs.iter_mut() {
        if let OutputKind::Image { push, .. } = &mut output.kind {
            *push = true;
            has_image = true;
        }
    }
    if !has_image {
        outputs.push(Output::plain(OutputKind::Image {
            push: true,
            store: true,
            by_digest: false,
        }));
    }
}

/// Refuses what would overwrite or garble something.
pub(super) fn check_outputs(
    outputs: &[Output],
    results: &ResultArguments,
    stdout_is_terminal: bool,
) -> Result<(), OptionProblem> {
    let on_stdout = outputs.iter().filter(|output| output.uses_stdout()).count();
    if on_stdout > 1 || (on_stdout == 1 && results.quiet) {
        return Err(OptionProblem::new("stdout_shared", "--output", "-"));
    }
    if on_stdout == 1 && stdout_is_terminal {
        return Err(OptionProblem::new("stdout_terminal", "--output", "-"));
    }
    let mut places: Vec<&std::path::Path> = outputs.iter().filter_map(find_place).collect();
    places.sort_unstable();
    if let Some(pair) = places.windows(2).find(|pair| pair[0] == pair[1]) {
        let place = pair[0].display().to_string();
        return Err(OptionProblem::new("output_twice", "--output", place));
    }
    let has_files = outputs.iter().any(|output| {
        matches!(
            output.kind,
            OutputKind::Local { .. } | OutputKind::Tar { .. }
        )
    });
    if has_files && results.iidfile.is_some() {
        return Err(OptionProblem::new("iidfile_files", "--iidfile", ""));
    }
    Ok(())
}

fn find_place(output: &Output) -> Option<&std::path::Path> {
    match &output.kind {
        OutputKind::Local { to, .. } => Some(to),
        OutputKind::Oci { to, .. } | OutputKind::Tar { to } => path_of(to),
        OutputKind::Docker { to } => to.as_ref().and_then(path_of),
        OutputKind::Image { .. } | OutputKind::CacheOnly => None,
    }
}

fn path_of(to: &Destination) -> Option<&std::path::Path> {
    match to {
        Destination::Path(path) => Some(path),
        Destination::Stdout => None,
    }
}
