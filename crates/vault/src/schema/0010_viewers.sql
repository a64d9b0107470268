-- An enrolment chooses a PIN, or changes one; its page may lead back.
ALTER TABLE vault_enrolment ADD COLUMN kind TEXT NOT NULL DEFAULT 'new';
ALTER TABLE vault_enrolment ADD COLUMN back TEXT;

-- Another person has vouched for a viewer; those there are, are trusted.
ALTER TABLE vault_viewer ADD COLUMN confirmed BIGINT NOT NULL DEFAULT 1;

-- "Tout bloquer": nobody sees a card of the shop until two people have lifted it.
CREATE TABLE vault_block (
  merchant_id BYTES NOT NULL,
  shop_id BYTES NOT NULL,
  relay BIGINT NOT NULL,
  reason TEXT NOT NULL,
  set_by TEXT NOT NULL,
  set_at BIGINT NOT NULL,
  lifted_by TEXT,
  PRIMARY KEY (shop_id, merchant_id)
);
