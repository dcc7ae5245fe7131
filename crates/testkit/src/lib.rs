//! A whole server in a test: starts the real `wharf` binary as a child process and speaks to it over loopback.
//!
//! Refuses to share code with the product: digests, manifests, tokens and error bodies are read here by other code than
//! the code that wrote them, so one mistake cannot hide on both sides. Called by the suites in `tests/` and by `bench`.
//!
//! Everything blocks: a test is a plain function, and one that needs two clients at once uses threads.
//! Panics are the error type, because the caller is always a test; each names the request and shows the answer.

pub mod api;
pub mod docker;
pub mod engine;
mod exit;
pub mod forges;
pub mod git;
pub mod http;
pub mod image;
pub mod kube;
mod names;
pub mod people;
pub mod raw;
pub mod registry;
mod runtime;
pub mod server;
pub mod skip;
pub mod targets;
pub mod tools;

pub use api::ApiClient;
pub use docker::Dockerd;
pub use engine::Engine;
pub use forges::{ForgeProduct, ForgeServer};
pub use git::{GitRepository, GitServer, SshServer, WorkTree};
pub use http::{Answer, Login};
pub use image::{Blob, Image, ImageMaker, Manifest};
pub use kube::{KubeNamespace, Kubernetes};
pub use names::{encode_segment, unique_name};
pub use people::{Person, Secret, read_session_cookie};
pub use registry::{RegistryClient, Repository};
pub use server::{Server, ServerBuilder, SharedServer};
pub use targets::{Behavior, MailSink, MailSinkSecurity, Receiver};
