//! Caches of builds: which of them still belong to somebody. What is in them is the workers' own affair.

use crate::{App, Error};
use wharf_model::{RepositoryId, builds::TrustClass};

/// A scope is a tenant and a class of trust: nobody builds on what somebody else could have put there.
pub(super) fn name_scope(repository: RepositoryId, trust: TrustClass) -> String {
    format!("{repository}/{trust}")
}

/// Whose scope it is. A name of another form is nobody's.
fn read_scope(scope: &str) -> Option<RepositoryId> {
    scope.split_once('/')?.0.parse().ok()
}

impl App {
    /// Removes caches of repositories that are gone. One that cannot be removed now is left for the next sweep.
    pub(super) async fn sweep_caches(&self) -> Result<(), Error> {
        let Ok(launcher) = &self.builds.settings.launcher else {
            return Ok(());
        };
        for scope in launcher.list_scopes().await.map_err(Error::internal)? {
            if let Some(id) = read_scope(&scope) {
                let found = self
                    .db
                    .look_up(move |tx| wharf_db::repositories::exists(tx, id));
                if found.await.map_err(Error::from)? {
                    continue;
                }
            }
            if let Err(error) = launcher.remove_scope(&scope).await {
                tracing::warn!(
                    scope,
                    error = &error as &dyn std::error::Error,
                    "the cache of a repository that is gone could not be removed"
                );
            }
        }
        Ok(())
    }

    /// Brings the caches back to their budget.
    pub(super) async fn trim_caches(&self) -> Result<(), Error> {
        match &self.builds.settings.launcher {
            Ok(launcher) => launcher.make_room().await.map_err(Error::internal),
            Err(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_tells_its_repository_and_others_are_nobodys() {
        let id = RepositoryId::new();
        for trust in [TrustClass::Rule, TrustClass::Loose] {
            assert_eq!(read_scope(&name_scope(id, trust)), Some(id));
        }
        for other in ["builder", "", "/rule", "work/x"] {
            assert_eq!(read_scope(other), None);
        }
    }
}
