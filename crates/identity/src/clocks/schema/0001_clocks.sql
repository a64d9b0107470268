CREATE TABLE shop_clock (
    shop_id BYTES NOT NULL,
    merchant_id BYTES NOT NULL,
    kind TEXT NOT NULL,
    micros BIGINT NOT NULL,
    moved_at BIGINT NOT NULL,
    PRIMARY KEY (shop_id, merchant_id)
);
