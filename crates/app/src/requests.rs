//! How many requests of one caller are answered at once, whatever they ask for.

use crate::{
    App, Context, Error,
    places::{Bounds, Place, Tally},
};
use std::time::Duration;

/// Requests to the management API that are under way at once. A page of the console asks for six things together; with fewer
/// places, somebody who opens several tabs is refused, with more one caller keeps database and processors busy alone.
const BOUNDS: Bounds = Bounds {
    each: 16,
    // The machines of some teams at work.
    robots: 32,
    // Behind a proxy that is not named as one, everybody who has not signed in yet.
    network: 64,
    anonymous: 256,
    all: 4096,
};

/// Requests that wait for such a place: a browser that opens its tabs again asks for all of them at once. Who sends more is
/// refused without waiting.
const WAITING: Bounds = Bounds {
    each: 64,
    robots: 128,
    network: 64,
    anonymous: 256,
    all: 1024,
};

/// How long they wait. Shorter refuses what would have its turn, longer holds connections of somebody who stalls.
const PATIENCE: Duration = Duration::from_secs(2);

/// Requests that are under way, and those that wait.
pub(crate) struct RequestRoom {
    under_way: Tally,
    waiting: Tally,
}

impl Default for RequestRoom {
    fn default() -> Self {
        Self {
            under_way: Tally::new(BOUNDS),
            waiting: Tally::new(WAITING),
        }
    }
}

impl RequestRoom {
    async fn enter(&self, context: &Context) -> Option<Place> {
        if let Some(place) = self.under_way.enter(context) {
            return Some(place);
        }
        let _waiting = self.waiting.enter(context)?;
        self.under_way.enter_within(context, PATIENCE).await
    }
}

impl App {
    /// A place for a request until its answer begins.
    ///
    /// # Errors
    /// [`Error::Crowded`] when its caller has as many under way as are let in, and none of them ends soon.
    pub async fn begin_request(&self, context: &Context) -> Result<Place, Error> {
        let place = self.requests.enter(context).await;
        place.ok_or_else(|| {
            metrics::counter!("wharf_api_requests_refused_total").increment(1);
            Error::Crowded
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::places::person;
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };
    use tokio::task::yield_now;

    #[tokio::test]
    async fn many_short_requests_at_once_have_their_turns() {
        let (room, context) = (Arc::new(RequestRoom::default()), person());
        let (under_way, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let requests: Vec<_> = (0..BOUNDS.each + WAITING.each)
            .map(|_| {
                let (room, context) = (room.clone(), context.clone());
                let (under_way, most) = (under_way.clone(), most.clone());
                tokio::spawn(async move {
                    let place = room.enter(&context).await?;
                    most.fetch_max(
                        under_way.fetch_add(1, Ordering::SeqCst) + 1,
                        Ordering::SeqCst,
                    );
                    yield_now().await;
                    under_way.fetch_sub(1, Ordering::SeqCst);
                    drop(place);
                    Some(())
                })
            })
            .collect();
        for request in requests {
            assert!(request.await.unwrap().is_some(), "each has its turn");
        }
        assert_eq!(most.load(Ordering::SeqCst), BOUNDS.each);
    }

    #[tokio::test]
    async fn who_sends_more_than_may_wait_is_refused_at_once_and_keeps_nobody_else_out() {
        let (room, one, other) = (Arc::new(RequestRoom::default()), person(), person());
        let held: Vec<_> = (0..BOUNDS.each)
            .map(|_| room.under_way.enter(&one).unwrap())
            .collect();
        let waiting: Vec<_> = (0..WAITING.each)
            .map(|_| room.waiting.enter(&one).unwrap())
            .collect();
        assert!(room.enter(&one).await.is_none());
        assert!(room.enter(&other).await.is_some());
        drop((held, waiting));
        assert!(room.enter(&one).await.is_some());
    }
}
