-- What a person must look at. At most one open row per kind and object.
CREATE TABLE task (
    id          BYTES  NOT NULL,
    merchant_id BYTES  NOT NULL,
    mode        TEXT   NOT NULL,
    kind        TEXT   NOT NULL,
    object      TEXT   NOT NULL,
    note        TEXT   NOT NULL,
    since       BIGINT NOT NULL,
    done_at     BIGINT,
    done_by     TEXT,
    PRIMARY KEY (id, merchant_id)
);
CREATE UNIQUE INDEX task_open ON task (merchant_id, mode, kind, object) WHERE done_at IS NULL;
CREATE INDEX task_by_time ON task (merchant_id, mode, since);
