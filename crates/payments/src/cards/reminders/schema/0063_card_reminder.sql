-- Until when a shop shows security codes once, as it was seen last, and how many days before that
-- day its people were reminded last.
CREATE TABLE card_reminder (
    shop_id     BYTES  NOT NULL,
    merchant_id BYTES  NOT NULL,
    mode        TEXT   NOT NULL,
    until       TEXT   NOT NULL,
    told        BIGINT,
    PRIMARY KEY (shop_id, merchant_id, mode)
);
