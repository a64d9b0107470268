-- Whom a task is for; nobody: whoever may see its object.
ALTER TABLE task ADD COLUMN user_id BYTES;
