-- Holders asked by a link to let their bank confirm a charge. The link itself is in `locator`.
-- `tried_before` is how often the payment was tried before it; `agreed_*` is what its holder agreed
-- to, when and from where, and the SHA-256 of the sentence that he read.
CREATE TABLE authentication_link (
    id           BYTES  NOT NULL,
    merchant_id  BYTES  NOT NULL,
    mode         TEXT   NOT NULL,
    shop_id      BYTES  NOT NULL,
    payment_id   BYTES  NOT NULL,
    card_id      BYTES  NOT NULL,
    channels     TEXT   NOT NULL,
    other_card   TEXT   NOT NULL,
    tried_before BIGINT NOT NULL,
    asked_by     TEXT   NOT NULL,
    state        TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    opened_at    BIGINT,
    agreed_at    BIGINT,
    agreed_from  TEXT,
    agreed_text  TEXT,
    reminded_at  BIGINT,
    ended_at     BIGINT,
    PRIMARY KEY (id, merchant_id)
);
CREATE INDEX authentication_link_of_payment
    ON authentication_link (merchant_id, payment_id, created_at);
-- A payment waits for one of them at a time.
CREATE UNIQUE INDEX authentication_link_open ON authentication_link (merchant_id, payment_id)
    WHERE ended_at IS NULL;
