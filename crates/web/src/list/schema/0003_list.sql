CREATE TABLE list_setting (
    user_id     BYTES  NOT NULL,
    merchant_id BYTES  NOT NULL,
    list        TEXT   NOT NULL,
    shown       TEXT   NOT NULL,
    dense       BIGINT NOT NULL,
    keys_on     BIGINT NOT NULL,
    file_format TEXT   NOT NULL,
    PRIMARY KEY (user_id, list, merchant_id)
);

CREATE TABLE list_view (
    user_id     BYTES  NOT NULL,
    merchant_id BYTES  NOT NULL,
    list        TEXT   NOT NULL,
    name        TEXT   NOT NULL,
    query       TEXT   NOT NULL,
    PRIMARY KEY (user_id, list, name, merchant_id)
);
