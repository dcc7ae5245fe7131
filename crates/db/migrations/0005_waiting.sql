-- What waits for builds, so that it can be bounded: archives from before their bytes come until their build is over, calls
-- of trigger URLs with what they are about.

-- The build that took the archive; its bytes count until that is over.
ALTER TABLE build_contexts ADD COLUMN build_id TEXT;
CREATE INDEX build_contexts_by_repository ON build_contexts (repository_id);

-- When a call last had the code host asked.
ALTER TABLE trigger_urls ADD COLUMN asked_at BIGINT;

-- Since when the oldest of the calls waits. `ref` is a whole ref, `refs/heads/` or `refs/tags/` for all that the rule builds
-- of that kind, or empty for all.
ALTER TABLE waiting_triggers ADD COLUMN since BIGINT NOT NULL DEFAULT 0;
