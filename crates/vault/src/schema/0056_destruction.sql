-- All cards of a shop are destroyed when two people have asked for it; the last time stays told.
CREATE TABLE vault_destruction (
  merchant_id BYTES NOT NULL,
  shop_id BYTES NOT NULL,
  asked_by TEXT,
  asked_at BIGINT,
  done_asked_by TEXT,
  done_agreed_by TEXT,
  done_at BIGINT,
  done_cards BIGINT,
  PRIMARY KEY (shop_id, merchant_id)
);
