-- Public keys that signed heads and receipts before this vault was restored; of the installation.
CREATE TABLE vault_former_signer (
  merchant_id BYTES NOT NULL,
  public BYTES NOT NULL,
  until BIGINT NOT NULL,
  PRIMARY KEY (merchant_id, public)
);
