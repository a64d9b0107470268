-- Shops whose cards are kept; told by the app.
CREATE TABLE vault_shop (
  merchant_id BYTES NOT NULL,
  id BYTES NOT NULL,
  mode TEXT NOT NULL,
  settings TEXT NOT NULL,
  clock_at BIGINT,
  clock_real BIGINT,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (id, merchant_id)
);

-- Keys, wrapped under the root.
CREATE TABLE vault_key (
  merchant_id BYTES NOT NULL,
  kind TEXT NOT NULL,
  shop_id BYTES NOT NULL,
  version BIGINT NOT NULL,
  wrapped BYTES NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (merchant_id, kind, shop_id, version)
);

-- Cards: the sealed record, and what may be seen of it.
CREATE TABLE vault_card (
  merchant_id BYTES NOT NULL,
  id BYTES NOT NULL,
  shop_id BYTES NOT NULL,
  state TEXT NOT NULL,
  missing_reason TEXT,
  kind TEXT NOT NULL,
  brand TEXT NOT NULL,
  co_brand TEXT,
  preferred_brand TEXT,
  bin TEXT NOT NULL,
  last4 TEXT NOT NULL,
  exp_month BIGINT NOT NULL,
  exp_year BIGINT NOT NULL,
  initials TEXT,
  fingerprint BYTES,
  entry TEXT NOT NULL,
  channel TEXT,
  is_virtual BIGINT NOT NULL,
  customer TEXT,
  booking TEXT,
  payment TEXT,
  received_at BIGINT NOT NULL,
  purge_at BIGINT,
  version BIGINT NOT NULL,
  number_version BIGINT NOT NULL,
  slot BIGINT,
  record BYTES,
  code_because TEXT,
  code_at BIGINT,
  PRIMARY KEY (id, merchant_id)
);
CREATE INDEX vault_card_due ON vault_card (merchant_id, shop_id, purge_at);
CREATE INDEX vault_card_same ON vault_card (merchant_id, customer, fingerprint);

-- Card pages that were opened.
CREATE TABLE vault_capture (
  merchant_id BYTES NOT NULL,
  id BYTES NOT NULL,
  shop_id BYTES NOT NULL,
  request TEXT NOT NULL,
  state TEXT NOT NULL,
  submissions BIGINT NOT NULL,
  numbers TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  card BYTES,
  outcome TEXT,
  PRIMARY KEY (id, merchant_id)
);
CREATE INDEX vault_capture_age ON vault_capture (merchant_id, shop_id, expires_at);

-- Hash of a page's secret: finds the merchant, which no other row can be read without.
CREATE TABLE vault_locator (
  hash BYTES NOT NULL,
  merchant_id BYTES NOT NULL,
  capture BYTES NOT NULL,
  PRIMARY KEY (hash, merchant_id)
);

-- Answers of the vault's own API, for repeats.
CREATE TABLE vault_idem (
  merchant_id BYTES NOT NULL,
  id BYTES NOT NULL,
  body BYTES NOT NULL,
  answer TEXT,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (id, merchant_id)
);

-- Relay calls: written before the first byte leaves.
CREATE TABLE vault_relay (
  merchant_id BYTES NOT NULL,
  id BYTES NOT NULL,
  card BYTES NOT NULL,
  template TEXT NOT NULL,
  state TEXT NOT NULL,
  sent_at BIGINT NOT NULL,
  answer TEXT,
  PRIMARY KEY (id, merchant_id)
);
