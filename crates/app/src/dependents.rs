//! What would end with a person, a namespace or a repository: shown to whoever may delete it, before they do.

use crate::{App, Context, Error};
use wharf_db::{dependents, users};
use wharf_model::{
    Granted, Username, decide_system,
    rights::{Delete, EditNamespace, Pull},
};
use wharf_oci::RepositoryName;

pub use wharf_db::dependents::{DependentKind, Dependents};

impl App {
    /// What deleting a user would end.
    pub async fn list_dependents_of_user(
        &self,
        context: &Context,
        username: &str,
    ) -> Result<Vec<Dependents>, Error> {
        let right = decide_system(&context.caller)?;
        let username: Username = username.parse().map_err(|_| Error::NotFound)?;
        self.db
            .read(move |tx| {
                let user = users::find_user(tx, &right, &username)?.ok_or(Error::NotFound)?;
                Ok(dependents::list_of_user(tx, user.id)?)
            })
            .await
    }

    /// What deleting a namespace would end.
    pub async fn list_dependents_of_namespace(
        &self,
        context: &Context,
        namespace: &str,
    ) -> Result<Vec<Dependents>, Error> {
        let right: Granted<EditNamespace> =
            self.authorize_namespace(&context.caller, namespace).await?;
        let id = right.subject().namespace;
        let found = self
            .db
            .read(move |tx| dependents::list_of_namespace(tx, id));
        self.hide_links(context, found.await.map_err(Error::from)?)
            .await
    }

    /// What deleting a repository would end.
    pub async fn list_dependents_of_repository(
        &self,
        context: &Context,
        name: &str,
    ) -> Result<Vec<Dependents>, Error> {
        let name: RepositoryName = name.parse().map_err(|_| Error::NotFound)?;
        let right: Granted<Delete> = self.authorize(&context.caller, &name).await?;
        let id = right.repository();
        let found = self
            .db
            .read(move |tx| dependents::list_of_repository(tx, id));
        self.hide_links(context, found.await.map_err(Error::from)?)
            .await
    }

    /// Links are counted, and those to what the caller may not read are not named.
    async fn hide_links(
        &self,
        context: &Context,
        mut found: Vec<Dependents>,
    ) -> Result<Vec<Dependents>, Error> {
        for links in found
            .iter_mut()
            .filter(|one| one.kind == DependentKind::Link)
        {
            let mut readable = Vec::new();
            for name in std::mem::take(&mut links.names) {
                let parsed: RepositoryName = name.parse().map_err(Error::internal)?;
                if self
                    .authorize::<Pull>(&context.caller, &parsed)
                    .await
                    .is_ok()
                {
                    readable.push(name);
                }
            }
            links.names = readable;
        }
        Ok(found)
    }
}
