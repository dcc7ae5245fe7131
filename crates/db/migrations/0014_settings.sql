-- What administrators set at run time. A value stands as it would in the environment; that of a secret is sealed in
-- `secrets` and NULL here.
CREATE TABLE settings (
    key TEXT PRIMARY KEY,
    value TEXT,
    changed_by TEXT NOT NULL,
    changed_at BIGINT NOT NULL
) {clustered};
