-- Which of two builds is the newer one, what newer builds overtook, who started a build or made a link (an account, since a
-- name may be somebody else's later), and which webhook did not tell.

-- A build again, by a link or by hand, is as new as what it repeats: this is the number of the build that something new began.
ALTER TABLE builds ADD COLUMN rank BIGINT NOT NULL DEFAULT 0;
UPDATE builds SET rank = number;
UPDATE builds SET rank = COALESCE((SELECT MAX(o.number) FROM builds o WHERE o.rule_id = builds.rule_id AND o.ref = builds.ref
    AND o.number <= builds.number AND o.cause NOT IN ('link', 'retry')), number) WHERE cause IN ('link', 'retry');
-- JSON list: tags that it was to set and that a newer build of another ref had set.
ALTER TABLE builds ADD COLUMN overtaken TEXT NOT NULL DEFAULT '[]';
-- `user:ID` or `robot:ID`; NULL when nobody with an account started it, and for builds of before.
ALTER TABLE builds ADD COLUMN starter TEXT;

-- The ref and the rank of the build that set the tag last.
ALTER TABLE owned_tags ADD COLUMN ref TEXT NOT NULL DEFAULT '';
ALTER TABLE owned_tags ADD COLUMN rank BIGINT NOT NULL DEFAULT 0;

-- JSON list: tags that a newer build brings there.
ALTER TABLE build_pushes ADD COLUMN overtaken TEXT NOT NULL DEFAULT '[]';
-- One delivery to an image at a time.
CREATE INDEX build_pushes_running ON build_pushes (image) WHERE state = 'running';

-- `user:ID` or `robot:ID` of a link by hand.
ALTER TABLE links ADD COLUMN maker TEXT;
UPDATE links SET maker = (SELECT 'user:' || u.id FROM users u WHERE u.username = links.created_by) WHERE kind = 'manual';

-- When a look found what the webhook had not told: until it tells something again, nobody counts on it.
ALTER TABLE webhooks ADD COLUMN missed_at BIGINT;
