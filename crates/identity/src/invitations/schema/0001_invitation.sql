-- Looked up by the hash of the link before anybody is known; a link is used once.
CREATE TABLE invitation (
    token_hash BYTES NOT NULL,
    merchant_id BYTES NOT NULL,
    user_id BYTES NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (token_hash)
);
CREATE INDEX invitation_of_user ON invitation (user_id);
