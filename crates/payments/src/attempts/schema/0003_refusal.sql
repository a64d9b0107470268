ALTER TABLE payment_attempt ADD COLUMN address TEXT;
ALTER TABLE payment_attempt ADD COLUMN initiator TEXT;
ALTER TABLE payment_attempt ADD COLUMN refusal TEXT;
ALTER TABLE payment_attempt ADD COLUMN refused_at BIGINT;
ALTER TABLE payment_attempt ADD COLUMN refused_real BIGINT;
CREATE INDEX payment_attempt_address ON payment_attempt (merchant_id, address, refused_real);
