-- Lists that people sort: the newest tags of a repository first, of thousands.

CREATE INDEX tags_by_time ON tags (repository_id, set_at, name);
