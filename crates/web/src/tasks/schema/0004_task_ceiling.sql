-- The amount a person must be allowed to move to answer the task, in minor units; none: anybody.
ALTER TABLE task ADD COLUMN amount BIGINT;
