//! How clients name this registry.

use crate::request_info::RequestInfo;

/// The registry's own name, from its settings, else from each request.
#[derive(Debug, Clone, Default)]
pub struct Addresses {
    /// `https://hub.example`, without a trailing slash.
    pub public_url: Option<String>,
}

impl Addresses {
    /// Scheme and authority for absolute URLs to this server.
    pub fn base_url(&self, request: &RequestInfo) -> String {
        if let Some(url) = &self.public_url {
            return url.clone();
        }
        let scheme = if request.secure { "https" } else { "http" };
        format!(
            "{scheme}://{}",
            request.host.as_deref().unwrap_or("localhost")
        )
    }

    /// What stands before the slash in an image's name.
    pub fn registry_host(&self, request: &RequestInfo) -> String {
        let url = self.base_url(request);
        url.split_once("://")
            .map_or(url.as_str(), |(_, host)| host)
            .to_owned()
    }
}
