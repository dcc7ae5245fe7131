//! Talks to other registries: base images for the builder, results of builds, mirrors, `wharf pull`, `push` and `copy`.
//!
//! What comes in is verified against digests before its end is told, whatever the server says about it; memory stays
//! bounded, and every wait has an end. It opens no connection by itself: everything goes through the `wharf-egress` that
//! it is given. It knows neither the builder nor the server's rules, keeps nothing on disk, and reads no environment.
//! Called by the builder, by the mirror and by the command line.
//!
//! A pull is [`Client::resolve_for`] and [`Client::fetch_blob`] for what the manifest names; a push is, for each blob,
//! [`Client::has_blob`], [`Client::mount_blob`] or [`Client::push_blob`], and then [`Client::push_manifest`].

mod challenge;
mod client;
mod complaint;
mod credential;
mod credential_helper;
mod docker_config;
mod endpoint;
mod error;
mod exchange;
mod fetch;
mod hasher;
mod health;
mod image_name;
mod login;
mod manifest;
mod platform;
mod progress;
mod pull;
mod push;
mod registries;
mod registry_host;
mod remembered;
mod retry;
mod scope;
mod secret;
mod sign;
mod source;
mod token;
mod upload;

pub use client::{Client, ClientSettings};
pub use credential::{Credential, CredentialSource, FindingCredential, KnownCredentials};
pub use docker_config::DockerConfig;
pub use error::{ClientError, Mismatch, Result};
pub use fetch::BlobReader;
pub use image_name::{ImageName, Repository};
pub use manifest::ResolvedManifest;
pub use platform::{normalize_platform, select_platform};
pub use progress::Progress;
pub use registries::{Mirror, Registries, RegistrySettings};
pub use registry_host::RegistryHost;
pub use retry::RetryPolicy;
pub use secret::Secret;
pub use source::{BlobBytes, BlobSource, FileSource, Opening};
