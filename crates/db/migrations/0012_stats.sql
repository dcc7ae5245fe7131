-- Numbers over time, by the hour and by the day of UTC. `scope` is `server`, or the id of a namespace or repository; a row of
-- `server` also says that this hour or day was recorded at all: what has none is a gap.

-- What went in and out within the hour or day that begins at `at`; nothing happened where a recorded hour has no row.
CREATE TABLE traffic_stats (
    scope TEXT NOT NULL,
    grain TEXT NOT NULL,
    at BIGINT NOT NULL,
    pulls BIGINT NOT NULL,
    pushes BIGINT NOT NULL,
    bytes_out BIGINT NOT NULL,
    bytes_in BIGINT NOT NULL,
    PRIMARY KEY (scope, grain, at)
) {clustered};
CREATE INDEX traffic_stats_by_age ON traffic_stats (grain, at);

-- What was there when it was looked, once an hour. Of namespaces and repositories only what differs from the row before.
CREATE TABLE storage_stats (
    scope TEXT NOT NULL,
    grain TEXT NOT NULL,
    at BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    blobs BIGINT NOT NULL,
    tags BIGINT NOT NULL,
    PRIMARY KEY (scope, grain, at)
) {clustered};
CREATE INDEX storage_stats_by_age ON storage_stats (grain, at);
