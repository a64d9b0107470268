-- A lost PIN: the new one waits for another person, or for its hour.
CREATE TABLE vault_recovery (
  merchant_id BYTES NOT NULL,
  id BYTES NOT NULL,
  shop_id BYTES NOT NULL,
  viewer_id BYTES NOT NULL,
  -- waiting, done, over or stopped
  state TEXT NOT NULL,
  verifiers TEXT NOT NULL,
  -- When it is used without anybody.
  usable_from BIGINT NOT NULL,
  -- Finds the link that stops it.
  link_hash BYTES NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (id, merchant_id)
);
CREATE INDEX vault_recovery_waiting ON vault_recovery (merchant_id, shop_id, state, usable_from);

-- Those who are told of it, as the app named them when the link was sent.
ALTER TABLE vault_enrolment ADD COLUMN owners TEXT NOT NULL DEFAULT '[]';

-- After a new address or telephone, a new PIN needs another person until then, and what happens
-- is told at the former ones, too.
ALTER TABLE vault_viewer ADD COLUMN contact_held_until BIGINT;
ALTER TABLE vault_viewer ADD COLUMN former_email TEXT NOT NULL DEFAULT '';
ALTER TABLE vault_viewer ADD COLUMN former_phone TEXT NOT NULL DEFAULT '';
