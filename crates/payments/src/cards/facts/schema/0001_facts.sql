-- How far the vault's log of a merchant was told: the number of the next entry.
CREATE TABLE vault_log_place (
    merchant_id BYTES  NOT NULL,
    next_entry  BIGINT NOT NULL,
    PRIMARY KEY (merchant_id)
);
