//! Git servers of a test: bare repositories over git's own `http-backend`, over Debian's sshd, and what is pushed to them.

mod backend;
mod command;
mod http;
mod repository;
mod server;
mod ssh;
mod tls;

pub(crate) use backend::answer_by_git;
pub use http::GitRequest;
pub(crate) use http::Reply;
pub use repository::{GitRepository, WorkTree};
pub use server::{GitServer, GitServerBuilder};
pub use ssh::SshServer;
pub(crate) use tls::make_tls;
