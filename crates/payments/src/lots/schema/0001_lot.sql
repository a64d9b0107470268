-- An action that staff asked for on several payments; a run of the same id works on its lines.
CREATE TABLE payment_lot (
    run_id      BYTES  NOT NULL,
    merchant_id BYTES  NOT NULL,
    mode        TEXT   NOT NULL,
    user_id     BYTES  NOT NULL,
    action      TEXT   NOT NULL,
    reason      TEXT,
    address     TEXT   NOT NULL,
    device      TEXT   NOT NULL,
    role        TEXT   NOT NULL,
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (run_id, merchant_id)
);

-- state: waiting, then once asked (operation_id), done (without the bank) or refused (why).
CREATE TABLE payment_lot_line (
    run_id       BYTES  NOT NULL,
    position     BIGINT NOT NULL,
    merchant_id  BYTES  NOT NULL,
    payment_id   BYTES  NOT NULL,
    version      BIGINT NOT NULL,
    amount       BIGINT NOT NULL CHECK (amount >= 0),
    currency     TEXT   NOT NULL,
    state        TEXT   NOT NULL,
    operation_id BYTES,
    why          TEXT,
    PRIMARY KEY (run_id, position, merchant_id)
);
