CREATE TABLE mail (
    id          BYTES  NOT NULL,
    merchant_id BYTES  NOT NULL,
    mode        TEXT   NOT NULL,
    shop_id     BYTES  NOT NULL,
    kind        TEXT   NOT NULL,
    recipient   TEXT   NOT NULL,
    subject     TEXT   NOT NULL,
    body        TEXT   NOT NULL,
    link        TEXT,
    object      TEXT   NOT NULL,
    at          BIGINT NOT NULL,
    PRIMARY KEY (id, merchant_id)
);
CREATE INDEX mail_object ON mail (object, merchant_id, id);
