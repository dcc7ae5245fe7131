-- What happened to one repository is looked up by it.
CREATE INDEX events_by_repository ON events (repository_id, id);
