-- Tells equal numbers of one merchant apart from others; made by the vault with a key of its own.
ALTER TABLE payment_attempt ADD COLUMN fingerprint TEXT;
CREATE INDEX payment_attempt_fingerprint ON payment_attempt (merchant_id, fingerprint)
    WHERE fingerprint IS NOT NULL;
