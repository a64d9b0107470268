-- The highest time of the machine's clock that was seen and believed, and how long the machine had been
-- running then; of the installation.
CREATE TABLE vault_clock (
  merchant_id BYTES NOT NULL,
  seen BIGINT NOT NULL,
  boot TEXT NOT NULL,
  up_seconds BIGINT NOT NULL,
  PRIMARY KEY (merchant_id)
);
