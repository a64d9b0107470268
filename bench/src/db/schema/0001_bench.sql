-- The shapes of a payment and of its postings, without what they mean.
CREATE TABLE bench_payment (
    id          BYTES  NOT NULL,
    merchant_id BYTES  NOT NULL,
    mode        TEXT   NOT NULL,
    shop_id     BYTES  NOT NULL,
    order_ref   TEXT   NOT NULL,
    amount      BIGINT NOT NULL,
    currency    TEXT   NOT NULL,
    status      TEXT   NOT NULL,
    authorised  BIGINT NOT NULL,
    captured    BIGINT NOT NULL,
    refunded    BIGINT NOT NULL,
    payer       TEXT   NOT NULL,
    card        TEXT   NOT NULL,
    version     BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL,
    PRIMARY KEY (id, merchant_id)
);
CREATE INDEX bench_payment_order ON bench_payment (merchant_id, order_ref);

CREATE TABLE bench_posting (
    tx_id       BYTES  NOT NULL,
    n           BIGINT NOT NULL,
    merchant_id BYTES  NOT NULL,
    account_id  BYTES  NOT NULL,
    item_ref    TEXT,
    side        TEXT   NOT NULL,
    amount      BIGINT NOT NULL CHECK (amount > 0),
    layer       TEXT   NOT NULL,
    PRIMARY KEY (tx_id, n, merchant_id)
);
