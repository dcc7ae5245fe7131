//! Counts what each holder has under way: a person, all robots of one person's namespaces, or a network where nobody signed
//! in.

use crate::{Context, access::network_of};
use parking_lot::Mutex;
use std::{collections::HashMap, net::IpAddr, sync::Arc, time::Duration};
use tokio::{sync::Notify, time::timeout};
use wharf_model::{Identity, Sponsor};

/// How many places there are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// For one person.
    pub(crate) each: usize,
    /// For all robots together of the namespaces that one person made: robots cost nobody anything.
    pub(crate) robots: usize,
    /// For one network of those who did not sign in: many people may share it.
    pub(crate) network: usize,
    /// For all together who did not sign in: networks cost an attacker nothing.
    pub(crate) anonymous: usize,
    /// For everybody together.
    pub(crate) all: usize,
}

/// Who counts as one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Holder {
    /// A person, whatever they signed in with.
    Person(Identity),
    /// The robots that somebody may make as many of as they like.
    Robots(Sponsor),
    /// Where nobody signed in.
    Network(IpAddr),
}

impl Holder {
    fn of(context: &Context) -> Self {
        let caller = &context.caller;
        match caller.sponsor {
            Some(sponsor) => Self::Robots(sponsor),
            None if caller.is_anonymous() => Self::Network(network_of(context.address)),
            None => Self::Person(caller.identity),
        }
    }
}

impl Bounds {
    fn of(&self, holder: &Holder) -> usize {
        match holder {
            Holder::Person(_) => self.each,
            Holder::Robots(_) => self.robots,
            Holder::Network(_) => self.network,
        }
    }
}

#[derive(Default)]
struct Taken {
    by_holder: HashMap<Holder, usize>,
    anonymous: usize,
    all: usize,
}

/// Who has how many places.
#[derive(Clone)]
pub(crate) struct Tally {
    bounds: Bounds,
    taken: Arc<Mutex<Taken>>,
    /// Told whenever a place is left.
    left: Arc<Notify>,
}

/// A place that is taken until this is dropped.
#[must_use]
pub struct Place {
    tally: Tally,
    holder: Holder,
}

