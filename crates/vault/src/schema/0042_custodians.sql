-- Who holds a share of the root, and what he has signed before he saw it; of the installation. The
-- rows of one instant are one set of shares.
CREATE TABLE vault_custodian (
  merchant_id BYTES NOT NULL,
  made_at BIGINT NOT NULL,
  share_index BIGINT NOT NULL,
  key_check TEXT NOT NULL,
  needed BIGINT NOT NULL,
  all_shares BIGINT NOT NULL,
  name TEXT NOT NULL,
  text_hash BYTES NOT NULL,
  accepted_at BIGINT NOT NULL,
  PRIMARY KEY (made_at, share_index, merchant_id)
);
