//! Images as bytes: where they come from and go to, what they are made of, the forms in which they are given out.
//!
//! Knows no Dockerfile, no namespaces and no network. The builder, the command line and the server call it.

mod built;
mod source;

pub use built::{Built, BuiltImage, BuiltLayer};
pub use source::{
    Content, ImageError, ImageSource, PendingBlob, PullPolicy, ResolvedImage, Transfer,
};
