-- Read before a merchant is known: leads from the hash of a public token to its merchant.
CREATE TABLE locator (
    kind TEXT NOT NULL,
    token_hash BYTES NOT NULL,
    merchant_id BYTES NOT NULL,
    mode TEXT NOT NULL,
    object_id BYTES NOT NULL,
    PRIMARY KEY (kind, token_hash)
);
