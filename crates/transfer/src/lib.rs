//! Images between a local store and registries: base images on their way in, results on their way out.
//!
//! Glue alone: what a store and a registry are is known by `wharf-image` and `wharf-client`, which this introduces to each
//! other. It reads no settings and decides nothing about who may have an image. Called by the command line and by the
//! build service.

mod explain;
mod push;
mod source;

pub use explain::explain_error;
pub use push::{Pushing, push_image};
pub use source::Images;
