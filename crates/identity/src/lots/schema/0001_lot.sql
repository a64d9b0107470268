-- One action that staff asked for on several things of a list; a run of the same id works on its
-- lines.
CREATE TABLE lot (
    run_id      BYTES  NOT NULL,
    merchant_id BYTES  NOT NULL,
    mode        TEXT   NOT NULL,
    user_id     BYTES  NOT NULL,
    deed        TEXT   NOT NULL,
    reason      TEXT,
    address     TEXT   NOT NULL,
    device      TEXT   NOT NULL,
    role        TEXT   NOT NULL,
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (run_id, merchant_id)
);

-- state: waiting, then once asked (made: what tells the answer), done or refused (why).
CREATE TABLE lot_line (
    run_id      BYTES  NOT NULL,
    position    BIGINT NOT NULL,
    merchant_id BYTES  NOT NULL,
    thing       BYTES  NOT NULL,
    reference   TEXT   NOT NULL,
    name        TEXT   NOT NULL,
    detail      TEXT   NOT NULL,
    version     BIGINT NOT NULL,
    amount      BIGINT NOT NULL CHECK (amount >= 0),
    currency    TEXT   NOT NULL,
    state       TEXT   NOT NULL,
    made        BYTES,
    why         TEXT,
    PRIMARY KEY (run_id, position, merchant_id)
);
