-- From where it was asked for; nothing is known of the lines before.
ALTER TABLE booking_journal ADD COLUMN address TEXT NOT NULL DEFAULT '';
