-- A line of the journal is never changed or deleted.

CREATE FUNCTION booking_journal_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'booking_journal lines are never changed or deleted';
END $$;

CREATE TRIGGER booking_journal_guard BEFORE UPDATE OR DELETE ON booking_journal
  FOR EACH STATEMENT EXECUTE FUNCTION booking_journal_refuse();
