-- Accounts of people on code hosts, credentials of namespaces for other registries, and what code hosts tell us.

-- Sealed with AES-256-GCM under a key that is a file outside the database. The place is also what the bytes are bound to:
-- moved to another row or column they do not open.
CREATE TABLE secrets (
    owner_table TEXT NOT NULL,
    owner_row TEXT NOT NULL,
    owner_column TEXT NOT NULL,
    key_id TEXT NOT NULL,
    sealed BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (owner_table, owner_row, owner_column)
) {clustered};
CREATE INDEX secrets_by_key ON secrets (key_id);

-- An authorized account on a code host. It belongs to a person; rules of any namespace may keep using it.
CREATE TABLE sources (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- `github`, `gitlab`, `gitea`, `git`.
    kind TEXT NOT NULL,
    -- `https://git.example`, without a slash at its end.
    address TEXT NOT NULL,
    -- Who the host says it is; for plain git the user name.
    account TEXT NOT NULL,
    -- `token`, `device`, `password`, `deploy_key`, `none`.
    method TEXT NOT NULL,
    -- PEM: authorities that are believed for this host beside the system's.
    ca TEXT,
    -- Lines of known_hosts.
    host_keys TEXT,
    -- `given`, or `pinned` when they are those of the first use.
    host_keys_origin TEXT,
    public_key TEXT,
    -- What is wrong with it, a word; none when it works.
    problem TEXT,
    problem_detail TEXT NOT NULL,
    state_since BIGINT NOT NULL,
    checked_at BIGINT,
    -- When the token ends by itself; then the row has a secret to renew it with.
    token_expires_at BIGINT,
    created_at BIGINT NOT NULL,
    UNIQUE (user_id, kind, address)
);

-- A sign-in by device code (RFC 8628) that is under way. Its device code is a secret of the row.
CREATE TABLE device_logins (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    address TEXT NOT NULL,
    ca TEXT,
    user_code TEXT NOT NULL,
    verification_url TEXT NOT NULL,
    poll_seconds BIGINT NOT NULL,
    next_poll_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX device_logins_by_user ON device_logins (user_id);

CREATE TABLE registry_credentials (
    id TEXT PRIMARY KEY,
    namespace_id TEXT NOT NULL REFERENCES namespaces (id) ON DELETE CASCADE,
    -- `docker.io`, `registry.example:5000`.
    host TEXT NOT NULL,
    username TEXT NOT NULL,
    problem TEXT,
    problem_detail TEXT NOT NULL,
    checked_at BIGINT,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (namespace_id, host)
);

-- How one remote repository tells us of pushes: shared by all rules that use it through the same source, gone with the last.
CREATE TABLE webhooks (
    id TEXT PRIMARY KEY,
    source_id TEXT NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    -- The repository's path on its host.
    remote TEXT NOT NULL,
    -- What the host calls it; none while it is not registered.
    host_id TEXT,
    -- Where the host was told to deliver.
    url TEXT,
    -- `pending`, `active`, `polling`, `failing`, `manual`.
    state TEXT NOT NULL,
    problem TEXT,
    problem_detail TEXT NOT NULL,
    state_since BIGINT NOT NULL,
    checked_at BIGINT,
    -- When the host is asked again, or registering is tried again.
    next_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    rejected_count BIGINT NOT NULL,
    rejected_at BIGINT,
    delivered_at BIGINT,
    created_at BIGINT NOT NULL,
    UNIQUE (source_id, remote)
);
CREATE INDEX webhooks_by_time ON webhooks (next_at);

-- What arrived, each delivery once.
CREATE TABLE hook_deliveries (
    webhook_id TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    delivery TEXT NOT NULL,
    id TEXT NOT NULL,
    event TEXT NOT NULL,
    -- `received`, `taken`, `ignored`, `failed`.
    outcome TEXT NOT NULL,
    detail TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (webhook_id, delivery)
) {clustered};
CREATE INDEX hook_deliveries_by_id ON hook_deliveries (webhook_id, id);

-- What still has to be removed at a code host after its rows here are gone. The token to do it with is a secret of the row.
CREATE TABLE host_removals (
    id TEXT PRIMARY KEY,
    -- Whose source it was; the account may be gone.
    user_id TEXT NOT NULL,
    username TEXT NOT NULL,
    -- `webhook`.
    what TEXT NOT NULL,
    kind TEXT NOT NULL,
    address TEXT NOT NULL,
    ca TEXT,
    remote TEXT NOT NULL,
    host_id TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    problem_detail TEXT NOT NULL,
    -- Nobody tries any longer: somebody has to remove it there by hand.
    given_up BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX host_removals_by_time ON host_removals (next_at);
CREATE INDEX host_removals_by_user ON host_removals (user_id);
