-- When, on the clock of who asked: test clocks are moved, and people are shown their time.
ALTER TABLE authentication ADD COLUMN local_at BIGINT NOT NULL DEFAULT 0;
UPDATE authentication SET local_at = at;
ALTER TABLE operation ADD COLUMN local_at BIGINT NOT NULL DEFAULT 0;
UPDATE operation SET local_at = at;
DROP INDEX operation_time;
CREATE INDEX operation_time ON operation (local_at, at, id);
