-- Times are UTC microseconds, ids UUIDv7 text, digests `algorithm:hex`. One text for both engines:
-- TEXT, BLOB and the word in braces are translated where an engine is opened.

-- What happens outside the running server (a host command) bumps this; the server looks often and forgets what it remembers.
CREATE TABLE outside_changes (id BIGINT PRIMARY KEY, counter BIGINT NOT NULL);
INSERT INTO outside_changes VALUES (1, 0);

CREATE TABLE users (
    id TEXT PRIMARY KEY,
    username TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    email TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    admin BOOLEAN NOT NULL,
    disabled BOOLEAN NOT NULL,
    namespace_limit BIGINT NOT NULL,
    -- Every change of what the account may do or how it proves itself adds one: remembered credentials and registry tokens of older versions die.
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    last_login_at BIGINT
);

CREATE TABLE namespaces (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    description TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX namespaces_by_creator ON namespaces (created_by);

CREATE TABLE members (
    namespace_id TEXT NOT NULL REFERENCES namespaces (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    added_at BIGINT NOT NULL,
    PRIMARY KEY (namespace_id, user_id)
) {clustered};
CREATE INDEX members_by_user ON members (user_id);

CREATE TABLE robots (
    id TEXT PRIMARY KEY,
    namespace_id TEXT NOT NULL REFERENCES namespaces (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    actions TEXT NOT NULL,
    secret_hash BLOB NOT NULL,
    disabled BOOLEAN NOT NULL,
    expires_at BIGINT,
    version BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    UNIQUE (namespace_id, name)
);

CREATE TABLE tokens (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    actions TEXT NOT NULL,
    secret_hash BLOB NOT NULL UNIQUE,
    expires_at BIGINT,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    UNIQUE (user_id, name)
);

CREATE TABLE repositories (
    id TEXT PRIMARY KEY,
    namespace_id TEXT NOT NULL REFERENCES namespaces (id),
    name TEXT NOT NULL UNIQUE,
    public BOOLEAN NOT NULL,
    short_description TEXT NOT NULL,
    description TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_push_at BIGINT,
    tag_count BIGINT NOT NULL,
    pull_count BIGINT NOT NULL
);
CREATE INDEX repositories_by_namespace ON repositories (namespace_id, name);

CREATE TABLE favorites (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    repository_id TEXT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, repository_id)
) {clustered};

-- `staged`: verified and visible, not yet durable. `present`: durable and whole. No row: not there, whatever files say.
CREATE TABLE blobs (
    digest TEXT PRIMARY KEY,
    size BIGINT NOT NULL,
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL
) {clustered};

CREATE TABLE repository_blobs (
    repository_id TEXT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
    digest TEXT NOT NULL REFERENCES blobs (digest),
    size BIGINT NOT NULL,
    linked_at BIGINT NOT NULL,
    PRIMARY KEY (repository_id, digest)
) {clustered};
CREATE INDEX repository_blobs_by_digest ON repository_blobs (digest);

-- The exact bytes live in the row: one commit makes them durable. Only what follows from the bytes alone stands here and
-- in manifest_references: whoever pushes them first into some repository decides nothing for the others.
CREATE TABLE manifests (
    digest TEXT PRIMARY KEY,
    config_digest TEXT,
    created_at BIGINT NOT NULL,
    -- JSON, as the referrers list repeats them.
    annotations TEXT NOT NULL,
    -- Last: what stands behind a long value is slow to reach.
    bytes BLOB NOT NULL
);

CREATE TABLE manifest_references (
    manifest TEXT NOT NULL REFERENCES manifests (digest) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    digest TEXT NOT NULL,
    kind TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size BIGINT NOT NULL,
    -- Whether the manifest is useless without it.
    required BOOLEAN NOT NULL,
    PRIMARY KEY (manifest, position)
) {clustered};
CREATE INDEX manifest_references_by_digest ON manifest_references (digest, manifest);

-- A manifest as it was last pushed into a repository.
CREATE TABLE repository_manifests (
    repository_id TEXT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
    digest TEXT NOT NULL REFERENCES manifests (digest),
    media_type TEXT NOT NULL,
    artifact_type TEXT,
    subject TEXT,
    -- Of what it names, each once, and its own bytes.
    total_size BIGINT NOT NULL,
    -- JSON: the list of `os/architecture`.
    platforms TEXT NOT NULL,
    -- What it needs and the operator let be missing when it came: digests with a space after each.
    missing TEXT NOT NULL,
    pushed_by TEXT NOT NULL,
    pushed_at BIGINT NOT NULL,
    pulled_at BIGINT,
    pull_count BIGINT NOT NULL,
    PRIMARY KEY (repository_id, digest)
) {clustered};
CREATE INDEX repository_manifests_by_digest ON repository_manifests (digest);
CREATE INDEX repository_manifests_by_subject ON repository_manifests (repository_id, subject, digest) WHERE subject IS NOT NULL;

CREATE TABLE tags (
    repository_id TEXT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    digest TEXT NOT NULL,
    version BIGINT NOT NULL,
    set_by TEXT NOT NULL,
    set_at BIGINT NOT NULL,
    PRIMARY KEY (repository_id, name)
) {clustered};
CREATE INDEX tags_by_digest ON tags (repository_id, digest);

CREATE TABLE tag_history (
    repository_id TEXT NOT NULL,
    name TEXT NOT NULL,
    version BIGINT NOT NULL,
    from_digest TEXT,
    to_digest TEXT,
    actor TEXT NOT NULL,
    cause TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (repository_id, name, version)
) {clustered};

CREATE TABLE uploads (
    id TEXT PRIMARY KEY,
    repository_id TEXT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
    principal TEXT NOT NULL,
    algorithm TEXT NOT NULL,
    received BIGINT NOT NULL,
    hash_state BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    touched_at BIGINT NOT NULL
) {clustered};
CREATE INDEX uploads_by_principal ON uploads (principal);
CREATE INDEX uploads_by_touch ON uploads (touched_at);

-- What happened, written in the transaction that made it happen; readers keep a cursor.
CREATE TABLE events (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    repository_id TEXT NOT NULL,
    payload TEXT NOT NULL,
    at BIGINT NOT NULL
) {clustered};

CREATE TABLE audit (
    id TEXT PRIMARY KEY,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    actor_kind TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    namespace_id TEXT,
    address TEXT NOT NULL,
    request_id TEXT NOT NULL,
    details TEXT NOT NULL
) {clustered};
CREATE INDEX audit_by_time ON audit (at, id);
CREATE INDEX audit_by_namespace ON audit (namespace_id, at, id);
