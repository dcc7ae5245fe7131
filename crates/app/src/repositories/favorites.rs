//! Favorites: the repositories that a person marked for themselves.

use super::pages::parse_name;
use crate::{App, Context, Error, accounts::require_manager};
use wharf_db::{Durability, repositories};
use wharf_model::{Granted, rights::Pull};

impl App {
    /// Marks or unmarks a repository that the caller may pull from. Doing it again changes nothing.
    pub async fn set_favorite(
        &self,
        context: &Context,
        name: &str,
        favorite: bool,
    ) -> Result<(), Error> {
        let name = parse_name(name)?;
        let right: Granted<Pull> = self.authorize(&context.caller, &name).await?;
        let user = require_manager(&context.caller)?;
        let now = self.clock.now();
        let written = self.db.write(Durability::Durable, move |tx| {
            // As it is now: the repository may have been deleted meanwhile.
            repositories::load_repository(tx, &right, None)?.ok_or(Error::NotFound)?;
            repositories::set_favorite(tx, &right, user, favorite, now)?;
            Ok::<_, Error>(())
        });
        written.await
    }
}
