-- Builds: how something is built, from the queue to the tags. Why it is built is in the rules' tables.

CREATE TABLE build_numbers (
    repository_id TEXT PRIMARY KEY REFERENCES repositories (id) ON DELETE CASCADE,
    last BIGINT NOT NULL
) {clustered};

CREATE TABLE builds (
    id TEXT PRIMARY KEY,
    repository_id TEXT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
    namespace_id TEXT NOT NULL,
    -- Counted in the repository, never used twice.
    number BIGINT NOT NULL,
    -- NULL for what no rule built, and once the rule is gone; its name stays.
    rule_id TEXT,
    rule_name TEXT NOT NULL,
    trust TEXT NOT NULL,
    cause TEXT NOT NULL,
    source TEXT NOT NULL,
    -- `refs/heads/…`, `refs/tags/…`.
    ref TEXT,
    commit_id TEXT,
    author TEXT NOT NULL,
    message TEXT NOT NULL,
    -- JSON lists.
    tags TEXT NOT NULL,
    bases TEXT NOT NULL,
    state TEXT NOT NULL,
    phase TEXT NOT NULL,
    -- Why it ended or waits: a key of the message catalogue, and what it was about.
    reason TEXT,
    detail TEXT,
    hint TEXT,
    failing_step TEXT,
    exit_code BIGINT,
    last_lines TEXT,
    -- 1 the first time a worker is at it; one more each time the server died under it.
    attempt BIGINT NOT NULL,
    steps BIGINT NOT NULL,
    cached_steps BIGINT NOT NULL,
    digest TEXT,
    size BIGINT,
    started_by TEXT NOT NULL,
    retry_of TEXT,
    created_at BIGINT NOT NULL,
    started_at BIGINT,
    ended_at BIGINT,
    -- What shall become of it while it runs: `canceled` or `superseded`, and who wants it.
    stop TEXT,
    stopped_by TEXT,
    -- Who runs it, until when nobody else may take it, and a number that is another for each who did.
    lease_owner TEXT,
    lease_until BIGINT,
    fence BIGINT NOT NULL,
    -- `none`, `open`, `kept` (compressed), `expired`.
    log TEXT NOT NULL,
    -- JSON: everything needed to run it. Last: what stands behind a long value is slow to reach.
    spec TEXT NOT NULL,
    UNIQUE (repository_id, number)
);
CREATE INDEX builds_open ON builds (state, id) WHERE state IN ('queued', 'running');
CREATE INDEX builds_by_repository ON builds (repository_id, id);
CREATE INDEX builds_by_namespace ON builds (namespace_id, started_at);
CREATE INDEX builds_by_rule ON builds (rule_id, ref, id) WHERE rule_id IS NOT NULL;
CREATE INDEX builds_with_log ON builds (ended_at) WHERE log = 'kept';

-- Phases and steps with their times, in the order in which they began.
CREATE TABLE build_phases (
    build_id TEXT NOT NULL REFERENCES builds (id) ON DELETE CASCADE,
    attempt BIGINT NOT NULL,
    position BIGINT NOT NULL,
    -- `queued`, `cloning`, …, or `step`.
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    cached BOOLEAN NOT NULL,
    error TEXT,
    PRIMARY KEY (build_id, attempt, position)
) {clustered};

-- Further registries that get the image, each with its own state.
CREATE TABLE build_pushes (
    id TEXT PRIMARY KEY,
    build_id TEXT NOT NULL REFERENCES builds (id) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    image TEXT NOT NULL,
    -- JSON list.
    tags TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    error TEXT,
    next_at BIGINT,
    ended_at BIGINT
);
CREATE INDEX build_pushes_by_build ON build_pushes (build_id, position);
CREATE INDEX build_pushes_due ON build_pushes (next_at) WHERE next_at IS NOT NULL;

-- What the code host shall show at a commit, until it does.
CREATE TABLE build_statuses (
    build_id TEXT PRIMARY KEY REFERENCES builds (id) ON DELETE CASCADE,
    wanted TEXT NOT NULL,
    sent TEXT,
    attempts BIGINT NOT NULL,
    error TEXT,
    next_at BIGINT
) {clustered};
CREATE INDEX build_statuses_due ON build_statuses (next_at) WHERE next_at IS NOT NULL;

-- Tags that a rule's builds set: no other build may set them.
CREATE TABLE owned_tags (
    repository_id TEXT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
    tag TEXT NOT NULL,
    rule_id TEXT NOT NULL,
    PRIMARY KEY (repository_id, tag)
) {clustered};
CREATE INDEX owned_tags_by_rule ON owned_tags (rule_id);
