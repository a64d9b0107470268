-- What somebody asked to do above his ceiling, and what a person with a higher one answered.
CREATE TABLE payment_approval (
    id          BYTES  NOT NULL,
    merchant_id BYTES  NOT NULL,
    mode        TEXT   NOT NULL,
    payment_id  BYTES  NOT NULL,
    action      TEXT   NOT NULL,
    amount      BIGINT NOT NULL CHECK (amount > 0),
    currency    TEXT   NOT NULL,
    expected    BIGINT NOT NULL,
    elsewhere   TEXT,
    reason      TEXT,
    asked_by    BYTES  NOT NULL,
    asked_at    BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    state       TEXT   NOT NULL,
    decided_by  BYTES,
    decided_at  BIGINT,
    why         TEXT,
    PRIMARY KEY (id, merchant_id)
);
CREATE UNIQUE INDEX payment_approval_open ON payment_approval (payment_id, merchant_id)
    WHERE state = 'awaiting_approval';
CREATE INDEX payment_approval_of ON payment_approval (merchant_id, payment_id);
