-- Why a booking of a channel came without a card; the latest message counts.
CREATE TABLE vault_missing (
  merchant_id BYTES NOT NULL,
  shop_id BYTES NOT NULL,
  booking TEXT NOT NULL,
  why TEXT NOT NULL,
  told_at BIGINT NOT NULL,
  PRIMARY KEY (shop_id, booking, merchant_id)
);
