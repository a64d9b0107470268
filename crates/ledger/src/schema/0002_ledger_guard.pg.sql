-- A posted row is never changed or deleted.

CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% rows are never changed or deleted: reverse the transaction instead', TG_TABLE_NAME;
END $$;

CREATE TRIGGER ledger_tx_guard BEFORE UPDATE OR DELETE ON ledger_tx
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();

CREATE TRIGGER ledger_posting_guard BEFORE UPDATE OR DELETE ON ledger_posting
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
