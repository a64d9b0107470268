-- What providers told by themselves, each event once. `event` is the provider's name of it, or the
-- SHA-256 of the bytes; `body` is what came, without secrets and card numbers.
CREATE TABLE connector_inbox (
    event        TEXT   NOT NULL,
    account      TEXT   NOT NULL,
    merchant_id  BYTES  NOT NULL,
    payment_id   BYTES  NOT NULL,
    operation_id BYTES  NOT NULL,
    outcome      TEXT   NOT NULL,
    body         TEXT   NOT NULL,
    received_at  BIGINT NOT NULL,
    repeats      BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (event, account, merchant_id)
);
CREATE INDEX connector_inbox_age ON connector_inbox (merchant_id, received_at);
