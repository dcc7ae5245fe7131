-- The refs whose newest builds name a base: a link of FROM lines goes with the last of them.
CREATE TABLE link_refs (
    link_id TEXT NOT NULL REFERENCES links (id) ON DELETE CASCADE,
    ref TEXT NOT NULL,
    PRIMARY KEY (link_id, ref)
) {clustered};
INSERT INTO link_refs (link_id, ref) SELECT id, ref FROM links WHERE kind = 'auto';
