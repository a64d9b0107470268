-- The picture that stands in the place of a merchant's name, encoded by us.
CREATE TABLE merchant_logo (
    merchant_id BYTES NOT NULL,
    hash TEXT NOT NULL,
    width BIGINT NOT NULL,
    height BIGINT NOT NULL,
    png BYTES NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id)
);
