//! How deliveries of a repository's triggers stand: told whenever one stands otherwise.

use super::{
    events::OVERLAP,
    follow::Stream,
    news::{News, Told},
};
use crate::Error;
use wharf_db::streams;
use wharf_model::{Granted, rights::ViewTriggers};

/// How many deliveries are watched, the newest ones.
const WATCHED_DELIVERIES: usize = 100;

impl Stream {
    pub(super) async fn find_deliveries(
        &mut self,
        place: usize,
        right: Granted<ViewTriggers>,
        told: &mut Vec<Told>,
    ) -> Result<(), Error> {
        let found = self
            .app
            .db
            .read(move |tx| streams::list_standings(tx, &right, WATCHED_DELIVERIES));
        let found = found.await.map_err(Error::from)?;
        let since = self.since.minus(OVERLAP);
        let resumed = self.resumed;
        let followed = &mut self.topics[place];
        let changed = found.iter().rev().filter(|now| match &followed.deliveries {
            Some(known) => known.get(&now.id) != Some(now),
            // A reader that comes back hears of all that may have changed meanwhile.
            None => resumed && now.ended_at.is_none_or(|ended| ended >= since),
        });
        told.extend(changed.map(|now| Told {
            topic: followed.topic.to_string(),
            news: News::Delivery {
                id: now.id,
                state: now.state,
                attempts: now.attempts,
            },
        }));
        let known = found.into_iter().map(|now| (now.id, now));
        followed.deliveries = Some(known.collect());
        Ok(())
    }
}
