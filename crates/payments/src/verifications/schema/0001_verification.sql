-- Cards checked with their issuer without a payment. `decline` and `raw_code` say why it was not
-- accepted; `stop` 1: the issuer forbids further tries. `void_state` is that of the release of a
-- small amount: due, sent, unknown, done, left (to a person).
CREATE TABLE card_verification (
    id            BYTES  NOT NULL,
    merchant_id   BYTES  NOT NULL,
    mode          TEXT   NOT NULL,
    shop_id       BYTES  NOT NULL,
    card          BYTES  NOT NULL,
    way           TEXT   NOT NULL,
    amount        BIGINT NOT NULL,
    currency      TEXT   NOT NULL,
    state         TEXT   NOT NULL,
    decline       TEXT,
    raw_code      TEXT,
    stop          BIGINT NOT NULL DEFAULT 0,
    authorisation TEXT,
    void_state    TEXT,
    void_tries    BIGINT NOT NULL DEFAULT 0,
    queries       BIGINT NOT NULL DEFAULT 0,
    author        TEXT   NOT NULL,
    at            BIGINT NOT NULL,
    answered_at   BIGINT,
    PRIMARY KEY (id, merchant_id)
);
CREATE INDEX card_verification_card ON card_verification (merchant_id, card, at);
-- One at a time for each card.
CREATE UNIQUE INDEX card_verification_open ON card_verification (merchant_id, card)
    WHERE state = 'sent';
