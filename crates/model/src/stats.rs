//! Numbers over time: how much is stored, and how much goes in and out, by the hour and by the day.
//!
//! Pure: which row a moment belongs to, how long rows are kept, and how rows become a line that can be drawn. What was
//! not recorded stays a gap; nobody draws a line over a night in which the server was off.

use crate::{NamespaceId, RepositoryId, Timestamp};
use std::{collections::BTreeMap, fmt, str::FromStr, time::Duration};

/// How much time one row stands for. Days are days of UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grain {
    /// An hour.
    Hour,
    /// A day.
    Day,
}

impl Grain {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Hour, Self::Day];

    /// The word in rows and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }

    /// How long it is.
    pub fn length(self) -> Duration {
        match self {
            Self::Hour => Duration::from_secs(3600),
            Self::Day => Duration::from_secs(24 * 3600),
        }
    }

    /// How many rows are kept, the present one included: 14 days of hours show a week beside the week before; 400 days
    /// show a month beside the same month a year ago. With more, every repository that is used costs more rows for ever.
    pub fn kept(self) -> u32 {
        match self {
            Self::Hour => 14 * 24,
            Self::Day => 400,
        }
    }

    /// When the hour or day of this moment began.
    pub fn start_of(self, at: Timestamp) -> Timestamp {
        let length = i64::try_from(self.length().as_micros()).unwrap_or(i64::MAX);
        Timestamp::from_micros(at.as_micros().div_euclid(length) * length)
    }

    /// The beginning of the oldest row that is kept at this moment.
    pub fn oldest_at(self, now: Timestamp) -> Timestamp {
        self.start_of(now)
            .minus(self.length() * self.kept().saturating_sub(1))
    }
}

impl fmt::Display for Grain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How far back a picture goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatsRange {
    /// 14 days, by the hour.
    Days14,
    /// 90 days, by the day.
    Days90,
    /// 400 days, by the day.
    Days400,
}

impl StatsRange {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Days14, Self::Days90, Self::Days400];

    /// The word in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Days14 => "14d",
            Self::Days90 => "90d",
            Self::Days400 => "400d",
        }
    }

    /// What one point of it stands for.
    pub fn grain(self) -> Grain {
        match self {
            Self::Days14 => Grain::Hour,
            Self::Days90 | Self::Days400 => Grain::Day,
        }
    }

    /// The beginning of its first point.
    pub fn start_at(self, now: Timestamp) -> Timestamp {
        let points = match self {
            Self::Days14 => 14 * 24,
            Self::Days90 => 90,
            Self::Days400 => 400,
        };
        let grain = self.grain();
        grain.start_of(now).minus(grain.length() * (points - 1))
    }
}

impl FromStr for StatsRange {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL
            .into_iter()
            .find(|range| range.as_str() == text)
            .ok_or(())
    }
}

/// Whose numbers they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StatsScope {
    /// Of the whole server.
    Server,
    /// Of a namespace.
    Namespace(NamespaceId),
    /// Of a repository.
    Repository(RepositoryId),
}

impl fmt::Display for StatsScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Server => f.write_str("server"),
            Self::Namespace(id) => id.fmt(f),
            Self::Repository(id) => id.fmt(f),
        }
    }
}

/// What went in and out within one hour or day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Manifests that were fetched.
    pub pulls: u64,
    /// Manifests that were pushed, by clients and by builds.
    pub pushes: u64,
    /// Bytes of manifests and blobs that clients were answered with.
    pub bytes_out: u64,
    /// Bytes of manifests and blobs that clients brought.
    pub bytes_in: u64,
}

impl Traffic {
    /// Whether nothing happened.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// This and `other`.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            pulls: self.pulls.saturating_add(other.pulls),
            pushes: self.pushes.saturating_add(other.pushes),
            bytes_out: self.bytes_out.saturating_add(other.bytes_out),
            bytes_in: self.bytes_in.saturating_add(other.bytes_in),
        }
    }
}

