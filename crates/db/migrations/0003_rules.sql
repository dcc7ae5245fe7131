-- What shall be built, and why: rules, what was decided about each update of a ref, links between images, trigger URLs.

CREATE TABLE rules (
    id TEXT PRIMARY KEY,
    repository_id TEXT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    -- NULL once its owner took it away: the rule stops, and what follows says what it was.
    source_id TEXT REFERENCES sources (id) ON DELETE SET NULL,
    source_kind TEXT NOT NULL,
    source_address TEXT NOT NULL,
    source_owner TEXT NOT NULL,
    -- The repository's path on its host.
    remote TEXT NOT NULL,
    enabled BOOLEAN NOT NULL,
    -- Whether the refs that were there when it was made or switched on are taken as seen.
    caught_up BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    -- JSON. Last: what stands behind a long value is slow to reach.
    definition TEXT NOT NULL,
    UNIQUE (repository_id, name)
);
CREATE INDEX rules_by_remote ON rules (source_id, remote);

-- Ids of build secrets; their values are in `secrets`.
CREATE TABLE rule_secrets (
    rule_id TEXT NOT NULL REFERENCES rules (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    set_by TEXT NOT NULL,
    set_at BIGINT NOT NULL,
    PRIMARY KEY (rule_id, name)
) {clustered};

-- A repository on a code host that rules build from: its refs are asked for once, however many rules there are.
CREATE TABLE watched_remotes (
    source_id TEXT NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
    remote TEXT NOT NULL,
    -- When its refs are asked for again.
    next_at BIGINT NOT NULL,
    -- In a row.
    failures BIGINT NOT NULL,
    problem TEXT,
    problem_detail TEXT NOT NULL,
    tried_at BIGINT,
    answered_at BIGINT,
    PRIMARY KEY (source_id, remote)
) {clustered};
CREATE INDEX watched_remotes_by_time ON watched_remotes (next_at);

-- What a rule knows of a ref.
CREATE TABLE rule_heads (
    rule_id TEXT NOT NULL REFERENCES rules (id) ON DELETE CASCADE,
    ref TEXT NOT NULL,
    -- What the ref names: of an annotated tag the tag object. NULL once the ref was deleted.
    object TEXT,
    -- The commit behind it, where somebody said so.
    commit_id TEXT,
    -- Of the last decision; it never repeats.
    sequence BIGINT NOT NULL,
    PRIMARY KEY (rule_id, ref)
) {clustered};

-- Each update of a ref has exactly one.
CREATE TABLE ref_decisions (
    id TEXT PRIMARY KEY,
    rule_id TEXT NOT NULL REFERENCES rules (id) ON DELETE CASCADE,
    ref TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    -- NULL: the ref was not there before; it is not there any more.
    old_object TEXT,
    new_object TEXT,
    -- `built`, `skipped`, `superseded`, `seen`.
    decision TEXT NOT NULL,
    -- A key of the message catalogue, and what it is about.
    reason TEXT,
    detail TEXT NOT NULL,
    -- The build may be gone before this is.
    build_id TEXT,
    -- `push`, `poll`, `manual`, `trigger_url`, `link`.
    cause TEXT NOT NULL,
    -- What the code host calls the delivery, or who asked.
    origin TEXT NOT NULL,
    at BIGINT NOT NULL,
    UNIQUE (rule_id, ref, sequence)
);
CREATE INDEX ref_decisions_by_rule ON ref_decisions (rule_id, id);

CREATE TABLE trigger_urls (
    id TEXT PRIMARY KEY,
    rule_id TEXT NOT NULL REFERENCES rules (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    secret_hash BLOB NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    UNIQUE (rule_id, name)
);

-- Calls that came too soon: one build for all of them.
CREATE TABLE waiting_triggers (
    trigger_id TEXT NOT NULL REFERENCES trigger_urls (id) ON DELETE CASCADE,
    ref TEXT NOT NULL,
    calls BIGINT NOT NULL,
    not_before BIGINT NOT NULL,
    PRIMARY KEY (trigger_id, ref)
) {clustered};

-- What stands on what: when an image of this registry changes, what is linked to it is built again.
CREATE TABLE links (
    id TEXT PRIMARY KEY,
    repository_id TEXT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
    -- Empty: all rules of the repository.
    rule_id TEXT NOT NULL,
    base_repository_id TEXT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
    -- Empty: any tag.
    base_tag TEXT NOT NULL,
    -- `auto`: a FROM line says so. `manual`: a person does.
    kind TEXT NOT NULL,
    active BOOLEAN NOT NULL,
    -- Why it is off although nobody switched it off: `cycle`.
    problem TEXT,
    -- The ref whose build named it last.
    ref TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (repository_id, rule_id, base_repository_id, base_tag)
);
CREATE INDEX links_by_base ON links (base_repository_id, base_tag);

-- What images that something is linked to named when that was last looked at.
CREATE TABLE link_bases (
    repository_id TEXT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
    tag TEXT NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (repository_id, tag)
) {clustered};

-- Rules whose heads are to be built again because of a link, each once whatever changed.
CREATE TABLE waiting_rebuilds (
    rule_id TEXT PRIMARY KEY REFERENCES rules (id) ON DELETE CASCADE,
    -- The image that changed, as people write it.
    base TEXT NOT NULL,
    since BIGINT NOT NULL,
    not_before BIGINT NOT NULL,
    -- Whether the record says already that it has to wait.
    told BOOLEAN NOT NULL
) {clustered};

-- How far readers of `events` have come.
CREATE TABLE event_cursors (
    consumer TEXT PRIMARY KEY,
    event_id TEXT NOT NULL
) {clustered};

-- Context archives that wait for the build that takes them.
CREATE TABLE build_contexts (
    id TEXT PRIMARY KEY,
    repository_id TEXT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
    principal TEXT NOT NULL,
    size BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX build_contexts_by_time ON build_contexts (created_at);
