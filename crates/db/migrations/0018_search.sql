-- People look for builds by the first letters of a commit.

CREATE INDEX builds_by_commit ON builds (commit_id) WHERE commit_id IS NOT NULL;
