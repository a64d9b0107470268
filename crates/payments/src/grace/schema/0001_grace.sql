-- What staff asked for and may take back until due_at (real time); the row is removed by
-- whichever comes first.
CREATE TABLE payment_grace (
    payment_id  BYTES  NOT NULL,
    merchant_id BYTES  NOT NULL,
    mode        TEXT   NOT NULL,
    action      TEXT   NOT NULL,
    version     BIGINT NOT NULL,
    reason      TEXT,
    user_id     BYTES  NOT NULL,
    address     TEXT   NOT NULL,
    device      TEXT   NOT NULL,
    role        TEXT   NOT NULL,
    due_at      BIGINT NOT NULL,
    PRIMARY KEY (payment_id, merchant_id)
);
CREATE INDEX payment_grace_due ON payment_grace (due_at);
