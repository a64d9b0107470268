-- What happened to a booking is only ever added to; on PostgreSQL missing grants say the same.

CREATE TRIGGER booking_journal_no_update BEFORE UPDATE ON booking_journal
BEGIN
  SELECT RAISE(ABORT, 'booking_journal rows are never changed');
END;

CREATE TRIGGER booking_journal_no_delete BEFORE DELETE ON booking_journal
BEGIN
  SELECT RAISE(ABORT, 'booking_journal rows are never deleted');
END;
