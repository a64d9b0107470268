-- What the bank tells the merchant's system by itself; kept until it is taken. `copy` 1 is the
-- same message sent a second time, as an ordered fault wants it.
CREATE TABLE notice (
    id           BYTES  NOT NULL,
    copy         BIGINT NOT NULL,
    body         TEXT   NOT NULL,
    tries        BIGINT NOT NULL DEFAULT 0,
    due_at       BIGINT,
    answered     BIGINT,
    delivered_at BIGINT,
    PRIMARY KEY (id, copy)
);
CREATE INDEX notice_due ON notice (due_at) WHERE due_at IS NOT NULL;