/// What was there at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stored {
    /// Bytes of blobs; what several repositories of the scope share counts once.
    pub bytes: u64,
    /// Blobs, each once.
    pub blobs: u64,
    /// Tags.
    pub tags: u64,
}

/// One point of a line. `None`: nothing was recorded then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point<T> {
    /// When its hour or day began.
    pub at: Timestamp,
    /// What was recorded.
    pub value: Option<T>,
}

/// Every point from the first record on, or from `from` where records are older, until now. `value` is asked for each
/// moment that has a record; all others are gaps.
pub fn lay_out<T>(
    grain: Grain,
    from: Timestamp,
    now: Timestamp,
    recorded: &[Timestamp],
    mut value: impl FnMut(Timestamp) -> T,
) -> Vec<Point<T>> {
    let mut recorded: Vec<Timestamp> = recorded.to_vec();
    recorded.retain(|at| *at >= from && *at <= now);
    recorded.sort_unstable();
    let Some(first) = recorded.first().copied() else {
        return Vec::new();
    };
    let (mut points, mut at) = (Vec::new(), grain.start_of(first));
    while at <= now {
        let found = recorded.binary_search(&at).is_ok();
        points.push(Point {
            at,
            value: found.then(|| value(at)),
        });
        at = at.plus(grain.length());
    }
    points
}

/// The newest of `changes` that is not later than `at`: what changes seldom is written only when it does.
pub fn value_at<T: Copy>(changes: &BTreeMap<Timestamp, T>, at: Timestamp) -> Option<T> {
    changes.range(..=at).next_back().map(|(_, value)| *value)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3600;

    fn second(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    #[test]
    fn a_moment_belongs_to_the_hour_and_the_day_that_began_before_it() {
        let at = second(1_900_000_000);
        assert_eq!(Grain::Hour.start_of(at), second(1_899_997_200));
        assert_eq!(Grain::Day.start_of(at), second(1_899_936_000));
        let start = Grain::Hour.start_of(at);
        assert_eq!(Grain::Hour.start_of(start), start);
        assert_eq!(Grain::Hour.start_of(second(-1)), second(-HOUR));
    }

    #[test]
    fn a_range_has_as_many_points_as_it_says_and_never_more_than_are_kept() {
        let now = second(1_900_000_000);
        for (range, points) in [
            (StatsRange::Days14, 336),
            (StatsRange::Days90, 90),
            (StatsRange::Days400, 400),
        ] {
            let start = range.start_at(now);
            let all = lay_out(range.grain(), start, now, &[start], |_| ());
            assert_eq!(all.len(), points, "{}", range.as_str());
            assert!(range.grain().oldest_at(now) <= start);
            assert_eq!(range.as_str().parse(), Ok(range));
        }
        assert_eq!("15d".parse::<StatsRange>(), Err(()));
    }

    #[test]
    fn what_was_not_recorded_is_a_gap_and_nothing_comes_before_the_first_record() {
        let now = second(10 * HOUR + 5);
        let recorded = [9, 4, 6].map(|hour| second(hour * HOUR));
        let line = lay_out(Grain::Hour, second(2 * HOUR), now, &recorded, |at| {
            at.as_seconds() / HOUR
        });
        let values: Vec<_> = line.iter().map(|point| point.value).collect();
        assert_eq!(
            values,
            [Some(4), None, Some(6), None, None, Some(9), None],
            "from the fourth hour to the tenth"
        );
        assert_eq!(line[0].at, second(4 * HOUR));
        assert!(lay_out(Grain::Hour, now, now, &[], |_| ()).is_empty());
        let late = lay_out(Grain::Hour, second(6 * HOUR), now, &recorded, |_| ());
        assert_eq!(late[0].at, second(6 * HOUR));
    }

    #[test]
    fn what_changed_last_holds_until_it_changes_again() {
        let changes = BTreeMap::from([(second(1), 10), (second(5), 20)]);
        assert_eq!(value_at(&changes, second(0)), None);
        assert_eq!(value_at(&changes, second(4)), Some(10));
        assert_eq!(value_at(&changes, second(5)), Some(20));
    }
}