impl Tally {
    pub(crate) fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            taken: Arc::default(),
            left: Arc::default(),
        }
    }

    /// How many places who asks may have.
    pub(crate) fn bound(&self, context: &Context) -> usize {
        self.bounds.of(&Holder::of(context))
    }

    /// A place for who asks; `None` when there is none.
    pub(crate) fn enter(&self, context: &Context) -> Option<Place> {
        self.enter_as(Holder::of(context))
    }

    /// A place for who holds another one, of whichever kind.
    pub(crate) fn enter_beside(&self, other: &Place) -> Option<Place> {
        self.enter_as(other.holder.clone())
    }

    fn enter_as(&self, holder: Holder) -> Option<Place> {
        let is_anonymous = matches!(holder, Holder::Network(_));
        let mut taken = self.taken.lock();
        let own = taken.by_holder.get(&holder).copied().unwrap_or(0);
        if own >= self.bounds.of(&holder)
            || taken.all >= self.bounds.all
            || is_anonymous && taken.anonymous >= self.bounds.anonymous
        {
            return None;
        }
        taken.by_holder.insert(holder.clone(), own + 1);
        taken.anonymous += usize::from(is_anonymous);
        taken.all += 1;
        drop(taken);
        Some(Place {
            tally: self.clone(),
            holder,
        })
    }

    /// The same, waiting for a place as long as `patience` lasts. All who wait look when a place is left: whoever calls this
    /// bounds how many do.
    pub(crate) async fn enter_within(
        &self,
        context: &Context,
        patience: Duration,
    ) -> Option<Place> {
        let entering = self.enter_when_left(|| self.enter(context));
        timeout(patience, entering).await.ok()
    }

    /// The same for who holds another place, however long it takes.
    pub(crate) async fn wait_beside(&self, other: &Place) -> Place {
        self.enter_when_left(|| self.enter_beside(other)).await
    }

    async fn enter_when_left(&self, enter: impl Fn() -> Option<Place>) -> Place {
        loop {
            // Before the look: a place may be left meanwhile.
            let mut left = std::pin::pin!(self.left.notified());
            left.as_mut().enable();
            if let Some(place) = enter() {
                return place;
            }
            left.await;
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.tally.taken.lock();
        taken.all -= 1;
        taken.anonymous -= usize::from(matches!(self.holder, Holder::Network(_)));
        if let Some(own) = taken.by_holder.get_mut(&self.holder) {
            *own -= 1;
            if *own == 0 {
                taken.by_holder.remove(&self.holder);
            }
        }
        drop(taken);
        self.tally.left.notify_waiters();
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use wharf_model::{Caller, Identity, NamespaceId, RequestId, RobotId, UserId};

    pub(crate) fn person() -> Context {
        Context {
            caller: Caller {
                identity: Identity::User(UserId::new()),
                ..Caller::anonymous()
            },
            ..from("192.0.2.1")
        }
    }

    fn robot(sponsor: Sponsor) -> Context {
        Context {
            caller: Caller {
                identity: Identity::Robot(RobotId::new()),
                sponsor: Some(sponsor),
                ..Caller::anonymous()
            },
            ..from("192.0.2.1")
        }
    }

    fn from(address: &str) -> Context {
        Context {
            caller: Caller::anonymous(),
            address: address.parse().unwrap(),
            request: RequestId::new(),
        }
    }

    #[test]
    fn nobody_takes_the_places_of_others_and_a_place_is_free_when_it_is_left() {
        let tally = Tally::new(Bounds {
            each: 2,
            robots: 3,
            network: 2,
            anonymous: 3,
            all: 5,
        });
        let (one, other) = (person(), person());
        let own = [tally.enter(&one), tally.enter(&one)];
        assert!(own.iter().all(Option::is_some));
        assert!(tally.enter(&one).is_none());
        let of_other = tally.enter(&other);
        assert!(of_other.is_some());
        drop(own);
        assert!(tally.enter(&one).is_some());
        assert_eq!(tally.taken.lock().by_holder.len(), 1);
    }

    #[test]
    fn all_robots_of_one_person_count_as_one_and_not_as_the_person() {
        let tally = Tally::new(Bounds {
            each: 2,
            robots: 3,
            network: 2,
            anonymous: 3,
            all: 9,
        });
        let user = UserId::new();
        let (own, other) = (Sponsor::User(user), Sponsor::Namespace(NamespaceId::new()));
        let held: Vec<_> = (0..3).map(|_| tally.enter(&robot(own))).collect();
        assert!(held.iter().all(Option::is_some));
        assert!(tally.enter(&robot(own)).is_none(), "one more of theirs");
        let mut maker = person();
        maker.caller.identity = Identity::User(user);
        assert!(tally.enter(&maker).is_some());
        assert!(tally.enter(&robot(other)).is_some());
        drop(held);
        assert!(tally.enter(&robot(own)).is_some());
    }

    #[test]
    fn a_network_counts_once_and_all_networks_have_a_bound_together() {
        let tally = Tally::new(Bounds {
            each: 2,
            robots: 3,
            network: 2,
            anonymous: 3,
            all: 5,
        });
        let held = ["2001:db8:1:2::1", "2001:db8:1:2::ffff", "192.0.2.1"];
        let held = held.map(|address| tally.enter(&from(address)));
        assert!(held.iter().all(Option::is_some));
        assert!(tally.enter(&from("2001:db8:1:2:3::")).is_none());
        assert!(tally.enter(&from("198.51.100.1")).is_none(), "three in all");
        assert!(tally.enter(&person()).is_some(), "places for accounts");
    }
}
