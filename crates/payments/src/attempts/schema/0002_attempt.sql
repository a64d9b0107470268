CREATE TABLE payment_attempt (
    payment_id    BYTES  NOT NULL,
    merchant_id   BYTES  NOT NULL,
    number        BIGINT NOT NULL,
    capture_id    BYTES,
    card_id       BYTES  NOT NULL,
    state         TEXT   NOT NULL,
    step          BIGINT NOT NULL,
    flow          TEXT   NOT NULL,
    challenge_url TEXT,
    challenged_at BIGINT,
    started_at    BIGINT NOT NULL,
    PRIMARY KEY (payment_id, number, merchant_id)
);
CREATE UNIQUE INDEX payment_attempt_capture ON payment_attempt (merchant_id, capture_id);
CREATE INDEX payment_attempt_card ON payment_attempt (merchant_id, card_id);

CREATE TABLE payment_exchange (
    id           BYTES  NOT NULL,
    merchant_id  BYTES  NOT NULL,
    payment_id   BYTES  NOT NULL,
    operation_id BYTES,
    kind         TEXT   NOT NULL,
    request      TEXT   NOT NULL,
    outcome      TEXT   NOT NULL,
    http_status  BIGINT,
    answer       TEXT   NOT NULL,
    sent_at      BIGINT NOT NULL,
    millis       BIGINT NOT NULL,
    PRIMARY KEY (id, merchant_id)
);
CREATE INDEX payment_exchange_payment ON payment_exchange (payment_id, merchant_id);
