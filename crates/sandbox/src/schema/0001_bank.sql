-- The books of the simulated bank. It has one contract and no merchants of its own.

CREATE TABLE bank_key (
    name  TEXT  NOT NULL,
    value BYTES NOT NULL,
    PRIMARY KEY (name)
);

-- One strong authentication. `card` is first eight and last four digits, `card_mac` recognises
-- the same card again; the number itself is never written.
CREATE TABLE authentication (
    id         BYTES  NOT NULL,
    ref        TEXT   NOT NULL,
    amount     BIGINT NOT NULL,
    currency   TEXT   NOT NULL,
    merchant   TEXT   NOT NULL,
    return_url TEXT   NOT NULL,
    card       TEXT   NOT NULL,
    card_mac   BYTES  NOT NULL,
    network    TEXT   NOT NULL,
    result     TEXT   NOT NULL,
    flow       TEXT   NOT NULL,
    obeys      BIGINT NOT NULL,
    at         BIGINT NOT NULL,
    decided_at BIGINT,
    repeats    BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX authentication_ref ON authentication (ref);

-- What was done with money. `captured`, `voided` and `refunded` count on an authorisation.
CREATE TABLE operation (
    id             BYTES  NOT NULL,
    kind           TEXT   NOT NULL,
    ref            TEXT   NOT NULL,
    amount         BIGINT NOT NULL,
    currency       TEXT   NOT NULL,
    state          TEXT   NOT NULL,
    code           TEXT   NOT NULL,
    number         TEXT   NOT NULL,
    chain          TEXT   NOT NULL,
    network        TEXT   NOT NULL,
    card           TEXT   NOT NULL,
    card_mac       BYTES  NOT NULL,
    initiator      TEXT   NOT NULL,
    takes_money    BIGINT NOT NULL,
    late_from      BIGINT,
    captured       BIGINT NOT NULL DEFAULT 0,
    voided         BIGINT NOT NULL DEFAULT 0,
    refunded       BIGINT NOT NULL DEFAULT 0,
    at             BIGINT NOT NULL,
    repeats        BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (id),
    CHECK (captured + voided <= amount AND refunded <= captured)
);
CREATE UNIQUE INDEX operation_ref ON operation (kind, ref);
CREATE INDEX operation_number ON operation (number) WHERE kind = 'authorise';
CREATE INDEX operation_chain ON operation (chain) WHERE kind = 'authorise';
CREATE INDEX operation_time ON operation (at, id);

-- What the next answer does wrong; one at most.
CREATE TABLE fault (
    name TEXT NOT NULL,
    word TEXT NOT NULL,
    PRIMARY KEY (name)
);
