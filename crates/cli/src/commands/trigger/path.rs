//! Where triggers and deliveries are in the API.

use super::arguments::{WhichDelivery, WhichTrigger};
use crate::client::ApiClient;
use crate::commands::repo::strip_host;

/// What triggers belong to, as segments of a path: a repository, or `acme/` for the namespace acme.
#[derive(Clone, Copy)]
pub(super) struct OwnerPath<'a>([&'a str; 2]);

impl<'a> OwnerPath<'a> {
    pub(super) fn of(client: &ApiClient<'_>, owner: &'a str) -> Self {
        let name = strip_host(client.address(), owner);
        OwnerPath(match name.strip_suffix('/') {
            Some(namespace) => ["namespaces", namespace],
            None => ["repositories", name],
        })
    }

    /// What is named under it.
    pub(super) fn with<'b>(&self, more: &[&'b str]) -> Vec<&'b str>
    where
        'a: 'b,
    {
        let mut path = self.0.to_vec();
        path.extend_from_slice(more);
        path
    }
}

/// A trigger's owner and name.
pub(super) struct TriggerPath<'a> {
    pub(super) owner: OwnerPath<'a>,
    pub(super) trigger: &'a str,
}

impl<'a> TriggerPath<'a> {
    pub(super) fn of(client: &ApiClient<'_>, which: &'a WhichTrigger) -> Self {
        TriggerPath {
            owner: OwnerPath::of(client, &which.owner),
            trigger: &which.trigger,
        }
    }

    /// The trigger itself, and what is named under it.
    pub(super) fn with<'b>(&self, more: &[&'b str]) -> Vec<&'b str>
    where
        'a: 'b,
    {
        let mut path = self.owner.with(&["triggers", self.trigger]);
        path.extend_from_slice(more);
        path
    }
}

/// A delivery, and what is named under it.
pub(super) fn delivery_path<'a>(
    client: &ApiClient<'_>,
    which: &'a WhichDelivery,
    more: &[&'a str],
) -> Vec<&'a str> {
    let repository = strip_host(client.address(), &which.repository);
    let mut path = vec![
        "repositories",
        repository,
        "trigger-deliveries",
        &which.delivery,
    ];
    path.extend_from_slice(more);
    path
}
