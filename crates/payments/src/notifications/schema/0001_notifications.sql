CREATE TABLE webhook_endpoint (
    id               BYTES  NOT NULL,
    merchant_id      BYTES  NOT NULL,
    mode             TEXT   NOT NULL,
    shop_id          BYTES  NOT NULL,
    url              TEXT   NOT NULL,
    description      TEXT   NOT NULL,
    secret           BYTES  NOT NULL,
    old_secret       BYTES,
    old_secret_until BIGINT NOT NULL DEFAULT 0,
    state            TEXT   NOT NULL,
    failing_since    BIGINT,
    version          BIGINT NOT NULL,
    created_at       BIGINT NOT NULL,
    PRIMARY KEY (id, merchant_id)
);
CREATE INDEX webhook_endpoint_shop ON webhook_endpoint (shop_id, merchant_id);

CREATE TABLE notification_rule (
    id          BYTES  NOT NULL,
    merchant_id BYTES  NOT NULL,
    mode        TEXT   NOT NULL,
    shop_id     BYTES  NOT NULL,
    preset      TEXT,
    name        TEXT   NOT NULL,
    events      TEXT   NOT NULL,
    condition   TEXT   NOT NULL,
    target      TEXT   NOT NULL,
    endpoint_id BYTES,
    address     TEXT,
    enabled     BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (id, merchant_id)
);
CREATE INDEX notification_rule_shop ON notification_rule (shop_id, merchant_id);
CREATE UNIQUE INDEX notification_rule_preset ON notification_rule (shop_id, merchant_id, preset)
    WHERE preset IS NOT NULL;

-- One event on its way to one endpoint. due_at and lease_until are real time; due_shop is the
-- same instant on the shop's clock, so that a moved test clock brings tries forward.
CREATE TABLE webhook_delivery (
    id          BYTES  NOT NULL,
    merchant_id BYTES  NOT NULL,
    mode        TEXT   NOT NULL,
    shop_id     BYTES  NOT NULL,
    endpoint_id BYTES  NOT NULL,
    event_id    BYTES  NOT NULL,
    kind        TEXT   NOT NULL,
    object      TEXT   NOT NULL,
    state       TEXT   NOT NULL,
    step        BIGINT NOT NULL,
    tries       BIGINT NOT NULL,
    due_at      BIGINT NOT NULL,
    due_shop    BIGINT NOT NULL,
    lease_until BIGINT NOT NULL,
    outcome     TEXT,
    replay      BYTES,
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (id, merchant_id)
);
CREATE UNIQUE INDEX webhook_delivery_once ON webhook_delivery (event_id, endpoint_id, merchant_id);
CREATE INDEX webhook_delivery_list ON webhook_delivery (endpoint_id, merchant_id, id);
CREATE INDEX webhook_delivery_due ON webhook_delivery (endpoint_id, merchant_id, due_at)
    WHERE state = 'waiting';
CREATE INDEX webhook_delivery_clock ON webhook_delivery (shop_id, merchant_id, due_shop)
    WHERE state = 'waiting' AND mode = 'test';

CREATE TABLE webhook_try (
    delivery_id BYTES  NOT NULL,
    merchant_id BYTES  NOT NULL,
    number      BIGINT NOT NULL,
    at          BIGINT NOT NULL,
    took_ms     BIGINT NOT NULL,
    outcome     TEXT   NOT NULL,
    answer      TEXT   NOT NULL,
    PRIMARY KEY (delivery_id, number, merchant_id)
);

CREATE INDEX event_of_shop ON event (shop_id, merchant_id, id);
