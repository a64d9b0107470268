-- Sales that a payer contests at his bank, one row per case of the provider. `disputed` is the part
-- of the amount that was still there to be contested; the rest had been given back before.
CREATE TABLE chargeback (
    id          BYTES  NOT NULL,
    merchant_id BYTES  NOT NULL,
    mode        TEXT   NOT NULL,
    shop_id     BYTES  NOT NULL,
    payment_id  BYTES  NOT NULL,
    order_ref   TEXT   NOT NULL,
    account     TEXT   NOT NULL,
    case_number TEXT   NOT NULL,
    network     TEXT   NOT NULL,
    reason_code TEXT   NOT NULL,
    family      TEXT   NOT NULL,
    amount      BIGINT NOT NULL CHECK (amount > 0),
    currency    TEXT   NOT NULL,
    disputed    BIGINT NOT NULL CHECK (disputed >= 0 AND disputed <= amount),
    fee         BIGINT NOT NULL CHECK (fee >= 0),
    state       TEXT   NOT NULL,
    opened_at   BIGINT NOT NULL,
    opened_on   TEXT   NOT NULL,
    respond_by  TEXT   NOT NULL,
    sent_on     TEXT,
    proof       TEXT,
    decided_at  BIGINT,
    reminded    BIGINT NOT NULL,
    version     BIGINT NOT NULL,
    PRIMARY KEY (id, merchant_id)
);
CREATE UNIQUE INDEX chargeback_case ON chargeback (case_number, account, mode, merchant_id);
CREATE INDEX chargeback_of_payment ON chargeback (payment_id, merchant_id);
CREATE INDEX chargeback_of_shop ON chargeback (merchant_id, mode, shop_id, id);
