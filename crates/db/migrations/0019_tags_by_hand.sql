-- Somebody chose the tags of the build and not its rule, which takes the right to push: also of whoever has it built again.
ALTER TABLE builds ADD COLUMN tags_by_hand BOOLEAN NOT NULL DEFAULT FALSE;
-- Of builds of before nobody knows.
UPDATE builds SET tags_by_hand = TRUE WHERE cause IN ('manual', 'retry');
