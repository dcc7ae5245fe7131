-- The first event of which an action has no deliveries yet, because enough of them wait for it: they are made as it takes them.
ALTER TABLE trigger_actions ADD COLUMN backlog_from TEXT;
CREATE INDEX trigger_actions_behind ON trigger_actions (backlog_from) WHERE backlog_from IS NOT NULL;
