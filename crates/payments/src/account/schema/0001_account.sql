CREATE TABLE connector_account (
    shop_id     BYTES  NOT NULL,
    merchant_id BYTES  NOT NULL,
    settings    TEXT   NOT NULL,
    version     BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL,
    PRIMARY KEY (shop_id, merchant_id)
);
