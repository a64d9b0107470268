-- Profiles of the tokenising proxy: where messages of a sales channel carry cards.
CREATE TABLE vault_profile (
  merchant_id BYTES NOT NULL,
  id BYTES NOT NULL,
  shop_id BYTES NOT NULL,
  profile TEXT NOT NULL,
  key_hash BYTES,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (id, merchant_id)
);

-- Under which profile and reference a card came, so that a message that is sent again finds it.
ALTER TABLE vault_card ADD COLUMN proxy_profile BYTES;
ALTER TABLE vault_card ADD COLUMN proxy_booking TEXT;
CREATE UNIQUE INDEX vault_card_came
  ON vault_card (merchant_id, proxy_profile, proxy_booking, fingerprint);
