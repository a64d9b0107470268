CREATE TABLE event (
    id          BYTES  NOT NULL,
    merchant_id BYTES  NOT NULL,
    mode        TEXT   NOT NULL,
    shop_id     BYTES  NOT NULL,
    kind        TEXT   NOT NULL,
    object      TEXT   NOT NULL,
    body        TEXT   NOT NULL,
    at          BIGINT NOT NULL,
    handled     BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (id, merchant_id)
);
CREATE INDEX event_waiting ON event (id) WHERE handled = 0;
CREATE INDEX event_object ON event (object, merchant_id, id);

CREATE TABLE job (
    id          BYTES  NOT NULL,
    merchant_id BYTES  NOT NULL,
    mode        TEXT   NOT NULL,
    shop_id     BYTES  NOT NULL,
    kind        TEXT   NOT NULL,
    dedupe      TEXT,
    run_at      BIGINT NOT NULL,
    payload     TEXT   NOT NULL,
    state       TEXT   NOT NULL,
    attempts    BIGINT NOT NULL DEFAULT 0,
    lease_until BIGINT NOT NULL DEFAULT 0,
    last_error  TEXT,
    PRIMARY KEY (id, merchant_id)
);
CREATE INDEX job_due_test ON job (shop_id, run_at) WHERE state = 'waiting' AND mode = 'test';
CREATE INDEX job_due_live ON job (run_at) WHERE state = 'waiting' AND mode = 'live';
CREATE UNIQUE INDEX job_once ON job (merchant_id, kind, dedupe) WHERE state = 'waiting';

CREATE TABLE idempotency (
    merchant_id BYTES  NOT NULL,
    path        TEXT   NOT NULL,
    key         TEXT   NOT NULL,
    fingerprint BYTES  NOT NULL,
    state       TEXT   NOT NULL,
    object      TEXT,
    status      BIGINT,
    body        TEXT,
    lease_until BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, path, key)
);
