//! HTTP only: parse, authenticate, call `wharf-app`, render.
//!
//! [`Server`] answers one request at a time; [`net`] brings the requests. Rooms: `registry` (`/v2`), `token` (`/auth/token`), `oidc` (`/auth/oidc`),
//! `api` (`/api/v1`), `hooks` (`/hooks`), `triggers` (`/triggers`), `console` (pages in a browser), `health`, `metrics`. No rule of the product is in here, and no SQL or file of the store.

mod addresses;
mod api;
mod authorization;
pub mod body;
mod console;
mod dispatch;
mod health;
mod hooks;
mod metrics;
pub mod net;
mod oidc;
mod registry;
mod request_info;
mod search_v1;
mod token;
mod triggers;

pub use addresses::Addresses;
pub use metrics::{Metrics, install_metrics};
pub use request_info::RequestInfo;

use body::MemoryBudget;
use health::Readiness;
use ipnet::IpNet;
use std::{path::PathBuf, sync::Arc, time::Duration};
use tokio::runtime::Handle;
use wharf_app::App;

/// What an operator may set about HTTP; values arrive parsed.
#[derive(Debug, Clone)]
pub struct ServerSettings {
    /// How clients name this registry.
    pub addresses: Addresses,
    /// Peers whose forwarding headers are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether passwords, and the console's cookie, are accepted over plain http from other machines.
    pub insecure_login: bool,
    /// Whether the console's page of public images is open to whoever is not signed in.
    pub public_images: bool,
    /// A folder with a built console; without one it is that in the program.
    pub console_dir: Option<PathBuf>,
    /// How long a request body may stand still.
    pub body_idle: Duration,
    /// What registry tokens name as their service.
    pub service: String,
    /// Who sends this as a bearer token may read `/metrics` beside the other paths.
    pub metrics_token: Option<String>,
}

/// The whole server without a socket. Cheap to clone.
#[derive(Clone)]
pub struct Server(Arc<Parts>);

/// What [`Server`] is made of.
pub struct Parts {
    pub(crate) app: App,
    pub(crate) settings: ServerSettings,
    pub(crate) metrics: Metrics,
    pub(crate) readiness: Readiness,
    pub(crate) manifest_memory: MemoryBudget,
    /// Apart from the other: strangers who stall with deliveries hold up no push.
    pub(crate) hook_memory: MemoryBudget,
    pub(crate) changes: Handle,
    pub(crate) api: axum::Router,
    pub(crate) triggers: axum::Router,
    pub(crate) console: console::Files,
}

impl std::ops::Deref for Server {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl Server {
    /// Puts the server together. Requests that change something run on the runtime of `changes`: their writes may be
    /// held up by a busy disk for a fifth of a second, and reads must not wait for that.
    pub fn new(app: App, settings: ServerSettings, metrics: Metrics, changes: Handle) -> Self {
        let state = api::ApiState {
            app: app.clone(),
            addresses: settings.addresses.clone(),
            insecure_login: settings.insecure_login,
            public_images: settings.public_images,
        };
        Self(Arc::new(Parts {
            triggers: api::trigger_router(state.clone()),
            api: api::router(state),
            app,
            console: console::Files::open(settings.console_dir.clone()),
            settings,
            metrics,
            readiness: Readiness::default(),
            manifest_memory: MemoryBudget::default(),
            hook_memory: MemoryBudget::default(),
            changes,
        }))
    }
}
