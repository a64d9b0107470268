-- A security code that may be seen or used once.
ALTER TABLE vault_card ADD COLUMN code_state TEXT;
ALTER TABLE vault_card ADD COLUMN code_slot BIGINT;
ALTER TABLE vault_card ADD COLUMN code_record BYTES;
ALTER TABLE vault_card ADD COLUMN code_holder TEXT;
ALTER TABLE vault_card ADD COLUMN code_since BIGINT;
ALTER TABLE vault_card ADD COLUMN code_actor TEXT;
ALTER TABLE vault_card ADD COLUMN reveals BIGINT NOT NULL DEFAULT 0;
ALTER TABLE vault_card ADD COLUMN revealed_at BIGINT;
CREATE INDEX vault_card_code ON vault_card (merchant_id, shop_id, code_state);

-- How a shop keeps cards, as its staff set it.
CREATE TABLE vault_settings (
  merchant_id BYTES NOT NULL,
  shop_id BYTES NOT NULL,
  settings TEXT NOT NULL,
  version BIGINT NOT NULL,
  activated_at BIGINT,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (shop_id, merchant_id)
);

-- People who may see numbers of a shop, with the verifiers of their PINs.
CREATE TABLE vault_viewer (
  merchant_id BYTES NOT NULL,
  id BYTES NOT NULL,
  shop_id BYTES NOT NULL,
  user_ref TEXT NOT NULL,
  name TEXT NOT NULL,
  email TEXT NOT NULL,
  phone TEXT NOT NULL,
  lang TEXT NOT NULL,
  avoid TEXT NOT NULL,
  state TEXT NOT NULL,
  verifiers TEXT NOT NULL,
  tries BIGINT NOT NULL,
  locked_until BIGINT,
  locked_at BIGINT,
  blocked BIGINT NOT NULL,
  enrol_after BIGINT,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (id, merchant_id)
);
CREATE UNIQUE INDEX vault_viewer_user ON vault_viewer (merchant_id, shop_id, user_ref);

-- Enrolments: a link sent by e-mail, a code sent by text message.
CREATE TABLE vault_enrolment (
  merchant_id BYTES NOT NULL,
  id BYTES NOT NULL,
  shop_id BYTES NOT NULL,
  viewer_id BYTES NOT NULL,
  state TEXT NOT NULL,
  code_mac BYTES NOT NULL,
  code_until BIGINT NOT NULL,
  tries BIGINT NOT NULL,
  page_key BYTES,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (id, merchant_id)
);
CREATE INDEX vault_enrolment_of ON vault_enrolment (merchant_id, viewer_id, created_at);

-- Links by which one person sees one card.
CREATE TABLE vault_link (
  merchant_id BYTES NOT NULL,
  id BYTES NOT NULL,
  shop_id BYTES NOT NULL,
  card BYTES NOT NULL,
  viewer_id BYTES NOT NULL,
  request TEXT NOT NULL,
  state TEXT NOT NULL,
  visitor BYTES,
  page_key BYTES,
  created_at BIGINT NOT NULL,
  opened_at BIGINT,
  unlocked_at BIGINT,
  PRIMARY KEY (id, merchant_id)
);
CREATE INDEX vault_link_viewer ON vault_link (merchant_id, viewer_id, unlocked_at);
CREATE INDEX vault_link_shop ON vault_link (merchant_id, shop_id, unlocked_at);

-- Messages that wait for the app to queue them.
CREATE TABLE vault_message (
  merchant_id BYTES NOT NULL,
  id BYTES NOT NULL,
  shop_id BYTES NOT NULL,
  message TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (id, merchant_id)
);
CREATE INDEX vault_message_shop ON vault_message (merchant_id, shop_id, at);

-- The transparency log, one tree for each merchant. Salt and details may be erased, entries never.
CREATE TABLE vault_log (
  merchant_id BYTES NOT NULL,
  seq BIGINT NOT NULL,
  card BYTES,
  entry TEXT NOT NULL,
  salt BYTES,
  details TEXT,
  at BIGINT NOT NULL,
  PRIMARY KEY (merchant_id, seq)
);
CREATE INDEX vault_log_card ON vault_log (merchant_id, card, seq);

-- Signed heads of the log.
CREATE TABLE vault_checkpoint (
  merchant_id BYTES NOT NULL,
  size BIGINT NOT NULL,
  note TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (merchant_id, size)
);

-- Signed statements that a number or a code was destroyed.
CREATE TABLE vault_receipt (
  merchant_id BYTES NOT NULL,
  seq BIGINT NOT NULL,
  card BYTES NOT NULL,
  receipt TEXT NOT NULL,
  PRIMARY KEY (merchant_id, seq)
);
CREATE INDEX vault_receipt_card ON vault_receipt (merchant_id, card, seq);
