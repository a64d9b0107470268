CREATE TABLE commit_mark (
    id BYTES  NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX commit_mark_at ON commit_mark (at);
