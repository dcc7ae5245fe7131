//! Which variables have which values where: global arguments, platform arguments, a stage's environment.
//!
//! Pure functions over what the caller supplies: build arguments, platforms, the environment of base images.
//! Behaviour: Dockerfile reference, "Scope" and "Predefined ARGs".

mod arguments;
mod global;
mod predefined;
mod stage;

#[cfg(test)]
mod tests;

pub use arguments::BuildArguments;
pub use global::{GlobalArguments, ResolvedArgument};
pub use predefined::{find_unused_arguments, is_predefined_argument, list_platform_arguments};
pub use stage::StageScope;
