//! How many requests of one caller are answered at once, whatever they ask for.

use crate::{
    App, Context, Error,
    places::{Bounds, Place, Tally},
};

/// Requests to the management API that are under way at once. A page of the console asks for six things together; with fewer
/// places, somebody who opens several tabs is refused, with more one caller keeps database and processors busy alone.
const BOUNDS: Bounds = Bounds {
    each: 16,
    // Behind a proxy that is not named as one, everybody who has not signed in yet.
    network: 64,
    anonymous: 256,
    all: 4096,
};

/// Requests that are under way.
pub(crate) struct RequestRoom(Tally);

impl Default for RequestRoom {
    fn default() -> Self {
        Self(Tally::new(BOUNDS))
    }
}

impl App {
    /// A place for a request until its answer begins.
    ///
    /// # Errors
    /// [`Error::Crowded`] when its caller has as many under way as are let in.
    pub fn begin_request(&self, context: &Context) -> Result<Place, Error> {
        self.requests.0.enter(context).ok_or_else(|| {
            metrics::counter!("wharf_api_requests_refused_total").increment(1);
            Error::Crowded
        })
    }
}
