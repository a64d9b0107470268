-- A posted row is never changed or deleted; on PostgreSQL missing grants say the same.

CREATE TRIGGER ledger_tx_no_update BEFORE UPDATE ON ledger_tx
BEGIN
  SELECT RAISE(ABORT, 'ledger_tx rows are never changed: reverse the transaction instead');
END;

CREATE TRIGGER ledger_tx_no_delete BEFORE DELETE ON ledger_tx
BEGIN
  SELECT RAISE(ABORT, 'ledger_tx rows are never deleted: reverse the transaction instead');
END;

CREATE TRIGGER ledger_posting_no_update BEFORE UPDATE ON ledger_posting
BEGIN
  SELECT RAISE(ABORT, 'ledger_posting rows are never changed: reverse the transaction instead');
END;

CREATE TRIGGER ledger_posting_no_delete BEFORE DELETE ON ledger_posting
BEGIN
  SELECT RAISE(ABORT, 'ledger_posting rows are never deleted: reverse the transaction instead');
END;
