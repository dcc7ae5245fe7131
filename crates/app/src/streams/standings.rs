//! Rows that change without anybody's doing: webhooks that are registered, sources and clusters that are looked at, a check
//! that comes on. A stream compares how they stand and tells that it is otherwise.

use super::{
    follow::Stream,
    news::{Change, News, Told},
    topic::Topic,
};
use crate::{Error, accounts::require_manager};
use wharf_db::{DbError, streams};
use wharf_model::{Caller, decide_system, rights::ViewBuilds};

impl Stream {
    /// Tells what stands otherwise than at the look before. A reader that comes back hears of it once: nobody knows how it
    /// stood for that one.
    pub(super) async fn find_standings(
        &mut self,
        caller: &Caller,
        told: &mut Vec<Told>,
    ) -> Result<(), Error> {
        for place in 0..self.topics.len() {
            let topic = self.topics[place].topic.clone();
            let Some((change, standing)) = self.read_standing(caller, &topic).await? else {
                continue;
            };
            let followed = &mut self.topics[place];
            let is_news = match &followed.standing {
                Some(before) => *before != standing,
                None => self.resumed,
            };
            followed.standing = Some(standing);
            if is_news {
                let topic = topic.to_string();
                let news = News::Change(change);
                told.push(Told { topic, news });
            }
            if topic == Topic::Administration {
                self.tell_check(place, told);
            }
        }
        Ok(())
    }

    async fn read_standing(
        &self,
        caller: &Caller,
        topic: &Topic,
    ) -> Result<Option<(Change, Vec<String>)>, Error> {
        let db = &self.app.db;
        let (change, read) = match topic {
            Topic::Rules(name) => {
                let name = crate::repositories::parse_name(name)?;
                let right = self.app.authorize::<ViewBuilds>(caller, &name).await?;
                let read = db.read(move |tx| streams::list_rule_standings(tx, &right));
                (Change::Rules, read.await)
            }
            Topic::Sources => {
                let owner = require_manager(caller)?;
                let read = db.read(move |tx| streams::list_source_standings(tx, owner));
                (Change::Sources, read.await)
            }
            Topic::Administration => {
                let right = decide_system(caller)?;
                let read = db.read(move |tx| streams::list_cluster_standings(tx, &right));
                (Change::Clusters, read.await)
            }
            _ => return Ok(None),
        };
        let read: Result<Vec<String>, DbError> = read;
        Ok(Some((change, read.map_err(Error::from)?)))
    }

    /// The check of the storage has no row: it is this process's.
    fn tell_check(&mut self, place: usize, told: &mut Vec<Told>) {
        let check = self.app.find_check_standing();
        if self.check == check {
            return;
        }
        self.check = check;
        let topic = self.topics[place].topic.to_string();
        let news = News::Change(Change::StorageCheck);
        told.push(Told { topic, news });
    }
}
