-- The node whose keyring and slots belong to these tables, on a server: one row, of no merchant.
CREATE TABLE vault_node (
  merchant_id BYTES NOT NULL,
  mark BYTES NOT NULL,
  since BIGINT NOT NULL,
  PRIMARY KEY (merchant_id)
);
