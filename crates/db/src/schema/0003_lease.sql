-- Which process does the work that only one may do; belongs to no merchant.
CREATE TABLE lease (
    name   TEXT   NOT NULL,
    holder BYTES  NOT NULL,
    until  BIGINT NOT NULL,
    PRIMARY KEY (name)
);
