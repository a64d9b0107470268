-- Looked up by the hash of the key before a merchant is known.
CREATE TABLE api_key (
    id BYTES NOT NULL,
    secret_hash BYTES NOT NULL,
    merchant_id BYTES NOT NULL,
    shop_id BYTES NOT NULL,
    mode TEXT NOT NULL,
    name TEXT NOT NULL,
    rights TEXT NOT NULL,
    networks TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    ends_at BIGINT,
    used_at BIGINT,
    PRIMARY KEY (id, merchant_id)
);
CREATE UNIQUE INDEX api_key_secret ON api_key (secret_hash);
CREATE INDEX api_key_of_merchant ON api_key (merchant_id, mode, id);
