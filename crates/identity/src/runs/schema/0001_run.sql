CREATE TABLE run (
    id          BYTES  NOT NULL,
    merchant_id BYTES  NOT NULL,
    mode        TEXT   NOT NULL,
    user_id     BYTES  NOT NULL,
    kind        TEXT   NOT NULL,
    needs_right TEXT   NOT NULL,
    title       TEXT   NOT NULL,
    payload     TEXT   NOT NULL,
    state       TEXT   NOT NULL,
    done        BIGINT NOT NULL CHECK (done >= 0),
    total       BIGINT,
    place       BYTES,
    parts       BIGINT NOT NULL,
    file_name   TEXT   NOT NULL,
    media_type  TEXT   NOT NULL,
    file_bytes  BIGINT NOT NULL,
    worked      BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    ended_at    BIGINT,
    lease_until BIGINT NOT NULL,
    PRIMARY KEY (id, merchant_id)
);
CREATE INDEX run_open ON run (state, lease_until);
CREATE INDEX run_of_user ON run (merchant_id, user_id, id);

CREATE TABLE run_part (
    run_id     BYTES  NOT NULL,
    position    BIGINT NOT NULL,
    merchant_id BYTES  NOT NULL,
    content     BYTES  NOT NULL,
    PRIMARY KEY (run_id, position, merchant_id)
);
