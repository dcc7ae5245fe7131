-- The first event of which an action has no deliveries yet, because enough of them wait for it: they are made as it takes them.
ALTER TABLE trigger_actions ADD COLUMN backlog_from TEXT;
CREATE INDEX trigger_actions_behind ON trigger_actions (backlog_from) WHERE backlog_from IS NOT NULL;
-- What an action has not been tried with yet, but for what stands behind another in its line.
CREATE INDEX trigger_deliveries_untried ON trigger_deliveries (action_id) WHERE due_at IS NOT NULL AND tries = 0;
