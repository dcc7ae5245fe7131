//! Whose triggers a request is about, and what the caller may do there.

use crate::{App, Error, repositories::parse_name};
use wharf_db::triggers::{TriggerEdit, TriggerRun, TriggerView};
use wharf_model::{
    Caller, Granted,
    rights::{
        ManageNamespaceTriggers, ManageTriggers, RunNamespaceTriggers, RunTriggers,
        ViewNamespaceTriggers, ViewTriggers,
    },
};
use wharf_oci::RepositoryName;

/// Whose triggers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TriggerPlace {
    /// A repository's, by its name.
    Repository(String),
    /// A namespace's own, by its name.
    Namespace(String),
}

impl TriggerPlace {
    /// The name.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Repository(name) | Self::Namespace(name) => name,
        }
    }

    /// The repository that something is run for: this one, or of a namespace the one that is `given`.
    pub(super) fn choose_repository(&self, given: Option<&str>) -> Result<RepositoryName, Error> {
        match (self, given) {
            (Self::Repository(name), _) => parse_name(name),
            (Self::Namespace(_), Some(name)) => parse_name(name),
            (Self::Namespace(_), None) => Err(Error::invalid("repository", "required")),
        }
    }
}

impl App {
    /// Whether the caller may see triggers there, and what they sent.
    pub(super) async fn authorize_view(
        &self,
        caller: &Caller,
        place: &TriggerPlace,
    ) -> Result<TriggerView, Error> {
        match place {
            TriggerPlace::Repository(name) => {
                let name = parse_name(name)?;
                let granted: Granted<ViewTriggers> = self.authorize(caller, &name).await?;
                Ok((&granted).into())
            }
            TriggerPlace::Namespace(name) => {
                let granted: Granted<ViewNamespaceTriggers> =
                    self.authorize_namespace(caller, name).await?;
                Ok((&granted).into())
            }
        }
    }

    /// Whether the caller may run triggers there, send again and call off.
    pub(super) async fn authorize_run(
        &self,
        caller: &Caller,
        place: &TriggerPlace,
    ) -> Result<TriggerRun, Error> {
        match place {
            TriggerPlace::Repository(name) => {
                let name = parse_name(name)?;
                let granted: Granted<RunTriggers> = self.authorize(caller, &name).await?;
                Ok((&granted).into())
            }
            TriggerPlace::Namespace(name) => {
                let granted: Granted<RunNamespaceTriggers> =
                    self.authorize_namespace(caller, name).await?;
                Ok((&granted).into())
            }
        }
    }

    /// Whether the caller may change triggers there.
    pub(super) async fn authorize_edit(
        &self,
        caller: &Caller,
        place: &TriggerPlace,
    ) -> Result<TriggerEdit, Error> {
        match place {
            TriggerPlace::Repository(name) => {
                let name = parse_name(name)?;
                let granted: Granted<ManageTriggers> = self.authorize(caller, &name).await?;
                Ok((&granted).into())
            }
            TriggerPlace::Namespace(name) => {
                let granted: Granted<ManageNamespaceTriggers> =
                    self.authorize_namespace(caller, name).await?;
                Ok((&granted).into())
            }
        }
    }
}
