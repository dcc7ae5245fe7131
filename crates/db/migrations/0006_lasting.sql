-- Who runs a build says so by counting up, which no clock that is set can hurry or hold up: others take a build whose count
-- stood still for a while by their own watch.
ALTER TABLE builds RENAME COLUMN lease_until TO lease_beat;

-- Old decisions are looked for by their age.
CREATE INDEX ref_decisions_by_time ON ref_decisions (at);
