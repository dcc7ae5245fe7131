-- People at a browser: who is signed in where, and what the console asks of an account.

-- The server made the present password, so somebody else has seen it: a person who signs in with it is asked for their own.
ALTER TABLE users ADD COLUMN password_made BOOLEAN NOT NULL DEFAULT FALSE;
-- A language tag; empty when the person never chose.
ALTER TABLE users ADD COLUMN language TEXT NOT NULL DEFAULT '';

CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    secret_hash BLOB NOT NULL UNIQUE,
    -- The account's version when it began: whatever raises that ends the session.
    version BIGINT NOT NULL,
    user_agent TEXT NOT NULL,
    address TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id, last_seen_at);
CREATE INDEX sessions_by_seen ON sessions (last_seen_at);
