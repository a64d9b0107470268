-- Looked up by the hash of the cookie before a merchant is known.
CREATE TABLE session (
    id_hash BYTES NOT NULL,
    merchant_id BYTES NOT NULL,
    mode TEXT NOT NULL,
    user_id BYTES NOT NULL,
    began_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    ended_at BIGINT,
    address TEXT NOT NULL,
    device TEXT NOT NULL,
    PRIMARY KEY (id_hash)
);
CREATE INDEX session_of_user ON session (user_id);
CREATE INDEX session_by_age ON session (began_at);

-- Counts tries per account and per address; belongs to no merchant.
CREATE TABLE sign_in_attempt (
    subject_hash BYTES NOT NULL,
    failures BIGINT NOT NULL,
    forgotten_at BIGINT NOT NULL,
    PRIMARY KEY (subject_hash)
);
