-- Sales that their holders contest: one case per sale.
CREATE TABLE contested (
    number     TEXT   NOT NULL,
    ref        TEXT   NOT NULL,
    amount     BIGINT NOT NULL,
    currency   TEXT   NOT NULL,
    network    TEXT   NOT NULL,
    state      TEXT   NOT NULL,
    at         BIGINT NOT NULL,
    PRIMARY KEY (number)
);
CREATE UNIQUE INDEX contested_sale ON contested (ref);
