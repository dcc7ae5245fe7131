-- People whom an OIDC provider knows: issuer and subject, never an address of mail.

CREATE TABLE oidc_identities (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (issuer, subject)
) {clustered};
CREATE INDEX oidc_identities_by_user ON oidc_identities (user_id);
