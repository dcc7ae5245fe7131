-- What is asked when somebody traces an image: how tags of a repository moved lately, and which build made a digest.

CREATE INDEX tag_history_by_time ON tag_history (repository_id, at);
CREATE INDEX builds_by_digest ON builds (repository_id, digest) WHERE digest IS NOT NULL;
