-- Virtual cards of sales channels: window and balance as last told; the card itself is in the
-- vault. `facts` is the whole object as JSON; `alerted` is how many days before its last day
-- somebody was told so last.
CREATE TABLE virtual_card (
    card        BYTES  NOT NULL,
    merchant_id BYTES  NOT NULL,
    mode        TEXT   NOT NULL,
    shop_id     BYTES  NOT NULL,
    masked      TEXT   NOT NULL,
    channel     TEXT   NOT NULL,
    booking     TEXT   NOT NULL,
    facts       TEXT   NOT NULL,
    source      TEXT   NOT NULL,
    version     BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    at          BIGINT NOT NULL,
    alerted     BIGINT,
    auto_tries  BIGINT NOT NULL,
    auto_at     BIGINT,
    announced   BIGINT NOT NULL,
    PRIMARY KEY (card, merchant_id)
);
CREATE INDEX virtual_card_shop ON virtual_card (merchant_id, mode, shop_id, received_at);

-- Every change of it, with who told and when.
CREATE TABLE virtual_card_change (
    card        BYTES  NOT NULL,
    merchant_id BYTES  NOT NULL,
    version     BIGINT NOT NULL,
    facts       TEXT   NOT NULL,
    source      TEXT   NOT NULL,
    author      TEXT   NOT NULL,
    at          BIGINT NOT NULL,
    PRIMARY KEY (card, version, merchant_id)
);

-- How a shop treats them: charged by itself from a day on, and the trade it is known under.
CREATE TABLE virtual_policy (
    shop_id     BYTES  NOT NULL,
    merchant_id BYTES  NOT NULL,
    mode        TEXT   NOT NULL,
    auto_since  TEXT,
    mcc         TEXT   NOT NULL,
    version     BIGINT NOT NULL,
    PRIMARY KEY (shop_id, merchant_id, mode)
);

-- Several cards that staff asked to be charged at once; a run of the same id works on the lines.
CREATE TABLE virtual_lot (
    run_id      BYTES  NOT NULL,
    merchant_id BYTES  NOT NULL,
    mode        TEXT   NOT NULL,
    shop_id     BYTES  NOT NULL,
    user_id     BYTES  NOT NULL,
    address     TEXT   NOT NULL,
    device      TEXT   NOT NULL,
    role        TEXT   NOT NULL,
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (run_id, merchant_id)
);

-- state: waiting, then once asked (payment_id) or refused (why).
CREATE TABLE virtual_lot_line (
    run_id      BYTES  NOT NULL,
    position    BIGINT NOT NULL,
    merchant_id BYTES  NOT NULL,
    card        BYTES  NOT NULL,
    amount      BIGINT NOT NULL CHECK (amount > 0),
    currency    TEXT   NOT NULL,
    state       TEXT   NOT NULL,
    payment_id  BYTES,
    why         TEXT,
    PRIMARY KEY (run_id, position, merchant_id)
);
