-- Whether a shop has the cards it keeps checked by themselves: auto is off, on_receipt or
-- days_before; amount_fallback is in minor units.
CREATE TABLE card_check_policy (
    shop_id         BYTES  NOT NULL,
    merchant_id     BYTES  NOT NULL,
    mode            TEXT   NOT NULL,
    auto            TEXT   NOT NULL,
    days_before     BIGINT NOT NULL,
    with_code       BIGINT NOT NULL,
    amount_fallback BIGINT NOT NULL,
    version         BIGINT NOT NULL,
    PRIMARY KEY (shop_id, merchant_id, mode)
);
