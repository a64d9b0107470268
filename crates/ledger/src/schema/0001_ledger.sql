-- Double entry. Keys lead with the time-ordered id, then the merchant: new rows of all merchants
-- land at the right edge of the index, which decides the speed of an embedded database.

CREATE TABLE ledger_account (
  id BYTES NOT NULL,
  merchant_id BYTES NOT NULL,
  mode TEXT NOT NULL,
  code TEXT NOT NULL,
  sub TEXT NOT NULL,
  currency TEXT NOT NULL,
  behaviour TEXT NOT NULL,
  floor BIGINT,
  ceiling BIGINT,
  debits_posted BIGINT NOT NULL,
  debits_pending BIGINT NOT NULL,
  credits_posted BIGINT NOT NULL,
  credits_pending BIGINT NOT NULL,
  folded_seq BIGINT NOT NULL,
  version BIGINT NOT NULL,
  closed_at BIGINT,
  PRIMARY KEY (id, merchant_id),
  UNIQUE (merchant_id, mode, code, sub, currency)
);

CREATE TABLE ledger_tx (
  id BYTES NOT NULL,
  merchant_id BYTES NOT NULL,
  mode TEXT NOT NULL,
  currency TEXT NOT NULL,
  kind TEXT NOT NULL,
  business_ref TEXT NOT NULL,
  request_id TEXT NOT NULL,
  fingerprint BYTES NOT NULL,
  effective_date TEXT NOT NULL,
  original_date TEXT,
  recorded_at BIGINT NOT NULL,
  actor TEXT NOT NULL,
  reason TEXT,
  reverses_id BYTES,
  resolves_id BYTES,
  resolves_kind TEXT,
  link_id BYTES,
  PRIMARY KEY (id, merchant_id)
);
CREATE UNIQUE INDEX ledger_tx_request ON ledger_tx (request_id, kind, mode, merchant_id);
CREATE UNIQUE INDEX ledger_tx_reverses ON ledger_tx (reverses_id, merchant_id)
  WHERE reverses_id IS NOT NULL;
CREATE UNIQUE INDEX ledger_tx_resolves ON ledger_tx (resolves_id, merchant_id)
  WHERE resolves_id IS NOT NULL;
CREATE INDEX ledger_tx_business ON ledger_tx (business_ref, merchant_id);

CREATE TABLE ledger_posting (
  tx_id BYTES NOT NULL,
  n BIGINT NOT NULL,
  merchant_id BYTES NOT NULL,
  account_id BYTES NOT NULL,
  item_ref TEXT,
  side TEXT NOT NULL,
  amount BIGINT NOT NULL CHECK (amount > 0 AND amount <= 999999999999),
  layer TEXT NOT NULL,
  PRIMARY KEY (tx_id, n, merchant_id)
);
-- Holds all that a balance needs, so that a sum never visits the rows.
CREATE INDEX ledger_posting_account
  ON ledger_posting (account_id, tx_id, merchant_id, layer, side, amount);

CREATE TABLE ledger_pending (
  tx_id BYTES NOT NULL,
  merchant_id BYTES NOT NULL,
  state TEXT NOT NULL,
  posted_amount BIGINT,
  expires_at BIGINT,
  resolved_by BYTES,
  PRIMARY KEY (tx_id, merchant_id)
);
CREATE INDEX ledger_pending_open ON ledger_pending (merchant_id, expires_at)
  WHERE state = 'open';

CREATE TABLE ledger_item (
  item_ref TEXT NOT NULL,
  account_id BYTES NOT NULL,
  merchant_id BYTES NOT NULL,
  debits BIGINT NOT NULL,
  credits BIGINT NOT NULL,
  opened_on TEXT NOT NULL,
  due_on TEXT,
  closed_on TEXT,
  group_ref TEXT,
  refs TEXT NOT NULL,
  PRIMARY KEY (item_ref, account_id, merchant_id)
);

-- Every version of an account with a limit, with the limit as it stood.
CREATE TABLE ledger_running (
  account_id BYTES NOT NULL,
  version BIGINT NOT NULL,
  merchant_id BYTES NOT NULL,
  tx_id BYTES NOT NULL,
  n BIGINT NOT NULL,
  balance_after BIGINT NOT NULL,
  floor BIGINT,
  ceiling BIGINT,
  PRIMARY KEY (account_id, version, merchant_id)
);
