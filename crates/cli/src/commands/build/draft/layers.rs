//! Layers are made once, for all outputs.

use wharf_builder::request::BuildRequest;

use crate::commands::build::options::{OptionProblem, Output};

/// Puts what outputs say about layers and annotations into the request.
///
/// # Errors
/// When two outputs want different layers.
pub(super) fn fill_layers(
    request: &mut BuildRequest,
    outputs: &[Output],
) -> Result<(), OptionProblem> {
    let compression = agree(outputs, "compression", |output| output.layers.compression)?;
    let docker_types = agree(outputs, "oci-mediatypes", |output| {
        output.layers.docker_media_types
    })?;
    let rewrite = agree(outputs, "rewrite-timestamp", |output| {
        output.layers.rewrite_timestamp
    })?;
    request.compression = compression.unwrap_or(request.compression);
    request.docker_media_types = docker_types.unwrap_or(false);
    request.rewrite_timestamp = rewrite.unwrap_or(false);
    for output in outputs {
        request
            .annotations
            .extend(output.annotations.iter().cloned());
        let index = output.index_annotations.iter().cloned();
        request.index_annotations.extend(index);
    }
    Ok(())
}

fn agree<T: Copy + PartialEq>(
    outputs: &[Output],
    field: &str,
    read: impl Fn(&Output) -> Option<T>,
) -> Result<Option<T>, OptionProblem> {
    let mut wishes = outputs.iter().filter_map(read);
    let first = wishes.next();
    match wishes.all(|wish| Some(wish) == first) {
        true => Ok(first),
        false => Err(OptionProblem::new("outputs_differ", "--output", field)),
    }
}
